"""SQL compiled to Polars gives what DuckDB gives for the same SQL on the same rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from scorecards.expression_types import Kind
from scorecards.expressions import check, parse
from scorecards.kpis import Measure
from scorecards.periods import Window
from scorecards.sources import Column, Source, UnitRule
from transforms.expressions import compile_sql
from transforms.measuring import measure_cells, measure_states
from transforms.plan import KpiInput, make_variant
from transforms.tree import Trees
from transforms.windows import Cells, input_values, window_parts
from warehouse.frames import Stream

SOURCE = Source(
    source="rows", domain="process", path="rows.csv", unit=UnitRule(column="t"), period="day",
    columns={"t": Column(), "day": Column(type="date")},
)  # fmt: skip
SCHEMA = {
    "i": pl.Int64(),
    "j": pl.Int64(),
    "d": pl.Decimal(18, 2),
    "f": pl.Float64(),
    "t": pl.String(),
    "day": pl.Date(),
    "b": pl.Boolean(),
}
KINDS: dict[str, Kind] = {
    "i": "number",
    "j": "number",
    "d": "number",
    "f": "number",
    "t": "text",
    "day": "date",
    "b": "truth",
}
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "i": st.none() | st.integers(-50, 50), "j": st.none() | st.integers(-3, 3),
            "d": st.none() | st.integers(-9999, 9999).map(lambda cents: Decimal(cents) / 100),
            "f": st.none() | st.integers(-4000, 4000).map(lambda eighths: eighths / 8),
            "t": st.none() | st.sampled_from(["", "a", "A", "ab", "Zug", "50%", "a.c", "é_x", " a "]),
            "day": st.none() | st.integers(0, 800).map(lambda days: date(2024, 1, 1) + timedelta(days)),
            "b": st.none() | st.booleans(),
        }
    ), min_size=1, max_size=8,
)  # fmt: skip


def _join(*parts: Any) -> st.SearchStrategy[str]:
    return st.tuples(*(st.just(part) if isinstance(part, str) else part for part in parts)).map("".join)


number_leaf = st.sampled_from(["i", "j", "d", "f", "2", "7", "0.5", "1.25", "3e0", "0"])
text = st.sampled_from(
    ["t", "LOWER(t)", "UPPER(t)", "TRIM(t)", "COALESCE(t, 'a')", "'a'", "CASE WHEN b THEN t END", "NULLIF(t, 'A')"]
)
day = st.sampled_from(["day", "DATE '2024-06-30'", "COALESCE(day, DATE '2024-02-29')", "GREATEST(day, '2025-01-01')"])


def numbers(of: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    # One factor of every product is a leaf: each factor adds decimal places, and ten are kept.
    return st.one_of(
        _join("(", of, st.sampled_from([" + ", " - "]), of, ")"),
        _join("(", st.sampled_from(["i", "j", "2", "-3"]), " * ", of, ")"),
        _join("(", of, " / ", of, ")"),
        _join("(i % ", st.sampled_from(["3", "7", "(-4)", "j"]), ")"),
        _join("(-", of, ")"),
        _join("ABS(", of, ")"),
        _join("ROUND(", st.sampled_from(["d", "f", "i", "1.25"]), ", ", st.sampled_from(["0", "1", "-1"]), ")"),
        _join("FLOOR(", number_leaf, ")"),
        _join("CEIL(", number_leaf, ")"),
        _join(st.sampled_from(["GREATEST(", "LEAST(", "COALESCE("]), of, ", ", of, ")"),
        _join("NULLIF(", of, ", ", number_leaf, ")"),
        _join("CASE WHEN ", conditions, " THEN ", of, " ELSE ", of, " END"),
        _join("CASE WHEN ", conditions, " THEN ", of, " END"),
        _join("CASE j WHEN 1 THEN ", of, " WHEN i THEN 0 END"),
        _join("LENGTH(", text, ")"),
        _join("SQRT(ABS(", number_leaf, "))"),
        _join("DATE_DIFF('", st.sampled_from(["day", "month", "year"]), "', ", day, ", ", day, ")"),
        _join(
            "CAST(",
            st.sampled_from(["d", "f", "i", "b", "1.5"]),
            " AS ",
            st.sampled_from(["BIGINT", "DOUBLE", "DECIMAL(18, 1)"]),
            ")",
        ),
        _join("LN(ABS(", number_leaf, ") + 1)"),
        _join("POWER(", number_leaf, ", 2)"),
    )


conditions: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["b", "b IS TRUE", "b IS NOT FALSE", "b IS NULL", "TRUE"]),
        _join(number_leaf, st.sampled_from([" = ", " <> ", " < ", " <= ", " > ", " >= "]), number_leaf),
        _join(
            text,
            st.sampled_from([" LIKE ", " NOT LIKE ", " ILIKE ", " NOT ILIKE "]),
            st.sampled_from(["'a%'", "'%'", "'_'", "'a.c'", "'A_'", "''"]),
        ),
        _join(
            text,
            st.sampled_from(
                [
                    " IN ('a', 'A')",
                    " NOT IN ('a', 'ab')",
                    " IN ('a', NULL)",
                    " NOT IN ('a', NULL)",
                    " IS NULL",
                    " IS NOT NULL",
                    " > 'a'",
                ]
            ),
        ),
        _join(
            day,
            st.sampled_from(
                [
                    " >= '2024-06-30'",
                    " < DATE '2024-12-31'",
                    " BETWEEN '2024-03-01' AND '2024-09-30'",
                    " IN ('2024-06-30')",
                ]
            ),
        ),
        _join(number_leaf, st.sampled_from([" BETWEEN ", " NOT BETWEEN "]), "0 AND ", number_leaf),
        _join("(", conditions, st.sampled_from([" AND ", " OR "]), conditions, ")"),
        _join("(NOT ", conditions, ")"),
    )
)
formulas = st.recursive(number_leaf, numbers, max_leaves=6)


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    # As here, a remainder by zero is null and no error.
    connection.execute("SET error_on_division_by_zero = false")
    yield connection
    connection.close()


def fill(engine: duckdb.DuckDBPyConnection, records: list[dict[str, Any]]) -> pl.DataFrame:
    frame = pl.DataFrame(records, schema=SCHEMA)
    stream = Stream(frame.with_row_index("n"))  # noqa: F841 - DuckDB reads it by its name
    engine.execute("CREATE OR REPLACE TEMP TABLE rows AS FROM stream")
    return frame


def same(ours: Any, theirs: Any) -> bool:
    """Equal up to 1e-12, decimals as floats; what is not finite is null with us."""
    if theirs is None or (isinstance(theirs, float) and not math.isfinite(theirs)):
        return ours is None
    if isinstance(theirs, (bool, str, date)):
        return bool(ours == theirs)
    return ours is not None and math.isclose(float(ours), float(theirs), rel_tol=1e-12, abs_tol=1e-12)


def nullified(sql: str) -> str:
    """The SQL for DuckDB with the declared deviation: decimals divided as floats, and by zero it gives null."""

    def replace(node: exp.Expression) -> exp.Expression:
        if not isinstance(node, exp.Div):
            return node
        above, below = (exp.cast(side.copy().transform(replace), "DOUBLE") for side in (node.this, node.expression))
        return exp.Paren(this=exp.Div(this=above, expression=exp.Nullif(this=below, expression=exp.Literal.number(0))))

    return parse(sql).copy().transform(replace).sql(dialect="duckdb")


@settings(max_examples=200, deadline=None)
@given(records=ROWS, sql=formulas)
def test_a_formula_gives_the_same_in_polars_and_in_duckdb(
    engine: duckdb.DuckDBPyConnection, records: list[dict[str, Any]], sql: str
) -> None:
    assert check(sql, KINDS, wanted="number", aggregate=False, what="column") is None
    frame = fill(engine, records)
    wanted = engine.execute(f"SELECT CAST({nullified(sql)} AS DOUBLE) FROM rows ORDER BY n").fetchall()
    found = frame.with_columns(compile_sql(sql, frame.schema).cast(pl.Float64).alias("found"))["found"].to_list()
    pairs = list(zip(found, [row[0] for row in wanted], strict=True))
    assert all(same(ours, theirs) for ours, theirs in pairs), (sql, pairs)


@settings(max_examples=200, deadline=None)
@given(records=ROWS, sql=conditions)
def test_a_condition_gives_the_same_in_polars_and_in_duckdb(
    engine: duckdb.DuckDBPyConnection, records: list[dict[str, Any]], sql: str
) -> None:
    assert check(sql, KINDS, wanted="truth", aggregate=False, what="column") is None
    frame = fill(engine, records)
    wanted = [row[0] for row in engine.execute(f"SELECT {sql} FROM rows ORDER BY n").fetchall()]
    found = frame.with_columns(compile_sql(sql, frame.schema).alias("found"))["found"].to_list()
    assert found == wanted, sql


_ARGUMENTS = st.one_of(
    number_leaf,
    st.sampled_from(["i * d", "d - 1", "f / 2", "CASE WHEN b THEN d END", "DATE_DIFF('day', day, '2025-01-01')"]),
)
_FILTERS = st.one_of(st.just(""), conditions.map(lambda text: f" FILTER (WHERE {text})"))
aggregates = st.one_of(
    _join(st.sampled_from(["SUM(", "AVG(", "MIN(", "MAX(", "COUNT(", "MEDIAN("]), _ARGUMENTS, ")", _FILTERS),
    _join(
        st.sampled_from(
            [
                "COUNT(*)",
                "SUM(b)",
                "COUNT(DISTINCT t)",
                "COUNT(DISTINCT d)",
                "COUNT(DISTINCT day)",
                "COUNT(1)",
                "SUM(2)",
            ]
        ),
        _FILTERS,
    ),
    _join(
        "QUANTILE_CONT(",
        st.sampled_from(["i", "f", "d"]),
        ", ",
        st.sampled_from(["0", "0.1", "0.5", "0.9", "1"]),
        ")",
        _FILTERS,
    ),
    st.sampled_from(
        [
            "SUM(d) / SUM(i)",
            "100 * SUM(d) - COUNT(*)",
            "AVG(f) + AVG(i)",
            "SUM(d) / COUNT(DISTINCT t)",
            "MAX(d) - MIN(d)",
        ]
    ),
)


@settings(max_examples=200, deadline=None)
@given(records=ROWS, sql=aggregates, where=st.one_of(st.none(), conditions))
def test_an_aggregate_gives_the_same_as_duckdb_in_every_group_and_above(
    engine: duckdb.DuckDBPyConnection, records: list[dict[str, Any]], sql: str, where: str | None
) -> None:
    assert check(sql, KINDS, wanted="number", aggregate=True, what="column") is None
    frame = fill(engine, records)
    month = date(2025, 3, 1)
    groups = [f"unit{n % 2}" for n in range(frame.height)]
    placed = frame.with_columns(pl.Series("_unit", groups), pl.lit(month).alias("_period"))
    variant = make_variant("m", Measure(source="rows", value=sql, where=where, empty="missing"))
    cells = measure_cells(SOURCE, placed.lazy(), [variant], [month])
    states = {key: rows.lazy() for key, rows in measure_states(SOURCE, placed.lazy(), [variant], [month])}
    pairs = [("unit0", "unit0", 0), ("unit1", "unit1", 0), ("unit0", "all", 1), ("unit1", "all", 1), ("all", "all", 0)]
    schema = {"tree": pl.Int64, "unit": pl.String, "ancestor": pl.String, "distance": pl.Int64}
    grid = pl.DataFrame({"period": [month] * 3, "unit": ["unit0", "unit1", "all"], "slice": [""] * 3})
    trees = Trees(pl.DataFrame([(0, *pair) for pair in pairs], schema, orient="row"), {month: 0}, grid.drop("slice"))
    declared = KpiInput("k", "m", variant.key, Window("month"), (("month", 0),), None, "month")
    data = Cells(cells, states, {"rows": {month}}, trees).coded()
    grid = grid.with_columns(pl.col("unit", "slice").cast(pl.Categorical))
    found = input_values(window_parts(declared, variant, data, [month], 1), grid)
    ours = dict(found.select("unit", "value").iter_rows())
    # Medians of decimals are taken as floats.
    query = nullified(sql)
    if "MEDIAN" in sql or "QUANTILE" in sql:
        query = (
            query.replace("(d,", "(CAST(d AS DOUBLE),")
            .replace("MEDIAN(", "MEDIAN(1e0 * ")
            .replace("QUANTILE_CONT(", "QUANTILE_CONT(1e0 * ")
        )
    for unit, rows in (("unit0", "n % 2 = 0"), ("unit1", "n % 2 = 1"), ("all", "TRUE")):
        chosen = f"FROM rows WHERE {rows} AND ({where or 'TRUE'})"
        ((theirs, counted),) = engine.execute(f"SELECT CAST({query} AS DOUBLE), COUNT(*) {chosen}").fetchall()
        # Without any row that counts there is nothing to say; nor of a distinct count without values.
        is_silent = not counted or ("DISTINCT" in sql and theirs == 0)
        assert same(ours[unit], None if is_silent else theirs), (sql, where, unit, ours[unit], theirs)
