"""Rules about sources, measures and KPIs: every name in a contract or a formula refers to something declared."""

from __future__ import annotations

from collections.abc import Iterator

from scorecards.errors import OR_DECLARE_IT, Problem, did_you_mean
from scorecards.expression_types import KIND_OF_COLUMN, Kind
from scorecards.expressions import check, is_text_aggregate, is_word_of_sql, names_in
from scorecards.kpis import Kpi
from scorecards.project import Project
from scorecards.sources import Source, Validity

_DATES = ("date", "datetime", "month")
# Columns of the frames in which formulas are computed, and the anchor that formulas may name.
_RESERVED = ("period", "unit", "scorecard", "kpi", "target")


def columns_of(project: Project, source: Source) -> dict[str, str]:
    """The columns that a measure over the source may use, with their types: its own and those that it looks up.

    Also those that are dropped at staging: ``check_personal`` tells why they cannot be used.
    """
    columns = _types(source)
    for lookup_id, lookup in source.lookups.items():
        other = project.sources.get(lookup.source)
        if other is not None:
            columns |= {f"{lookup_id}_{name}": type_ for name, type_ in _types(other).items()}
            columns |= {
                f"{lookup_id}_{name}": "integer" for name in (other.hierarchy.totals if other.hierarchy else {})
            }
    return columns


def _types(source: Source) -> dict[str, str]:
    declared = {name: str(column.type) for _, form in source.forms for name, column in form.row_columns.items()}
    return {**declared, **{name: str(column.type) for name, column in source.staged.items()}}


def check_sources(project: Project) -> Iterator[Problem]:
    """Problems of the contracts: columns, units and sources that they name."""
    units = project.unit_ids
    for source_id, source in project.sources.items():
        place, columns = project.places[f"source {source_id}"], columns_of(project, source)
        own = list(source.forms[0][1].row_columns)
        named: list[tuple[tuple[str, ...], str, list[str]]] = [(("key",), name, own) for name in source.key]
        if source.unit and source.unit.column:
            named.append((("unit",), source.unit.column, list(columns)))
        if isinstance(source.period, Validity):
            named += [(("period",), source.period.start, own), (("period",), source.period.end, own)]
        elif source.period not in ("none", "{period}", "{known_on}"):
            named.append((("period",), source.period, list(columns)))
        if source.hierarchy:
            named += [(("hierarchy",), name, own) for name in (source.hierarchy.parent, source.hierarchy.sign) if name]
        named += [(("lookups", lookup_id), lookup.on, own) for lookup_id, lookup in source.lookups.items()]
        for path, name, known in named:
            if name not in known:
                yield place.problem(path, f"'{name}' is not a column of this source.", did_you_mean(name, known))
            elif path == ("period",) and columns[name] not in _DATES:
                yield place.problem(path, f"'{name}' is a {columns[name]}, not a date or month.", "Name a date column.")
        counting = [name for name, measure in project.measures.items() if measure.source == source_id]
        if source.unit is None and not source.is_reference and counting:
            message = f"is required, since the measure '{counting[0]}' counts rows by unit."
            yield place.problem(("unit",), message, "Name the column of the organisation unit, or always: <unit>.")
        for lookup_id in source.lookups:
            yield from _lookup(project, source_id, lookup_id)
        rule = source.unit
        for unit in [*(rule.values.values() if rule else ()), *([rule.always] if rule and rule.always else ())]:
            if unit not in units:
                yield place.problem(("unit",), f"'{unit}' is not a unit.", did_you_mean(unit, units))


def _lookup(project: Project, source_id: str, lookup_id: str) -> Iterator[Problem]:
    source, place, at = project.sources[source_id], project.places[f"source {source_id}"], ("lookups", lookup_id)
    lookup = source.lookups[lookup_id]
    target, other = lookup.source, project.sources.get(lookup.source)
    if other is None or target == source_id:
        known = [name for name in project.sources if name != source_id]
        yield place.problem((*at, "source"), f"'{target}' is not another source.", did_you_mean(target, known))
    elif len(other.key) != 1:
        yield place.problem(at, f"'{target}' has no key of one column to look up by.", "Declare its key.")
    elif lookup.on in source.staged and other.key[0] in other.staged:
        here, there = source.staged[lookup.on].type, other.staged[other.key[0]].type
        is_text = KIND_OF_COLUMN[here] == KIND_OF_COLUMN[there] == "text"
        if here != there and not is_text:
            message = f"'{lookup.on}' is of type {here}, but the key of '{target}' is of type {there}."
            yield place.problem((*at, "on"), message, "Give both columns one type.")


def check_measures(project: Project) -> Iterator[Problem]:
    """Problems of the measures: their source, and the SQL over its columns."""
    for measure_id, measure in project.measures.items():
        place, at = project.places[f"measures {measure_id}"], ("measures", measure_id)
        if measure_id in _RESERVED or is_word_of_sql(measure_id):
            yield place.problem(at, f"'{measure_id}' is a reserved word.", "Give the measure another id.")
        source = project.sources.get(measure.source)
        if source is None:
            remedy = did_you_mean(measure.source, list(project.sources))
            yield place.problem((*at, "source"), f"'{measure.source}' is not a source.", remedy)
            continue
        if source.is_reference:
            yield place.problem(
                (*at, "source"), f"'{measure.source}' has no period, so nothing to count by month.", "Use its lookup."
            )
            continue
        columns = columns_of(project, source)
        what = f"column of {measure.source}"
        kinds = _kinds(columns)
        wanted: Kind = "text" if is_text_aggregate(measure.value) else "number"
        wrong = check(measure.value, kinds, wanted=wanted, aggregate=True, what=what)
        if wrong:
            yield place.problem((*at, "value"), _sentence(wrong))
        wrong = check(measure.where, kinds, wanted="truth", aggregate=False, what=what) if measure.where else None
        if wrong:
            yield place.problem((*at, "where"), _sentence(wrong))
        if measure.period and measure.period not in columns:
            yield place.problem(
                (*at, "period"), f"'{measure.period}' is not a {what}.", did_you_mean(measure.period, list(columns))
            )
        elif measure.period and columns[measure.period] not in _DATES:
            yield place.problem(
                (*at, "period"),
                f"'{measure.period}' is a {columns[measure.period]}, not a date.",
                "Name a date column.",
            )
        elif measure.period and source.is_monthly:
            message = f"'{measure.source}' comes month by month: a row dated in another month would come too late."
            yield place.problem((*at, "period"), message, "Deliver one file of all months, or leave out period.")


def check_kpis(project: Project) -> Iterator[Problem]:
    """Problems of the KPIs: the inputs and formulas."""
    for kpi_id, kpi in project.kpis.items():
        place, at = project.places[f"kpis {kpi_id}"], ("kpis", kpi_id)
        for input_id, declared in kpi.inputs.items():
            if declared.measure is None:
                continue
            measure = project.measures.get(declared.measure)
            if measure is None:
                remedy = did_you_mean(declared.measure, list(project.measures))
                yield place.problem((*at, "inputs", input_id), f"'{declared.measure}' is not a measure.", remedy)
            elif declared.where and measure.source in project.sources:
                columns = columns_of(project, project.sources[measure.source])
                what = f"column of {measure.source}"
                wrong = check(declared.where, _kinds(columns), wanted="truth", aggregate=False, what=what)
                if wrong:
                    yield place.problem((*at, "inputs", input_id, "where"), _sentence(wrong))
            if input_id in _RESERVED or is_word_of_sql(input_id):
                yield place.problem((*at, "inputs", input_id), f"'{input_id}' is a reserved word.", "Rename the input.")
        known = [*kpi.inputs, *project.measures, *_others(project, kpi_id)]
        yield from _formula(project, kpi_id, kpi, known)


def _others(project: Project, kpi_id: str) -> list[str]:
    """The other KPIs, those left out that one declaration writes out with this one."""
    declared = project.places[f"kpis {kpi_id}"].written_for
    names = [name for name in project.kpis if name != kpi_id]
    return [name for name in names if not declared or project.places[f"kpis {name}"].written_for != declared]


def _formula(project: Project, kpi_id: str, kpi: Kpi, known: list[str]) -> Iterator[Problem]:
    place, at = project.places[f"kpis {kpi_id}"], ("kpis", kpi_id)
    numbers = {name: _kind_of_name(project, kpi, name) for name in known}
    wrong = check(kpi.value, numbers, wanted="number", aggregate=False, what="measure or input")
    if wrong is None and not names_in(kpi.value):
        wrong = f"'{kpi.value}' names no measure"
    if wrong:
        is_text = kpi.value in numbers and numbers[kpi.value] == "text"
        remedy = "List its texts in 'scoring.texts', each with its score." if is_text else ""
        yield place.problem((*at, "value"), _sentence(wrong), remedy)
    anchors = project.organisation.scale.names_for(kpi.direction)
    for anchor, text in kpi.anchors.items():
        if anchor not in anchors:
            yield place.problem(
                (*at, "anchors", anchor),
                f"'{anchor}' is not an anchor of the scale.",
                did_you_mean(anchor, anchors) + OR_DECLARE_IT,
            )
        allowed: dict[str, Kind] = numbers if anchor == "target" else {**numbers, "target": "number"}
        wrong = check(text, allowed, wanted="number", aggregate=False, what="measure or input")
        if wrong:
            yield place.problem((*at, "anchors", anchor), _sentence(wrong))


def _kind_of_name(project: Project, kpi: Kpi, name: str) -> Kind:
    """What a name in a formula stands for: a text only where its measure is one, and the KPI does not score texts."""
    declared = kpi.inputs.get(name)
    measure = project.measures.get(str(declared.measure) if declared else name)
    return "text" if measure and is_text_aggregate(measure.value) and not kpi.scoring.texts else "number"


def _kinds(columns: dict[str, str]) -> dict[str, Kind]:
    return {name: KIND_OF_COLUMN[type_] for name, type_ in columns.items()}


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
