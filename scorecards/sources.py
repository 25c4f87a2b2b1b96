"""``sources/*.yaml``: one data contract per source: where its files lie, what they hold, and what is refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from scorecards.base import Declared, Id, Names, parse_share
from scorecards.connections import Origin
from scorecards.file_formats import FileFormat
from scorecards.organisation import Period
from scorecards.source_files import SourceFiles

Domain = Literal["hr", "finance", "customer", "process"]
ColumnType = Literal["string", "integer", "decimal", "float", "date", "datetime", "month", "boolean", "enum"]


class Column(Declared):
    """One column of the extract and the rules its values must keep."""

    type: ColumnType = "string"
    header: str | None = Field(None, description="The column's name in the file, where it differs from the id here.")
    format: str | None = Field(
        None,
        description="strptime format of a date or datetime, or `serial`: days as Excel counts them; none: ISO 8601.",
    )
    scale: int = Field(4, ge=0, le=10, description="Decimal places that are kept of a decimal.")
    percent: bool = Field(
        False,
        description="Whether a decimal or float is written with a percent sign: 75.00% is kept as 0.75.",
    )
    nullable: bool = Field(False, description="Whether an empty value is accepted.")
    values: Names = Field((), description="The values an enum may take.")
    minimum: float | None = None
    maximum: float | None = None
    matches: str | None = Field(None, description="A regular expression (RE2) that the whole text must match.")
    personal: bool = Field(False, description="Marks personal data: never shown in tables, logs or errors.")

    @model_validator(mode="after")
    def _fits_its_type(self) -> Column:
        if (self.type == "enum") != bool(self.values):
            raise ValueError("'values' belongs to the type enum, and an enum needs it")
        if self.format and self.type not in ("date", "datetime", "month"):
            raise ValueError(f"'format' belongs to dates, not to the type {self.type}")
        if self.percent and self.type not in ("decimal", "float"):
            raise ValueError(f"'percent' belongs to decimals and floats, not to the type {self.type}")
        if self.type not in ("integer", "decimal", "float") and (self.minimum, self.maximum) != (None, None):
            raise ValueError(f"'minimum' and 'maximum' belong to numbers, not to the type {self.type}")
        return self


class UnitRule(Declared):
    """How a row's organisation unit is found."""

    column: Id | None = None
    values: dict[str, str] = Field(
        default={}, description="From the code in the file to the unit's id, where they differ."
    )
    always: str | None = Field(None, description="One unit for every row, for sources that know no units.")

    @model_validator(mode="after")
    def _one_way(self) -> UnitRule:
        if (self.column is None) == (self.always is None):
            raise ValueError("give either 'column' (with 'values' where codes differ) or 'always'")
        return self


class Validity(Declared):
    """Rows that hold over a time: one counts for every month whose last day lies from start to end, both included."""

    start: Id
    end: Id = Field(description="The column of the last day on which the row holds; an empty value means still.")


class Lookup(Declared):
    """Columns of another source joined to the rows, as ``<name>_<column>``; its key is one column."""

    source: Id
    on: Id = Field(description="The column here that holds the other source's key.")


class Span(Declared):
    """The months that a source can speak of, where its rows do not tell."""

    first: Period
    last: Period

    @model_validator(mode="after")
    def _runs_forward(self) -> Span:
        if self.first > self.last:
            raise ValueError("'first' must not be later than 'last'")
        return self


class Hierarchy(Declared):
    """A reference source that is a tree, such as a chart of accounts.

    Each total adds a column of its name: +1 or −1 for a row that counts into the node, by the signs between, else null.
    """

    parent: Id = Field(description="The column that holds the parent's key.")
    sign: Id | None = Field(None, description="The column that holds + or - towards the parent; ~ does not count.")
    totals: dict[Id, str] = Field(description="Name of the total to the key of the node it sums.")


def _share_or_count(value: Any) -> Any:
    return value if isinstance(value, int) else parse_share(value)


class Rejects(Declared):
    """How many rows of one load may be rejected: a share of the rows (2%) or a number."""

    at_most: Annotated[
        float | int, BeforeValidator(_share_or_count, json_schema_input_type=str | float | int), Field(ge=0)
    ] = Field(0, description="A share such as 2%, or a whole number of rows.")

    def allows(self, rejected: int, rows: int) -> bool:
        """Whether ``rejected`` of ``rows`` rows stay within the contract."""
        # A share such as 29% is no exact float: 29 of 100 rows must still be within it.
        return rejected <= (self.at_most if isinstance(self.at_most, int) else self.at_most * rows + 1e-9 * rows)


def _unit(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


class Named(Declared):
    """What a contract is about, and whom it is with."""

    source: Id
    domain: Domain
    description: str = ""
    owner: str = Field("", description="Who delivers it, and is asked when it fails.")


class Source(SourceFiles, Origin, Named):
    """The whole of one file in ``sources/``: the contract with whoever delivers the extract."""

    nulls: Names = Field((), description="Texts that mean an empty value, beside the empty text.")
    key: Names = Field((), description="Columns that identify a row; a second row with the same key is rejected.")
    unit: Annotated[UnitRule | None, BeforeValidator(_unit, json_schema_input_type=str | UnitRule)] = Field(
        None,
        description="The column that names the organisation unit, or a rule. Required where measures count the rows.",
    )
    period: str | Validity = Field(
        description="A date or month column, {period} for the file's month, a validity, none, or {known_on}: for a "
        "source without history, whose file says how things stand now. Each month keeps the newest such file that "
        "became known after it was over and before the next one was."
    )
    known_on: str = Field(
        "load",
        description="The day on which a delivery became known: {file_date} of its name, a date column (its latest "
        "day), manifest (the file manifest.csv among the extracts, with the columns file and known_on), or load: when "
        "it was taken in.",
    )
    late_rows: Literal["wait", "next open month"] = Field(
        "wait",
        description="What becomes of rows that come for a month after it was closed: they wait until it is reopened, "
        "or count in the next month that was open when they came; that belongs to increments (replaces: nothing).",
    )
    replaces: Literal["all", "months", "nothing"] = Field(
        "all",
        description="What a newer delivery of the same file (but for its {file_date}) replaces: all of the earlier one "
        "(a full snapshot), the months it has rows of (a correction), or nothing (an increment, whose rows are added; "
        "the newest row of a key counts).",
    )
    covers: Literal["rows", "range"] | Span = Field(
        "rows",
        description="Months that a file of many speaks of: those with rows, all from its first to its last, or a span.",
    )
    columns: dict[Id, Column] = Field(min_length=1)
    lookups: dict[Id, Lookup] = Field(default={})
    hierarchy: Hierarchy | None = None
    rejects: Rejects = Rejects()

    @property
    def file_format(self) -> FileFormat:
        """The declared format, or the one that the suffix tells; the result of a query is kept as Parquet."""
        return "parquet" if self.is_query else super().file_format

    @property
    def names_month(self) -> bool:
        """Whether a delivery is of one month: its path names the period, or its query asks for it."""
        return super().names_month or self.asks_for_a_month

    @property
    def is_reference(self) -> bool:
        """Whether rows have no period: a table that other sources look up."""
        return self.period == "none"

    @property
    def is_monthly(self) -> bool:
        """Whether a delivery holds one month: its path names the period, or it says how things stand."""
        return self.names_month or self.is_snapshot

    @property
    def is_snapshot(self) -> bool:
        """Whether a delivery says how things stand on the day when it became known, and nothing of the past."""
        return self.period == "{known_on}"

    @property
    def known_on_column(self) -> str | None:
        """The column that holds the day on which a row became known, if one does."""
        return self.known_on if self.known_on in self.columns else None

    @model_validator(mode="after")
    def _consistent(self) -> Source:
        self._require_one_origin()
        layout = self.layout_problems({name: column.header for name, column in self.columns.items()})
        for sentence in () if self.is_query else layout:
            raise ValueError(sentence)
        if self.known_on == "{file_date}" and not self.is_dated:
            raise ValueError("'known_on' is {file_date}, but 'path' has no {file_date}")
        # The text of a query may lie in a file that is not read yet: see ``check_connections``.
        if self.period == "{period}" and not self.names_month and not self.is_query:
            raise ValueError("'period' is {period}, but 'path' has no {period}")
        if self.is_snapshot and self.names_month:
            raise ValueError("'period' is {known_on}, but 'path' names the {period}")
        if self.known_on not in ("{file_date}", "load", "manifest", *self.columns):
            raise ValueError("'known_on' is none of {file_date}, load, manifest and the columns")
        if self.known_on_column and self.columns[self.known_on].type not in ("date", "datetime"):
            raise ValueError(f"'known_on' names the column {self.known_on}, which is no date")
        if self.late_rows == "next open month" and self.replaces != "nothing":
            raise ValueError("'late_rows: next open month' belongs to increments: declare replaces: nothing")
        if self.hierarchy and (len(self.key) != 1 or not self.is_reference):
            raise ValueError("'hierarchy' belongs to a reference source (period: none) with one key column")
        return self

    def _require_one_origin(self) -> None:
        if self.query is None:
            if "path" not in self.model_fields_set:
                raise ValueError("give 'path' for files, or 'connection' and 'query' for a database")
            return
        for key in (*SourceFiles.model_fields, "location"):
            if key in self.model_fields_set:
                raise ValueError(f"'{key}' belongs to files, and this source is a query")
        if self.known_on == "manifest":
            raise ValueError("'known_on: manifest' belongs to files, and this source is a query")
