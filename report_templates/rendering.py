"""From a pack to HTML and PDF. Pure: the same pack in the same look gives the same text and bytes, on whatever machine.

Belongs here: the two public functions. The template environment is ``templates.py``; WeasyPrint is touched in
``printing.py`` only. Heavy imports happen on first use, so that importing this module costs nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from report_templates.look import OURS, Look
from report_templates.templates import TEMPLATES, environment, told
from transforms.pack import Pack

__all__ = [
    "OURS",
    "TEMPLATES",
    "Look",
    "PrintedPack",
    "environment",
    "page_document",
    "print_pack",
    "render_body",
    "render_html",
    "render_pdf",
]

# A pack of one page is planned again so often, each time with less, until it is one.
_MOST_SQUEEZES = 8
# A link to a page that a layout does not have is none.
_ANCHOR = re.compile(r' id="([^"]*)"')
_LINK = re.compile(r'<a href="#([^"]*)">(.*?)</a>', re.DOTALL)
_BODY = re.compile(r"<body[^>]*>\n(?:<div class=\"running-.*</div>\n)*|</body>")


def render_html(pack: Pack, look: Look = OURS) -> str:
    """The pack as the one HTML document that is printed; styles are inside it, fonts are named by file address."""
    return _document(pack, look, style_sheet(look))


def render_body(pack: Pack, look: Look = OURS) -> str:
    """What stands on the pages of ``render_html``, without what runs along their margins."""
    return _BODY.split(_document(pack, look, ""))[1]


def page_document(pack: Pack, look: Look = OURS) -> str:
    """The document that is printed, without its styles."""
    return _document(pack, look, "")


@dataclass(frozen=True)
class PrintedPack:
    """A printed pack: the PDF's bytes and its number of pages."""

    content: bytes
    pages: int


def print_pack(pack: Pack, look: Look = OURS) -> PrintedPack:
    """The pack as a tagged PDF (PDF/UA-1), for archives PDF/A-3a too, with its numbers attached.

    Its identifier is a digest of the content, so equal packs are equal files.

    A layout of one page gets one page: where an estimate was off, less is shown. Raises ``DeclarationError`` where a
    template of the project cannot be filled, or asks for a file that it may not read.
    """
    from report_templates.numbers import attachments
    from report_templates.printing import print_document

    attached = attachments(pack) if look.layout.archive else ()
    style = style_sheet(look)
    portable = hashlib.sha256((_portable(style) + look.identity).encode())
    most_pages = 1 if look.layout.is_one_page else None
    for squeeze in range(_MOST_SQUEEZES + 1):
        document = _document(pack, look, "", squeeze)
        total = portable.copy()
        total.update(document.encode())
        for file in attached:
            total.update(f"\0{file}".encode())
        last = squeeze == _MOST_SQUEEZES
        printed = print_document(
            document, style, total.digest()[:16], look.root, None if last else most_pages, attached
        )
        if printed is not None:
            break
    assert printed is not None
    return PrintedPack(*printed)


def render_pdf(pack: Pack, look: Look = OURS) -> bytes:
    """The bytes of ``print_pack``."""
    return print_pack(pack, look).content


@lru_cache(maxsize=16)
def style_sheet(look: Look = OURS) -> str:
    """All styles of a pack: fonts, variables, page rules, style."""
    from report_templates.fonts import font_face_css, own_font_face_css

    own = "" if look.layout.font is None else own_font_face_css(look.family, look.layout.font)
    with told(look):
        return font_face_css() + own + environment(look).get_template("pack/style_sheet.css").render()


def _document(pack: Pack, look: Look, styles: str, squeeze: int = 0) -> str:
    from report_templates.declared_words import in_its_language
    from report_templates.views import pack_view

    pack = in_its_language(pack)
    with told(look):
        template = environment(look).get_template("pack/base.html")
        view = pack_view(pack, look, squeeze)
        document = template.render(view=view, pack=pack, locale=pack.locale, styles=styles)
    anchors = set(_ANCHOR.findall(document))
    return _LINK.sub(lambda link: link[0] if link[1] in anchors else link[2], document)


def _portable(style: str) -> str:
    from report_templates.fonts import font_folder

    # Where the fonts lie differs from machine to machine; what they are does not.
    return style.replace(font_folder().as_uri(), "")
