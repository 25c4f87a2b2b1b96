"""The card of a KPI: what it measures, how it is computed, what it is held against, who answers for it, its sources.

Belongs here: the facts and their order, for the pages of definitions and for the KPI's own page on the site alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from report_templates.days import short_day
from report_templates.declared_words import (
    direction_words,
    frequency_words,
    measured_words,
    operand_text,
    origin_words,
    state_words,
    window_words,
)
from report_templates.formatting import MISSING
from report_templates.kpi_messages import scale_of
from report_templates.kpi_rows import target_figure
from report_templates.language import language
from report_templates.reasons import reason_words
from report_templates.scale_words import scale_words
from transforms.pack import KpiLine, Pack, SourceRow

Fact = tuple[str, str]


@dataclass(frozen=True)
class DefinitionCard:
    """A KPI with its definition and its formula; ``facts`` are texts under their labels, by lines.

    ``inputs`` are the operands of the formula, each with its window where that is not the KPI's own.
    """

    line: KpiLine
    definition: str
    inputs: tuple[str, ...]
    facts: tuple[tuple[Fact, ...], ...]


def definition_card(pack: Pack, line: KpiLine) -> DefinitionCard:
    """The card of one KPI of a pack."""
    say, locale = language(pack.locale), pack.locale
    window = say(
        "%(window)s, measured %(often)s",
        window=window_words(line.window, locale), often=frequency_words(line.frequency, locale),
    )  # fmt: skip
    facts = (
        (
            (say("Target"), _target(pack, line)),
            (say("Scale"), scale_words(pack, line)),
        ),
        (
            (say("Measured in"), _measured(pack, line)),
            (say("Better"), direction_words(line.direction, locale)),
            (say("Window"), window),
        ),
        (
            (say("Owner"), line.owner or say("no owner yet")),
            (say("Sources"), source_words(pack, line) or say("none")),
        ),
    )
    return DefinitionCard(
        line,
        line.definition or say("No definition is declared."),
        tuple(operand_text(each, locale, line.window) for each in line.inputs),
        facts,
    )


def _target(pack: Pack, line: KpiLine) -> str:
    """The target of this period with its unit, and where it comes from; of a range its ends."""
    scale = scale_of(pack, line)
    figure = target_figure(line, scale)
    if figure == MISSING:
        return reason_words("no_target", pack.locale)
    text = scale.text(line.target) if figure == scale.figure(line.target) else f"{figure} {scale.label}".strip()
    origins = origin_words(line.target_origins, pack.locale)
    return f"{text} ({origins})" if origins else text


def _measured(pack: Pack, line: KpiLine) -> str:
    say = language(pack.locale)
    if line.texts:
        return ", ".join(line.texts)
    return measured_words(line.measured_in, pack.currency, pack.locale) or say("a number")


def source_words(pack: Pack, line: KpiLine) -> str:
    """The sources behind it, each with the day on which its newest data became known, or what became of it."""
    return "; ".join(
        f"{source.source} ({_since(source, pack.locale)})" for source in pack.sources if line.id in source.kpis
    )


def _since(source: SourceRow, locale: str) -> str:
    if source.state != "loaded" or source.known_on is None:
        return state_words(source.state, locale)
    return short_day(source.known_on, locale)
