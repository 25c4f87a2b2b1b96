"""What Dagster shows of a table: the columns with their meanings, and from which columns each comes.

Belongs here: metadata read from the declarations and from the schema, before anything is run. Lineage is stated only
where a column's values come from other columns by a formula or by copying, never for all that may have an influence.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg

from scorecards.expressions import names_in
from scorecards.project import Project
from scorecards.sources import Source, Validity
from transforms.plan import Plan, Variant
from warehouse.tables import Table

_CELLS = dg.AssetKey(["measures", "measure_cells"])
_VALUES = dg.AssetKey(["kpis", "kpi_values"])
_SCORES = dg.AssetKey(["scores", "scores"])
_KEYS = ("period", "unit")
Columns = Mapping[str, Iterable[tuple[dg.AssetKey, str]]]


def staging_key(source_id: str) -> dg.AssetKey:
    """The asset key of a source."""
    return dg.AssetKey(["staging", source_id])


def of_table(table: Table, columns: Columns) -> dict[str, Any]:
    """The metadata of a computed table: its columns, and what they come from."""
    schema = [dg.TableColumn(name, column.type, column.meaning) for name, column in table.columns.items()]
    found = {"dagster/table_name": table.full_name, "dagster/column_schema": dg.TableSchema(columns=schema)}
    return {**found, **({"dagster/column_lineage": lineage(columns)} if columns else {})}


def lineage(columns: Columns) -> dg.TableColumnLineage:
    """Column to the columns that it comes from, each once."""
    return dg.TableColumnLineage(
        {
            name: [dg.TableColumnDep(asset_key=key, column_name=column) for key, column in sorted(set(deps))]
            for name, deps in columns.items()
        }
    )


def cells_from(project: Project, plan: Plan) -> Columns:
    """The columns of measure cells: amounts, units, months and slices from staged columns."""
    found: dict[str, set[tuple[dg.AssetKey, str]]] = {"exact": set(), "rows": set(), "unit": set(), "period": set()}
    for variant in plan.variants.values():
        source = project.sources[variant.measure.source]
        used = _columns(project, source, names_in(variant.measure.value))
        conditions = {name for each in variant.conditions for name in names_in(each)}
        found["exact"] |= used
        found["rows"] |= _columns(project, source, conditions)
        found["unit"] |= _columns(project, source, _unit(source))
        found["period"] |= _columns(project, source, _period(source, variant))
        if variant.by:
            found.setdefault("slice", set()).update(_columns(project, source, [variant.by]))
    found["real"] = found["exact"]
    return {name: deps for name, deps in found.items() if deps}


def _columns(project: Project, source: Source, names: Iterable[str]) -> set[tuple[dg.AssetKey, str]]:
    """Columns of the source, and those of the sources that it looks up, behind these names."""
    found = {(staging_key(source.source), name) for name in names if name in source.staged}
    for name, lookup in source.lookups.items():
        columns = project.sources[lookup.source].staged
        found |= {(staging_key(lookup.source), column) for column in columns if f"{name}_{column}" in names}
    return found


def _unit(source: Source) -> list[str]:
    return [source.unit.column] if source.unit is not None and source.unit.column is not None else []


def _period(source: Source, variant: Variant) -> list[str]:
    if variant.measure.period is not None:
        return [variant.measure.period]
    period = source.period
    return [period.start, period.end] if isinstance(period, Validity) else [str(period)]


def values_from() -> Columns:
    """The columns of KPI values, from measure cells."""
    amounts = [(_CELLS, "exact"), (_CELLS, "real")]
    keys = {name: [(_CELLS, name)] for name in (*_KEYS, "slice")}
    return {**keys, "value": amounts, "numerator": amounts, "denominator": amounts}


def scores_from() -> Columns:
    """The columns of scores, from KPI values."""
    keys = {name: [(_VALUES, name)] for name in _KEYS}
    return {**keys, **{name: [(_VALUES, "value")] for name in ("score", "raw_score")}}


def signals_from() -> Columns:
    """The columns of signals, from KPI values."""
    keys = {name: [(_VALUES, name)] for name in (*_KEYS, "kpi")}
    drawn = ("mean", "mean_moving_range", "lower", "upper", "label")
    return {**keys, **{name: [(_VALUES, "value")] for name in drawn}}


def score_changes_from() -> Columns:
    """The columns of score changes, from scores and KPI values."""
    keys = {name: [(_SCORES, name)] for name in ("scorecard", *_KEYS, "level", "node")}
    return {**keys, "points": [(_SCORES, "score"), (_SCORES, "effective_share"), (_VALUES, "value")]}


def packs_from() -> Columns:
    """The columns of packs, from scores."""
    return {name: [(_SCORES, name)] for name in ("scorecard", *_KEYS, "score")}


def kpis_of(project: Project, plan: Plan, source_id: str) -> list[str]:
    """The KPIs whose formulas use a source, itself or where it is looked up."""
    found = []
    for kpi_id, evaluation in plan.main.items():
        for declared in evaluation.inputs:
            source = project.sources[plan.variants[declared.variant].measure.source]
            if source_id in (source.source, *source.refers_to):
                found.append(kpi_id)
                break
    return found


def told(words: str, kind: str, ids: Iterable[str]) -> str:
    """A description that ends with a list of ids, so that a search for one of them finds the asset."""
    names = ", ".join(f"`{name}`" for name in ids)
    return f"{words}\n\n{kind}: {names}." if names else words
