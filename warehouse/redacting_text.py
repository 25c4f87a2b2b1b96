"""Delimited text files rewritten without a person: every byte that is not of the person's rows stays as it was.

Belongs here: finding the fields of a record in the text as it was delivered. What they become is ``redacting.py``.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from scorecards.errors import DataRefused
from warehouse.footers import without_footer
from warehouse.headers import column_of, joined_header, match_header
from warehouse.records import Dialect, head, records
from warehouse.redacting import CannotStay, Plan, masked
from warehouse.text_files import as_text, byte_order


@dataclass
class Redacted:
    """What became of one object: rows rewritten, rows left out, and lines masked that are no rows."""

    rewritten: int = 0
    left_out: int = 0
    masked: int = 0

    @property
    def is_changed(self) -> bool:
        """Whether anything is to be written."""
        return bool(self.rewritten or self.left_out or self.masked)


Edit = tuple[int, dict[int, str] | None]
_WHOLE_LINE: dict[int, str] = {-1: ""}
_ONLY_VALUE: dict[int, str] = {-2: ""}


def redact_text(path: Path, plan: Plan, target: Path, work: Path) -> Redacted:
    """Write the file without the person. Raises ``DataRefused`` where it cannot be read under the plan's contract."""
    source, found = plan.source, Redacted()
    whole = as_text(path, source.encoding, work)
    text, _ = without_footer(whole, source.footer, f"{source.separator} \t", work)
    dialect = Dialect(
        source.separator, source.quote_mark, source.escape == "backslash", source.comment, lines_before=source.skip_rows
    )
    top = head(text.path, dialect, source.header_rows or 1)
    if len(top.rows) < (source.header_rows or 1):
        raise DataRefused("the file has no header row. Check 'skip_rows' in the contract.")
    header = [name.strip().strip("\ufeff").strip() for name in joined_header(top.rows)]
    if source.header_rows == 0:
        header = [str(place) for place in range(1, len(top.rows[0]) + 1)]
    elif len(header) > 1 and not header[-1]:
        header.pop()
    dialect = replace(dialect, width=len(header), lines_before=top.lines if source.header_rows else source.skip_rows)
    taken, _ = match_header(source, header)
    edits: dict[int, Edit] = {}
    rows, broken = set[int](), set[int]()
    filled: dict[str, str] = {}
    for record in records(text.path, dialect):
        if record.broken:
            broken.add(record.line)
            continue
        lines = record.text.count("\n") + 1
        rows.update(range(record.line, record.line + lines))
        if not source.fill_down and plan.digits_or_value not in record.text:
            continue
        edit = _edit(plan, header, taken, record.fields, filled)
        if edit is None or edit:
            edits[record.line] = (lines, edit)
    rows.update(range(source.skip_rows + 1, dialect.lines_before + 1))
    for number, line in _lines(whole.path, "\n"):
        if plan.value in line and number not in rows and plan.value_in.search(line):
            edits[number] = (1, _WHOLE_LINE if number in broken else _ONLY_VALUE)
    if edits:
        _rewrite(path, whole.path, plan, dialect, edits, target, found)
    return found


def redact_unread_text(path: Path, plan: Plan, target: Path, work: Path) -> Redacted:
    """Write a text file that no contract could read, with every line that holds the value masked."""
    found = Redacted()
    for encoding in dict.fromkeys((plan.source.encoding, "utf-8", "cp1252", "latin-1")):
        try:
            normal = as_text(path, encoding, work).path
        except DataRefused:
            continue
        edits: dict[int, Edit] = {
            number: (1, _WHOLE_LINE) for number, line in _lines(normal, "\n") if plan.value_in.search(line)
        }
        if edits:
            plan = replace(plan, source=plan.source.model_copy(update={"encoding": encoding}))
            _rewrite(path, normal, plan, Dialect(","), edits, target, found)
        break
    return found


def _edit(
    plan: Plan, header: list[str], taken: Mapping[str, str], fields: list[str], filled: dict[str, str]
) -> dict[int, str] | None:
    """The fields of a record that change, by their place; None: the record is left out."""
    own = {column: place for place, name in enumerate(header) if (column := taken.get(name)) in plan.source.columns}
    turned = [place for place, name in enumerate(header) if name in taken and taken[name] not in plan.source.columns]
    row: dict[str, str | None] = {}
    for column, place in own.items():
        text = fields[place]
        if column in plan.source.fill_down:
            text = filled[column] = text.strip() or filled.get(column, "")
        row[str(column)] = text
    try:
        new = plan.replaced(row)
    except CannotStay:
        return None
    edit = {own[name]: text or "" for name, text in new.items() if fields[own[name]].strip()}
    if plan.is_of_person(row):
        # What the contract does not know of the person's rows may be personal too.
        unknown = [place for place, name in enumerate(header) if name not in taken]
        unknown += [place for place in turned if column_of(plan.source, taken[header[place]]).personal]
        edit |= {place: "" for place in unknown if place < len(fields) and fields[place].strip()}
    return edit


def _rewrite(
    path: Path, normal: Path, plan: Plan, dialect: Dialect, edits: Mapping[int, Edit], target: Path, found: Redacted
) -> None:
    """Copy the delivered file line by line, with the edited records in the place of the old ones."""
    code = exact_code(path, plan.source.encoding)
    lines = _lines(path, "\r" if _has_only_returns(path, code) else "\n", code)
    with target.open("w", encoding=code, newline="") as out:
        for number, line in lines:
            if number not in edits:
                out.write(line)
                continue
            more, edit = edits[number]
            written = line + "".join(next(lines)[1] for _ in range(more - 1))
            if edit is None:
                found.left_out += 1
                continue
            if edit is _WHOLE_LINE or edit is _ONLY_VALUE:
                found.masked += 1
                whole = edit is _WHOLE_LINE
                out.write(masked(written) if whole else plan.value_in.sub(lambda m: masked(m[0]), written))
                continue
            found.rewritten += 1
            out.write(_with_fields(written, dialect, edit))


def exact_code(path: Path, encoding: str) -> str:
    """The codec under which a byte order mark is a letter like any other, so that it is written as it was read."""
    name = byte_order(path, codecs.lookup(encoding).name)
    with path.open("rb") as handle:
        start = handle.read(4)
    if name in ("utf-16", "utf-32"):
        is_big = start.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))
        return f"{name}-{'be' if is_big else 'le'}"
    return "utf-8" if name == "utf-8-sig" else name


def _has_only_returns(path: Path, code: str) -> bool:
    """Whether lines end in a carriage return alone, as ``as_text`` judges it."""
    feeds, returns, last = 0, 0, "\n"
    with path.open(encoding=code, newline="") as handle:
        for piece in iter(lambda: handle.read(1 << 20), ""):
            feeds, returns, last = feeds + piece.count("\n"), returns + piece.count("\r"), piece[-1]
    return feeds + (last != "\n") <= 1 < returns


def _lines(path: Path, ending: str, code: str = "utf-8") -> Iterator[tuple[int, str]]:
    with path.open(encoding=code, newline=ending) as handle:
        yield from enumerate(handle, start=1)


def _with_fields(written: str, dialect: Dialect, edit: Mapping[int, str]) -> str:
    """A record's text with other fields: quoted where they were, or where they must be."""
    body = written.rstrip("\r\n")
    parts, place = list[str](), 0
    for index, (start, end, is_quoted) in enumerate(_spans(body, dialect)):
        if index in edit:
            text = edit[index]
            must = dialect.quote and (dialect.delimiter in text or dialect.quote in text)
            quote = dialect.quote if is_quoted or must else ""
            parts += [body[place:start], quote, text, quote]
            place = end
    return "".join([*parts, body[place:], written[len(body) :]])


def _spans(text: str, dialect: Dialect) -> Iterator[tuple[int, int, bool]]:
    """Start, end and whether it is quoted of each field of a record, as ``fields_of`` and ``split`` read them."""
    place, size = 0, len(text)
    while True:
        start = place
        while dialect.quote and dialect.delimiter != " " and text[place : place + 1] == " ":
            place += 1
        is_quoted = bool(dialect.quote) and text[place : place + 1] == dialect.quote
        if is_quoted:
            place += 1
            while place < size:
                if dialect.backslash and text[place] == "\\":
                    place += 2
                elif text[place] != dialect.quote:
                    place += 1
                elif not dialect.backslash and text[place + 1 : place + 2] == dialect.quote:
                    place += 2
                else:
                    break
        end = text.find(dialect.delimiter, place)
        end = size if end < 0 else end
        yield start, end, is_quoted
        if end >= size:
            return
        place = end + 1
