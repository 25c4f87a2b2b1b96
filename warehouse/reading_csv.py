"""Delimited text files: read by DuckDB, and record by record where it found broken rows or lost count.

The quick reading is trusted only where every line of the file is accounted for: as a row, as a further line of one, as
empty, as a comment, or as broken.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import polars as pl

from scorecards.errors import DataRefused
from scorecards.sources import Source
from warehouse.checking import count
from warehouse.finding_lines import by_lines, by_records
from warehouse.footers import part_of, without_footer
from warehouse.headers import joined_header, match_header, require_few
from warehouse.line_accounts import accounts, has_quoted_comment
from warehouse.raw_rows import RawRows
from warehouse.reading import (
    Broken,
    Located,
    Reading,
    empty_rows_told,
    file_literal,
    footer_told,
    literal,
    quoted,
    row_like_told,
    unnamed_told,
)
from warehouse.records import (
    LONGEST_LINE,
    MOST_BROKEN,
    Dialect,
    Record,
    Skipped,
    head,
    judged,
    plain_fields,
    records,
    require_mostly_whole,
)
from warehouse.showing import hides, shown_fields, shown_text
from warehouse.text_files import Text, as_text

_BATCH = 50_000


def read_csv(connection: duckdb.DuckDBPyConnection, path: Path, source: Source, work: Path, held: bool) -> Reading:
    """Read a delimited file: see ``reading.read``."""
    text = as_text(path, source.encoding, work)
    text, footer = without_footer(text, source.footer, f"{source.separator} \t", work)
    dialect = Dialect(
        source.separator, source.quote_mark, source.escape == "backslash", source.comment, lines_before=source.skip_rows
    )
    found = head(text.path, dialect, source.header_rows or 1)
    if len(found.rows) < (source.header_rows or 1):
        if found.has_return:
            raise DataRefused(
                "the header holds a carriage return, and other lines end in line feeds. "
                "Ask for the file with line ends of one kind."
            )
        raise DataRefused("the file has no header row. Check 'skip_rows' in the contract.")
    require_few(max(map(len, found.rows), default=0))
    header = [name.strip().strip("\ufeff").strip() for name in joined_header(found.rows)]
    if source.header_rows == 0:
        header = [str(place) for place in range(1, len(found.rows[0]) + 1)]
    elif len(header) > 1 and not header[-1]:
        header.pop()
    dialect = replace(dialect, width=len(header), lines_before=found.lines if source.header_rows else source.skip_rows)
    taken, extra = match_header(source, header)
    notes = footer_told(source, footer) or (("the last line has no end: the file may be cut off",) * text.is_open)
    file = _File(connection, text, source, dialect, header, taken, extra, notes)
    # DuckDB takes NUL for a letter, and a blank line for a row where there is one column only.
    if held or text.has_nul or len(header) == 1:
        return file.read_carefully(held=held)
    # It counts skipped lines in its own way where quotes hold newlines.
    return file.read_quickly(None if found.is_plain else _body(text, dialect, work))


def _body(text: Text, dialect: Dialect, work: Path) -> Path:
    with text.path.open("rb") as handle:
        for _ in range(dialect.lines_before):
            handle.readline()
        return part_of(text.path, work / "body", start=handle.tell())


@dataclass(frozen=True)
class _File:
    """A text file whose header is known."""

    connection: duckdb.DuckDBPyConnection
    text: Text
    source: Source
    dialect: Dialect
    header: list[str]
    taken: dict[str, str]
    extra: tuple[str, ...]
    notes: tuple[str, ...]

    def read_quickly(self, body: Path | None) -> Reading:
        self.connection.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
        dialect, fields = self.dialect, [f"c{i}" for i in range(len(self.header))]
        escape = "\\" if dialect.backslash else dialect.quote
        scan = f"""read_csv({file_literal(body or self.text.path)}, delim = {literal(dialect.delimiter)},
            header = false, quote = {literal(dialect.quote)}, escape = {literal(escape)}, auto_detect = false,
            skip = {0 if body else dialect.lines_before}, columns = {dict.fromkeys(fields, "VARCHAR")},
            store_rejects = true, rejects_limit = {MOST_BROKEN + 1}, strict_mode = true, max_line_size = {LONGEST_LINE},
            null_padding = false, encoding = 'utf-8', new_line = '\\n')"""
        is_comment = " OR ".join(f"starts_with(ltrim(c0), {literal(prefix)})" for prefix in dialect.comment) or "false"
        is_comment = f"coalesce({is_comment}, false)"
        names = ", ".join(f"c{self.header.index(name)} AS {quoted(column)}" for name, column in self.taken.items())
        is_empty = " AND ".join(f"coalesce(trim({name}, ' \t'), '') = ''" for name in fields)
        whole = f"(SELECT {names} FROM {scan}{f' WHERE NOT {is_comment}' if dialect.comment else ''})"
        filled = f"(SELECT {names} FROM {scan} WHERE NOT ({is_empty}) AND NOT {is_comment})"
        quick = Reading(
            tuple(self.header),
            self.extra,
            whole,
            self.by_records(),
            notes=self.notes,
        )

        def settle(rows: int | None, empty: int) -> Reading:
            lost = self.lost_lines(self.dialect.lines_before if body else 0) if rows is not None else None
            if rows is None or lost is None or has_quoted_comment(self.text.path, dialect):
                return self.read_carefully()
            broken = tuple(self.told(record) for record in lost.broken)
            settled = replace(
                quick,
                broken=broken,
                locate=by_lines(self.text.path, dialect, frozenset(each.line for each in broken), self.shown),
                notes=(*self.notes, *self.unnamed_in(f"{scan} WHERE NOT {is_comment}")),
            )
            if not empty and rows + lost.lines == self.text.lines - dialect.lines_before:
                return replace(settled, notes=(*settled.notes, *empty_rows_told(lost.empty)))
            found = accounts(self.connection, self.text, dialect, scan, fields, is_empty, lost.lines)
            if found is None or (found.further_lines and lost.lines):
                return self.read_carefully()
            return replace(
                settled,
                relation=filled if found.empty else whole,
                locate=quick.locate if found.further_lines else settled.locate,
                notes=(*settled.notes, *empty_rows_told(found.empty + lost.empty), *row_like_told(found.row_like)),
            )

        return replace(quick, settle=settle)

    @property
    def unnamed(self) -> list[int]:
        """The places of the columns without a name."""
        return [place for place, name in enumerate(self.header) if not name]

    def unnamed_in(self, rows: str) -> tuple[str, ...]:
        """The note on values in columns without a name; ``rows`` is SQL of all rows with their fields."""
        if not self.unnamed:
            return ()
        filled = " + ".join(f"count(nullif(trim(c{place}, ' \t'), ''))" for place in self.unnamed)
        return unnamed_told(count(self.connection, f"SELECT {filled} FROM {rows}"))

    def lost_lines(self, offset: int) -> _Lost | None:
        """The lines that DuckDB did not take, looked at again; None where it is not plain what they are."""
        found = self.connection.execute(
            "SELECT line, first(csv_line), bool_or(error_type NOT LIKE '%COLUMNS') FROM reject_errors GROUP BY 1"
        ).fetchall()
        require_mostly_whole(len(found))
        if any(is_other for _, _, is_other in found):
            return None
        numbers = {int(line) + offset: str(text).rstrip("\n") for line, text, _ in found}
        broken, empty = list[Record](), 0
        if numbers:
            with self.text.path.open(encoding="utf-8", newline="\n") as handle:
                for number, line in enumerate(handle, start=1):
                    if number not in numbers:
                        continue
                    written = line.rstrip("\n")
                    # After quoted line ends DuckDB counts lines in its own way.
                    if written != numbers[number]:
                        return None
                    if self.dialect.is_empty(written):
                        empty += 1
                    elif not self.dialect.is_comment(written):
                        if not self.dialect.is_plain(written):
                            return None
                        broken.append(judged(number, written, written.split(self.dialect.delimiter), self.dialect))
        return _Lost(tuple(broken), empty, len(numbers)) if all(each.broken for each in broken) else None

    def read_carefully(self, *, held: bool = False) -> Reading:
        """Take the rows record by record."""
        places = {column: self.header.index(name) for name, column in self.taken.items()}
        rows = RawRows(self.connection, places, held=held)
        broken: list[Broken] = []
        skipped, stray = Skipped(), 0

        def add(whole: list[list[str]]) -> None:
            nonlocal stray
            stray += sum(bool(fields[place].strip(" \t")) for place in self.unnamed for fields in whole)
            columns = {column: [fields[place] for fields in whole] for column, place in places.items()}
            rows.add_frame(pl.DataFrame(columns, schema=dict.fromkeys(places, pl.String)))

        plain = plain_fields(self.text.path, self.dialect) if held else None
        if plain is not None:
            add(plain)
        else:
            for batch in _batches(records(self.text.path, self.dialect, skipped)):
                add([record.fields for record in batch if not record.broken])
                broken += [self.told(record) for record in batch if record.broken]
        notes = (*self.notes, *unnamed_told(stray), *empty_rows_told(skipped.empty), *row_like_told(skipped.row_like))
        return Reading(
            tuple(self.header),
            self.extra,
            "raw",
            self.by_records(),
            tuple(broken),
            notes=notes,
            frame=rows.finish(),
        )

    def by_records(self) -> Callable[[Sequence[int]], Located]:
        """The way back where rows are records of any number of lines."""
        return by_records(self.text.path, self.dialect, self.shown)

    def told(self, record: Record) -> Broken:
        """A broken record as quarantine shows it."""
        return Broken(record.line, shown_text(self.source, record.text), str(record.broken))

    def shown(self, written: str, fields: Sequence[str]) -> str:
        """A row as quarantine shows it: as it is written, or with what is personal masked."""
        if not hides(self.source):
            return written
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.dialect.delimiter, lineterminator="")
        writer.writerow(shown_fields(self.source, self.header, fields))
        return out.getvalue()


@dataclass(frozen=True)
class _Lost:
    """Lines that DuckDB did not take: broken records, how many hold no value, and how many there are in all."""

    broken: tuple[Record, ...]
    empty: int
    lines: int


def _batches(found: Iterator[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for record in found:
        batch.append(record)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch
