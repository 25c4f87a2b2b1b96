"""Control files: totals by month that were delivered beside the extracts, landed and kept in the journal.

Belongs here: finding and reading them, and which total is known from where. What is compared is ``table_rules.py``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from tempfile import TemporaryDirectory

from scorecards.errors import DataRefused
from scorecards.periods import parse_period
from scorecards.source_expects import ControlTotal
from scorecards.sources import Source
from warehouse import journal
from warehouse.deliveries import Delivery, deliveries
from warehouse.home import Home
from warehouse.landing import digest_of, land
from warehouse.selection import View
from warehouse.text_files import as_text

KIND = "control"


@dataclass(frozen=True)
class Expected:
    """What a control file says of a month: the total and the number of rows (None where it says nothing), and where."""

    total: Decimal | None
    rows: int | None
    place: str


def take_in_controls(home: Home, source: Source, extracts: Path) -> None:
    """Land the source's control files, and record what those that are new or changed say."""
    control = source.expects.control
    if control is None:
        return
    last = {entry.body["name"]: entry.body for entry in journal.entries(home, KIND, source.source)}
    declared = control.model_dump_json()
    bodies = []
    for delivery in _files(source, control, extracts):
        digest = digest_of(delivery.path)
        before = last.get(delivery.name)
        if before is not None and (before["digest"], before["declared"]) == (digest, declared):
            continue
        known_on = delivery.file_date or datetime.now(UTC).date()
        body = {"name": delivery.name, "digest": land(home, delivery.path), "known_on": known_on.isoformat()}
        try:
            figures = dict(_figures(delivery.path, delivery.name, control))
            bodies.append({**body, "declared": declared, "figures": figures, "wrong": ""})
        except DataRefused as error:
            wrong = f"{delivery.name}: {error}"
            bodies.append({**body, "declared": declared, "figures": {}, "wrong": wrong})
    if bodies:
        journal.append_all(home, KIND, [(source.source, body) for body in bodies])


def control_names(source: Source, extracts: Path) -> set[str]:
    """The names of the files that are control files of the source."""
    control = source.expects.control
    return {found.name for found in _files(source, control, extracts)} if control is not None else set()


def expected(home: Home, source: Source, view: View) -> tuple[Mapping[date, Expected], list[str]]:
    """What is expected of each month, as known from a view, and what is wrong with control files."""
    found: dict[date, Expected] = {}
    wrong: dict[str, str] = {}
    control = source.expects.control
    declared = control.model_dump_json() if control else ""
    entries = [entry for entry in journal.entries(home, KIND, source.source) if entry.body["declared"] == declared]
    for entry in sorted(entries, key=lambda entry: (entry.body["known_on"], entry.seq)):
        body = entry.body
        if view.known_by is not None and date.fromisoformat(body["known_on"]) > view.known_by:
            continue
        if view.upto is not None and entry.seq > view.upto:
            continue
        wrong[body["name"]] = body["wrong"]
        for month, (total, rows, line) in body["figures"].items():
            place = f"{body['name']} line {line}"
            found[parse_period(month)] = Expected(None if total is None else Decimal(total), rows, place)
    return found, [words for words in wrong.values() if words]


def _files(source: Source, control: ControlTotal, extracts: Path) -> list[Delivery]:
    return (
        deliveries(source.model_copy(update={"path": control.path, "known_on": "load"}), extracts)
        if extracts.is_dir()
        else []
    )


def _figures(path: Path, name: str, control: ControlTotal) -> Iterator[tuple[str, tuple[str | None, int | None, int]]]:
    """By month the total, the rows and the line. Raises ``DataRefused``."""
    with TemporaryDirectory(prefix="scorepack-") as folder:
        text = as_text(path, "utf-8", Path(folder))
        with text.path.open(encoding="utf-8", newline="") as handle:
            rows = csv.reader(handle, delimiter=control.delimiter)
            names = [field.strip() for field in next(rows, [])]
            for each in [control.period, *([control.total] if control.column else []), control.rows]:
                if each is not None and each not in names:
                    raise DataRefused(f"the control file has no column '{each}'. Its columns: {', '.join(names)}.")
            for row in filter(None, rows):
                if len(row) != len(names):
                    raise DataRefused(f"line {rows.line_num} has {len(row)} fields, the header {len(names)}.")
                fields = dict(zip(names, (field.strip() for field in row), strict=True))
                yield _figure(fields, rows.line_num, control)


def _figure(row: Mapping[str, str], line: int, control: ControlTotal) -> tuple[str, tuple[str | None, int | None, int]]:
    try:
        month = f"{parse_period(row[control.period][:7]):%Y-%m}"
        total = str(Decimal(row[control.total].replace(control.decimal, "."))) if control.column else None
        rows = int(row[control.rows]) if control.rows else None
    except (ValueError, InvalidOperation):
        told = ", ".join(f"{name} '{value}'" for name, value in row.items())
        raise DataRefused(f"line {line} of the control file cannot be used: {told}.") from None
    return month, (total, rows, line)
