"""What a printed pack needs to become a page for a browser: anchors, contents, a style sheet, files taken in.

Belongs here: what the twin of a pack and its page on the site share. The pages themselves, their order and their words
are those of ``rendering.py``; how they look on a screen is ``screen/screen.css``.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import unquote

from report_templates.fonts import FAMILY, WEIGHTS, font_files
from report_templates.language import language
from report_templates.look import Look
from report_templates.rendering import render_body
from report_templates.templates import environment
from scorecards.errors import DeclarationError, Problem
from scorecards.pack_files import is_inside
from scorecards.pack_images import image_flaw
from transforms.pack import Pack

# Text is escaped, so that a bracket or a quotation mark in this form is always a tag's.
_SECTION = re.compile(r'<section class="([^"]*)"(?: id="([^"]*)")?>')
_HEADING = re.compile(r"<h([12])[^>]*>(.*?)</h[12]>", re.DOTALL)
_ASIDE = re.compile(r"<span.*", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_STYLE = re.compile(r' style="([^"]*)"')
_MAP = re.compile(r'(<div class="map".*?)(?=</section>)', re.DOTALL)
_IMAGE = re.compile(r'(<(?:img|image)\b[^>]*?\s(?:src|(?:xlink:)?href)=")([^"]*)(")')
# A place on the map; widths of columns and charts are the sheet's own on a screen.
_PLACE = re.compile(r"(?:left|top|height): ")
_KINDS = {
    ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
    ".webp": "image/webp", ".ttf": "font/ttf", ".otf": "font/otf", ".woff": "font/woff", ".woff2": "font/woff2",
}  # fmt: skip


@dataclass(frozen=True)
class ContentsEntry:
    """An entry of the page's contents."""

    anchor: str
    title: str


@dataclass(frozen=True)
class ScreenPage:
    """The pages of a pack for a browser: their HTML, the contents, and the rules beside the style sheet."""

    body: str
    contents: tuple[ContentsEntry, ...]
    places: str


def screen_page(pack: Pack, look: Look) -> ScreenPage:
    """The pages of a pack for a browser.

    Raises ``DeclarationError`` where a template of the project shows a file that it may not read.
    """
    body, contents = _with_anchors(render_body(pack, look.on_screen), pack.locale)
    body, places = _without_inline_styles(_with_images(body, look))
    body = body.replace("<table", '<div class="scroll" tabindex="0"><table').replace("</table>", "</table></div>")
    return ScreenPage(_MAP.sub(r'<div class="scroll" tabindex="0">\1</div>\n', body), tuple(contents), places)


@lru_cache(maxsize=16)
def screen_sheet(look: Look) -> str:
    """The style sheet of a screen, with its fonts: a browser takes none from beside a page on a file share."""
    return _embedded_fonts() + _own_fonts(look) + environment(look).get_template("screen/screen.css").render()


def digest_of(text: str) -> str:
    """The digest by which a policy allows a style sheet in the page."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def data_address(content: bytes, name: str) -> str:
    """The content of a file as an address, for a page that asks nobody for anything."""
    kind = _KINDS.get(Path(name).suffix.lower(), "application/octet-stream")
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def own_file(look: Look, name: str) -> bytes:
    """A file of the project that its packs show.

    Raises ``DeclarationError`` where it is none, is not there, or cannot be shown (``pack_images.image_flaw``).
    """
    path = None if look.root is None else look.root / name
    if look.root is None or path is None or not is_inside(look.root, path) or not path.is_file():
        problem = Problem("templates", 0, "", f"cannot be shown: {name}.", "Name a file in assets/ or fonts/.")
        raise DeclarationError([problem], "The pack is not rendered.")
    content = path.read_bytes()
    if flaw := image_flaw(name, content):
        problem = Problem(name, 0, "", f"cannot be shown: it {flaw.what}.", flaw.remedy)
        raise DeclarationError([problem], "The pack is not rendered.")
    return content


def _with_anchors(body: str, locale: str) -> tuple[str, list[ContentsEntry]]:
    """Every section with an anchor, and the contents that lead to them."""
    found: list[ContentsEntry] = []
    say = language(locale)

    def anchored(section: re.Match[str]) -> str:
        anchor = section[2] or f"page-{len(found) + 1}"
        heading = _HEADING.search(body, section.end())
        words = html.unescape(_TAG.sub("", _ASIDE.sub("", heading[2] if heading else "")))
        # The heading of the whole pack is a sentence.
        title = say("Summary") if heading and heading[1] == "1" else words
        found.append(ContentsEntry(anchor, title.strip()))
        return f'<section class="{section[1]}" id="{anchor}">'

    return _SECTION.sub(anchored, body), found


def _with_images(body: str, look: Look) -> str:
    """The images that a project's templates show, inside the page."""

    def embedded(image: re.Match[str]) -> str:
        name = unquote(html.unescape(image[2]))
        if name.startswith(("data:", "#")):
            return image[0]
        return f"{image[1]}{data_address(own_file(look, name), name)}{image[3]}"

    return _IMAGE.sub(embedded, body)


def _without_inline_styles(body: str) -> tuple[str, str]:
    """Places on the map as rules of the style sheet, for the policy allows no inline ones; others are dropped."""
    rules: dict[str, int] = {}

    def named(style: re.Match[str]) -> str:
        if not _PLACE.search(style[1]):
            return ""
        return f' data-place="{rules.setdefault(style[1], len(rules))}"'

    body = _STYLE.sub(named, body)
    return body, "\n".join(f'[data-place="{number}"] {{ {style} }}' for style, number in rules.items())


@cache
def _embedded_fonts() -> str:
    from fontTools.ttLib import TTFont

    rules = []
    for weight, path in font_files().items():
        font, packed = TTFont(path, recalcTimestamp=False), io.BytesIO()
        font.flavor = "woff"
        font.save(packed)
        rules.append(_font_rule(FAMILY, WEIGHTS[weight], data_address(packed.getvalue(), "inter.woff")))
    return "".join(rules)


def _own_fonts(look: Look) -> str:
    font = look.layout.font
    if font is None:
        return ""
    return "".join(
        _font_rule(look.family, WEIGHTS[weight], data_address(own_file(look, name), name))
        for weight, name in ((400, font.regular), (650, font.bold))
    )


def _font_rule(family: str, weight: str | int, address: str) -> str:
    return f'@font-face {{ font-family: "{family}"; font-weight: {weight}; src: url("{address}"); }}\n'
