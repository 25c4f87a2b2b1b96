"""Commentary as it is read: its Markdown as marks on a page, or as plain words where there are none.

Belongs here: emphasis, strong words and code within a line, of CommonMark. Nothing that leads anywhere or is active:
links, images and HTML stay the letters that they are written with.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from report_templates.text_fit import shortened
from scorecards.words import without_turning

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markupsafe import Markup


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).disable(["link", "image", "autolink", "html_inline", "entity"])


@lru_cache(maxsize=4096)
def marked(text: str) -> Markup:
    """The text with its marks, all else escaped."""
    from markupsafe import Markup

    return Markup(_parser().renderInline(without_turning(text)))


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The text without its marks."""
    tokens = (token for line in _parser().parseInline(without_turning(text)) for token in line.children or ())
    return "".join(" " if token.type.endswith("break") else token.content for token in tokens)


def shortened_marked(text: str, characters: int) -> Markup | str:
    """The text with its marks where it has room, else its first words without them (``text_fit.shortened``)."""
    return marked(text) if len(plain(text)) <= characters else shortened(plain(text), characters)
