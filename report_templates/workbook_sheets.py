"""The sheets of a pack's workbook as plain records: what stands in which row and column.

Belongs here: choosing and arranging. How a cell is written and coloured is ``workbook.py``; sentences come from the
modules that the page takes them from. Figures stand in the KPI's own terms with all digits that a spreadsheet
keeps (16), and are only shown rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from report_templates.commitments import late_first, overdue_first, timing_words
from report_templates.counts import counted
from report_templates.declared_words import (
    direction_words,
    domain_words,
    frequency_words,
    level_name,
    measured_words,
    operand_text,
    origin_words,
    state_words,
    window_words,
)
from report_templates.definition_cards import source_words
from report_templates.effect_messages import expected_words, seen_words
from report_templates.exceptions import exceptions
from report_templates.formatting import SIGNS, RowScale, in_points, percent_scale, points_unit, row_scale, status_word
from report_templates.headline import headline
from report_templates.language import language
from report_templates.marked_text import plain
from report_templates.messages import edition_line, perspective_sentence
from report_templates.method import method_lines
from report_templates.reasons import reason_words
from report_templates.rejection_words import rejection_words
from report_templates.scale_words import scale_words
from report_templates.scorecard_view import has_to_date
from report_templates.signal_messages import assurance_text, point_text, variation_text
from report_templates.workbook_columns import (
    ACTIONS,
    DEFINITIONS,
    EXCEPTIONS,
    HISTORY,
    INITIATIVES,
    SCORECARD,
    SOURCES,
    SUMMARY,
    TO_DATE,
    UNITS,
    Column,
    titled,
)
from scorecards.kpis import YES_OR_NO
from transforms.pack import BandShown, KpiLine, NodeScore, ObjectiveCard, Pack

SHARE, COUNT, MONEY = "0%", "#,##0", "#,##0"


@dataclass(frozen=True)
class Figure:
    """A number and the format in which a spreadsheet shows it."""

    value: float | None
    form: str


Cell = str | date | Figure | None


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
    say = language(pack.locale)
    columns = titled(SUMMARY, pack.locale)
    rows = [_node(pack, pack.scorecard_name, say("scorecard"), None, pack.node, headline(pack))]
    for page in pack.perspectives:
        rows.append(
            _node(pack, page.name, say("perspective"), page.weight, page.node, perspective_sentence(pack, page))
        )
        rows += [
            _node(pack, card.name, say("objective"), card.weight, card.node, _missing(card, pack.locale))
            for card in page.objectives
        ]
    lines = (
        edition_line(pack),
        headline(pack),
        say("Declarations %(digest)s.", digest=pack.declarations_digest[:12]),
        *method_lines(pack),
    )
    return Sheet(say("Summary"), columns, tuple(rows), lines)


def _node(pack: Pack, name: str, level: str, weight: float | None, node: NodeScore, words: str) -> tuple[Cell, ...]:
    counts = [Figure(node.by_status.get(status, 0), COUNT) for status in ("bad", "warning", "good")]
    return (
        name, level, Figure(weight, "0.0%"), _points(pack, node.score), _band(node.band),
        _change(pack, node.change), _change(pack, node.change_on_year),
        Figure(node.coverage if node.applicable else None, SHARE), *counts, Figure(node.applicable, COUNT), words,
    )  # fmt: skip


def _points(pack: Pack, score: float | None) -> Figure:
    return Figure(score, f"0.{'0' * pack.point_digits}")


def _change(pack: Pack, points: float | None) -> Figure:
    form = _points(pack, points).form
    return Figure(points, f"+{form};-{form};{form}")


def _missing(card: ObjectiveCard, locale: str) -> str:
    say = language(locale)
    if card.node.score is None:
        return say("No score: %(reason)s.", reason=reason_words(card.node.missing_reason, locale))
    return say("%(clause)s.", clause=counted(card.node, "bad", locale))


def _scorecard(pack: Pack) -> Sheet:
    say = language(pack.locale)
    columns = titled([c for c in SCORECARD if has_to_date(pack) or c not in TO_DATE], pack.locale)
    objectives = {card.id: card.name for card in pack.objectives}
    rows = tuple(
        (page.name, objectives.get(line.objective, line.objective), *_kpi(pack, line))
        for page in pack.perspectives
        for line in page.kpis
    )
    return Sheet(say("Scorecard"), columns, rows)


def _kpi(pack: Pack, line: KpiLine) -> Iterator[Cell]:
    say, form = language(pack.locale), figure_form(line, pack)
    low, high = _targets(line)
    yield from (line.name, "" if line.texts else measured_words(line.measured_in, pack.currency, pack.locale))
    yield _value(line, line.value, form)
    yield from (Figure(low, form), Figure(high, form), _variance(line, form, pack))
    yield from (
        _share(line.variance_share),
        _value(line, line.previous, form),
        _value(line, line.last_year, form),
    )
    if has_to_date(pack):
        yield from (Figure(line.to_date, form), Figure(line.to_date_target, form))
    yield from (_points(pack, line.score), _points(pack, line.raw_score), _points(pack, line.score_previous))
    yield from (
        _band(line.band),
        variation_text(line, pack.locale),
        assurance_text(line, pack.locale),
        Figure(line.weight, "0.0%"),
    )
    yield from (_operand(line.numerator), _operand(line.denominator))
    yield from (say("leading") if line.leading else say("lagging"), line.owner, line.data_known_on, line.value_period)
    yield reason_words(line.missing_reason, pack.locale) if line.missing_reason else None


def _value(line: KpiLine, value: float | None, form: str) -> Cell:
    """A value of a KPI: a figure, or the text that it stands for."""
    return line.texts[int(value) - 1] if line.texts and value is not None else Figure(value, form)


def _variance(line: KpiLine, form: str, pack: Pack) -> Figure:
    """The variance in the KPI's own terms; of a percentage in points, which a format of percentages would hide."""
    if line.variance is None or line.measured_in == YES_OR_NO:
        return Figure(line.variance, form)
    scale = row_scale(line, pack.currency, pack.locale)
    in_cells = replace(scale, divisor=min(scale.divisor, 1.0), decimals=_places(line, scale))
    form = _form(scale, in_cells.places_of_difference(line.variance))
    if not scale.is_percent:
        return Figure(line.variance, form)
    return Figure(in_points(line.variance), f'{form.rstrip("%")}" {points_unit(pack.locale)}"')


def _share(share: float | None) -> Figure:
    """The variance as a share of the target."""
    scale = percent_scale(1, "")
    return Figure(share, _form(scale, scale.places_of_difference(share)))


def _operand(value: float | None) -> Figure:
    is_whole = value is None or float(value).is_integer()
    return Figure(value, "#,##0" if is_whole else "#,##0.00" if abs(value or 0.0) >= 0.1 else "0.00E+00")


def _targets(line: KpiLine) -> tuple[float | None, float | None]:
    """The target, or the two ends of a range."""
    return (line.lower_target, line.upper_target) if line.direction == "within" else (line.target, None)


def figure_form(line: KpiLine, pack: Pack) -> str:
    """The number format of a KPI's figures: the decimals of the page where that shows them unscaled."""
    scale = row_scale(line, pack.currency, pack.locale)
    if line.measured_in == YES_OR_NO:
        say = language(pack.locale)
        yes, no = say("yes"), say("no")
        return f'[=1]"{yes}";[=0]"{no}";General'
    return _form(scale, _places(line, scale))


def _form(scale: RowScale, places: int) -> str:
    if scale.divisor < 0.01:
        return "0.00E+00"
    decimals = "." + "0" * places if places else ""
    return f"0{decimals}%" if scale.is_percent else f"#,##0{decimals}"


def _places(line: KpiLine, scale: RowScale) -> int:
    """The decimals of the page, or as many more as let none of the KPI's figures look like zero.

    Amounts of thousands and more are written without decimals.
    """
    if scale.divisor > 1:
        return 0
    figures = [line.value, *_targets(line), line.previous, line.last_year]
    figures += [figure for point in line.history for figure in (point.value, point.target)]
    known = [scale.places(figure) for figure in figures if figure is not None]
    return max(known, default=scale.decimals)


def _exceptions(pack: Pack) -> Sheet:
    say = language(pack.locale)
    columns = titled(EXCEPTIONS, pack.locale)
    rows = tuple(
        (
            e.line.name,
            _band(e.line.band),
            e.doing,
            e.why,
            plain(e.explanation),
            plain(e.response),
            e.owner,
            _day(e.due_on),
        )
        for e in exceptions(pack)
    )
    return Sheet(say("Exceptions"), columns, rows)


def _day(text: str) -> Cell:
    """A due day as a real one; what somebody wrote in other words stays."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _units(pack: Pack) -> Sheet:
    say = language(pack.locale)
    names = [Column(page.name, 13, has_bands=True) for page in pack.perspectives]
    columns = (*titled(UNITS, pack.locale), *names)
    rows = tuple(
        (
            child.name, level_name(child.level, pack.locale), _points(pack, child.node.score), _band(child.node.band),
            _change(pack, child.node.change), Figure(child.node.coverage, SHARE),
            Figure(child.node.by_status.get("bad", 0), COUNT), Figure(child.node.applicable, COUNT),
            *(_points(pack, None if node is None else node.score) for node in child.perspectives),
        )
        for child in pack.children
    )  # fmt: skip
    return Sheet(say("Units below"), columns, rows)


def _initiatives(pack: Pack) -> Sheet:
    say = language(pack.locale)
    columns = titled(INITIATIVES, pack.locale)
    names = {card.id: card.name for card in pack.objectives}
    rows = tuple(
        (
            each.name, "; ".join(names.get(o, o) for o in each.objectives), each.owner, each.start, each.due,
            state_words(each.status, pack.locale), timing_words(each, pack.locale) or None,
            Figure(each.progress, SHARE), Figure(each.elapsed, SHARE), Figure(each.budget, MONEY),
            Figure(each.spent, MONEY), say("over budget") if each.is_overspent else None, each.expected,
            " ".join(f"{expected_words(pack, one)}. {seen_words(pack, one)}" for one in each.effects) or None,
        )
        for each in late_first(pack.initiatives)
    )  # fmt: skip
    return Sheet(say("Initiatives"), columns, rows)


def _actions(pack: Pack) -> Sheet:
    say = language(pack.locale)
    columns = titled(ACTIONS, pack.locale)
    names = {card.id: card.name for card in pack.objectives}
    rows = tuple(
        (
            a.action,
            names.get(a.objective, a.objective),
            a.owner,
            a.due,
            state_words(a.status, pack.locale),
            say("overdue") if a.is_overdue else None,
        )
        for a in overdue_first(pack.actions)
    )
    return Sheet(say("Actions"), columns, rows)


def _history(pack: Pack) -> Sheet:
    say = language(pack.locale)
    columns = titled(HISTORY, pack.locale)
    return Sheet(say("KPI history"), columns, tuple(row for line in pack.kpis for row in _months(pack, line)))


def _months(pack: Pack, line: KpiLine) -> Iterator[tuple[Cell, ...]]:
    form = figure_form(line, pack)
    places = line.signal.history if line.signal is not None else (None,) * len(line.history)
    has_range = line.signal is not None and line.signal.has_range
    for point, place in zip(line.history, places, strict=True):
        within = line.direction == "within"
        limits = (place.mean, place.lower, place.upper) if place is not None and has_range else (None, None, None)
        yield (
            line.name, point.period, _value(line, point.value, form),
            Figure(point.lower if within else point.target, form), Figure(point.upper if within else None, form),
            None if point.status is None else f"{SIGNS[point.status]} {status_word(point.status, pack.locale)}",
            *(Figure(limit, form) for limit in limits),
            None if place is None or line.signal is None else point_text(line.signal, place, pack.locale),
        )  # fmt: skip


def _inputs(line: KpiLine, locale: str) -> str:
    return "; ".join(operand_text(each, locale) for each in line.inputs)


def _definitions(pack: Pack) -> Sheet:
    say = language(pack.locale)
    columns = titled(DEFINITIONS, pack.locale)
    return Sheet(say("Definitions"), columns, tuple(_definition(pack, line) for line in pack.kpis))


def _definition(pack: Pack, line: KpiLine) -> tuple[Cell, ...]:
    form, locale = figure_form(line, pack), pack.locale
    return (
        line.name, line.id, line.definition, line.formula, _inputs(line, locale), window_words(line.window, locale),
        frequency_words(line.frequency, locale), direction_words(line.direction, locale),
        measured_words(line.measured_in, pack.currency, locale), *(Figure(end, form) for end in _targets(line)),
        origin_words(line.target_origins, locale), scale_words(pack, line), line.owner, source_words(pack, line),
    )  # fmt: skip


def _sources(pack: Pack) -> Sheet:
    say = language(pack.locale)
    columns = titled(SOURCES, pack.locale)
    rows = tuple(
        (
            s.source, s.description, domain_words(s.domain, pack.locale), state_words(s.state, pack.locale), s.known_on,
            Figure(s.rows, COUNT), Figure(s.rejected, COUNT), _reasons(s.reasons, pack.locale), ", ".join(s.files),
        )
        for s in pack.sources
    )  # fmt: skip
    return Sheet(say("Sources"), columns, rows)


def _reasons(reasons: Iterable[tuple[str, int]], locale: str) -> str:
    return "; ".join(f"{count} × {rejection_words(reason, locale)}" for reason, count in reasons)


def _band(band: BandShown | None) -> str | None:
    return None if band is None else f"{SIGNS[band.status]} {band.name}"
