"""What is left of figures that were computed before the rule of small groups was declared, or another one than today's.

Belongs here: earlier values and scores without what is withheld now. Earlier rows may be those of an edition, or of a
month that was not computed since.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from transforms.kpis import SMALL_GROUP, main_values

_FIGURES = ("value", "text", "numerator", "denominator")
_OF_INPUTS = ("value",)
_PLACE = ["period", "unit", "kpi", "window", "slice"]
_NODE = ["scorecard", "period", "unit", "level", "node"]
_TOLD_OF_SCORES = (
    "score", "raw_score", "band", "effective_share", "coverage", "leading_score", "lagging_score", "bad_count",
    "warning_count", "good_count", "scored_count",
)  # fmt: skip
_ABOVE = {
    "kpi": ("objective",), "objective": ("objective", "perspective"), "perspective": ("scorecard",), "scorecard": ()
}  # fmt: skip


def values_left(then: pl.DataFrame, now: pl.DataFrame, about: Collection[str]) -> pl.DataFrame:
    """Earlier values (``KPI_VALUES``), those missing that are withheld in the same months and units now.

    ``about`` are the KPIs that tell of people: of their parts those alone are left that are shown now.
    """
    return _left(then, now, about, _FIGURES)


def inputs_left(then: pl.DataFrame, now: pl.DataFrame, about: Collection[str]) -> pl.DataFrame:
    """Earlier inputs (``KPI_INPUTS``), those missing of which the value is; see ``values_left``."""
    left = _left(then, now, about, _OF_INPUTS)
    is_away = pl.col("missing_reason").eq_missing(SMALL_GROUP)
    present = pl.when(is_away).then("months_expected").otherwise("months_present")
    return left.with_columns(present.alias("months_present"))


def _left(then: pl.DataFrame, now: pl.DataFrame, about: Collection[str], figures: Collection[str]) -> pl.DataFrame:
    away = now.filter(pl.col("missing_reason") == SMALL_GROUP).select(_PLACE).with_columns(_is_away=pl.lit(True))
    shown = now.select(_PLACE).with_columns(_is_shown=pl.lit(True))
    marked = then.join(away, on=_PLACE, how="left", maintain_order="left")
    marked = marked.join(shown, on=_PLACE, how="left", maintain_order="left")
    is_part = pl.col("kpi").is_in(list(about)) & (pl.col("slice") != "")
    left = marked.filter(~is_part | pl.col("_is_shown").is_not_null())
    is_away = pl.col("_is_away").is_not_null()
    return left.with_columns(
        *(pl.when(~is_away).then(name).alias(name) for name in figures),
        pl.when(is_away).then(pl.lit(SMALL_GROUP)).otherwise("missing_reason").alias("missing_reason"),
    ).select(then.columns)


def scores_left(then: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Earlier scores (``SCORES``), those missing of KPIs that are withheld now, and of all that they counted into."""
    away = main_values(now).filter(pl.col("missing_reason") == SMALL_GROUP)
    places = set(away.select("period", "unit", "kpi").iter_rows())
    told = then.filter(pl.col("level") == "kpi", pl.col("score").is_not_null()).select(*_NODE, "parent")
    parents = {row[:-1]: row[-1] for row in then.select(*_NODE, "parent").iter_rows()}
    found = set[tuple[object, ...]]()
    for *node, _ in told.iter_rows():
        card, period, unit, level, name = node
        at: tuple[object, ...] | None = (card, period, unit, level, name) if (period, unit, name) in places else None
        while at is not None and at not in found:
            found.add(at)
            above = ((card, period, unit, level, parents[at]) for level in _ABOVE[str(at[3])])
            at = next((key for key in above if key in parents and key != at), None)
    schema = {name: then.schema[name] for name in _NODE}
    hidden = pl.DataFrame(list(found), schema=schema, orient="row").with_columns(_is_away=pl.lit(True))
    marked, is_away = then.join(hidden, on=_NODE, how="left", maintain_order="left"), pl.col("_is_away").is_not_null()
    return marked.with_columns(
        *(pl.when(~is_away).then(name).alias(name) for name in _TOLD_OF_SCORES),
        pl.when(is_away).then(pl.lit(SMALL_GROUP)).otherwise("missing_reason").alias("missing_reason"),
    ).select(then.columns)
