"""What units that joined or left did to the score of a KPI above them, told apart from value and target.

At both ends the KPI is scored once more over those units alone that count at both: without what left then, without what
joined now. What lies between these two scores is value and target, like for like; all else is ``units``. A value is
taken apart where it is a sum or a ratio of sums of its own month, or of months that count the same units; a target
where it is the sum of those below. What cannot be taken apart stays as it was in both, and so with the KPI.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from scorecards.project import Project
from transforms.adding_up import AddsUp
from transforms.kpi_movement import KPI_PARTS, TARGET, VALUE
from transforms.kpis import SMALL_GROUP
from transforms.scoring import looks_back_of
from transforms.signal_series import overlaps
from transforms.targets import SUMMED

UNITS = "units"
_KEYS = ["scorecard", "period", "unit", "kpi"]
_VALUE = _KEYS[1:]
_ANCHOR = [*_KEYS, "anchor"]
Scored = Callable[[pl.DataFrame, pl.DataFrame, pl.DataFrame], pl.DataFrame]
"""Given keys, values and anchors, the scores of these KPIs: scorecard, period, unit, kpi and score."""


@dataclass(frozen=True)
class End:
    """Values (``KPI_VALUES``) and anchors (``ANCHORS``) of one end, all under the later period."""

    values: pl.DataFrame
    anchors: pl.DataFrame


Ends = tuple[End, End]
"""That of now, and that of then."""


def with_units(parts: pl.DataFrame, ends: Ends, same: Ends, scored: Scored) -> pl.DataFrame:
    """The frame ``KPI_PARTS`` with what joined and left as a part of its own, where that can be told.

    ``same`` holds the values and anchors over the units of both ends, of those KPIs and units that have others.
    """
    others = [end.values.select(_VALUE) for end in same]
    summed = [end.anchors.select(_KEYS) for end in same]
    own = parts.filter(pl.col("part").is_in([VALUE, TARGET]))
    keys = own.select(_KEYS).unique()
    asked = pl.concat(
        [keys.join(pl.concat(others), on=_VALUE, how="semi"), keys.join(pl.concat(summed), on=_KEYS, how="semi")]
    ).unique().sort(_KEYS)  # fmt: skip
    if asked.is_empty():
        return parts
    values_now, values_then = (_replaced(a.values, b.values, _VALUE) for a, b in zip(ends, same, strict=True))
    anchors_now, anchors_then = (_replaced(a.anchors, b.anchors, _ANCHOR) for a, b in zip(ends, same, strict=True))
    crossed = {
        "after": (values_now, anchors_now), "before": (values_then, anchors_then),
        "forth": (values_now, anchors_then), "again": (values_then, anchors_now),
    }  # fmt: skip
    found = own.group_by(_KEYS).agg(pl.col("points").sum().alias("change")).join(asked, on=_KEYS, how="semi")
    for name, end in crossed.items():
        found = found.join(scored(asked, *end).rename({"score": name}), on=_KEYS, how="left")
    return _told(parts, found.filter(pl.col("after").is_not_null(), pl.col("before").is_not_null()))


def _told(parts: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """The parts anew: value and target between both like scores, by the mean of both orders, and what is left."""
    alike = pl.col("after") - pl.col("before")
    target = ((pl.col("after") - pl.col("forth")) + (pl.col("again") - pl.col("before"))) / 2
    split = found.with_columns(target.fill_null(0.0).alias(TARGET), (pl.col("change") - alike).alias(UNITS))
    split = split.with_columns((pl.col("change") - pl.col(UNITS) - pl.col(TARGET)).alias(VALUE))
    rows = split.unpivot([VALUE, TARGET, UNITS], index=_KEYS, variable_name="part", value_name="points")
    told = rows.filter((pl.col("part") == VALUE) | (pl.col("points") != 0)).select(list(KPI_PARTS))
    return pl.concat([parts.join(split, on=_KEYS, how="anti"), told]).sort(*_KEYS, "part")


def _replaced(frame: pl.DataFrame, other: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return frame.join(other.select(*keys, pl.col("value").alias("_other")), on=keys, how="left").with_columns(
        pl.coalesce("_other", "value").alias("value")
    ).drop("_other")  # fmt: skip


def values_without(
    values: pl.DataFrame, gone: pl.DataFrame, how: Mapping[str, AddsUp], project: Project
) -> pl.DataFrame:
    """The values of units without those of others: columns period, unit, kpi and value.

    ``gone`` (period, unit, other, is_whole) are rows of ``JOINED_AND_LEFT``. Nothing is told of a KPI of which a value
    that would be taken off is withheld, nor of one over months in which other units count.
    """
    kpis = pl.DataFrame(
        [(kpi, how[kpi].is_ratio, how[kpi].factor, own) for kpi, own in _own_months(project).items() if kpi in how],
        schema={"kpi": pl.String, "is_ratio": pl.Boolean, "factor": pl.Float64, "is_own": pl.Boolean}, orient="row",
    )  # fmt: skip
    columns = ["value", "numerator", "denominator"]
    taken = (
        gone.join(values.select("period", pl.col("unit").alias("other"), "kpi", *columns, "missing_reason"),
                  on=["period", "other"])
        .group_by(_VALUE)
        .agg(
            *(pl.col(name).fill_null(0.0).sum().alias(f"less_{name}") for name in columns),
            (pl.col("missing_reason") == SMALL_GROUP).fill_null(False).any().alias("is_hidden"),
            pl.col("is_whole").all(),
        )
    )  # fmt: skip
    n, d = pl.col("numerator") - pl.col("less_numerator"), pl.col("denominator") - pl.col("less_denominator")
    is_left = d.abs() > 1e-9 * pl.col("denominator").abs()
    ratio = pl.col("value") + pl.col("factor") * (n / d - pl.col("numerator") / pl.col("denominator"))
    found = (
        values.select(*_VALUE, *columns).join(taken, on=_VALUE).join(kpis, on="kpi")
        .filter(~pl.col("is_hidden"), pl.col("is_own") | pl.col("is_whole"), pl.col("value").is_not_null())
        .with_columns(
            pl.when("is_ratio").then(pl.when(is_left).then(ratio))
            .otherwise(pl.col("value") - pl.col("less_value")).alias("value")
        )
    )  # fmt: skip
    return found.filter(pl.col("value").is_not_null()).select(*_VALUE, "value")


def _own_months(project: Project) -> dict[str, bool]:
    """The KPIs whose values are of the month itself (every month, in no comparison), and whether of it alone."""
    shared = overlaps(project)
    return {
        kpi_id: not shared[kpi_id] and not any(one.offset or one.kpi for one in kpi.inputs.values())
        for kpi_id, kpi in project.kpis.items()
        if kpi.frequency == "month" and kpi.scoring.relative is None and not looks_back_of(kpi)
    }


def sums_without(anchors: pl.DataFrame, reduced: pl.DataFrame) -> pl.DataFrame:
    """The anchors that are sums of the units below, both over all of these and over fewer (``reduced``)."""
    sums = anchors.filter(pl.col("origin") == SUMMED).select(_ANCHOR)
    return reduced.filter(pl.col("origin") == SUMMED).join(sums, on=_ANCHOR, how="semi").select(*_ANCHOR, "value")
