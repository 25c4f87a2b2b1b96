"""Values that are seen at once to be of their type: nearly all of a good file, and cheaper to tell than the rules.

A text is plain when it is what the engine itself writes for the value that it reads from it: then there is nothing to
trim, no other way to read it, and no rule about its form that it could break. A value of a file with types is plain
when its type is the declared one. All others go through the rules of ``rules.py``, and the results are the same.
"""

from __future__ import annotations

from scorecards.columns import Column
from scorecards.sources import Source
from warehouse.reading import literal, quoted

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_YEARS = "'0001-01-01' AND {kind} '9999-12-31{end}'"
_TRUTHS = ("true", "false")


def raw(name: str) -> str:
    """SQL name of a column as it is in the file. An id has no space, so it cannot collide with a column."""
    return quoted(f"raw {name}")


def plain(name: str) -> str:
    """SQL name of a column's plain value: NULL where it is not plain."""
    return quoted(f"plain {name}")


def plain_text(name: str, column: Column, source: Source) -> str | None:
    """SQL of the value where the text is plain, else NULL; None where no text of the column can be told to be plain."""
    if column.format or column.percent or _may_be_null_text(column, source):
        return None
    written = raw(name)
    if column.type == "enum":
        bare = [value for value in column.values if value.isascii() and value.isprintable() and value.strip() == value]
        return _when(f"{written} IN ({', '.join(map(literal, bare))})", written) if bare else None
    if column.type == "boolean":
        return f"CASE WHEN {written} = 'true' THEN true WHEN {written} = 'false' THEN false END"
    if column.type == "integer":
        return _written_alike(written, "BIGINT")
    if column.type == "decimal" and source.decimal == ".":
        value = f"TRY_CAST({written} AS DECIMAL(18, {column.scale}))"
        # The engine writes all places: a text without the last zeros is as plain.
        return _when(f"starts_with({value}::VARCHAR, {written})", value)
    if column.type == "date":
        # The length keeps out years of five digits, those before Christ, and infinity.
        return _written_alike(written, "DATE", length=10)
    if column.type == "datetime":
        return _written_alike(written, "TIMESTAMP", length=19)
    if column.type == "month":
        value = f"TRY_CAST(left({written} || '-01', 10) AS DATE)"
        is_plain = f"strlen({written}) IN (7, 10) AND starts_with({value}::VARCHAR, {written})"
        return _when(is_plain, f"date_trunc('month', {value})::DATE")
    return None


def plain_typed(name: str, kind: str, column: Column, source: Source) -> str | None:
    """The same for a value that the file holds as ``kind``, a type of DuckDB's; None also where the types differ."""
    if column.format or column.percent or _may_be_null_text(column, source):
        return None
    value = raw(name)
    if kind in _INTEGERS:
        types = {"integer": "BIGINT", "decimal": f"DECIMAL(18, {column.scale})"}
        return f"TRY_CAST({value} AS {types[column.type]})" if column.type in types else None
    if kind == "BOOLEAN":
        return value if column.type == "boolean" else None
    if kind.startswith("DECIMAL") and source.decimal == ".":
        places = int(kind.rstrip(")").rpartition(",")[2])
        is_kept = column.type == "decimal" and places <= column.scale
        return f"TRY_CAST({value} AS DECIMAL(18, {column.scale}))" if is_kept else None
    if kind == "DOUBLE" and source.decimal == ".":
        is_number = f"isfinite({value}) AND ({value} <> 0 OR NOT signbit({value}))"
        return _when(is_number, value) if column.type == "float" else None
    return _plain_time(value, kind, column)


def _plain_time(value: str, kind: str, column: Column) -> str | None:
    if kind not in ("DATE", "TIMESTAMP"):
        return None
    in_years = f"{value} BETWEEN {kind} " + _YEARS.format(kind=kind, end=" 23:59:59.999999" * (kind == "TIMESTAMP"))
    is_midnight = "" if kind == "DATE" else f" AND {value}::DATE::TIMESTAMP = {value}"
    if column.type == "date":
        return _when(in_years + is_midnight, f"{value}::DATE")
    if column.type == "month" and kind == "DATE":
        return _when(in_years, f"date_trunc('month', {value})::DATE")
    if column.type == "datetime" and kind == "TIMESTAMP":
        return _when(in_years, value)
    return None


def _written_alike(written: str, kind: str, length: int | None = None) -> str:
    value = f"TRY_CAST({written} AS {kind})"
    is_plain = f"{value}::VARCHAR = {written}" + (f" AND strlen({written}) = {length}" if length else "")
    return _when(is_plain, value)


def _when(condition: str, value: str) -> str:
    return f"CASE WHEN {condition} THEN {value} END"


def _may_be_null_text(column: Column, source: Source) -> bool:
    """Whether a text that means an empty value could be that of a plain one."""
    if column.type == "enum":
        return not set(column.values).isdisjoint(source.nulls)
    if column.type == "boolean":
        return not {"true", "false"}.isdisjoint(source.nulls)
    return any(any(letter.isdigit() for letter in null) for null in source.nulls)
