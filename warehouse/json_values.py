"""Objects of JSON as rows: values by key or dotted path, numbers as they are written, what makes a row broken."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scorecards.sources import Source
from warehouse.headers import headers


class Number(str):
    """A number as the file writes it, told from a text."""


class Wrong(ValueError):
    """What is wrong with a row."""


class Decoder(json.JSONDecoder):
    """A decoder that keeps numbers as written, and the flaws that JSON does not allow or that would lose a value."""

    def __init__(self) -> None:
        super().__init__(
            parse_int=Number, parse_float=Number, parse_constant=self._constant, object_pairs_hook=self._once
        )
        self.flaws: list[str] = []

    def value_at(self, text: str, place: int) -> tuple[Any, int]:
        """The value that begins at a place, and where it ends. Raises ``ValueError`` where there is none."""
        self.flaws.clear()
        return self.raw_decode(text, place)

    def _constant(self, name: str) -> None:
        self.flaws.append(f"holds {name}, which is not JSON")

    def _once(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            times = Counter(key for key, _ in pairs)
            self.flaws.append(f"names the key '{next(key for key in times if times[key] > 1)}' twice")
        return found


def cells(found: Mapping[str, Any], wanted: Iterable[str], source: Source) -> list[str | None]:
    """The texts of the wanted headers. Raises ``Wrong`` for a value that is no single one."""
    return [_text(_value(found, header), header, source) for header in wanted]


def names_in(found: Mapping[str, Any], dotted: Sequence[str]) -> list[str]:
    """The keys of an object, with those dotted headers whose path it has, for the header of the file."""
    above = {header.split(".", 1)[0] for header in dotted}
    paths = [header for header in dotted if header not in found and _has(found, header)]
    return [*(key for key in found if key not in above), *paths]


def dotted_headers(source: Source) -> list[str]:
    """The headers of a contract that may be paths into nested objects."""
    return [header for header in headers(source) if "." in header]


def _has(found: Any, header: str) -> bool:
    for part in header.split("."):
        if not isinstance(found, dict) or part not in found:
            return False
        found = found[part]
    return True


def _value(found: Mapping[str, Any], header: str) -> Any:
    if "." not in header or header in found:
        return found.get(header)
    value: Any = found
    for part in header.split("."):
        if value is None:
            return None
        if not isinstance(value, dict):
            raise Wrong(f"has no object above '{part}' of '{header}'")
        value = value.get(part)
    return value


def _text(value: Any, header: str, source: Source) -> str | None:
    if value is None:
        return None
    if isinstance(value, Number):
        return value.replace(".", source.decimal)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise Wrong(f"has half a character in '{header}'")
        return value
    raise Wrong(f"has a nested value in '{header}', where one value is wanted")
