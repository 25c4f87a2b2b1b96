"""The template environment: which templates a pack is made from, and what they may use.

Belongs here: finding templates and giving them their names. Templates of a project run in Jinja's sandbox and see the
same names as ours: functions, constants and records, never a module, since a module leads to every other one.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from report_templates.language import language
from report_templates.look import OURS, Look
from report_templates.marked_text import marked
from scorecards.errors import DeclarationError, Problem, ScorepackError
from scorecards.words import without_turning

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent
OUR_PREFIX = "scorepack"
"""Before the name of a template of ours, where a project has one of the same name: ``scorepack/pack/summary.html``."""
_CONSEQUENCE = "The pack is not rendered."


@lru_cache(maxsize=16)
def environment(look: Look = OURS) -> Environment:
    """The environment of a look: all but plain text is escaped, an undefined name is an error."""
    from jinja2 import ChoiceLoader, Environment, FileSystemLoader, FunctionLoader, PrefixLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    ours, own = FileSystemLoader(TEMPLATES), dict(look.templates)

    def of_project(name: str) -> tuple[str, str, None] | None:
        file = f"templates/{name}"
        return (own[file], file, None) if file in own else None

    kind: type[Environment] = ImmutableSandboxedEnvironment if own else Environment
    made = kind(
        loader=ChoiceLoader([FunctionLoader(of_project), ours, PrefixLoader({OUR_PREFIX: ours})]),
        autoescape=lambda name: name is None or not name.endswith(".txt"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
        finalize=_not_turned,
    )
    _speak(made)
    made.filters["marked"] = marked
    made.filters["at_underscores"] = _at_underscores
    made.filters["mm"] = "{:.2f}".format
    made.filters["no_lone_word"] = lambda text: "\u00a0".join(text.rsplit(" ", 1))
    made.globals.update(_names())
    made.globals.update(
        palette=look.palette, page=look.page, font_family=look.family, font_families=look.families,
        logo=look.layout.logo,
    )  # fmt: skip
    return made


@contextmanager
def told(look: Look) -> Iterator[None]:
    """Tell what goes wrong in a template of the project as a ``DeclarationError`` with its file and line."""
    try:
        yield
    except ScorepackError:
        raise
    except Exception as error:
        own = dict(look.templates)
        at = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in own]
        if not at:
            raise
        what = str(error).rstrip(".") or type(error).__name__
        problem = Problem(at[-1].filename, at[-1].lineno or 0, "", f"cannot be filled: {what}.")
        raise DeclarationError([problem], _CONSEQUENCE) from error


def _not_turned(value: object) -> object:
    """A text without signs that would turn what stands beside it on the page; all else as it is."""
    if not isinstance(value, str) or value.isascii() or (kept := without_turning(value)) == value:
        return value
    from markupsafe import Markup

    return Markup(kept) if isinstance(value, Markup) else kept


def _at_underscores(name: str) -> Markup:
    """A name that may go on in the next line after an underscore, so that no word of it is cut."""
    from markupsafe import Markup, escape

    return escape(name).replace("_", Markup("_<wbr>"))


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


@cache
def _names() -> dict[str, Any]:
    from report_templates import (
        commitments,
        counts,
        days,
        declared_words,
        edition_messages,
        effect_messages,
        figure_messages,
        first_page_notes,
        formatting,
        insight_messages,
        kpi_messages,
        matrix_messages,
        messages,
        movement_words,
        page_messages,
        score_figures,
    )
    from report_templates.charts import mark_path
    from report_templates.kpi_rows import node_verdict, score_bullet, target_label
    from report_templates.map_cards import card_text
    from report_templates.map_links import link_sign
    from report_templates.marked_text import plain, shortened_marked
    from report_templates.method import method_lines
    from report_templates.rejection_words import rejection_words
    from report_templates.signal_messages import VARIATION_SIGNS, VARIATION_STATUS
    from report_templates.summary_plan import LENGTHS, left_out_sentence, more_sentence, title_width
    from report_templates.text_fit import fitted, shortened

    spaces = {
        "fmt": formatting, "days": days, "counts": counts, "declared": declared_words, "said": messages,
        "said_of_figure": figure_messages, "said_of_edition": edition_messages, "said_of_page": page_messages,
        "said_of_effect": effect_messages, "promises": commitments,
        "said_of_matrix": matrix_messages,
        "said_of_insight": insight_messages, "said_of_movement": movement_words, "said_of_kpi": kpi_messages,
        "scores": score_figures, "notes": first_page_notes,
    }  # fmt: skip
    return {
        **{name: _public(module) for name, module in spaces.items()},
        "mark_path": mark_path, "card_text": card_text,
        "method_lines": method_lines, "rejection_words": rejection_words,
        "node_verdict": node_verdict, "score_bullet": score_bullet, "target_label": target_label,
        "fitted": fitted, "shortened": shortened, "shortened_marked": shortened_marked, "plain": plain,
        "title_width": title_width, "language_tag": _language_tag,
        "left_out_sentence": left_out_sentence, "more_sentence": more_sentence, "link_sign": link_sign,
        "SHORT_TEXTS": LENGTHS[0],
        "VARIATION_SIGNS": VARIATION_SIGNS, "VARIATION_STATUS": VARIATION_STATUS,
    }  # fmt: skip


def _language_tag(locale: str) -> str:
    """The tag of the language in which a pack of this locale is written; its catalogue is no template's business."""
    return language(locale).tag


def _public(module: ModuleType) -> SimpleNamespace:
    """The constants and functions of a module, without what it has imported, which may lead anywhere."""
    kept = {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and not isinstance(value, (ModuleType, type))
        and not (callable(value) and value.__module__ != module.__name__)
    }
    return SimpleNamespace(**kept)
