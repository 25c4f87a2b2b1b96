"""The HTML twin of a pack: the same pages as one page for the screen, in one file that asks nobody for anything.

Belongs here: what the printed document needs to become a page for a browser. The pages themselves, their order and
their words are those of ``rendering.py``; how they look on a screen is ``twin/screen.css``.

A browser runs no script and loads nothing from anywhere: the policy in the page allows its own style sheet, by its
digest, and its embedded fonts.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
from dataclasses import dataclass
from functools import cache

from report_templates.rendering import environment, render_body
from report_templates.views import pack_view
from transforms.pack import Pack

# Text is escaped, so that a bracket or a quotation mark in this form is always a tag's.
_SECTION = re.compile(r'<section class="([^"]*)"(?: id="([^"]*)")?>')
_HEADING = re.compile(r"<h[12][^>]*>(.*?)</h[12]>", re.DOTALL)
_ASIDE = re.compile(r"<span.*", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_STYLE = re.compile(r' style="([^"]*)"')
_MAP = re.compile(r'(<div class="map".*?)(?=</section>)', re.DOTALL)
# A place on the map; widths of columns and charts are the sheet's own on a screen.
_PLACE = re.compile(r"(?:left|top|height): ")


@dataclass(frozen=True)
class ContentsEntry:
    """An entry of the page's contents."""

    anchor: str
    title: str


def print_twin(pack: Pack) -> str:
    """The pack as one HTML document for a browser, light or dark, wide or narrow; equal packs give equal text."""
    body, contents, places = screen_page(pack)
    styles = f"{screen_sheet()}\n{places}"
    digest = base64.b64encode(hashlib.sha256(styles.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; font-src data:; base-uri 'none'; form-action 'none'"
    template = environment().get_template("twin/base.html")
    return template.render(
        view=pack_view(pack),
        pack=pack,
        locale=pack.locale,
        body=body,
        contents=contents,
        styles=styles,
        policy=policy,
    )


def screen_page(pack: Pack) -> tuple[str, list[ContentsEntry], str]:
    """The pages of a pack for a browser, the contents that lead to them, and what they need beside the style sheet."""
    body, contents = _with_anchors(render_body(pack))
    body, places = _without_inline_styles(body)
    body = body.replace("<table", '<div class="scroll" tabindex="0"><table').replace("</table>", "</table></div>")
    return _MAP.sub(r'<div class="scroll" tabindex="0">\1</div>\n', body), contents, places


@cache
def screen_sheet() -> str:
    """The style sheet of a screen, with its fonts: a browser takes none from beside a page on a file share."""
    return _embedded_fonts() + environment().get_template("twin/screen.css").render()


def _with_anchors(body: str) -> tuple[str, list[ContentsEntry]]:
    """Every section with an anchor, and the contents that lead to them."""
    found: list[ContentsEntry] = []

    def anchored(section: re.Match[str]) -> str:
        anchor = section[2] or f"page-{len(found) + 1}"
        heading = _HEADING.search(body, section.end())
        title = "Summary" if not found else html.unescape(_TAG.sub("", _ASIDE.sub("", heading[1] if heading else "")))
        found.append(ContentsEntry(anchor, title.strip()))
        return f'<section class="{section[1]}" id="{anchor}">'

    return _SECTION.sub(anchored, body), found


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

    from report_templates.fonts import FAMILY, WEIGHTS, font_files

    rules = []
    for weight, path in font_files().items():
        font, packed = TTFont(path, recalcTimestamp=False), io.BytesIO()
        font.flavor = "woff"
        font.save(packed)
        address = f"data:font/woff;base64,{base64.b64encode(packed.getvalue()).decode()}"
        rules.append(
            f'@font-face {{ font-family: "{FAMILY}"; font-weight: {WEIGHTS[weight]}; src: url("{address}"); }}\n'
        )
    return "".join(rules)
