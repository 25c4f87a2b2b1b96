"""The rows of a reading with values of its contract's types, as SQL: plain values at once, others by their texts."""

from __future__ import annotations

from scorecards.sources import Source
from warehouse.plain_values import plain, plain_text, plain_typed, raw
from warehouse.reading import Reading, quoted
from warehouse.rules import text, text_of, typed


def typed_rows(reading: Reading, source: Source) -> str:
    """A query of the reading's rows in their order.

    For each column: as it is in the file (``plain_values.raw``), its plain value where one can be told, its text where
    the value is not plain (``rules.text``), and, under its own name, its value: NULL where the text is not of its type;
    and ``_file``, the place of the row's file among those of the reading, and of native rows ``_row``, their number.
    """
    kinds = reading.native.kinds if reading.native else {}
    found = {
        name: plain_typed(name, kinds[name], column, source) if name in kinds else plain_text(name, column, source)
        for name, column in source.columns.items()
    }
    texts, values = [], []
    for name, column in source.columns.items():
        whole = text_of(f"CAST({raw(name)} AS VARCHAR)" if name in kinds else raw(name), source)
        value = typed(name, column, source)
        if found[name]:
            whole = f"CASE WHEN {plain(name)} IS NULL THEN {whole} END"
            value = f"CASE WHEN {plain(name)} IS NULL THEN {value} ELSE {plain(name)} END"
        texts.append(f"{whole} AS {text(name)}")
        values.append(f"{value} AS {quoted(name)}")
    # One inside the other: the rows of a common table expression are kept first, and then read out of order.
    as_found = ", ".join(f"{quoted(name)} AS {raw(name)}" for name in source.columns)
    as_found += ", _file, _month" if reading.is_of_many else ", 0::USMALLINT AS _file"
    as_found += ", _row" if reading.native else ""
    query = f"SELECT {as_found} FROM {reading.native.relation if reading.native else reading.relation}"
    query = f"SELECT *{''.join(f', {value} AS {plain(name)}' for name, value in found.items() if value)} FROM ({query})"
    return f"SELECT *, {', '.join(values)} FROM (SELECT *, {', '.join(texts)} FROM ({query}))"
