"""What a source's files look like: how they are packed, written and laid out, before any column is judged.

Belongs here: the keys of a contract that say how a file is taken apart into rows of texts. Does not belong here: what
the columns mean and what is refused (``sources.py``), and where the files lie (``source_paths.py``).
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from scorecards.base import Declared, Id, Names
from scorecards.file_formats import FORMAT_NAMES, FileFormat, format_of, plain_suffix
from scorecards.source_paths import PathPattern

_NO_FILES = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7"}
_RANGE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})?(?::([A-Z]{1,3})([1-9]\d{0,6})?)?")
# The formats to which a key belongs; keys that are not here belong to every format.
_BELONGS: dict[str, tuple[FileFormat, ...]] = {
    "delimiter": ("csv",), "quote": ("csv",), "escape": ("csv",),
    "encoding": ("csv", "jsonl", "json"),
    "comment": ("csv", "excel"), "footer": ("csv", "excel"), "header_rows": ("csv", "excel"),
    "skip_rows": ("csv", "excel"), "sheet": ("excel",), "range": ("excel",), "records": ("json",),
    "unpivot": ("csv", "excel", "parquet"),
}  # fmt: skip


def _listed_or_mapping(value: Any) -> Any:
    return [value] if isinstance(value, str) and value != "others" else value


def _is_encoding(name: str) -> bool:
    """Whether files may be written so: Python has codecs that are none of text, and some for parts of names."""
    try:
        return bool("a".encode(name)) and codecs.lookup(name).name not in _NO_FILES
    except (LookupError, ValueError):
        return False


class Unpivot(Declared):
    """Columns that hold values of one kind, such as one column a month, become rows."""

    columns: Annotated[
        Literal["others"] | dict[str, str] | tuple[str, ...],
        BeforeValidator(_listed_or_mapping, json_schema_input_type=str | list[str] | dict[str, str]),
    ] = Field(
        "others",
        description="Headers, patterns such as `2025-*`, a mapping from header to the value of `name`, or `others`: "
        "all that are not declared.",
    )
    name: Id = Field(description="The column that takes the header, such as the month.")
    value: Id = Field(description="The column that takes the cell.")
    empty: Literal["skip", "keep"] = Field("skip", description="Whether an empty cell makes a row without a value.")

    @model_validator(mode="after")
    def _two_columns(self) -> Self:
        if self.name == self.value:
            raise ValueError("'name' and 'value' are the same column")
        if not self.columns:
            raise ValueError("'columns' is empty; name the columns, a pattern, or others")
        return self


class SourceFiles(Declared):
    """The part of a contract that says where its files lie and how they are written."""

    path: str = Field(
        "",
        description="Path below extracts/, or below the location; {period} is the month, {file_date} the delivery "
        "day, each with a strftime format where it is not the usual one ({period:%Y%m}), * anything.",
    )
    format: FileFormat | None = Field(None, description="None: told by the file's suffix.")
    delimiter: Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=1)] | None = Field(
        None,
        description="Between the fields of a text file, one character; none: a tab in .tsv and .tab, else a comma.",
    )
    encoding: str = Field("utf-8", description="Of a text file, such as utf-8, cp1252 or utf-16.")
    decimal: Literal[".", ","] = Field(".", description="The sign before decimals in texts.")
    thousands: Literal["", ",", ".", " ", "'"] = Field("", description="The sign between thousands in texts.")
    negatives: Annotated[
        tuple[Literal["brackets", "trailing"], ...],
        BeforeValidator(_listed_or_mapping, json_schema_input_type=str | list[str]),
    ] = Field((), description="How numbers below zero may be written beside -5: brackets (5), trailing 5-.")
    quote: Annotated[str, StringConstraints(min_length=1)] = Field(
        '"', description="The character round a text that holds delimiters or line ends, or `none`."
    )
    escape: Literal["doubled", "backslash"] = Field(
        "doubled", description="How a quote is written inside quotes: twice, or after a backslash."
    )
    comment: Names = Field((), description="Lines that begin with one of these texts are no rows.")
    header_rows: int = Field(
        1,
        ge=0,
        le=3,
        description="Rows of the header; 2 or 3 are joined by a space. With 0 columns are found by place: "
        "as declared, or `header` is the place from 1.",
    )
    skip_rows: int = Field(0, ge=0, description="Lines above the header row.")
    footer: Annotated[int, Field(ge=0)] | str = Field(
        0,
        description="Lines at the end that are no rows: their number, or a pattern (a regular expression for their "
        "beginning).",
    )
    sheet: str | Annotated[int, Field(ge=1)] | None = Field(
        None, description="Sheet of a workbook by name or number from 1; none: the first."
    )
    range: str | None = Field(
        None, description="Cells of the sheet that hold the table with its header, such as A5:H200, A5:H or B:H."
    )
    records: str | None = Field(
        None, description="Where the array lies in a JSON object: keys with points between, such as `data.items`."
    )
    fill_down: Names = Field(
        (),
        description="Columns whose empty values repeat the one above, as merged cells and grouped reports have them.",
    )
    unpivot: Unpivot | None = Field(
        None, description="Columns of values of one kind, such as one column a month, that become rows."
    )

    @property
    def file_format(self) -> FileFormat:
        """The declared format, or the one that the suffix tells."""
        return self.format or format_of(self.path) or "csv"

    @property
    def names_month(self) -> bool:
        """Whether a file holds one month: its path names the period."""
        return "period" in PathPattern(self.path).placeholders

    @property
    def is_dated(self) -> bool:
        """Whether a file's name tells the day of its delivery."""
        return "file_date" in PathPattern(self.path).placeholders

    @property
    def separator(self) -> str:
        """The delimiter of text files, declared or told by the suffix."""
        return self.delimiter or ("\t" if plain_suffix(self.path) in (".tsv", ".tab") else ",")

    @property
    def quote_mark(self) -> str:
        """The quote character, or an empty text where there is none."""
        return "" if self.quote == "none" else self.quote

    @property
    def cells(self) -> tuple[int, int, int | None, int | None]:
        """The range as first row, first column, last row and last column, from 0 and included; None: to the end."""
        if self.range is None:
            return 0, 0, None, None
        found = _RANGE.fullmatch(self.range)
        if found is None:
            raise ValueError(f"'range' is '{self.range}'; write it as A5:H200, A5:H or B:H")
        left, top, right, bottom = found.groups()
        last = (int(bottom) - 1 if bottom else None, column_number(right) if right else None)
        return int(top or 1) - 1, column_number(left), *last

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        if not _is_encoding(self.encoding):
            raise ValueError(
                f"'encoding' is '{self.encoding}', which is no encoding of text; write utf-8 or cp1252, say"
            )
        if self.decimal == self.thousands:
            raise ValueError(f"'decimal' and 'thousands' are both '{self.decimal}'")
        marks = {"delimiter": self.separator, "quote": self.quote_mark}
        for key, mark in marks.items():
            if len(mark) > 1 or mark in ("\n", "\r", "\0", "\ufeff"):
                what = "one character, or none" if key == "quote" else "one character"
                raise ValueError(f"'{key}' is {mark!r}; it must be {what}, and no line end")
        if self.separator == self.quote_mark:
            raise ValueError(f"'delimiter' and 'quote' are both {self.separator!r}")
        if self.escape == "backslash" and not self.quote_mark:
            raise ValueError("'escape' belongs to quotes, but 'quote' is none")
        if any(not prefix for prefix in self.comment):
            raise ValueError("'comment' holds an empty text, with which every line begins")
        if isinstance(self.footer, str):
            try:
                matches_nothing = re.match(self.footer, "") is not None
            except (re.error, RecursionError, OverflowError) as error:
                raise ValueError(f"'footer' is '{self.footer}', which is no regular expression: {error}") from None
            if matches_nothing:
                raise ValueError(f"'footer' is '{self.footer}', which every line matches; write a text such as Total")
        top, left, bottom, right = self.cells
        if (bottom is not None and bottom < top) or (right is not None and right < left):
            raise ValueError(f"'range' is '{self.range}', whose end lies before its start")
        return self

    def layout_problems(self, columns: Mapping[str, str | None]) -> Iterator[str]:
        """What of the layout does not fit the path, the format or the columns (id to declared header), as sentences."""
        yield from PathPattern(self.path).problems()
        if self.format is None and format_of(self.path) is None:
            yield "the format cannot be told from 'path'; declare format: csv, excel, parquet, jsonl or json"
        for key, kinds in _BELONGS.items():
            if key in self.model_fields_set and self.file_format not in kinds:
                what = " and ".join(FORMAT_NAMES[kind] for kind in kinds)
                yield f"'{key}' belongs to {what}, but the format is {self.file_format}"
        named = [("fill_down", name) for name in self.fill_down]
        if self.unpivot:
            if {self.unpivot.name, self.unpivot.value} & set(self.fill_down):
                yield "'fill_down' names a column that 'unpivot' makes; name columns of the file"
            named += [("unpivot.name", self.unpivot.name), ("unpivot.value", self.unpivot.value)]
        for key, name in named:
            if name not in columns:
                yield f"'{key}' names '{name}', which is no column of this source"
        if self.header_rows == 0:
            yield from self._place_problems(columns)

    def _place_problems(self, columns: Mapping[str, str | None]) -> Iterator[str]:
        """Without a header row columns are found by place: each ``header`` is a number, and no two are the same."""
        if self.unpivot:
            yield "'unpivot' needs headers, but 'header_rows' is 0"
        places = [header or str(place) for place, header in enumerate(columns.values(), start=1)]
        times = Counter(places)
        for name, place in zip(columns, places, strict=True):
            if not re.fullmatch(r"[1-9]\d{0,4}", place):
                yield f"'header_rows' is 0, so the header of '{name}' must be its place from 1, not '{place}'"
            if times[place] > 1:
                yield f"two columns have the place {place}, one of them '{name}'; give each its place as its header"


def column_number(letters: str) -> int:
    """The place of a sheet's column from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
