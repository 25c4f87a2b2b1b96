"""Where rows belong: their lookups, unit and month, and which months a source speaks of.

Belongs here: everything between staged rows and their aggregation. Aggregation is ``measuring.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import polars as pl

from scorecards.calendar import CALENDAR_FILE, MONTHS, Calendar
from scorecards.periods import add_months
from scorecards.project import Project
from scorecards.sources import Source, Validity
from transforms.dating import BY_MONTHS, Dating


def place_rows(
    source: Source,
    rows: pl.LazyFrame,
    lookups: Mapping[str, pl.LazyFrame],
    dating: Dating = BY_MONTHS,
    keys: Mapping[str, pl.LazyFrame] | None = None,
) -> pl.LazyFrame:
    """Staged rows with their lookups joined, and ``_period`` and ``_unit`` filled in for sources that look these up.

    ``rows`` has the contract's columns, ``_period`` and ``_unit``; ``lookups`` are ``reference_table`` frames by
    lookup, ``dating`` is ``dating.dating_of`` the source. ``keys`` has, by source, the keys (one column) that columns
    refer to; with them ``_astray`` tells of a row whose reference leads nowhere, and is null for every other.
    """
    for name, lookup in source.lookups.items():
        table = lookups[name]
        columns = table.collect_schema().names()
        table = table.rename({column: "_lookup" if column == "_key" else f"{name}_{column}" for column in columns})
        rows = rows.join(table, left_on=lookup.on, right_on="_lookup", how="left", maintain_order="left")
    if looks_up_period(source):
        rows = rows.with_columns(dating.period(str(source.period)).alias("_period"))
    if looks_up_unit(source) and source.unit is not None:
        code = pl.col(str(source.unit.column)).cast(pl.String)
        rows = rows.with_columns(code.replace(source.unit.values).alias("_unit"))
    return rows if keys is None else _with_astray(source, rows, keys)


def _with_astray(source: Source, rows: pl.LazyFrame, keys: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """A row is astray where a column has a value that is no key of the source that it refers to."""
    reason = pl.lit(None, dtype=pl.String)
    for name, other in reversed(source.references.items()):
        found = keys[other].select(pl.all().alias("_referred").unique()).with_columns(_is_there=pl.lit(True))
        rows = rows.join(found, left_on=name, right_on="_referred", how="left", maintain_order="left")
        rows = rows.rename({"_is_there": f"_{name} is there"})
        shown = pl.lit("the value") if source.staged[name].personal else pl.format("'{}'", pl.col(name).cast(pl.String))
        told = pl.format("{}: {} is not in {}", pl.lit(name), shown, pl.lit(other))
        is_astray = pl.col(name).is_not_null() & pl.col(f"_{name} is there").is_null()
        reason = pl.when(is_astray).then(told).otherwise(reason)
    return rows.with_columns(reason.alias("_astray")).drop(f"_{name} is there" for name in source.references)


def hold(source: Source, placed: pl.LazyFrame, months: Sequence[date], calendar: Calendar = MONTHS) -> pl.LazyFrame:
    """Rows that hold over a time, repeated for each of ``months`` on whose last day they hold; others as they are."""
    if not isinstance(source.period, Validity):
        return placed
    days = {"_period": list(months), "_last_day": [calendar.last_day(month) for month in months]}
    ends = pl.LazyFrame(days, schema={"_period": pl.Date, "_last_day": pl.Date})
    start, end = pl.col(source.period.start).cast(pl.Date), pl.col(source.period.end).cast(pl.Date)
    holds = (start <= pl.col("_last_day")) & (end.is_null() | (end >= pl.col("_last_day")))
    return placed.drop("_period").join(ends, how="cross").filter(holds).drop("_last_day")


def looks_up_unit(source: Source) -> bool:
    """Whether a row's unit is known only once its lookups are joined."""
    return source.unit is not None and source.unit.column is not None and source.unit.column not in source.staged


def looks_up_period(source: Source) -> bool:
    """Whether a row's month is known only once its lookups are joined."""
    return isinstance(source.period, str) and source.period not in (*source.staged, "{period}", "{known_on}", "none")


def orphans(source: Source, placed: pl.LazyFrame, units: Collection[str]) -> pl.DataFrame:
    """Rows whose unit or month the lookups do not give, and which therefore count nowhere.

    Also rows that refer to what another source does not have. Columns: _file (the Parquet file of the load), _row,
    rule (lookup or reference), reason, and the contract's columns.
    """
    reason = pl.lit(None, dtype=pl.String)
    if looks_up_period(source):
        reason = (
            pl.when(pl.col("_period").is_not_null())
            .then(reason)
            .when(pl.col(str(source.period)).is_null())
            .then(pl.lit(f"{source.period}: nothing is found for it"))
            .otherwise(pl.lit(f"{source.period}: its day lies in no period of {CALENDAR_FILE}"))
        )
    if looks_up_unit(source) and source.unit is not None:
        column = str(source.unit.column)
        code = pl.col(column).cast(pl.String).fill_null("")
        unknown = ~pl.col("_unit").is_in(list(units)).fill_null(False)
        told = pl.format("{}: '{}' is not a declared unit", pl.lit(column), code)
        reason = pl.when(unknown).then(told).otherwise(reason)
    rule = pl.lit("lookup")
    if source.references:
        reason = pl.coalesce("_astray", reason)
        rule = pl.when(pl.col("_astray").is_null()).then(rule).otherwise(pl.lit("reference"))
    return (
        placed.with_columns(reason.alias("reason"), rule.alias("rule"))
        .filter(pl.col("reason").is_not_null())
        .select("_file", "_row", "rule", "reason", *source.staged)
        .collect()
    )


def reference_table(source: Source, rows: pl.LazyFrame) -> pl.LazyFrame:
    """A looked-up source: its columns, one row a key, the signs of its totals, and the key once more as ``_key``."""
    key = source.key[0]
    columns = rows.select([*source.staged]).unique(key, keep="first", maintain_order=True)
    if source.hierarchy is not None:
        signs = _signs(source, columns.collect())
        columns = columns.join(signs.lazy(), on=key, how="left", maintain_order="left")
    return columns.with_columns(pl.col(key).alias("_key"))


def _signs(source: Source, rows: pl.DataFrame) -> pl.DataFrame:
    """For every key and total: the product of the signs from the node up to, without, the total's node; else null."""
    assert source.hierarchy is not None
    key, tree = source.key[0], source.hierarchy
    parents = {str(r[key]): None if r[tree.parent] is None else str(r[tree.parent]) for r in rows.iter_rows(named=True)}
    signs = (
        {str(r[key]): {"+": 1, "-": -1}.get(str(r[tree.sign]).strip()) for r in rows.iter_rows(named=True)}
        if tree.sign
        else {}
    )

    def sign_towards(node: str, top: str) -> int | None:
        product: int | None = 1
        seen: set[str] = set()
        current: str | None = node
        while current is not None and current != top:
            step = signs.get(current, None if tree.sign else 1)
            product = None if product is None or step is None else product * step
            if current in seen:
                return None
            seen.add(current)
            current = parents.get(current)
        return product if current == top else None

    columns = {name: [sign_towards(str(k), top) for k in rows[key]] for name, top in tree.totals.items()}
    return pl.DataFrame(
        {key: rows[key], **{name: pl.Series(name, values, dtype=pl.Int64) for name, values in columns.items()}}
    )


def covered_months(
    source: Source, placed: pl.LazyFrame, file_periods: Sequence[date], horizon: Sequence[date],
    calendar: Calendar = MONTHS,
) -> list[date]:  # fmt: skip
    """The months that the current loads of a source speak of, within ``horizon``.

    ``file_periods`` are the periods of monthly files: those cover their month even when they hold no row.
    """
    if not isinstance(source.covers, str):
        return [month for month in horizon if source.covers.first <= month <= source.covers.last]
    if source.is_monthly:
        return sorted(set(file_periods) & set(horizon))
    found = placed.select(pl.col("_period").drop_nulls().unique().sort()).collect()["_period"].to_list()
    if isinstance(source.period, Validity):
        starts = placed.select(pl.col(source.period.start, source.period.end).cast(pl.Date)).collect()
        known = [
            day for column in starts.iter_columns() for day in (column.min(), column.max()) if isinstance(day, date)
        ]
        first, last = min(known, default=None), max(known, default=None)
        if first is None or last is None:
            return []
        return [month for month in horizon if first <= calendar.last_day(month) and calendar.first_day(month) <= last]
    if source.covers == "range" and found:
        return [month for month in horizon if found[0] <= month <= found[-1]]
    return [month for month in found if month in set(horizon)]


def horizon(project: Project, periods: Sequence[date], reach: int) -> list[date]:
    """All months that the periods can depend on when inputs reach back ``reach`` months; none before the first."""
    wanted = {add_months(period, -back) for period in periods for back in range(reach + 1)}
    return sorted(month for month in wanted if month >= project.organisation.first_period)
