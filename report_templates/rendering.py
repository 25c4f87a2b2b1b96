"""From a pack to HTML and PDF. Pure: the same pack gives the same text and the same bytes, whatever clock or machine.

Belongs here: the template environment and the two public functions. WeasyPrint is touched in ``printing.py`` only.
Heavy imports happen on first use, so that importing this module costs nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from report_templates.language import language
from transforms.pack import Pack

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent
_BODY = re.compile(r"<body>\n(?:<div class=\"running-.*</div>\n)*|</body>")


def render_html(pack: Pack) -> str:
    """The pack as the one HTML document that is printed; styles are inside it, fonts are named by file address."""
    return _document(pack, style_sheet())


def render_body(pack: Pack) -> str:
    """What stands on the pages of ``render_html``, without what runs along their margins."""
    return _BODY.split(_document(pack, ""))[1]


@dataclass(frozen=True)
class PrintedPack:
    """A printed pack: the PDF's bytes and its number of pages."""

    content: bytes
    pages: int


def print_pack(pack: Pack) -> PrintedPack:
    """The pack as a tagged PDF (PDF/UA-1). Its identifier is a digest of the content, so equal packs are equal files.

    Raises ``weasyprint.urls.FatalURLFetchingError`` if a template asks for anything but a font or a file of this room.
    """
    from report_templates.printing import print_document

    document = _document(pack, "")
    identifier = hashlib.sha256((_portable_style_sheet() + document).encode()).digest()[:16]
    return PrintedPack(*print_document(document, style_sheet(), identifier))


def render_pdf(pack: Pack) -> bytes:
    """The bytes of ``print_pack``."""
    return print_pack(pack).content


@cache
def style_sheet() -> str:
    """All styles of a pack: fonts, variables, page rules, style."""
    from report_templates.fonts import font_face_css

    return font_face_css() + environment().get_template("pack/style_sheet.css").render()


@cache
def environment() -> Environment:
    """The template environment of this room: autoescaping everywhere, an undefined name is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from report_templates import (
        counts,
        days,
        declared_words,
        edition_messages,
        figure_messages,
        formatting,
        insight_messages,
        kpi_messages,
        messages,
        movement_words,
        page_messages,
        palette,
    )
    from report_templates.charts import mark_path
    from report_templates.fonts import FAMILY
    from report_templates.kpi_rows import node_verdict, score_bullet, target_label
    from report_templates.method import method_lines
    from report_templates.rejection_words import rejection_words
    from report_templates.signal_messages import VARIATION_SIGNS, VARIATION_STATUS
    from report_templates.summary_plan import LENGTHS, left_out_sentence
    from report_templates.text_fit import fitted, shortened

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    _speak(made)
    made.filters["mm"] = "{:.2f}".format
    made.filters["no_lone_word"] = lambda text: "\u00a0".join(text.rsplit(" ", 1))
    made.globals.update(
        fmt=formatting,
        days=days,
        counts=counts,
        declared=declared_words,
        said=messages,
        said_of_figure=figure_messages,
        said_of_edition=edition_messages,
        said_of_page=page_messages,
        said_of_insight=insight_messages,
        said_of_movement=movement_words,
        said_of_kpi=kpi_messages,
        palette=palette,
        mark_path=mark_path,
        method_lines=method_lines,
        rejection_words=rejection_words,
        node_verdict=node_verdict,
        score_bullet=score_bullet,
        target_label=target_label,
        language=language,
        fitted=fitted,
        shortened=shortened,
        left_out_sentence=left_out_sentence,
        SHORT_TEXTS=LENGTHS[0],
        VARIATION_SIGNS=VARIATION_SIGNS,
        VARIATION_STATUS=VARIATION_STATUS,
        font_family=FAMILY,
    )
    return made


def _speak(made: Environment) -> None:
    """Let templates translate into the language of the locale that they are rendered with."""
    from jinja2 import pass_context
    from jinja2.runtime import Context

    # What these return is filled by the extension, which also escapes the values.
    @pass_context
    def gettext(context: Context, message: str) -> str:
        return language(context["locale"]).catalogue.gettext(message)

    @pass_context
    def ngettext(context: Context, one: str, several: str, count: int) -> str:
        return language(context["locale"]).catalogue.ngettext(one, several, count)

    @pass_context
    def pgettext(context: Context, meaning: str, message: str) -> str:
        return language(context["locale"]).catalogue.pgettext(meaning, message)

    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]


def _document(pack: Pack, styles: str) -> str:
    from report_templates.declared_words import in_its_language
    from report_templates.views import pack_view

    pack = in_its_language(pack)
    template = environment().get_template("pack/base.html")
    return template.render(view=pack_view(pack), pack=pack, locale=pack.locale, styles=styles)


@cache
def _portable_style_sheet() -> str:
    from report_templates.fonts import font_folder

    # Where the fonts lie differs from machine to machine; what they are does not.
    return style_sheet().replace(font_folder().as_uri(), "")
