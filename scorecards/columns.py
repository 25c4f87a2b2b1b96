"""Columns of a source: the rules that their values must keep, whether they stand in the file or are derived from it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from scorecards.base import Declared, Id, Names

ColumnType = Literal["string", "integer", "decimal", "float", "date", "datetime", "month", "boolean", "enum"]
SERIAL = "serial"
NUMBERS = ("integer", "decimal", "float")
TIMES = ("date", "datetime", "month")
# What stands between digits: alone it is no sign, and '.5' without its point is 5; 'kr.' is one, as '.–' behind francs.
_MARKS = " .,'’\u00a0\u202f"
_OF_NUMBERS = r"[\d+-]|^[\u2010-\u2015\u2212]"
# A day and time on which every two orders of day, month and year, of hours and minutes, differ.
_TELLING = datetime(2003, 5, 4, 9, 7, 8)


class ValueRules(Declared):
    """What a value of a column must be."""

    type: ColumnType = Field(
        "string", description="How the text is read; a text that cannot be read so rejects the row."
    )
    scale: int = Field(4, ge=0, le=10, description="Decimal places that are kept of a decimal.")
    nullable: bool = Field(False, description="Whether an empty value is accepted.")
    values: Names = Field((), description="The values an enum may take.")
    minimum: float | None = Field(None, description="Lowest number that is accepted.")
    maximum: float | None = Field(None, description="Highest number that is accepted.")
    matches: str | None = Field(None, description="A regular expression (RE2) that the whole text must match.")
    references: Id | None = Field(
        None, description="A source whose key the value must be; a row without a match counts nowhere and is rejected."
    )
    personal: bool = Field(False, description="Marks personal data: never shown in tables, logs or errors.")
    staged: Literal["as is", "hashed", "dropped"] = Field(
        "as is",
        description="What is kept of a personal value once it is checked: the value, its keyed hash (equal values have "
        "equal hashes, in every source), or nothing. Hashed needs SCOREPACK_HASH_KEY (see Personal data).",
    )

    @property
    def as_staged(self) -> Self:
        """The rules of what is staged of it: a hash is a text, of which the file's rules say nothing."""
        if self.staged != "hashed":
            return self
        return type(self).model_validate(
            {
                **self.model_dump(
                    exclude={
                        "values",
                        "minimum",
                        "maximum",
                        "matches",
                        "scale",
                        "format",
                        "percent",
                        "symbol",
                        "true_when",
                        "false_when",
                    }
                ),
                "type": "string",
            }
        )

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        if self.staged != "as is" and not self.personal:
            raise ValueError(f"'staged: {self.staged}' belongs to personal columns: declare personal: true")
        if (self.type == "enum") != bool(self.values):
            raise ValueError("'values' belongs to the type enum, and an enum needs it")
        if self.type not in NUMBERS and (self.minimum, self.maximum) != (None, None):
            raise ValueError(f"'minimum' and 'maximum' belong to numbers, not to the type {self.type}")
        return self


class Column(ValueRules):
    """One column of the extract and the rules its values must keep."""

    header: str | None = Field(None, description="The column's name in the file, where it differs from the id here.")
    format: Names = Field(
        (),
        description="strptime format of a date or datetime, or `serial`: days as Excel counts them; of a list the "
        "first that fits counts; none: ISO 8601.",
    )
    percent: bool | Literal["where written"] = Field(
        False,
        description="Whether a decimal or float is written with a percent sign: 75.00% is kept as 0.75. One without it "
        "is rejected; `where written` takes it as it stands: 0.75, as cells formatted as a percentage hold it.",
    )
    symbol: Names = Field(
        (),
        description="Signs or words that may stand before or after a number, such as £ or EUR; one with any other is "
        "rejected.",
    )

    true_when: Names = Field(
        (),
        description="Texts of a boolean that are true, in capitals or not, such as [ja, j]; in place of t, 1, yes and "
        "y. `true` and `false` themselves are always read.",
    )
    false_when: Names = Field(
        (),
        description="Texts of a boolean that are false, such as [nein, n]; among them `''` makes empty values false.",
    )

    @property
    def reads_empty(self) -> bool:
        """Whether an empty value says something: that it is false, or true."""
        return "" in (*self.true_when, *self.false_when)

    @property
    def strptime(self) -> str | None:
        """The first of the formats in which a day is written with letters and digits."""
        return next((form for form in self.format if form != SERIAL), None)

    @model_validator(mode="after")
    def _truths_are_told_apart(self) -> Self:
        if not (self.true_when or self.false_when):
            return self
        if self.type != "boolean":
            raise ValueError(f"'true_when' and 'false_when' belong to the type boolean, not to {self.type}")
        if not (self.true_when and self.false_when):
            raise ValueError("'true_when' and 'false_when' belong together: declare both")
        trues = {"true", *(text.lower() for text in self.true_when)}
        falses = {"false", *(text.lower() for text in self.false_when)}
        for text in sorted(trues & falses):
            raise ValueError(f"'{text}' would be true and false: name it once, in 'true_when' or in 'false_when'")
        if self.nullable and self.reads_empty:
            raise ValueError("an empty value cannot be read as a truth, by '', and as missing, by 'nullable'")
        return self

    @model_validator(mode="after")
    def _formats_are_plain(self) -> Column:
        if self.format and self.type not in TIMES:
            raise ValueError(f"'format' belongs to dates, not to the type {self.type}")
        if self.percent and self.type not in ("decimal", "float"):
            raise ValueError(f"'percent' belongs to decimals and floats, not to the type {self.type}")
        if self.symbol and (self.type not in NUMBERS or self.percent):
            raise ValueError("'symbol' belongs to numbers, and to those without a percent sign")
        for symbol in self.symbol:
            if not symbol.strip(_MARKS) or re.search(_OF_NUMBERS, symbol):
                raise ValueError(f"'{symbol}' cannot be a 'symbol': it would be taken for a part of the number")
        for place, first in enumerate(self.format):
            for second in self.format[place + 1 :]:
                text = _contradiction(first, second) or _contradiction(second, first)
                if text:
                    raise ValueError(
                        f"'{first}' and '{second}' read '{text}' as two different days; declare one of them"
                    )
        return self


class Derived(ValueRules):
    """A column that the file does not have: SQL over the row's own columns, typed and checked like any other."""

    type: ColumnType = Field("decimal", description="What the value is; one that is not of the type rejects the row.")
    value: str = Field(description="SQL over the columns of the same row, without aggregates.")


def _by_value(value: Any) -> Any:
    return {"value": value} if isinstance(value, str) else value


# A derived column may be written as its SQL alone.
DerivedColumn = Annotated[Derived, BeforeValidator(_by_value, json_schema_input_type=str | Derived)]


def _contradiction(written: str, read: str) -> str | None:
    """A text that one format writes and the other reads as another day; None where there is none, or no format."""
    try:
        text = _TELLING.strftime(written)
        whole = datetime.strptime(text, read)
        again = datetime.strptime(text, written)
    except ValueError:
        return None
    return text if whole.date() != again.date() and re.search(r"\d", text) else None
