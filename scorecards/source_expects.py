"""What a contract expects of a delivery as a whole: how many rows, how much change, which total, and when it is due."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from scorecards.base import Declared, Id

Severity = Literal["refuse", "warn"]


def _share(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?\s*%", value.strip()):
        return float(value.strip().rstrip("% ")) / 100
    if isinstance(value, str):
        raise ValueError(f"'{value}' is not a share; write it as 30%")
    return value


def _days(value: Any) -> Any:
    found = re.fullmatch(r"(\d{1,3}) days?", value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"'{value}' is not a number of days; write it as 5 days")
    return int(found[1])


def _tolerance(value: Any) -> Any:
    if isinstance(value, str) and not value.strip().endswith("%"):
        try:
            return Decimal(value)
        except InvalidOperation:
            raise ValueError(f"'{value}' is neither an amount such as 0.50 nor a share such as 0.1%") from None
    return {"share": _share(value)} if isinstance(value, str) else Decimal(str(value))


AnyShare = Annotated[float, BeforeValidator(_share, json_schema_input_type=str | float), Field(ge=0)]


class _Rule(Declared):
    severity: Severity = Field("refuse", description="Whether a delivery that breaks the rule is refused, or noted.")


class RowCount(_Rule):
    """Bounds of the accepted rows of one delivery."""

    at_least: int | None = Field(None, ge=0, description="The fewest rows.")
    at_most: int | None = Field(None, ge=0, description="The most rows.")


class MonthChange(_Rule):
    """The change of a month, of a file of many months its newest, against the month before."""

    at_most: AnyShare = Field(description="The largest change, up or down, as a share of the month before.")
    of: Id | None = Field(None, description="A column whose sum is compared; none: the number of rows.")


class Share(Declared):
    """A share of the expected total."""

    share: float = Field(ge=0, description="The share.")


class ControlTotal(_Rule):
    """A file beside the extract that says, by month, to what its rows must add up."""

    path: str = Field(description="Path below extracts/, with {period}, {file_date} and * as in the source's path.")
    column: Id | None = Field(None, description="The column whose sum is compared.")
    period: str = Field("period", description="Header of the month, such as 2025-09, in the control file.")
    total: str = Field("total", description="Header of the expected sum.")
    rows: str | None = Field(None, description="Header of the expected number of rows; none: it is not compared.")
    delimiter: str = Field(",", min_length=1, max_length=1, description="What stands between its fields.")
    decimal: Literal[".", ","] = Field(".", description="The decimal sign of its totals.")
    tolerance: Annotated[Decimal | Share, BeforeValidator(_tolerance, json_schema_input_type=str | float)] = Field(
        Decimal(0), description="The difference that is still accepted: an amount, or a share such as 0.1%."
    )

    @model_validator(mode="after")
    def _compares_something(self) -> ControlTotal:
        if self.column is None and self.rows is None:
            raise ValueError("give 'column', 'rows' or both: there is nothing to compare")
        return self

    def accepts(self, found: Decimal, expected: Decimal) -> bool:
        """Whether a sum is near enough to what is expected."""
        limit = self.tolerance
        most = limit if isinstance(limit, Decimal) else abs(expected) * Decimal(str(limit.share))
        return abs(found - expected) <= most


class Expects(Declared):
    """Rules about a delivery as a whole; rejected rows are not counted."""

    rows: RowCount | None = Field(None, description="Bounds of the number of rows.")
    change: MonthChange | None = Field(None, description="The most that a month may differ from the month before.")
    control: ControlTotal | None = Field(None, description="A control file to whose totals the rows must add up.")
    due: Annotated[int | None, BeforeValidator(_days, json_schema_input_type=str)] = Field(
        None, description="How long after the last day of a month its delivery is due, such as 5 days."
    )

    @property
    def sums(self) -> tuple[str, ...]:
        """The columns whose sums are compared."""
        named = (self.change.of if self.change else None, self.control.column if self.control else None)
        return tuple(dict.fromkeys(name for name in named if name))
