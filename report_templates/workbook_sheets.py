"""The sheets of a pack's workbook as plain records: what stands in which row and column.

Belongs here: choosing and arranging. How a cell is written and coloured is ``workbook.py``; sentences come from the
modules that the page takes them from. Figures stand in the KPI's own terms with all digits that a spreadsheet
keeps (16), and are only shown rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from report_templates.counts import counted
from report_templates.days import day
from report_templates.declared_words import operand_text
from report_templates.effect_messages import expected_words, seen_words
from report_templates.exceptions import exceptions
from report_templates.formatting import SIGNS, STATUS_WORDS, row_scale
from report_templates.headline import headline
from report_templates.messages import period_words, perspective_sentence, who
from report_templates.method import method_lines
from report_templates.reasons import reason_words
from report_templates.signal_messages import assurance_text, variation_text
from scorecards.kpis import YES_OR_NO
from transforms.pack import BandShown, KpiLine, NodeScore, ObjectiveCard, Pack

POINTS, SHARE, COUNT, MONEY = "0.0", "0%", "#,##0", "#,##0"


@dataclass(frozen=True)
class Figure:
    """A number and the format in which a spreadsheet shows it."""

    value: float | None
    form: str


Cell = str | date | Figure | None


@dataclass(frozen=True)
class Column:
    """A column: its title, its width in characters, and whether its cells take the colours of the bands."""

    title: str
    width: int
    has_bands: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table with its title row; ``lines`` stand above it, the first of them as a heading."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    lines: tuple[str, ...] = ()


def sheets(pack: Pack) -> tuple[Sheet, ...]:
    """All sheets of a pack's workbook; those that would be empty are left out, but for the scorecard's own."""
    optional = (_exceptions(pack), _units(pack), _initiatives(pack), _actions(pack))
    kept = [sheet for sheet in optional if sheet.rows]
    return (_summary(pack), _scorecard(pack), *kept, _history(pack), _definitions(pack), _sources(pack))


def _summary(pack: Pack) -> Sheet:
    columns = (
        Column("Score of", 44), Column("Level", 13), Column("Weight", 9), Column("Score", 9, has_bands=True),
        Column("Band", 16), Column("On month before", 11), Column("On last year", 11), Column("Coverage", 10),
        Column("Off target", 9), Column("Near target", 9), Column("On target", 9), Column("KPIs", 7),
        Column("In words", 80),
    )  # fmt: skip
    rows = [_node(pack.scorecard_name, "scorecard", None, pack.node, headline(pack))]
    for page in pack.perspectives:
        rows.append(_node(page.name, "perspective", page.weight, page.node, perspective_sentence(pack, page)))
        rows += [
            _node(card.name, "objective", card.weight, card.node, _missing(card, pack.locale))
            for card in page.objectives
        ]
    edition = f"Edition {pack.edition.number}. " if pack.edition else ""
    lines = (
        " · ".join((*who(pack), period_words(pack))),
        headline(pack),
        f"{edition}Data known on {day(pack.known_on, pack.locale)}. Declarations {pack.declarations_digest[:12]}.",
        *method_lines(pack),
    )
    return Sheet("Summary", columns, tuple(rows), lines)


def _node(name: str, level: str, weight: float | None, node: NodeScore, words: str) -> tuple[Cell, ...]:
    counts = [Figure(node.by_status.get(status, 0), COUNT) for status in ("bad", "warning", "good")]
    return (
        name, level, Figure(weight, "0.0%"), Figure(node.score, POINTS), _band(node.band),
        Figure(node.change, "+0.0;-0.0;0.0"), Figure(node.change_on_year, "+0.0;-0.0;0.0"),
        Figure(node.coverage if node.applicable else None, SHARE), *counts, Figure(node.applicable, COUNT), words,
    )  # fmt: skip


def _missing(card: ObjectiveCard, locale: str) -> str:
    if card.node.score is None:
        return f"No score: {reason_words(card.node.missing_reason, locale)}."
    return f"{counted(card.node, 'bad', locale)}."


def _scorecard(pack: Pack) -> Sheet:
    columns = (
        Column("Perspective", 20), Column("Objective", 30), Column("KPI", 32), Column("Measured in", 14),
        Column("Actual", 13), Column("Target", 13), Column("Target to", 13), Column("Variance", 13),
        Column("Variance in %", 11), Column("Month before", 13), Column("Last year", 13),
        Column("Score", 9, has_bands=True), Column("Score unclamped", 11), Column("Score before", 9),
        Column("Band", 16), Column("Variation", 20), Column("Assurance", 20), Column("Weight", 9),
        Column("Numerator", 14), Column("Denominator", 14), Column("Kind", 9), Column("Owner", 26),
        Column("Data known on", 13), Column("Value of", 11), Column("Why missing", 40),
    )  # fmt: skip
    objectives = {card.id: card.name for card in pack.objectives}
    rows = tuple(
        (page.name, objectives.get(line.objective, line.objective), *_kpi(pack, line))
        for page in pack.perspectives
        for line in page.kpis
    )
    return Sheet("Scorecard", columns, rows)


def _kpi(pack: Pack, line: KpiLine) -> Iterator[Cell]:
    form = figure_form(line, pack)
    low, high = _targets(line)
    yield from (line.name, pack.currency if line.measured_in == "currency" else line.measured_in)
    yield line.text or Figure(line.value, form)
    yield from (Figure(low, form), Figure(high, form), Figure(line.variance, form))
    yield from (Figure(line.variance_share, "0.0%"), Figure(line.previous, form), Figure(line.last_year, form))
    yield from (Figure(line.score, POINTS), Figure(line.raw_score, POINTS), Figure(line.score_previous, POINTS))
    yield from (
        _band(line.band),
        variation_text(line, pack.locale),
        assurance_text(line, pack.locale),
        Figure(line.weight, "0.0%"),
    )
    yield from (Figure(line.numerator, "#,##0.##"), Figure(line.denominator, "#,##0.##"))
    yield from ("leading" if line.leading else "lagging", line.owner, line.data_known_on, line.value_period)
    yield reason_words(line.missing_reason, pack.locale) if line.missing_reason else None


def _targets(line: KpiLine) -> tuple[float | None, float | None]:
    """The target, or the two ends of a range."""
    return (line.lower_target, line.upper_target) if line.direction == "within" else (line.target, None)


def figure_form(line: KpiLine, pack: Pack) -> str:
    """The number format of a KPI's figures: the decimals of the page where that shows them unscaled."""
    scale = row_scale(line, pack.currency, pack.locale)
    if line.measured_in == YES_OR_NO:
        return '[=1]"yes";[=0]"no";General'
    decimals = "." + "0" * scale.decimals if scale.decimals else ""
    if scale.is_percent:
        return f"0{decimals}%"
    return "#,##0" if scale.divisor > 1 else f"#,##0{decimals}"


def _exceptions(pack: Pack) -> Sheet:
    columns = (
        Column("KPI", 32), Column("Status", 16), Column("What it is doing", 60), Column("Why", 44),
        Column("What was written", 60), Column("Response", 60), Column("Owner", 26), Column("Due", 14),
    )  # fmt: skip
    rows = tuple(
        (e.line.name, _band(e.line.band), e.doing, e.why, e.explanation, e.response, e.owner, e.due)
        for e in exceptions(pack)
    )
    return Sheet("Exceptions", columns, rows)


def _units(pack: Pack) -> Sheet:
    names = [Column(page.name, 13, has_bands=True) for page in pack.perspectives]
    columns = (
        Column("Unit", 34), Column("Level", 14), Column("Score", 9, has_bands=True), Column("Band", 16),
        Column("On month before", 11), Column("Coverage", 10), Column("Off target", 9), Column("KPIs", 7), *names,
    )  # fmt: skip
    rows = tuple(
        (
            child.name, child.level, Figure(child.node.score, POINTS), _band(child.node.band),
            Figure(child.node.change, "+0.0;-0.0;0.0"), Figure(child.node.coverage, SHARE),
            Figure(child.node.by_status.get("bad", 0), COUNT), Figure(child.node.applicable, COUNT),
            *(Figure(None if node is None else node.score, POINTS) for node in child.perspectives),
        )
        for child in pack.children
    )  # fmt: skip
    return Sheet("Units below", columns, rows)


def _initiatives(pack: Pack) -> Sheet:
    columns = (
        Column("Initiative", 40), Column("Objectives", 44), Column("Owner", 26), Column("Start", 12), Column("Due", 12),
        Column("Status", 12), Column("Late", 8), Column("Done", 8), Column("Time passed", 9), Column("Budget", 14),
        Column("Spent", 14), Column("Expected effect", 60),
        Column("Expected and seen, in figures", 90),
    )  # fmt: skip
    names = {card.id: card.name for card in pack.objectives}
    rows = tuple(
        (
            each.name, "; ".join(names.get(o, o) for o in each.objectives), each.owner, each.start, each.due,
            each.status, "late" if each.is_late else None, Figure(each.progress, SHARE), Figure(each.elapsed, SHARE),
            Figure(each.budget, MONEY), Figure(each.spent, MONEY), each.expected,
            " ".join(f"{expected_words(pack, one)}. {seen_words(pack, one)}" for one in each.effects) or None,
        )
        for each in pack.initiatives
    )  # fmt: skip
    return Sheet("Initiatives", columns, rows)


def _actions(pack: Pack) -> Sheet:
    columns = (
        Column("Action", 60), Column("Objective", 34), Column("Owner", 26), Column("Due", 12), Column("Status", 12),
        Column("Overdue", 10),
    )  # fmt: skip
    names = {card.id: card.name for card in pack.objectives}
    rows = tuple(
        (a.action, names.get(a.objective, a.objective), a.owner, a.due, a.status, "overdue" if a.is_overdue else None)
        for a in pack.actions
    )
    return Sheet("Actions", columns, rows)


def _history(pack: Pack) -> Sheet:
    columns = (
        Column("KPI", 32), Column("Period", 11), Column("Value", 13), Column("Target", 13), Column("Target to", 13),
        Column("Status", 16), Column("Mean", 13), Column("Lower limit", 13), Column("Upper limit", 13),
        Column("Signal", 14),
    )  # fmt: skip
    return Sheet("KPI history", columns, tuple(row for line in pack.kpis for row in _months(pack, line)))


def _months(pack: Pack, line: KpiLine) -> Iterator[tuple[Cell, ...]]:
    form = figure_form(line, pack)
    places = line.signal.history if line.signal is not None else (None,) * len(line.history)
    for point, place in zip(line.history, places, strict=True):
        within = line.direction == "within"
        limits = (place.mean, place.lower, place.upper) if place is not None else (None, None, None)
        yield (
            line.name, point.period, Figure(point.value, form),
            Figure(point.lower if within else point.target, form), Figure(point.upper if within else None, form),
            None if point.status is None else f"{SIGNS[point.status]} {STATUS_WORDS[point.status]}",
            *(Figure(limit, form) for limit in limits), None if place is None else place.label,
        )  # fmt: skip


def _inputs(line: KpiLine, locale: str) -> str:
    return "; ".join(operand_text(each, locale) for each in line.inputs)


def _definitions(pack: Pack) -> Sheet:
    columns = (
        Column("KPI", 32), Column("Id", 24), Column("Definition", 80), Column("Formula", 44), Column("Inputs", 80),
        Column("Window", 20), Column("Better", 9), Column("Measured in", 14), Column("Owner", 26),
    )  # fmt: skip
    rows = tuple(
        (
            line.name, line.id, line.definition, line.formula, _inputs(line, pack.locale), line.window, line.direction,
            line.measured_in, line.owner,
        )
        for line in pack.kpis
    )  # fmt: skip
    return Sheet("Definitions", columns, rows)


def _sources(pack: Pack) -> Sheet:
    columns = (
        Column("Source", 24), Column("What it holds", 60), Column("Domain", 12), Column("State", 10),
        Column("Known on", 12), Column("Rows", 10), Column("Rejected", 10), Column("Reasons", 60), Column("Files", 60),
    )  # fmt: skip
    rows = tuple(
        (
            s.source, s.description, s.domain, s.state, s.known_on, Figure(s.rows, COUNT), Figure(s.rejected, COUNT),
            _reasons(s.reasons), ", ".join(s.files),
        )
        for s in pack.sources
    )  # fmt: skip
    return Sheet("Sources", columns, rows)


def _reasons(reasons: Iterable[tuple[str, int]]) -> str:
    return "; ".join(f"{count} × {reason}" for reason, count in reasons)


def _band(band: BandShown | None) -> str | None:
    return None if band is None else f"{SIGNS[band.status]} {band.name}"
