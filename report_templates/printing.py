"""WeasyPrint, set up once per process for packs: what it may fetch, its fonts, its style sheets.

Belongs here: everything that imports WeasyPrint. Importing this module takes a while; ``rendering.py`` does it late.
"""

from __future__ import annotations

import gc
import re
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cssselect2 import ElementWrapper
from weasyprint import CSS, HTML
from weasyprint.html import UA
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from report_templates.fonts import font_folder

ROOM = Path(__file__).parent
# The elements that HTML does not close.
_EMPTY_ELEMENT = re.compile(r"<((?:br|meta)\b[^>]*)>")


def print_document(document: str, style_sheet: str, identifier: bytes) -> tuple[bytes, int]:
    """Print HTML as PDF/UA-1; returns its bytes and its number of pages.

    ``identifier`` is the file's identifier, so that equal input gives equal bytes.
    """
    with _no_collection_meanwhile():
        html = _PackHTML(document)
        options = {"pdf_variant": "pdf/ua-1", "pdf_identifier": identifier}
        fonts, styles = _parsed(style_sheet, tempfile.gettempdir())
        pages = html.render(font_config=fonts, stylesheets=[styles], **options)
        data = pages.write_pdf(**options)
    assert isinstance(data, bytes)
    return data, len(pages.pages)


class OwnFilesOnly(URLFetcher):  # type: ignore[misc]
    """Gives out fonts and this room's files, nothing else and nothing from a network."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The file's content. Raises ``ValueError`` for any other address."""
        parts = urlsplit(url)
        path = Path(unquote(parts.path)).resolve()
        allowed = (font_folder().resolve(), ROOM.resolve())
        if parts.scheme != "file" or not any(path.is_relative_to(folder) for folder in allowed):
            raise ValueError(f"a pack may only use its own fonts and files, not {url}")
        return URLFetcherResponse(path.as_uri(), path.read_bytes())


class _PackHTML(HTML):  # type: ignore[misc]
    """A pack's HTML, read as XML, with a built-in style sheet that lacks the rules for footnotes.

    Our templates close what they open, so that the same tree comes forty times sooner from the parser of XML than from
    WeasyPrint's parser of HTML. Packs have no footnotes, whose rules WeasyPrint would apply to every element. Each
    saves a tenth of the time of printing.
    """

    def __init__(self, document: str) -> None:
        address = ROOM.as_uri() + "/"
        try:
            root = ElementTree.fromstring(_EMPTY_ELEMENT.sub(r"<\1/>", document))
        except ElementTree.ParseError:
            # Names and comments may hold control characters, which XML does not know.
            super().__init__(string=document, base_url=address, url_fetcher=_fetcher())
            return
        self.base_url, self.url_fetcher, self.media_type = address, _fetcher(), "print"
        self.wrapper_element = ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return [_built_in_styles()]


@cache
def _built_in_styles() -> CSS:
    without_notes = re.sub(r"^::(footnote|note)-[^\n]*\n", "", UA, flags=re.MULTILINE)
    return CSS(string=without_notes)


@lru_cache(maxsize=1)
def _parsed(style_sheet: str, _temporary_folder: str) -> tuple[FontConfiguration, CSS]:
    """The fonts and the styles.

    WeasyPrint puts the fonts where temporary files lie and reads them there later: where temporary files lie elsewhere
    by now, the fonts are put there anew.
    """
    fonts = FontConfiguration()
    styles = CSS(
        string=_without_variables(style_sheet),
        font_config=fonts,
        url_fetcher=_fetcher(),
        base_url=ROOM.as_uri() + "/",
    )
    return fonts, styles


def _without_variables(style_sheet: str) -> str:
    """The style sheet with the values of its variables in their places: WeasyPrint would do so at every element."""
    values = dict(re.findall(r"^\s*(--[\w-]+):\s*(.*);$", style_sheet, flags=re.MULTILINE))
    return re.sub(r"var\((--[\w-]+)\)", lambda found: values[found[1]], style_sheet)


@cache
def _fetcher() -> OwnFilesOnly:
    return OwnFilesOnly(fail_on_errors=True)


@contextmanager
def _no_collection_meanwhile() -> Iterator[None]:
    """Hold back the cyclic garbage collector.

    One document is all live until it is written, so its passes find nothing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
