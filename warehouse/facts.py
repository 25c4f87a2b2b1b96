"""Facts about a load as a whole, kept in the journal: accepted rows by month, and sums of the columns compared."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from scorecards.columns import ValueRules
from scorecards.sources import Source
from warehouse.reading import quoted

# By month as 2025-09 ("" for rows without one): "rows", and the sums by "sum of <column>", as decimal texts.
Facts = Mapping[str, Mapping[str, str]]


def sum_of(column: str) -> str:
    """The name of a column's sum; an id has no space, so it is no other fact's."""
    return f"sum of {column}"


def facts_of(connection: duckdb.DuckDBPyConnection, source: Source, form: Source, place: int) -> Facts:
    """The facts about the accepted rows of a file in ``checked``; empty where the contract compares none."""
    if source.expects.change is None and source.expects.control is None:
        return {}
    columns = {name: form.row_columns[name] for name in source.expects.sums if name in form.row_columns}
    sums = "".join(f", {_exact(name, column)}::VARCHAR" for name, column in columns.items())
    rows = connection.execute(
        f"SELECT coalesce(strftime(_period, '%Y-%m'), ''), count(*)::VARCHAR{sums} FROM checked "
        f"WHERE _rule IS NULL AND _file = {place} GROUP BY 1 ORDER BY 1"
    ).fetchall()
    names = ["rows", *(sum_of(name) for name in columns)]
    return {month: dict(zip(names, values, strict=True)) for month, *values in rows}


def _exact(name: str, column: ValueRules) -> str:
    # A sum of floats depends on the order of the rows, one of decimals does not.
    value = quoted(name) if column.type != "float" else f"CAST({quoted(name)} AS DECIMAL(38, 10))"
    return f"coalesce(sum({value}), 0)"
