"""JSON and JSON Lines rewritten without a person: only the values of the person's objects change.

Belongs here: finding the values of an object in the text as it was delivered. What they become is ``redacting.py``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warehouse.headers import headers
from warehouse.json_values import Decoder, Number, Wrong, cells
from warehouse.reading_json import Document
from warehouse.redacting import CannotStay, Plan, masked
from warehouse.redacting_text import Redacted, exact_code
from warehouse.text_files import as_text

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def redact_jsonl(path: Path, plan: Plan, target: Path, work: Path) -> Redacted:
    """Write a file of JSON Lines without the person."""
    as_text(path, plan.source.encoding, work)
    found, code = Redacted(), exact_code(path, plan.source.encoding)
    with path.open(encoding=code, newline="\n") as lines, target.open("w", encoding=code, newline="") as out:
        for line in lines:
            body = line.strip("\ufeff \t\r\n")
            start = line.find(body) if body else 0
            new = _object(body, plan, found) if body else ""
            if new is not None:
                out.write(f"{line[:start]}{new}{line[start + len(body) :]}")
    return found


def redact_json(path: Path, plan: Plan, target: Path, work: Path) -> Redacted:
    """Write a JSON file without the person. Raises ``DataRefused`` where it cannot be read."""
    as_text(path, plan.source.encoding, work)
    found, code = Redacted(), exact_code(path, plan.source.encoding)
    with path.open(encoding=code, newline="") as handle:
        text = handle.read()
    source = plan.source
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix("\ufeff")
    kept: list[tuple[int, int, str | None]] = []
    for start, end, _, _ in Document(text).elements(source.records.split(".") if source.records else []):
        new = _object(text[start:end], plan, found)
        if new != text[start:end]:
            kept.append((start, end, new))
    for start, end, new in reversed(kept):
        if new is None:
            start, end = _with_comma(text, start, end)
        text = text[:start] + (new or "") + text[end:]
    with target.open("w", encoding=code, newline="") as out:
        out.write(mark + text)
    return found


def _with_comma(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of an element with the comma that parts it from the next, or from the one before."""
    after = _SPACE.match(text, end)
    place = after.end() if after else end
    if text[place : place + 1] == ",":
        return start, place + 1
    before = text[:start].rstrip(" \t\n\r")
    return (len(before) - 1, end) if before.endswith(",") else (start, end)


def _object(text: str, plan: Plan, found: Redacted) -> str | None:
    """The text of an object without the person; None: it is left out. What is no row keeps only its form."""
    source, decoder = plan.source, Decoder()
    wanted = headers(source)
    try:
        value, end = decoder.value_at(text, 0)
        if decoder.flaws or not isinstance(value, dict) or text[end:].strip():
            raise Wrong("is no row")
        row = dict(zip(wanted.values(), cells(value, wanted, source), strict=True))
    except (ValueError, RecursionError):
        told = json.dumps(plan.value)[1:-1]
        if plan.value_in.search(text) or told in text:
            found.masked += 1
            return masked(text)
        return text
    row = {column: row[column] for column in wanted.values()}
    try:
        new = plan.replaced(row)
    except CannotStay:
        found.left_out += 1
        return None
    is_own = plan.is_of_person(row)
    if not new and not is_own:
        return text
    by_header = {header: new[column] for header, column in wanted.items() if column in new}
    edits = [
        (start, stop, _written(old, by_header[name]))
        for name, (start, stop, old) in _spans(text).items()
        if name in by_header
    ]
    if is_own:
        known = [
            *wanted,
            *(".".join(header.split(".")[:n]) for header in wanted for n in range(1, header.count(".") + 1)),
        ]
        edits += [
            (start, stop, "null")
            for name, (start, stop, _) in _spans(text).items()
            if name not in known
            and not any(name.startswith(f"{each}.") for each in wanted)
            and name.rpartition(".")[0] in ("", *known)
        ]
    for start, stop, written in sorted(edits, reverse=True):
        text = text[:start] + written + text[stop:]
    found.rewritten += 1
    return text


def _written(old: Any, new: str | None) -> str:
    if new is None:
        return "null"
    return new if isinstance(old, Number) and re.fullmatch(r"-?\d+", new) else json.dumps(new)


def _spans(text: str, start: int = 0, above: str = "") -> Mapping[str, tuple[int, int, Any]]:
    """Start, end and value of every member of an object and of those inside it, by their dotted names."""
    found: dict[str, tuple[int, int, Any]] = {}
    place = _after_space(text, _after_space(text, start) + 1)
    while text[place] != "}":
        if text[place] == ",":
            place = _after_space(text, place + 1)
        key = _STRING.match(text, place)
        assert key is not None
        name = above + str(json.loads(key[0]))
        place = _after_space(text, _after_space(text, key.end()) + 1)
        value, end = Decoder().value_at(text, place)
        found[name] = (place, end, value)
        if isinstance(value, dict):
            found |= _spans(text, place, f"{name}.")
        place = _after_space(text, end)
    return found


def _after_space(text: str, place: int) -> int:
    space = _SPACE.match(text, place)
    return space.end() if space else place
