"""The columns of a workbook's sheets: their titles, widths, and which take the colours of the bands.

Belongs here: what heads a column. What stands below it is ``workbook_sheets.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from report_templates.language import language, mark


@dataclass(frozen=True)
class Column:
    """A column: its title, its width in characters, and whether its cells take the colours of the bands."""

    title: str
    width: int
    has_bands: bool = False


def titled(columns: Sequence[Column], locale: str) -> tuple[Column, ...]:
    """The columns with their titles in the language of a locale."""
    say = language(locale)
    return tuple(replace(column, title=say(column.title)) for column in columns)


SUMMARY = (
    Column(mark("Score of"), 44), Column(mark("Level"), 13), Column(mark("Weight"), 9),
    Column(mark("Score"), 9, has_bands=True), Column(mark("Band"), 16), Column(mark("On month before"), 11),
    Column(mark("On last year"), 11), Column(mark("Coverage"), 10), Column(mark("Off target"), 9),
    Column(mark("Near target"), 9), Column(mark("On target"), 9), Column(mark("KPIs"), 7),
    Column(mark("In words"), 80),
)  # fmt: skip
TO_DATE = (Column(mark("Year to date"), 13), Column(mark("Its target"), 13))
"""Of the scorecard, where any KPI has a year to date."""
SCORECARD = (
    Column(mark("Perspective"), 20), Column(mark("Objective"), 30), Column(mark("KPI"), 32),
    Column(mark("Measured in"), 14), Column(mark("Actual"), 13), Column(mark("Target"), 13),
    Column(mark("Target to"), 13), Column(mark("Variance"), 13), Column(mark("Variance in %%"), 11),
    Column(mark("Month before"), 13), Column(mark("Last year"), 13), *TO_DATE,
    Column(mark("Score"), 9, has_bands=True), Column(mark("Score unclamped"), 11), Column(mark("Score before"), 9),
    Column(mark("Band"), 16),
    Column(mark("Variation"), 20), Column(mark("Assurance"), 20), Column(mark("Weight"), 9),
    Column(mark("Numerator"), 14), Column(mark("Denominator"), 14), Column(mark("Kind"), 9), Column(mark("Owner"), 26),
    Column(mark("Data known on"), 13), Column(mark("Value of"), 11), Column(mark("Why missing"), 40),
)  # fmt: skip
EXCEPTIONS = (
    Column(mark("KPI"), 32), Column(mark("Status"), 16), Column(mark("What it is doing"), 60), Column(mark("Why"), 44),
    Column(mark("What was written"), 60), Column(mark("Response"), 60), Column(mark("Owner"), 26),
    Column(mark("Due"), 14),
)  # fmt: skip
UNITS = (
    Column(mark("Unit"), 34), Column(mark("Level"), 14), Column(mark("Score"), 9, has_bands=True),
    Column(mark("Band"), 16), Column(mark("On month before"), 11), Column(mark("Coverage"), 10),
    Column(mark("Off target"), 9), Column(mark("KPIs"), 7),
)  # fmt: skip
INITIATIVES = (
    Column(mark("Initiative"), 40), Column(mark("Objectives"), 44), Column(mark("Owner"), 26),
    Column(mark("Start"), 12), Column(mark("Due"), 12), Column(mark("Status"), 12), Column(mark("Late"), 16),
    Column(mark("Done"), 8), Column(mark("Time passed"), 9), Column(mark("Budget"), 14), Column(mark("Spent"), 14),
    Column(mark("Over budget"), 12),
    Column(mark("Expected effect"), 60), Column(mark("Expected and seen, in figures"), 90),
)  # fmt: skip
ACTIONS = (
    Column(mark("Action"), 60), Column(mark("Objective"), 34), Column(mark("Owner"), 26), Column(mark("Due"), 12),
    Column(mark("Status"), 12), Column(mark("Overdue"), 10),
)  # fmt: skip
HISTORY = (
    Column(mark("KPI"), 32), Column(mark("Period"), 11), Column(mark("Value"), 13), Column(mark("Target"), 13),
    Column(mark("Target to"), 13), Column(mark("Status"), 16), Column(mark("Mean"), 13),
    Column(mark("Lower limit"), 13), Column(mark("Upper limit"), 13), Column(mark("Signal"), 14),
)  # fmt: skip
DEFINITIONS = (
    Column(mark("KPI"), 32), Column(mark("Id"), 24), Column(mark("Definition"), 80), Column(mark("Formula"), 44),
    Column(mark("Inputs"), 80), Column(mark("Window"), 20), Column(mark("How often"), 12), Column(mark("Better"), 9),
    Column(mark("Measured in"), 14), Column(mark("Target"), 13), Column(mark("Target to"), 13),
    Column(mark("Target from"), 24), Column(mark("Scale"), 60), Column(mark("Owner"), 26), Column(mark("Sources"), 40),
)  # fmt: skip
SOURCES = (
    Column(mark("Source"), 24), Column(mark("What it holds"), 60), Column(mark("Domain"), 12),
    Column(mark("State"), 10), Column(mark("Known on"), 12), Column(mark("Rows"), 10), Column(mark("Rejected"), 10),
    Column(mark("Reasons"), 60), Column(mark("Files"), 60),
)  # fmt: skip
