"""``sources/*.yaml``: one data contract per source: where its files lie, what they hold, and what is refused."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from scorecards.base import Declared, Id, Names, parse_share
from scorecards.columns import Column, DerivedColumn, ValueRules
from scorecards.connections import Origin
from scorecards.file_formats import FileFormat
from scorecards.organisation import Period
from scorecards.periods import Frequency
from scorecards.source_changes import ContractChange, change_of, forms, retyped, wrong_with
from scorecards.source_expects import Expects
from scorecards.source_files import SourceFiles

Domain = Literal["hr", "finance", "customer", "process"]


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
    end: Id = Field(
        description="The column of the last day on which the row holds; an empty value means still. A row "
        "that ends before it starts is rejected."
    )


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

    source: Id = Field(description="The source's id, by which measures name it.")
    domain: Domain = Field(description="The domain that delivers it.")
    description: str = Field("", description="What it holds; shown on the pack's last page.")
    owner: str = Field("", description="Who delivers it, and is asked when it fails.")


class Contract(SourceFiles, Origin, Named):
    """A contract in one form: what all files of a source, or those of a time, hold."""

    nulls: Names = Field((), description="Texts that mean an empty value, beside the empty text.")
    key: Names = Field((), description="Columns that identify a row; a second row with the same key is rejected.")
    unique: tuple[Names, ...] = Field(
        (), description="Further sets of columns that no two rows of a file share; a row with an empty one is free."
    )
    unit: Annotated[UnitRule | None, BeforeValidator(_unit, json_schema_input_type=str | UnitRule)] = Field(
        None,
        description="The column that names the organisation unit, or a rule. Required where measures count the rows.",
    )
    period: str | Validity = Field(
        description="A date or month column, {period} for the file's month, a validity, none, or {known_on}: for a "
        "source without history, whose file says how things stand now. Each month keeps the newest such file that "
        "became known after it was over and before the next one was."
    )
    frequency: Frequency = Field(
        "month",
        description="How often it is delivered. Of a quarter or year, of the fiscal year, one month must have a "
        "delivery by its last: the others are not due, and are not told as missing or late.",
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
        "or count in the next month that was open when they came; that belongs to increments (replaces: nothing). Rows "
        "whose key a closed month counts already wait there too: in both months the key would count twice.",
    )
    replaces: Literal["all", "months", "nothing"] = Field(
        "all",
        description="What a newer delivery of the same file (but for its {file_date}) replaces: all of the earlier one "
        "(a full snapshot), the months it has rows of (a correction), or nothing (an increment, whose rows are added; "
        "the newest row of a key counts, of monthly files that of its month).",
    )
    covers: Literal["rows", "range"] | Span = Field(
        "rows",
        description="Months that a file of many speaks of: those with rows, all from its first to its last, or a span.",
    )
    columns: dict[Id, Column] = Field(
        min_length=1, description="The columns that are used, by id. Others in the file are ignored and never staged."
    )
    derived: dict[Id, DerivedColumn] = Field(
        default={}, description="Columns that SQL derives from those of the same row."
    )
    lookups: dict[Id, Lookup] = Field(
        default={}, description="Columns of other sources, joined to the rows as `<lookup>_<column>`."
    )
    hierarchy: Hierarchy | None = Field(None, description="Makes a look-up table a tree with totals.")
    rejects: Rejects = Field(
        Rejects(), description="How many rows may be rejected before the file is refused as a whole."
    )
    expects: Expects = Field(Expects(), description="What a delivery must be as a whole.")
    ignored: Names = Field((), description="Headers of the file that are known and not wanted: they are not noted.")

    @property
    def row_columns(self) -> dict[str, ValueRules]:
        """The columns of a row: those of the file, then those derived."""
        return {**self.columns, **self.derived}

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
    def _consistent(self) -> Self:
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
        for name, column in self.columns.items():
            nulls = {text.lower() for text in (*column.true_when, *column.false_when)} & {*map(str.lower, self.nulls)}
            if nulls:
                raise ValueError(
                    f"'{min(nulls)}' means an empty value by 'nulls', and a truth of '{name}': name it once"
                )
        if self.known_on_column and self.columns[self.known_on].type not in ("date", "datetime"):
            raise ValueError(f"'known_on' names the column {self.known_on}, which is no date")
        if self.late_rows == "next open month" and self.replaces != "nothing":
            raise ValueError("'late_rows: next open month' belongs to increments: declare replaces: nothing")
        doubled = sorted(set(self.columns) & set(self.derived))
        if doubled:
            raise ValueError(f"'{doubled[0]}' is a column of the file, and derived too")
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


# A change may name whatever key a contract has: its model is made from the contract's.
if TYPE_CHECKING:
    Change = ContractChange
else:
    Change = change_of(Contract)


class Source(Contract):
    """The whole of one file in ``sources/``: the contract with whoever delivers the extract."""

    changed: tuple[Change, ...] = Field((), description="Later forms of the files, each from a month on.")

    @cached_property
    def forms(self) -> tuple[tuple[date, Source], ...]:
        """The forms of the contract with the month from which each is in force; the first is that of the outset."""
        return forms(self.model_copy(update={"changed": ()}), self.changed)

    @cached_property
    def staged(self) -> dict[str, ValueRules]:
        """The columns of the staged rows: those of all forms. One that a form lacks is null in its rows.

        A hashed column is a text here; one that is dropped is not among them.
        """
        found = {name: column for _, form in self.forms for name, column in form.row_columns.items()}
        return {name: column.as_staged for name, column in found.items() if column.staged != "dropped"}

    @cached_property
    def dropped(self) -> tuple[str, ...]:
        """The columns that are checked and then dropped."""
        found = {name: column for _, form in self.forms for name, column in form.row_columns.items()}
        return tuple(name for name, column in found.items() if column.staged == "dropped")

    @cached_property
    def hashed(self) -> tuple[str, ...]:
        """The columns of which a keyed hash is staged."""
        return tuple(name for name, column in self.staged.items() if column.staged == "hashed")

    @property
    def references(self) -> dict[str, str]:
        """The columns whose values must be keys of another source, each with that source."""
        return {name: column.references for name, column in self.staged.items() if column.references}

    @property
    def refers_to(self) -> tuple[str, ...]:
        """The sources that this one looks up or refers to."""
        return tuple(dict.fromkeys([lookup.source for lookup in self.lookups.values()] + [*self.references.values()]))

    @property
    def may_tell_instants(self) -> bool:
        """Whether its values may be moments with an offset or a time zone."""
        columns = (column for _, form in self.forms for column in form.columns.values())
        has_times = any(column.type == "datetime" or "%z" in "".join(column.format) for column in columns)
        return has_times or self.file_format == "parquet"

    def in_force(self, day: date | None) -> Source:
        """The form for files of a month, or of a day; without one, the newest."""
        return next(form for start, form in reversed(self.forms) if day is None or start <= day)

    @model_validator(mode="after")
    def _forms_agree(self) -> Self:
        wrong = wrong_with(self.changed)
        if wrong:
            raise ValueError(wrong)
        for start, form in self.forms[1:]:
            try:
                Contract.model_validate({key: getattr(form, key) for key in form.model_fields_set - {"changed"}})
            except ValidationError as error:
                words = error.errors()[0]["msg"].removeprefix("Value error, ")
                raise ValueError(f"from {start:%Y-%m} on: {words}") from None
        known: dict[str, ValueRules] = {}
        for _, form in self.forms:
            for name, column in form.row_columns.items():
                wrong = retyped(name, known.setdefault(name, column), column)
                if wrong:
                    raise ValueError(wrong)
        return self
