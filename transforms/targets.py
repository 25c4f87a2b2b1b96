"""Which anchors and references were in force for a KPI, a unit and a month: dated, inherited, summed, or computed.

Which row of targets.csv is in force says ``dated.py``. Where a KPI's targets are summed (``target_roll_up: sum``), a
unit without a row of its own gets the sum over the units directly below it where the KPI applies, on this scorecard or
another, once each of these has a row of its own or such a sum; else it inherits as others do. A row wins over the KPI's
formula.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from scorecards.expressions import parse
from scorecards.periods import last_date, months_between
from scorecards.project import Project
from scorecards.units import UnitTree
from transforms.dated import ROWS, ancestors, epoch_frame, epochs, in_force
from transforms.kpis import inputs_wide
from transforms.plan import Plan
from transforms.undecided import compile_formula

ANCHORS = {
    "scorecard": pl.String,
    "period": pl.Date,
    "unit": pl.String,
    "kpi": pl.String,
    "anchor": pl.String,
    "value": pl.Float64,
    "origin": pl.String,
}
_KEYS = ["scorecard", "period", "unit", "kpi", "anchor"]
_TARGETS = {
    **ROWS, "kpi": pl.String, "anchor": pl.String, "fixed": pl.Float64, "monthly": pl.Float64, "origin": pl.String,
}  # fmt: skip
SUMMED = "sum of the units below"
_FILE, _FORMULA = "targets.csv", "formula "


def anchors_in_force(project: Project, plan: Plan, uses: pl.DataFrame, inputs: pl.DataFrame) -> pl.DataFrame:
    """The anchors and references of every KPI in use.

    ``uses`` has scorecard, period, unit and kpi, and depends on a month by its tree only; ``inputs`` is ``KPI_INPUTS``.
    Returns the frame ``ANCHORS``; ``origin`` says where the value comes from: a line of targets.csv, the units below,
    or the formula.
    """
    declared = declared_anchors(project, uses)
    frames = [_formulas(project, plan, uses, inputs, declared, kpi_id) for kpi_id in project.kpis]
    computed = [frame for frame in frames if frame is not None and frame.height]
    if not computed:
        return declared
    found = pl.concat(computed).filter(pl.col("value").is_finite())
    return pl.concat([declared, found.join(declared, on=_KEYS, how="anti")]).sort(_KEYS)


def origin_shown(origin: str) -> str:
    """The origin of a target as a pack tells it: the file without its line, or the bare formula."""
    return _FILE if origin.startswith(f"{_FILE}:") else origin.removeprefix(_FORMULA)


def _formulas(
    project: Project, plan: Plan, uses: pl.DataFrame, inputs: pl.DataFrame, declared: pl.DataFrame, kpi_id: str
) -> pl.DataFrame | None:
    """What the KPI's formulas give, wherever it is in use; a formula may use the target, from a row or a formula."""
    kpi = project.kpis[kpi_id]
    if not kpi.anchors:
        return None
    own = uses.filter(pl.col("kpi") == kpi_id).select(_KEYS[:4])
    if own.is_empty():
        return None
    target = declared.filter(pl.col("kpi") == kpi_id, pl.col("anchor") == "target")
    wide = own.join(inputs_wide(plan, inputs, kpi_id), on=["period", "unit"], how="left").join(
        target.select(*_KEYS[:3], pl.col("value").alias("target")), on=_KEYS[:3], how="left"
    )
    if "target" in kpi.anchors:
        formula = compile_formula(parse(kpi.anchors["target"]), wide.schema)
        wide = wide.with_columns(pl.coalesce("target", formula).alias("target"))
    frames = []
    for anchor, text in kpi.anchors.items():
        value = pl.col("target") if anchor == "target" else compile_formula(parse(text), wide.schema)
        columns = (pl.lit(anchor).alias("anchor"), value.cast(pl.Float64).alias("value"))
        frames.append(wide.select(*_KEYS[:4], *columns, pl.lit(f"{_FORMULA}{text}").alias("origin")))
    return pl.concat(frames)


def declared_anchors(project: Project, uses: pl.DataFrame) -> pl.DataFrame:
    """The rows of targets.csv that are in force, one for each use and anchor, and sums of them; sorted by key."""
    rows = [
        (
            t.scorecard, t.unit, t.effective_from, t.kpi, t.anchor, 0.0 if t.per_month else t.value,
            t.value if t.per_month else 0.0, f"{_FILE}:{t.line}",
        )
        for t in project.targets
    ]  # fmt: skip
    targets = pl.DataFrame(rows, schema=_TARGETS, orient="row")
    if targets.is_empty() or uses.is_empty():
        return pl.DataFrame(schema=ANCHORS)
    periods = uses["period"].unique().sort().to_list()
    targets = _from_dates_on(project, targets, periods)
    spans = epochs(project, periods, targets["effective_from"].unique().to_list())
    trees = {epoch: project.tree(epoch) for epoch in sorted(set(spans.values()))}
    wanted = uses.filter(pl.col("period").is_in(list(trees))).select(
        "scorecard", pl.col("period").alias("epoch"), "unit", "kpi"
    )
    above = ancestors(trees)
    adding = pl.col("kpi").is_in([kpi_id for kpi_id, kpi in project.kpis.items() if kpi.target_roll_up == "sum"])
    found = in_force(project, targets, wanted.filter(~adding), above, ["kpi"], ["anchor"])
    summed = wanted.filter(adding)
    if summed.height:
        # Divisions may be measured on a scorecard of their own, and their targets count above all the same.
        anywhere = summed.select("epoch", "unit", "kpi").unique()
        wider = summed.select("scorecard", "epoch", "kpi").unique().join(anywhere, on=["epoch", "kpi"])
        sums = _with_sums(in_force(project, targets, wider, above, ["kpi"], ["anchor"]), wider, trees)
        sums = sums.join(summed, on=["scorecard", "epoch", "unit", "kpi"], how="semi")
        found = pl.concat([found, sums.select(found.columns)])
    return _over_windows(project, _over_months(found, spans)).select(list(ANCHORS))


def _from_dates_on(project: Project, targets: pl.DataFrame, periods: Sequence[date]) -> pl.DataFrame:
    """Rows of KPIs that are measured every quarter or year, in force from the first period on whose value they meet.

    A value stands until the next date, and so does the target of its day: value and target are of one date. Of rows
    that begin between two dates the latest is left.
    """
    shifted = [targets]
    for frequency in sorted({kpi.frequency for kpi in project.kpis.values()} - {"month"}):
        own = pl.col("kpi").is_in([kpi_id for kpi_id, kpi in project.kpis.items() if kpi.frequency == frequency])
        met = {project.target_day(period, frequency): period for period in reversed(periods)}
        days = pl.DataFrame(
            {"day": list(met), "shown_from": [project.calendar.last_day(period) for period in met.values()]},
            schema={"day": pl.Date, "shown_from": pl.Date},
        ).sort("day")
        rows = shifted[0].filter(own).sort("effective_from").join_asof(
            days, left_on="effective_from", right_on="day", strategy="forward"
        )  # fmt: skip
        named = ["for_card", "ancestor", "kpi", "anchor", "shown_from"]
        latest = rows.filter(pl.col("shown_from").is_not_null()).unique(named, keep="last", maintain_order=True)
        shifted = [
            shifted[0].filter(~own),
            *shifted[1:],
            latest.with_columns(pl.col("shown_from").alias("effective_from")).select(targets.columns),
        ]
    return pl.concat(shifted)


def _over_months(found: pl.DataFrame, spans: Mapping[date, date]) -> pl.DataFrame:
    """What is in force by epoch, for every period of it, sorted by the key of ``ANCHORS``."""
    ordered = found.sort("scorecard", "epoch", "unit", "kpi", "anchor")
    blocks = ordered.with_row_index("row").group_by("scorecard", "epoch").agg(pl.col("row").min(), pl.len())
    months = blocks.join(epoch_frame(spans), on="epoch").sort("scorecard", "period").select("row", "len", "period")
    # Slices of the same rows take no room of their own: there may be millions of rows.
    frames = [
        ordered.slice(first, size).with_columns(pl.lit(period, dtype=pl.Date).alias("period"))
        for first, size, period in months.iter_rows()
    ]
    empty = ordered.clear().with_columns(pl.lit(None, dtype=pl.Date).alias("period"))
    return pl.concat([empty, *frames], rechunk=False)


def _with_sums(found: pl.DataFrame, wanted: pl.DataFrame, trees: Mapping[date, UnitTree]) -> pl.DataFrame:
    """``found`` with sums over the units below where a unit has no row of its own, from the lowest units up."""
    places = [
        (epoch, unit, tree.units[unit].parent, len(list(tree.ancestors(unit))))
        for epoch, tree in trees.items()
        for unit in tree.units
    ]
    schema = {"epoch": pl.Date, "unit": pl.String, "parent": pl.String, "depth": pl.Int64}
    place = pl.DataFrame(places, schema=schema, orient="row")
    group = ["scorecard", "epoch", "kpi", "anchor"]
    named = found.select("kpi", "anchor").unique()
    every = wanted.join(named, on="kpi").join(place, on=["epoch", "unit"]).join(
        found, on=[*group, "unit"], how="left"
    ).sort(*group, "unit")  # fmt: skip
    own = pl.col("is_own").fill_null(False)
    every = every.with_columns(own.alias("counts"))
    for depth in sorted(every["depth"].unique(), reverse=True):
        sums = (
            every.filter(pl.col("depth") == depth)
            .group_by(*group, "parent", maintain_order=True)
            .agg(
                pl.col("fixed").sum().alias("sum_fixed"), pl.col("monthly").sum().alias("sum_monthly"),
                pl.col("counts").all().alias("sums"),
            )
            .filter("sums")
        )  # fmt: skip
        every = every.join(
            sums, left_on=[*group, "unit"], right_on=[*group, "parent"], how="left", maintain_order="left"
        )
        takes = pl.col("sums").fill_null(False) & ~own
        every = every.with_columns(
            pl.when(takes).then("sum_fixed").otherwise("fixed").alias("fixed"),
            pl.when(takes).then("sum_monthly").otherwise("monthly").alias("monthly"),
            pl.when(takes).then(pl.lit(SUMMED)).otherwise("origin").alias("origin"),
            (pl.col("counts") | takes).alias("counts"),
        ).drop("sum_fixed", "sum_monthly", "sums")
    return every.filter(pl.col("fixed").is_not_null()).select(found.columns)


def _over_windows(project: Project, found: pl.DataFrame) -> pl.DataFrame:
    """With ``value``: targets per month are multiplied by the months of the KPI's window."""
    if not (found["monthly"] != 0).any():
        return found.with_columns(pl.col("fixed").alias("value"))
    months = _window_months(project, found["period"].unique().to_list())
    long = found.join(months, on=["period", "kpi"], how="left", maintain_order="left")
    return long.with_columns((pl.col("fixed") + pl.col("monthly") * pl.col("window_months")).alias("value"))


def _window_months(project: Project, periods: Sequence[date]) -> pl.DataFrame:
    """How many months each KPI's window has at its date in each period: columns period, kpi, window_months."""
    start = project.organisation.fiscal_year_starts
    rows = [
        (period, kpi_id, len(months_between(*kpi.window.span(last_date(period, kpi.frequency, start), start))))
        for period in periods
        for kpi_id, kpi in project.kpis.items()
    ]
    return pl.DataFrame(rows, schema={"period": pl.Date, "kpi": pl.String, "window_months": pl.Int64}, orient="row")
