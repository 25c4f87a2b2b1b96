"""What a person's rows become when the person is forgotten: every personal value a token, an empty value, or no row.

A row that stays is still counted: a token is of the column's type, keeps its rules, and is the same for equal values,
so that distinct counts and joins stay as they were. It is made from the number of the forgetting, never from the value.
Does not belong here: where rows lie in a file of some format.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from scorecards.columns import Column
from scorecards.sources import Source, Validity
from warehouse.patterns import is_whole

# Of a few declared values none tells who somebody is.
_KEPT_TYPES = ("enum", "boolean")


class CannotStay(Exception):
    """A value must go, but its column can hold neither a token nor nothing: the row is left out."""


@dataclass(frozen=True)
class Place:
    """A column of a source whose rows are the person's or, if ``is_mention``, rows of others that name the person."""

    source: str
    column: str
    is_mention: bool = False


@dataclass
class Tokens:
    """The tokens of one forgetting. ``taken`` are values that a column holds already, by source and column."""

    number: int
    value: str
    columns: tuple[Column, ...]
    taken: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _of_others: dict[str, str] = field(default_factory=dict)

    def of_person(self) -> str | None:
        """The token for the value itself, good for every column that it was asked for in; None where there is none."""
        taken = set().union(*self.taken.values()) if self.taken else set()
        return next((token for token in self._candidates("", taken) if all(fits(token, c) for c in self.columns)), None)

    def of(self, original: str, column: Column, taken: Collection[str]) -> str | None:
        """The token for another value of the person's rows; equal values have the same, where its column allows."""
        if original not in self._of_others or not fits(self._of_others[original], column):
            place = len(self._of_others) + 1
            known = {*taken, *self._of_others.values()}
            found = next((t for t in self._candidates(f"-{place}", known) if fits(t, column)), None)
            if found is None:
                return None
            self._of_others[original] = found
        return self._of_others[original]

    def _candidates(self, ending: str, taken: Collection[str]) -> Iterator[str]:
        free = (token for token in _forms(self.number, ending, taken) if token not in taken)
        yield from free


def _forms(number: int, ending: str, taken: Collection[str]) -> Iterator[str]:
    """Texts and numbers in the likely forms of ids: words, then what all known ids begin with, then digits alone."""
    text = f"forgotten-{number}{ending}"
    yield from (text, text.replace("-", ""), text.replace("-", "_"), text.upper(), text.title().replace("-", ""))
    texts = [value for value in taken if value]
    start = _common_start(texts)
    numbers = [int(value) for value in texts if re.fullmatch(r"-?\d{1,17}", value)]
    widths = sorted({len(value) for value in texts}) or [6]
    for prefix in dict.fromkeys((start, "")):
        for width in widths:
            places = width - len(prefix)
            if 0 < places <= 17:
                yield from (f"{prefix}{10**places - 1 - back:0{places}d}" for back in range(200))
                yield from (f"{prefix}{on:0{places}d}" for on in range(min(200, 10**places)))
    if numbers:
        yield from (str(max(numbers) + on) for on in range(1, 200))
        yield from (str(min(numbers) - back) for back in range(1, 200))


def _common_start(texts: Collection[str]) -> str:
    """The letters that all of at least two texts begin with, without the digits at their end."""
    if len(texts) < 2:
        return ""
    first, last = min(texts), max(texts)
    length = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:length].rstrip("0123456789")


def fits(token: str, column: Column) -> bool:
    """Whether a token keeps the rules of a column of texts or whole numbers."""
    if column.matches is not None and not is_whole(token, column.matches):
        return False
    if column.type == "string":
        return True
    if column.type != "integer" or not re.fullmatch(r"-?\d{1,17}", token):
        return False
    low, high = column.minimum, column.maximum
    return (low is None or int(token) >= low) and (high is None or int(token) <= high)


@dataclass(frozen=True)
class Plan:
    """How rows of one source are rewritten: ``value`` is sought in ``own`` columns, and in ``mentions``."""

    source: Source
    value: str
    token: str | None
    own: frozenset[str]
    mentions: frozenset[str]
    tokens: Tokens

    @cached_property
    def value_in(self) -> re.Pattern[str]:
        """The value as a word of a longer text."""
        return re.compile(rf"(?<!\w){re.escape(self.value)}(?!\w)")

    @cached_property
    def digits_or_value(self) -> str:
        """What stands in every text that ``is_sought``: numbers may be written with a sign or zeros before them."""
        digits = self.value.lstrip("+-0")
        return digits if digits.isdigit() else self.value

    def is_sought(self, text: str | None, column: str) -> bool:
        """Whether a text is the value, as its column reads it."""
        found = (text or "").strip(" \t\r\n\u00a0")
        if found == self.value:
            return True
        is_number = column in self.source.columns and self.source.columns[column].type == "integer"
        found = re.sub(r"[.,]0*$", "", found)
        return is_number and _whole(found) is not None and _whole(found) == _whole(self.value)

    def is_of_person(self, row: Mapping[str, str | None]) -> bool:
        """Whether a row (column to text) is the person's."""
        return any(self.is_sought(row[name], name) for name in self.own & row.keys())

    def replaced(self, row: Mapping[str, str | None]) -> dict[str, str | None]:
        """The columns of a row that change, with their new texts (None: nothing); empty where the row stays as it is.

        Raises ``CannotStay`` where the row must be left out.
        """
        is_own = self.is_of_person(row)
        found: dict[str, str | None] = {}
        for name, text in row.items():
            column = self.source.columns[name]
            if (name in self.own or name in self.mentions) and self.is_sought(text, name):
                found[name] = self._token(column)
            elif is_own and column.personal and name not in self.mentions and (text or "").strip():
                new = self._blank(name, str(text).strip(), column)
                if new != text:
                    found[name] = new
        return found

    def _token(self, column: Column) -> str | None:
        if self.token is not None:
            return self.token
        if column.nullable:
            return None
        raise CannotStay

    def _blank(self, name: str, text: str, column: Column) -> str | None:
        if name in placing(self.source) or column.type in _KEPT_TYPES:
            return text
        is_countable = column.type == "string" or (column.type == "integer" and name in self.source.key)
        if is_countable:
            taken = self.tokens.taken.get((self.source.source, name), ())
            token = self.tokens.of(text, column, taken)
            if token is not None:
                return token
        if column.nullable:
            return None
        filler = _filler(column) if column.staged == "dropped" else None
        if filler is None:
            raise CannotStay
        return filler


def _filler(column: Column) -> str | None:
    """A value that keeps the column's rules and says nothing, for a column from which nothing is computed."""
    if column.matches is not None:
        return None
    if column.type in ("date", "datetime", "month"):
        return date(1900, 1, 1).strftime(column.strptime or "%Y-%m-%d")
    if column.percent:
        return None
    low, high = column.minimum, column.maximum
    number = max(low or 0, 0) if high is None or high >= 0 else high
    return str(int(number)) if number == int(number) else None


def placing(source: Source) -> set[str]:
    """The columns that place a row in its month and unit; they stay, or the row would count elsewhere."""
    names = {source.known_on, source.unit.column if source.unit else None}
    if isinstance(source.period, Validity):
        return {str(name) for name in (*names, source.period.start, source.period.end) if name}
    return {str(name) for name in (*names, source.period) if name}


def masked(text: str) -> str:
    """A text of which only the form is left: every letter an x, every digit a 9."""
    return "".join("x" if letter.isalpha() else "9" if letter.isdigit() else letter for letter in text)


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else None
