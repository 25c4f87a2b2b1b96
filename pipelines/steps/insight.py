"""Insight: why scores and values moved, whether scorecards are in balance, and how sure combined scores are.

Belongs here: what is derived from scores that are committed already. Scores themselves are ``compute.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from pipelines.steps.behind import one_behind
from pipelines.steps.reading import INSIGHT as STEP
from pipelines.steps.setting import Setting, good_periods
from pipelines.steps.staleness import as_rows, insight_prints, stale, stored_prints
from scorecards.periods import add_months
from scorecards.project import Project
from transforms.adding_up import adds_up
from transforms.aggregation import scores as score_levels
from transforms.aggregation import uses
from transforms.balance import balance, findings
from transforms.definitions import redefined
from transforms.joined_and_left import joined_and_left
from transforms.kpi_movement import CROSSED, Crossing, kpi_parts
from transforms.kpis import main_values
from transforms.like_for_like import End, sums_without, values_without, with_units
from transforms.movement import LAST_YEAR, PREVIOUS_PERIOD, score_changes
from transforms.nodes import nodes
from transforms.placing import horizon
from transforms.rate_and_mix import units_below, value_changes
from transforms.scoring import looks_back
from transforms.sensitivity import certainty
from transforms.targets import ANCHORS as ANCHORS_SCHEMA
from transforms.targets import declared_anchors
from warehouse.store import Warehouse, open_warehouse
from warehouse.tables import (
    ANCHORS,
    BALANCE,
    BALANCE_FINDINGS,
    CERTAINTY,
    KPI_DEFINITIONS,
    KPI_VALUES,
    SCORE_CHANGES,
    SCORES,
    VALUE_CHANGES,
    Table,
)

COMPARED = {PREVIOUS_PERIOD: 1, LAST_YEAR: 12}
# Of so many months, and of so many rows of their scores, the figures are held in memory at once.
_MONTHS, _ROWS = 60, 250_000


def compute_insight(setting: Setting, periods: Sequence[date]) -> pl.DataFrame:
    """Compute and commit the insight of the asked months that nothing blocks; returns their score changes.

    Later months that are compared with an asked one are computed anew too, where they have scores: parts sum to the
    difference of the scores that stand in the warehouse, always. Months of which nothing has changed that they depend
    on are left as they are, and so are closed ones.
    """
    good = good_periods(setting, periods)
    found = []
    with (
        open_warehouse(setting.home, telling=setting.telling) as warehouse,
        warehouse.beside() as writer,
        one_behind() as commit,
    ):
        candidates = good_periods(setting, sorted({*good, *_later(warehouse, good)}))
        prints = insight_prints(setting, warehouse, candidates)
        everything = stale(prints, stored_prints(warehouse, STEP))
        for months in _batches(everything, warehouse.count_by_period(SCORES, everything)):
            figures = _read(setting.project, warehouse, months)
            tables = insight_of(setting.project, figures) | {CERTAINTY: _certainty(setting.project, figures)}
            commit(writer.replace, tables, months, as_rows(STEP, prints, months))
            found.append(tables[SCORE_CHANGES].filter(pl.col("period").is_in(good)))
    return pl.concat(found) if found else pl.DataFrame(schema={"period": pl.Date, "points": pl.Float64})


def _batches(months: Sequence[date], rows: Mapping[date, int]) -> Iterator[tuple[date, ...]]:
    """The months in parts that are computed and committed one after the other, each as long as memory allows.

    Little is computed a month, so that a part of many months takes hardly longer than one of few.
    """
    part: list[date] = []
    for month in months:
        if part and (len(part) == _MONTHS or sum(rows.get(each, 0) for each in (*part, month)) > _ROWS):
            yield tuple(part)
            part = []
        part.append(month)
    if part:
        yield tuple(part)


def _later(warehouse: Warehouse, periods: Sequence[date]) -> Iterator[date]:
    """Months with scores that are compared with one of these."""
    after = sorted({add_months(period, back) for period in periods for back in COMPARED.values()})
    yield from warehouse.read(SCORES, after)["period"].unique()


@dataclass(frozen=True)
class Figures:
    """What stands in the warehouse for some months and all those that they are compared with."""

    months: tuple[date, ...]
    scores: pl.DataFrame
    anchors: pl.DataFrame
    values: pl.DataFrame
    definitions: pl.DataFrame

    def of(self, frame: pl.DataFrame, back: int = 0) -> pl.DataFrame:
        """Rows of the months, or of those so many before, which then bear the month that they are compared with."""
        return shifted(frame, back).filter(pl.col("period").is_in(list(self.months)))


def insight_of(project: Project, figures: Figures) -> dict[Table, pl.DataFrame]:
    """The tables of insight of the months, but for how sure combined scores are."""
    changes = [_changes(project, figures, name, back) for name, back in COMPARED.items()]
    own = figures.of(figures.scores)
    return {
        SCORE_CHANGES: pl.concat([scores for scores, _ in changes]),
        VALUE_CHANGES: pl.concat([values for _, values in changes]),
        BALANCE: balance(own),
        BALANCE_FINDINGS: findings(own, nodes(project), project.organisation),
    }


def _certainty(project: Project, figures: Figures) -> pl.DataFrame:
    levels = _levels(project, figures.months)
    return certainty(figures.of(figures.scores), nodes(project), levels, project.organisation)


def _read(project: Project, warehouse: Warehouse, months: tuple[date, ...]) -> Figures:
    needed = compared_months(months)
    return Figures(
        months,
        warehouse.read(SCORES, needed),
        warehouse.read(ANCHORS, needed),
        main_values(warehouse.read(KPI_VALUES, horizon(project, needed, looks_back(project)))),
        warehouse.read(KPI_DEFINITIONS, needed),
    )


def compared_months(months: Sequence[date]) -> list[date]:
    """The months and those that they are compared with."""
    return sorted({add_months(month, -back) for month in months for back in (0, *COMPARED.values())})


def _changes(project: Project, figures: Figures, name: str, back: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Score changes and value changes against the months so many before."""
    now, then = figures.of(figures.scores), figures.of(figures.scores, back)
    other = redefined(figures.of(figures.definitions), figures.of(figures.definitions, back))
    anchors = figures.of(figures.anchors), figures.of(figures.anchors, back)

    # Before the project's first month there is no tree, and a declared calendar has no days.
    first, before = project.organisation.first_period, {month: add_months(month, -back) for month in figures.months}
    crossing = crossing_of(project, figures.months, figures.values, *anchors, back=back)
    parts = kpi_parts(now, then, *anchors, other, crossing)
    known = {month: earlier for month, earlier in before.items() if earlier >= first}
    parts = told_by_units(project, figures, parts, known, back)
    moved = score_changes(now, then, nodes(project), project.organisation.scale, parts, name)
    values = value_changes(
        figures.of(figures.values), figures.of(figures.values, back),
        units_below(project, {month: month for month in figures.months}),
        units_below(project, known),
        adds_up(project), other, name,
    )  # fmt: skip
    return moved, values


def told_by_units(
    project: Project, figures: Figures, parts: pl.DataFrame, before: Mapping[date, date], back: int
) -> pl.DataFrame:
    """``KPI_PARTS`` with what units did that joined or left since; ``before`` is the month compared with, by month."""
    changed = joined_and_left(project, before)
    if changed.is_empty():
        return parts
    months, adding = list(before), adds_up(project)
    ends, same = [], []
    for shift, has_joined in ((0, True), (back, False)):
        values, anchors = shifted(figures.values, shift), figures.of(figures.anchors, shift)
        gone = changed.filter(pl.col("has_joined") == has_joined)
        ends.append(End(values, anchors))
        # Both ends are summed over what is there at both, and so without what joined and what left.
        fewer = shifted(_sums_without(project, changed, before, shift), shift)
        same.append(End(values_without(values, gone, adding, project), sums_without(anchors, fewer)))

    used = uses(project, months)

    def scored(asked: pl.DataFrame, values: pl.DataFrame, anchors: pl.DataFrame) -> pl.DataFrame:
        own = used.join(asked, on=["scorecard", "period", "unit", "kpi"], how="semi")
        return _scored(project, own, values, anchors)

    return with_units(parts, (ends[0], ends[1]), (same[0], same[1]), scored)


def _sums_without(project: Project, changed: pl.DataFrame, before: Mapping[date, date], shift: int) -> pl.DataFrame:
    """Anchors of units with sums of those below, as if what joined or left them had never been there."""
    summing = [kpi_id for kpi_id, kpi in project.kpis.items() if kpi.target_roll_up == "sum"]
    found = [pl.DataFrame(schema=ANCHORS_SCHEMA)]
    others = changed.group_by("period", "unit", maintain_order=True).agg(pl.col("other").unique().sort())
    for (period, gone), rows in others.group_by("period", "other", maintain_order=True):
        month = before[period] if shift else period
        fewer = replace(project, units=tuple(unit for unit in project.units if unit.id not in gone))
        used = uses(fewer, [month]).filter(pl.col("kpi").is_in(summing))
        anchors = declared_anchors(fewer, used.select("scorecard", "period", "unit", "kpi"))
        found.append(anchors.filter(pl.col("unit").is_in(rows["unit"].to_list())))
    return pl.concat(found)


def crossing_of(
    project: Project, months: Sequence[date], values: pl.DataFrame, now: pl.DataFrame, then: pl.DataFrame, *, back: int
) -> Crossing:
    """Scores present values by earlier anchors (``then``), and values of so many months before by present ones."""

    def crossed(asked: pl.DataFrame) -> pl.DataFrame:
        used = uses(project, months).join(asked, on=["scorecard", "period", "unit", "kpi"], how="semi")
        forth = _scored(project, used, values, then).rename({"score": "value_now_anchors_then"})
        again = _scored(project, used, shifted(values, back), now).rename({"score": "value_then_anchors_now"})
        return forth.join(again, on=list(CROSSED)[:4])

    return crossed


def _scored(project: Project, used: pl.DataFrame, values: pl.DataFrame, anchors: pl.DataFrame) -> pl.DataFrame:
    """The scores of the used KPIs by other values or anchors than those that stand."""
    found = score_levels(project, used, values, anchors).filter(pl.col("level") == "kpi")
    return found.select("scorecard", "period", "unit", pl.col("node").alias("kpi"), "score")


def shifted(frame: pl.DataFrame, back: int) -> pl.DataFrame:
    """The frame as if it were of so many months later."""
    return frame.with_columns(pl.col("period").dt.offset_by(f"{back}mo")) if back else frame


def _levels(project: Project, months: Sequence[date]) -> pl.DataFrame:
    """The level of every unit in each month."""
    rows = [(month, unit.id, unit.level) for month in months for unit in project.tree(month).units.values()]
    schema = {"period": pl.Date, "unit": pl.String, "unit_level": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
