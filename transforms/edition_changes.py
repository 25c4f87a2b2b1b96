"""What one edition of a period says otherwise than the one before it, and because of what.

Belongs here: comparing two frozen sets of tables. A cause is named where there is evidence for it: other operands from
other deliveries, another definition, another anchor, another weight, another tree. Several causes may have worked
together; they are all named, never guessed apart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

DATA, METHOD, TARGET, WEIGHT, TREE = "data", "method", "target", "weight", "unit tree"
# Sums in another order may differ in their last digits; that is no change.
_TOLERANCE = 1e-9
EDITION_CHANGES = {
    "scorecard": pl.String,
    "unit": pl.String,
    "level": pl.String,
    "node": pl.String,
    "before": pl.Float64,
    "after": pl.Float64,
    "because": pl.String,
    "loads": pl.String,
}


@dataclass(frozen=True)
class Frozen:
    """The tables of one edition: values, inputs, definitions, scores and anchors of its period."""

    values: pl.DataFrame
    inputs: pl.DataFrame
    definitions: pl.DataFrame
    scores: pl.DataFrame
    anchors: pl.DataFrame


@dataclass(frozen=True)
class Behind:
    """What came between two editions: by KPI the new deliveries of its sources, and the units whose tree changed."""

    deliveries: Mapping[str, Sequence[str]]
    units: Collection[str]


def edition_changes(before: Frozen, after: Frozen, behind: Behind) -> pl.DataFrame:
    """Every main KPI value and every score that differs: the frame ``EDITION_CHANGES``.

    The value of a KPI stands once for each unit, without scorecard. A score changes because of whatever changed its
    value, its anchors or its definition, its weight, or, above KPIs, whatever changed the scores of its parts.
    """
    values = _differing(_main(before), _main(after), ["unit", "kpi"], "value")
    causes = _causes_of_values(before, after, values, behind)
    told = values.join(causes, on=["unit", "kpi"], how="left").select(
        pl.lit("").alias("scorecard"), "unit", pl.lit("value").alias("level"), pl.col("kpi").alias("node"),
        "before", "after", "because", "loads",
    )  # fmt: skip
    return pl.concat([pl.DataFrame(schema=EDITION_CHANGES), told, _scores(before, after, causes)]).sort(
        "scorecard", "unit", "level", "node"
    )


def _main(tables: Frozen) -> pl.DataFrame:
    return tables.values.filter("is_main")


def _differing(before: pl.DataFrame, after: pl.DataFrame, keys: list[str], column: str) -> pl.DataFrame:
    """The keys at which a column differs, with its values before and after."""
    both = before.select(*keys, pl.col(column).alias("before")).join(
        after.select(*keys, pl.col(column).alias("after")), on=keys, how="full", coalesce=True
    )
    size = pl.max_horizontal(pl.col("before").abs(), pl.col("after").abs(), 1.0)
    is_other = (pl.col("before") - pl.col("after")).abs() > _TOLERANCE * size
    return both.filter(is_other.fill_null(pl.col("before").is_null() != pl.col("after").is_null()))


def _causes_of_values(before: Frozen, after: Frozen, values: pl.DataFrame, behind: Behind) -> pl.DataFrame:
    """For each unit and KPI whose value differs: because, loads."""
    digests = {
        side: dict(tables.definitions.select("kpi", "digest").iter_rows()) for side, tables in
        (("before", before), ("after", after))
    }  # fmt: skip
    inputs = _differing(before.inputs, after.inputs, ["unit", "kpi", "window", "slice", "input"], "value")
    other_inputs = set(inputs.select("unit", "kpi").iter_rows())
    rows = []
    for unit, kpi in values.select("unit", "kpi").iter_rows():
        deliveries = behind.deliveries.get(kpi, ())
        is_redefined = digests["before"].get(kpi) != digests["after"].get(kpi)
        causes = [
            (DATA, bool(deliveries) and (unit, kpi) in other_inputs),
            (METHOD, is_redefined),
            (TREE, unit in behind.units),
        ]
        found = [name for name, holds in causes if holds] or [DATA if deliveries else METHOD]
        rows.append((unit, kpi, ", ".join(found), ", ".join(deliveries) if DATA in found else ""))
    return pl.DataFrame(
        rows, schema={"unit": pl.String, "kpi": pl.String, "because": pl.String, "loads": pl.String}, orient="row"
    )


def _scores(before: Frozen, after: Frozen, causes: pl.DataFrame) -> pl.DataFrame:
    keys = ["scorecard", "unit", "level", "node"]
    changed = _differing(before.scores, after.scores, keys, "score")
    if changed.is_empty():
        return pl.DataFrame(schema=EDITION_CHANGES)
    of_value = {(unit, kpi): (because, loads) for unit, kpi, because, loads in causes.iter_rows()}
    anchors = _differing(before.anchors, after.anchors, ["scorecard", "unit", "kpi", "anchor"], "value")
    other_anchors = set(anchors.select("scorecard", "unit", "kpi").iter_rows())
    weights = set(_differing(before.scores, after.scores, keys, "weight").select(keys).iter_rows())
    redefined = {
        kpi
        for kpi, digest in after.definitions.select("kpi", "digest").iter_rows()
        if digest not in set(before.definitions.filter(pl.col("kpi") == kpi)["digest"])
    }
    parents = {
        (card, unit, level, node): parent
        for tables in (before, after)
        for card, unit, level, node, parent in tables.scores.select(*keys, "parent").iter_rows()
    }
    found: dict[tuple[str, str, str, str], dict[str, None]] = {}
    loads: dict[tuple[str, str, str, str], dict[str, None]] = {}
    rows = list(changed.select(*keys).iter_rows())
    for row in rows:
        card, unit, level, node = row
        if level == "kpi":
            because, names = of_value.get((unit, node), ("", ""))
            own = [cause for cause in because.split(", ") if cause]
            own += [TARGET] if (card, unit, node) in other_anchors else []
            own += [METHOD] if node in redefined and METHOD not in own else []
            found[row] = dict.fromkeys(own or [METHOD])
            loads[row] = dict.fromkeys(name for name in names.split(", ") if name)
    _climb(found, loads, weights, parents)
    table = pl.DataFrame(
        [
            (*row, ", ".join(found.get(row, ())) or METHOD, ", ".join(loads.get(row, ())))
            for row in rows
        ],
        schema={**dict.fromkeys(keys, pl.String), "because": pl.String, "loads": pl.String},
        orient="row",
    )  # fmt: skip
    return changed.join(table, on=keys).select(list(EDITION_CHANGES))


_Key = tuple[str, str, str, str]
_ABOVE = {
    "kpi": ("objective",), "objective": ("objective", "perspective"), "perspective": ("scorecard",), "scorecard": ()
}  # fmt: skip


def _climb(
    found: dict[_Key, dict[str, None]], loads: dict[_Key, dict[str, None]], weights: Collection[_Key],
    parents: Mapping[_Key, str | None],
) -> None:  # fmt: skip
    """Hand the causes of every KPI, and of every changed weight, to all that they count into."""
    starts = [(row, dict(found[row]), dict(loads[row])) for row in found]
    starts += [(row, {WEIGHT: None}, {}) for row in weights]
    for row, causes, names in starts:
        card, unit = row[:2]
        at: _Key | None = row
        while at is not None:
            parent = parents.get(at)
            above = [(card, unit, level, parent) for level in _ABOVE[at[2]] if parent is not None]
            at = next((key for key in above if key in parents and key != at), None)
            if at is not None:
                found.setdefault(at, {}).update(causes)
                loads.setdefault(at, {}).update(names)
