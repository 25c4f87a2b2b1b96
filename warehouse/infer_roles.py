"""Which columns of a file may be its key, date its rows and name their unit.

``connection`` has the table ``found`` with the typed columns of all rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import combinations

import duckdb

from scorecards.columns import TIMES
from scorecards.header_words import is_key, is_time, is_unit
from scorecards.words import plural
from warehouse.infer_columns import Found
from warehouse.reading import quoted

_MOST_KEY_COLUMNS = 10


def key_of(connection: duckdb.DuckDBPyConnection, found: Mapping[str, Found]) -> tuple[list[str], list[str]]:
    """The fewest columns that tell every row apart, those that look like a key first; and what else would."""
    rows = int(connection.execute("SELECT count(*) FROM found").fetchall()[0][0])
    if rows < 2:
        return [], ["Too few rows to tell a key."]
    fit = [
        name for name, each in found.items() if not each.keys.get("nullable") and each.type not in ("decimal", "float")
    ]
    fit.sort(key=lambda name: (not is_key(name), found[name].type == "boolean", list(found).index(name)))
    fit = fit[:_MOST_KEY_COLUMNS]
    for size in (1, 2, 3, 4):
        unique = [names for names in combinations(fit, size) if _distinct(connection, names) == rows]
        if unique:
            others = ", ".join("[" + ", ".join(names) + "]" for names in unique[1:4])
            chosen = [name for name in found if name in unique[0]]
            return chosen, [f"Also unique in this file, and perhaps the key: {others}."] if others else []
    remarks = ["No columns tell every row apart: without a key, a row delivered twice counts twice."]
    for size in (1, 2, 3):
        near = [(_distinct(connection, names), names) for names in combinations(fit, size)]
        most, names = max(near, key=lambda pair: pair[0], default=(0, ()))
        if most >= 0.98 * rows:
            remarks.append(f"Nearly a key, but for {plural(rows - most, 'row')}: [{', '.join(names)}].")
            break
    return [], remarks


def _distinct(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> int:
    columns = ", ".join(quoted(name) for name in names)
    return int(connection.execute(f"SELECT count(DISTINCT hash({columns})) FROM found").fetchall()[0][0])


def period_of(
    connection: duckdb.DuckDBPyConnection,
    found: Mapping[str, Found],
    month: date | None,
    first_period: date,
) -> tuple[str, list[str]]:
    """What dates the rows, and a remark where it is a choice."""
    days = [
        name
        for name, each in found.items()
        if each.type in TIMES and not each.keys.get("nullable") and not each.keys.get("personal")
    ]
    if month is not None:
        fitting = [name for name in days if _all_in(connection, name, month)]
        return fitting[0] if fitting else "{period}", _choice(fitting)
    days.sort(key=lambda name: not is_time(name))
    late = [name for name in days if _begins(connection, name, first_period)]
    days = late or days
    if not days:
        return "none", ["No column dates the rows: it is taken for a table that other sources look up (period: none)."]
    return days[0], _choice(days)


def _begins(connection: duckdb.DuckDBPyConnection, name: str, first_period: date) -> bool:
    sql = f"SELECT coalesce(min({quoted(name)}) >= DATE '{first_period:%Y-%m-%d}', true) FROM found"
    return bool(connection.execute(sql).fetchall()[0][0])


def _choice(days: Sequence[str]) -> list[str]:
    others = ", ".join(days[1:])
    return [f"Other columns that could date the rows: {others}."] if others else []


def _all_in(connection: duckdb.DuckDBPyConnection, name: str, month: date) -> bool:
    sql = f"SELECT coalesce(bool_and(date_trunc('month', {quoted(name)})::DATE = DATE '{month}'), false) FROM found"
    return bool(connection.execute(sql).fetchall()[0][0])


def unit_of(connection: duckdb.DuckDBPyConnection, found: Mapping[str, Found], units: Collection[str]) -> str | None:
    """The column whose every value is a declared unit, those first that look like one."""
    for name in sorted(found, key=lambda name: not is_unit(name)):
        if found[name].type not in ("string", "enum", "integer") or found[name].keys.get("nullable"):
            continue
        sql = f"SELECT count(*), count(*) FILTER (list_contains(?, {quoted(name)}::VARCHAR)) FROM found"
        [(rows, known)] = connection.execute(sql, [list(units)]).fetchall()
        if units and rows and rows == known:
            return name
    return None
