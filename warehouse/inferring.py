"""A first contract from a file: what its columns hold, what may be its key, its month and its unit.

Belongs here: the order of guessing. Words of headers are ``scorecards/header_words.py``, the layout of the file is
``infer_layout.py``, its name ``infer_path.py``, the types of columns ``infer_columns.py``, their roles
``infer_roles.py``, the contract as text ``contract_text.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from scorecards.errors import DataRefused
from scorecards.expressions import is_word_of_sql
from scorecards.header_words import domain_of, id_of, is_unit
from scorecards.sources import Source
from scorecards.words import on_one_line
from warehouse.cell_flaws import MARK
from warehouse.currency_signs import COMMON_SIGNS
from warehouse.infer_columns import NULLS, Found, column_of, numeric
from warehouse.infer_layout import Layout, layout_of
from warehouse.infer_path import named_source, path_of, stem_of
from warehouse.infer_roles import key_of, period_of, unit_of
from warehouse.reading import literal, quoted, unreadable
from warehouse.rules import text, text_of, typed
from warehouse.settling import settled_reading
from warehouse.unpacking import unpacked

_STYLES = {
    ",": [(".", ""), (".", ","), (",", ""), (",", "."), (".", " "), (",", " "), (".", "'")],
    ";": [(".", ""), (",", ""), (",", "."), (".", ","), (",", " "), (".", " "), (".", "'")],
}
_UNKNOWN = {"domain": "process", "period": "none"}


@dataclass(frozen=True)
class Draft:
    """A first contract: its keys in order, each column's keys, and remarks by column and on the whole."""

    keys: dict[str, Any]
    columns: dict[str, dict[str, Any]]
    remarks: list[str] = field(default_factory=list)
    column_remarks: dict[str, list[str]] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        """The contract as it would be loaded."""
        return Source.model_validate({**self.keys, "columns": self.columns})


def infer(path: Path, name: str, units: Collection[str], first_period: date) -> Draft:
    """A first contract for a file that lies under ``name`` below the extracts; ``units`` are ids, where known.

    ``first_period`` is the project's: rows before it would be rejected.

    Raises ``CallError`` for a file of no known format, and ``DataRefused`` for one that cannot be read.
    """
    try:
        return _inferred(path, name, units, first_period)
    except DataRefused as refused:
        # Of a packed file the readers know only what was unpacked.
        raise DataRefused(on_one_line(f"{path}: {refused}")) from None


def _inferred(path: Path, name: str, units: Collection[str], first_period: date) -> Draft:
    with TemporaryDirectory(prefix="scorepack-") as folder:
        layout = layout_of(unpacked(path, named_source(path, name), Path(folder)), name)
    where, month_of_file = path_of(name)
    ids: dict[str, str] = {}
    times = Counter(layout.headers)
    for header in layout.headers:
        if header and times[header] == 1:
            own = id_of(header, ids.values())
            # A measure could not name it without quotes.
            ids[header] = id_of(f"{own}_value", ids.values()) if is_word_of_sql(own) else own
    doubled = sorted({header for header in layout.headers if header and times[header] > 1})
    if not ids:
        raise DataRefused(_no_columns(doubled, layout))
    remarks = [*layout.remarks]
    remarks += [f"Left out, since the header names it twice: {header}." for header in doubled]
    known: dict[str, Any] = {"source": id_of(stem_of(name), ()), "path": where, **layout.options}
    columns = {own: _named(own, header, {}) for header, own in ids.items()}
    texts = _draft_source(known, {own: {**keys, "nullable": True} for own, keys in columns.items()})
    with settled_reading(path, texts) as (connection, reading):
        try:
            _hold_texts(connection, reading.relation, texts, NULLS)
        except duckdb.Error as error:
            # Only here the file itself is read to its end.
            raise DataRefused(unreadable(texts, path, error)) from None
        if reading.broken:
            first = reading.broken[0]
            number = len(reading.broken)
            told = "1 row is broken, on" if number == 1 else f"{number} rows are broken, the first on"
            remarks.append(f"{told} line {first.line}: {first.reason}.")
        style, unsure = _style(connection, ids.values(), layout, known)
        known |= style
        remarks += unsure
        source = _draft_source(known, columns)
        nulls = _nulls(connection, list(ids.values()), source)
        if nulls:
            known["nulls"] = nulls
            source = _draft_source(known, columns)
        if nulls or layout.format == "excel":
            _hold_texts(connection, reading.relation, source)
        found = {own: column_of(connection, own, source, layout.scales.get(header)) for header, own in ids.items()}
        columns = {own: _named(own, header, found[own].keys) for header, own in ids.items()}
        source = _draft_source(known, columns)
        _hold_values(connection, source)
        key, key_remarks = key_of(connection, found)
        month, months = period_of(connection, found, month_of_file, first_period)
        unit = unit_of(connection, found, units)
    if unit is not None and found[unit].type == "enum":
        # Units are declared once, in units.csv.
        found[unit] = Found({"type": "string"})
        columns[unit] = _named(unit, columns[unit].get("header", unit), found[unit].keys)
    domain = domain_of(name.rpartition("/")[0], " ".join([name, *ids.values()]).lower())
    keys = {"source": known.pop("source"), "domain": domain, **known}
    keys |= {"key": key} if key else {}
    keys |= {"unit": unit} if unit else {}
    keys["period"] = month
    keys |= {"known_on": "{file_date}"} if "{file_date}" in where else {}
    likely = [own for own in found if is_unit(own)]
    if not unit and month != "none":
        told = f" It may be {' or '.join(likely)}." if likely else ""
        remarks.append(f"Name under unit the column of the organisation unit, or always: <unit>.{told}")
    remarks += [*key_remarks, *months]
    return Draft(keys, columns, remarks, {own: each.remarks for own, each in found.items() if each.remarks})


def _no_columns(doubled: Sequence[str], layout: Layout) -> str:
    """Why there is nothing to write of a file, and what helps."""
    if not doubled:
        return "no column has a name, or the line of names is too long to be one. Ask for the file with its header."
    named = f"its header names every column twice ({', '.join(doubled[:5])})"
    if layout.format == "excel":
        return (
            f"{named}, as where two tables stand side by side on a sheet. Write the contract by hand, with 'range' for "
            "the cells of one of them."
        )
    return f"{named}. Ask for the file with each column once."


def _named(own: str, header: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    return {**({"header": header} if header != own else {}), **keys}


def _draft_source(known: Mapping[str, Any], columns: Mapping[str, Mapping[str, Any]]) -> Source:
    return Source.model_validate({**_UNKNOWN, **known, "columns": columns})


def _hold_texts(
    connection: duckdb.DuckDBPyConnection, relation: str, source: Source, errors: Collection[str] = ()
) -> None:
    """Fill ``texts``. A flawed cell of a workbook says nothing of its column, but for ``errors`` that may mean none."""
    kept = ", ".join(map(literal, errors)) or "NULL"
    texts = ""
    for name in source.columns:
        written = text_of(quoted(name), source)
        if source.file_format == "excel":
            bare = f"CASE WHEN {quoted(name)}[2:] IN ({kept}) THEN {quoted(name)}[2:] END"
            written = f"CASE WHEN starts_with({quoted(name)}, {literal(MARK)}) THEN {bare} ELSE {written} END"
        texts += f"{written} AS {text(name)}, "
    connection.execute(f"CREATE OR REPLACE TEMP TABLE texts AS SELECT {texts} FROM {relation}")


def _hold_values(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    values = ", ".join(f"{typed(name, column, source)} AS {quoted(name)}" for name, column in source.columns.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE found AS SELECT {values} FROM texts")


def _style(
    connection: duckdb.DuckDBPyConnection, names: Collection[str], layout: Layout, known: Mapping[str, Any]
) -> tuple[dict[str, str], list[str]]:
    """How numbers are written: the way in which most columns are numbers, the plainest of those that are alike."""
    styles = _STYLES[";" if known.get("delimiter", ",") in ";\t" else ","]
    if layout.format != "csv":
        styles = [style for style in styles if style[0] == "."]
    columns: dict[str, dict[str, Any]] = {name: {} for name in names}

    def numbers_in(style: tuple[str, str], some: Collection[str]) -> list[str]:
        source = _draft_source({**known, "decimal": style[0], "thousands": style[1]}, columns)
        return numeric(connection, some, source, COMMON_SIGNS)

    digits = [name for name in names if _is_all(connection, name, "regexp_matches", "[0-9]")]
    # Digits alone are a number in every style: only the others can tell one from another.
    whole = [name for name in digits if _is_all(connection, name, "regexp_full_match", "[+-]?[0-9]+")]
    whole = numbers_in(styles[0], whole)
    others = [name for name in digits if name not in set(whole)]
    numbers = {style: {*whole, *numbers_in(style, others)} for style in styles}
    best = max(styles, key=lambda style: (len(numbers[style]), -styles.index(style)))
    given = {"decimal": best[0], "thousands": best[1]}
    found = {key: value for key, value in given.items() if value != {"decimal": ".", "thousands": ""}[key]}
    rivals = [s for s in styles if s[0] != best[0] and numbers[s] >= numbers[best] > set(whole)]
    unsure = [f"Numbers could also be written with decimal '{rivals[0][0]}': make sure."] if rivals else []
    return found, unsure


def _is_all(connection: duckdb.DuckDBPyConnection, name: str, function: str, expression: str) -> bool:
    """Whether a regular expression finds every text of a column."""
    sql = f"SELECT coalesce(bool_and({function}({text(name)}, {literal(expression)})), true) FROM texts"
    return bool(connection.execute(sql).fetchall()[0][0])


def _nulls(connection: duckdb.DuckDBPyConnection, names: list[str], source: Source) -> list[str]:
    """Texts that stand for an empty value: without them a column has a type, and with them it has none."""
    found: dict[str, None] = {}
    for name in names:
        sql = f"SELECT DISTINCT {text(name)} AS v FROM texts WHERE list_contains(?, v) ORDER BY v"
        here = [str(value) for (value,) in connection.execute(sql, [list(NULLS)]).fetchall()]
        if not here:
            continue
        kept = source.model_copy(update={"nulls": tuple(here)})
        connection.execute("ALTER TABLE texts RENAME TO all_texts")
        others = f"CASE WHEN NOT list_contains(?, {text(name)}) THEN {text(name)} END"
        connection.execute(f"CREATE TEMP TABLE texts AS SELECT {others} AS {text(name)} FROM all_texts", [here])
        if column_of(connection, name, kept).type not in ("string", "enum"):
            found |= dict.fromkeys(here)
        connection.execute("DROP TABLE texts")
        connection.execute("ALTER TABLE all_texts RENAME TO texts")
    return list(found)
