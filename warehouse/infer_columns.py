"""What the columns of a file hold, told by every one of their values through the very rules that will check them.

``connection`` has the table ``texts`` with the column ``text of <id>`` for every column; a type is taken only when no
text is left that it does not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
from pydantic import ValidationError

from scorecards.columns import Column
from scorecards.header_words import is_code, is_money, is_personal, is_time, is_unit
from scorecards.sources import Source
from scorecards.words import plural
from warehouse.currency_signs import ANY_SIGN
from warehouse.day_formats import FORMATS
from warehouse.rules import text, typed

NULLS = (
    "NA", "N/A", "n/a", "n.a.", "#N/A", "#NV", "NULL", "null", "None", "NaN", "nan", "-", "--", "–", ".", "..", "?",
    "k.A.", "k. A.", "No Data", "no data", "missing", "unknown",
)  # fmt: skip
_TRUTHS = ({"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"})
_MOST_FORMATS = 4
_AT_ONCE = 20
_MOST_VALUES, _LONGEST_VALUE = 12, 30


@dataclass(frozen=True)
class Found:
    """A column as it may be declared (its keys but the header), and remarks on what the values do not tell."""

    keys: dict[str, Any]
    remarks: list[str] = field(default_factory=list)

    @property
    def type(self) -> str:
        """The type."""
        return str(self.keys.get("type", "string"))


def column_of(
    connection: duckdb.DuckDBPyConnection, name: str, source: Source, declared_scale: int | None = None
) -> Found:
    """What a column holds. ``source`` says how numbers are written.

    ``declared_scale`` are the decimal places of a column that the file itself declares as a decimal.
    """
    written = text(name)
    [(rows, filled, distinct, longest)] = connection.execute(
        f"SELECT count(*), count({written}), count(DISTINCT {written}), max(length({written})) FROM texts"
    ).fetchall()
    empty: dict[str, Any] = {"nullable": True} if filled < rows else {}
    personal: dict[str, Any] = {"personal": True} if is_personal(name) else {}
    if not filled:
        return Found({"type": "string", **empty, **personal}, ["empty in this file: its type is not known"])
    found = _typed_column(connection, name, source, declared_scale)
    if found is None:
        has_few = 1 < distinct <= _MOST_VALUES and filled >= max(20, 3 * distinct) and longest <= _LONGEST_VALUE
        is_plain = has_few and not personal and not is_unit(name)
        values = _values(connection, name) if is_plain else []
        is_enum = bool(values) and not any(value.endswith((".", "!", "?")) for value in values)
        enum = Found({"type": "enum", "values": values}, ["the values seen"])
        found = enum if is_enum else Found({"type": "string"})
        found.remarks.extend(_two_orders(connection, name, source))
    return Found({**found.keys, **empty, **personal}, found.remarks)


def numeric(
    connection: duckdb.DuckDBPyConnection, names: Iterable[str], source: Source, symbols: Sequence[str] = ()
) -> list[str]:
    """The columns of which every value is a number in the way that the source writes them, and no code.

    ``symbols`` may stand before or after the numbers.
    """
    names, column = list(names), Column(type="float", symbol=tuple(symbols))
    found: list[str] = []
    # What the planning of a statement costs grows faster than its columns do.
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        checks = ", ".join(
            f"count({text(name)}) > 0 AND count(*) FILTER ({_unread(name, column, source)} "
            f"OR regexp_matches({text(name)}, '^[+-]?0[0-9]')) = 0"
            for name in some
        )
        [are_numeric] = connection.execute(f"SELECT {checks} FROM texts").fetchall()
        found += [name for name, is_numeric in zip(some, are_numeric, strict=True) if is_numeric]
    return found


def _typed_column(
    connection: duckdb.DuckDBPyConnection, name: str, source: Source, declared_scale: int | None
) -> Found | None:
    """The column with a type other than text, or None."""
    few = {str(value).lower() for value in _values(connection, name, 3)}
    if any(few <= truths for truths in _TRUTHS):
        return Found({"type": "boolean"})
    if is_time(name):
        for kind, form in (("date", "%Y%m%d"), ("month", "%Y%m")):
            if _reads(connection, name, Column(type=kind, format=form), source) and _is_plausible(
                connection, name, form
            ):
                return Found({"type": kind, "format": form})
    percent = _percent(connection, name, source)
    if percent is not None:
        return percent
    with_symbol = _with_symbol(connection, name, source)
    if with_symbol is not None:
        return with_symbol
    if numeric(connection, [name], source):
        return _number(connection, name, source, declared_scale)
    [(has_digits, has_times)] = connection.execute(
        f"SELECT bool_and(regexp_matches({text(name)}, '[0-9]')), bool_and(contains({text(name)}, ':')) FROM texts"
    ).fetchall()
    if not has_digits:
        return None
    for kind in ("datetime",) if has_times else ("month", "date", "datetime"):
        is_whole = kind != "month" or _is_plausible(connection, name, "%Y-%m")
        if is_whole and _reads(connection, name, Column(type=kind), source):
            return Found({"type": kind})
        fitting = [
            form
            for form in FORMATS[kind]
            if "%Y%m" not in form and _reads(connection, name, Column(type=kind, format=form), source)
        ]
        if fitting:
            others = [form for form in fitting[1:] if _contradicts(fitting[0], form, kind)]
            remarks = [f"every value also fits {others[0]}: make sure which it is"] if others else []
            return Found({"type": kind, "format": fitting[0]}, remarks)
    return _several_formats(connection, name, source)


def _percent(connection: duckdb.DuckDBPyConnection, name: str, source: Source) -> Found | None:
    fraction = f"regexp_extract({text(name)}, '\\{source.decimal}([0-9]+)', 1)"
    sql = f"SELECT coalesce(bool_and(ends_with({text(name)}, '%')), false), max(length({fraction})) FROM texts"
    [(is_percent, places)] = connection.execute(sql).fetchall()
    column = Column(type="decimal", scale=min((places or 0) + 2, 10), percent=True)
    if not is_percent or not _reads(connection, name, column, source):
        return None
    return Found({"type": "decimal", "scale": column.scale, "percent": True})


def _with_symbol(connection: duckdb.DuckDBPyConnection, name: str, source: Source) -> Found | None:
    """Amounts that are written with the sign or code of one currency, some of them at least."""
    found = f"regexp_extract({text(name)}, '{ANY_SIGN}|^[A-Z]{{3}}\\b|\\b[A-Z]{{3}}$')"
    places = f"length(regexp_extract({text(name)}, '\\{source.decimal}([0-9]+)', 1))"
    sql = f"SELECT list(DISTINCT s) FILTER (s <> ''), max(p) FROM (SELECT {found} AS s, {places} AS p FROM texts)"
    [(symbols, most)] = connection.execute(sql).fetchall()
    if not symbols or len(symbols) > 1:
        return None
    column = Column(type="decimal", scale=min(most or 0, 10), symbol=(symbols[0],))
    if not _reads(connection, name, column, source):
        return None
    return Found({"type": "decimal", "scale": column.scale, "symbol": symbols[0]})


def _number(
    connection: duckdb.DuckDBPyConnection, name: str, source: Source, declared_scale: int | None
) -> Found | None:
    written = text(name)
    [(places, digits, has_exponent, has_point)] = connection.execute(
        f"SELECT max(length(split_part({written}, '{source.decimal}', 2))), "
        f"max(length(regexp_replace(split_part({written}, '{source.decimal}', 1), '[^0-9]', '', 'g'))), "
        f"bool_or(regexp_matches({written}, '[eE]')), bool_or(contains({written}, '{source.decimal}')) FROM texts"
    ).fetchall()
    if not has_point and not has_exponent:
        # A number of more digits than the type has is an id: no figure is that exact.
        if is_code(name):
            return None
        if is_money(name) and digits <= 16:
            return Found({"type": "decimal", "scale": 2}, ["whole amounts only in this file"])
        return Found({"type": "integer"}) if _reads(connection, name, Column(type="integer"), source) else None
    if not has_exponent and places <= 10 and digits + places <= 18:
        column = Column(type="decimal", scale=places)
        if _reads(connection, name, column, source):
            return Found({"type": "decimal", "scale": places})
    # A decimal of the file stays exact as far as ours reach; as a float it would not be.
    kept = min(10, 18 - digits)
    if (
        declared_scale is not None
        and kept >= 0
        and _reads(connection, name, Column(type="decimal", scale=kept), source)
    ):
        told = f"{plural(declared_scale, 'decimal place')} in the file, of which {kept} are kept"
        return Found({"type": "decimal", "scale": kept}, [told])
    return Found({"type": "float"})


def _several_formats(connection: duckdb.DuckDBPyConnection, name: str, source: Source) -> Found | None:
    """A day written in several ways that do not contradict each other; the most frequent first."""
    chosen: list[str] = []
    left = FORMATS["date"]
    while len(chosen) < _MOST_FORMATS:
        rest = [column for form in left if (column := _column([*chosen, form])) is not None]
        if not rest:
            return None
        counts = [_misread(connection, name, column, source) for column in rest]
        best = min(range(len(rest)), key=lambda place: counts[place])
        if chosen and counts[best] == _misread(connection, name, Column(type="date", format=tuple(chosen)), source):
            return None
        chosen = list(rest[best].format)
        if counts[best] == 0:
            return Found({"type": "date", "format": chosen}, ["written in several ways"])
        left = tuple(form for form in left if form not in chosen)
    return None


def _two_orders(connection: duckdb.DuckDBPyConnection, name: str, source: Source) -> Iterable[str]:
    for first, second in (("%d/%m/%Y", "%m/%d/%Y"), ("%d-%m-%Y", "%m-%d-%Y")):
        both = " AND ".join(_unread(name, Column(type="date", format=(form,)), source) for form in (first, second))
        [(neither, filled)] = connection.execute(
            f"SELECT count(*) FILTER ({both}), count({text(name)}) FROM texts"
        ).fetchall()
        if filled and not neither:
            yield f"days in two orders, {first} and {second}: which is which must come from whoever delivers it"


def _contradicts(first: str, second: str, kind: str) -> bool:
    return _column([first, second], kind) is None


def _column(formats: Sequence[str], kind: str = "date") -> Column | None:
    try:
        return Column.model_validate({"type": kind, "format": list(formats)})
    except ValidationError:
        return None


def _reads(connection: duckdb.DuckDBPyConnection, name: str, column: Column, source: Source) -> bool:
    return _misread(connection, name, column, source) == 0


def _misread(connection: duckdb.DuckDBPyConnection, name: str, column: Column, source: Source) -> int:
    sql = f"SELECT count(*) FILTER ({_unread(name, column, source)}) FROM texts"
    [(number,)] = connection.execute(sql).fetchall()
    return int(number)


def _unread(name: str, column: Column, source: Source) -> str:
    return f"{text(name)} IS NOT NULL AND ({typed(name, column, source)}) IS NULL"


def _is_plausible(connection: duckdb.DuckDBPyConnection, name: str, form: str) -> bool:
    rest = {"%Y%m%d": "[0-9]{4}", "%Y%m": "[0-9]{2}", "%Y-%m": "-[0-9]{2}"}[form]
    sql = f"SELECT bool_and(regexp_full_match({text(name)}, '(19|20)[0-9]{{2}}{rest}')) FROM texts"
    return bool(connection.execute(sql).fetchall()[0][0])


def _values(connection: duckdb.DuckDBPyConnection, name: str, limit: int = _MOST_VALUES) -> list[str]:
    sql = f"SELECT DISTINCT {text(name)} AS v FROM texts WHERE v IS NOT NULL ORDER BY v LIMIT {limit}"
    return [str(value) for (value,) in connection.execute(sql).fetchall()]
