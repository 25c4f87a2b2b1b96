"""Drift of a whole column: none of its values is of its type any more, which one sentence tells better than every row.

Belongs here: finding such a column among judged rows, and what may have become of it. Columns that are new, missing or
renamed are ``reading.match_header``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import duckdb

from scorecards.columns import NUMBERS, TIMES, Column
from scorecards.sources import Source
from warehouse.cell_flaws import is_marked
from warehouse.checking import count
from warehouse.currency_signs import COMMON_SIGNS
from warehouse.day_formats import readable_as
from warehouse.reading import quoted
from warehouse.rules import TOO_LONG, Rule

# Fewer values than this may all be wrong by chance, and are told one by one.
_FEWEST = 3
_WORDS = {
    "date": "date", "datetime": "date and time", "month": "month", "boolean": "truth", "integer": "whole number",
    "enum": "declared value",
}  # fmt: skip


def retyped(
    connection: duckdb.DuckDBPyConnection, relation: str, source: Source, rules: Sequence[Rule], place: int
) -> str | None:
    """That a column has another type now than the contract says, as a sentence; None where no column has.

    ``connection`` holds ``checked``, and in it, as the file at this place, the rows of ``relation``, whose rules these
    are.
    """
    broken = connection.execute(
        f"SELECT _rule, count(*) FROM checked WHERE _rule >= 0 AND _file = {place} GROUP BY 1"
    ).fetchall()
    wrong = Counter[str]()
    # A number that is too long is one: its row's reason says more.
    too_long = {rules[rule].column for rule, _ in broken if rules[rule].after.startswith(TOO_LONG)}
    for rule, rows in broken:
        if rules[rule].name in ("type", "enum"):
            wrong[rules[rule].column] += rows
    for name, column in source.columns.items():
        if (
            name not in too_long
            and wrong[name] >= _FEWEST
            and not count(connection, f"SELECT count({quoted(name)}) FROM checked WHERE _file = {place}")
        ):
            return _sentence(connection, relation, source, name, column)
    return None


def _sentence(connection: duckdb.DuckDBPyConnection, relation: str, source: Source, name: str, column: Column) -> str:
    values = [
        str(value)
        for (value,) in connection.execute(
            f"SELECT DISTINCT trim({quoted(name)}) AS v FROM {relation} WHERE trim(coalesce({quoted(name)}, '')) <> '' "
            "ORDER BY v LIMIT 1000"
        ).fetchall()
        if not is_marked(value)
    ]
    shown = "" if column.personal or not values else f", such as '{values[0][:60]}'"
    wanted = _WORDS.get(column.type, "number")
    if column.format:
        wanted += f" ({' or '.join(column.format)})"
    return (
        f"no value of the column '{name}' is a {wanted}{shown}: the file is written in another way than the contract "
        f"says. {_remedy(source, name, column, values)}"
    )


def _remedy(source: Source, name: str, column: Column, values: Sequence[str]) -> str:
    ask = "ask for the file as it was"
    if column.type in TIMES:
        forms = readable_as(values, column.type)
        if len(forms) == 1:
            return f'Declare its format: "{forms[0]}", or {ask}.'
        if forms:
            listed = " or ".join(f'"{form}"' for form in forms)
            return f"Declare its format ({listed}: the values do not tell which), or {ask}."
    other, word = (",", "comma") if source.decimal == "." else (".", "point")
    signs = sorted({sign for value in values for sign in COMMON_SIGNS if sign in value})
    if column.type in NUMBERS and signs and not column.symbol:
        shown = signs[0] if len(signs) == 1 else f"[{', '.join(signs)}]"
        return f"The numbers have a currency sign: declare symbol: {shown} for the column, or {ask}."
    # 1,234.50 has a comma, and no decimal comma.
    is_decimal = re.compile(rf"[^{other}]*\d{other}\d+\D*")
    if column.type in NUMBERS and any(is_decimal.fullmatch(value) for value in values):
        return (
            f"The numbers look as if they had a decimal {word}: "
            f"{ask}, with the declared '{source.decimal}', or declare decimal: '{other}'."
        )
    return f"Correct the type of '{name}' in the contract (from a month on: under 'changed'), or {ask}."
