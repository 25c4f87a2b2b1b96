"""The project's CSV tables: units, the calendar, targets, weights and actions, one record a row, with its line.

Belongs here: the records, and how a row becomes one. Does not belong here: rules across files (``check.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from scorecards.csv_reader import BadCell, Row, day_in, number_in, read_table, text_in
from scorecards.errors import Problem, did_you_mean
from scorecards.periods import parse_period

WEIGHED_LEVELS = ("kpi", "objective", "perspective")
_START, _END = date(1, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True)
class Unit:
    """A node of the organisation tree for a span of days; a unit that moves has several rows.

    ``valid_from`` and ``valid_to`` are both included. ``parent`` is None for the top unit.
    """

    id: str
    name: str
    level: str
    parent: str | None
    valid_from: date
    valid_to: date
    head: str
    line: int


@dataclass(frozen=True)
class CalendarPeriod:
    """The days of one period, both included; ``period`` is the first day of the month that names it."""

    period: date
    first_day: date
    last_day: date
    line: int


@dataclass(frozen=True)
class Target:
    """One anchor of a KPI's target from a day on: for a scorecard and a unit, or for all where those are None.

    ``value`` is in the KPI's own terms (a percent as a fraction); ``per_month`` targets are multiplied by the months
    of the window.
    """

    scorecard: str | None
    kpi: str
    unit: str | None
    effective_from: date
    anchor: str
    value: float
    is_percent: bool
    per_month: bool
    line: int


@dataclass(frozen=True)
class DatedWeight:
    """A weight from a day on, instead of the one in ``strategy.yaml``: for a unit and all below it, or for every unit.

    ``level`` is kpi, objective or perspective, ``node`` its id; ``scorecard`` is None for all scorecards.
    """

    scorecard: str | None
    level: str
    node: str
    unit: str | None
    effective_from: date
    weight: float
    line: int


@dataclass(frozen=True)
class Action:
    """A step somebody promised: it reappears each month until it is closed."""

    id: str
    action: str
    objective: str
    unit: str
    owner: str
    due: date | None
    status: str
    closed_on: date | None
    line: int


def read_units(path: Path, shown: str, problems: list[Problem]) -> tuple[Unit, ...]:
    """Read ``units.csv``: id, name, level, parent, and optionally valid_from, valid_to, head."""
    return read_table(
        path, shown, problems, ("id", "name", "level", "parent"), ("valid_from", "valid_to", "head"), _unit
    )


def read_calendar(path: Path, shown: str, problems: list[Problem]) -> tuple[CalendarPeriod, ...]:
    """Read ``calendar.csv``: period, first_day, last_day."""
    return read_table(path, shown, problems, ("period", "first_day", "last_day"), (), _calendar_period)


def read_targets(path: Path, shown: str, problems: list[Problem]) -> tuple[Target, ...]:
    """Read ``targets.csv``: kpi, anchor, value, and optionally scorecard, unit, effective_from, per."""
    required, optional = ("kpi", "anchor", "value"), ("scorecard", "unit", "effective_from", "per")
    return read_table(path, shown, problems, required, optional, _target)


def read_weights(path: Path, shown: str, problems: list[Problem]) -> tuple[DatedWeight, ...]:
    """Read ``weights.csv``: level, node, weight, and optionally scorecard, unit, effective_from."""
    required, optional = ("level", "node", "weight"), ("scorecard", "unit", "effective_from")
    return read_table(path, shown, problems, required, optional, _weight)


def read_actions(path: Path, shown: str, problems: list[Problem]) -> tuple[Action, ...]:
    """Read ``actions.csv``: id, action, objective, unit, and optionally owner, due, status, closed_on."""
    required, optional = ("id", "action", "objective", "unit"), ("owner", "due", "status", "closed_on")
    return read_table(path, shown, problems, required, optional, _action)


def _unit(row: Row, line: int) -> Unit:
    start, end = day_in(row, "valid_from", _START), day_in(row, "valid_to", _END)
    if start is None or end is None or start > end:
        raise BadCell("valid_to", f"'{row.get('valid_to')}' is before valid_from.", "Swap the two days.")
    parent = row.get("parent") or None
    return Unit(
        text_in(row, "id"), text_in(row, "name"), text_in(row, "level"), parent, start, end, row.get("head", ""), line
    )


def _calendar_period(row: Row, line: int) -> CalendarPeriod:
    try:
        period = parse_period(text_in(row, "period"))
    except ValueError as error:
        raise BadCell("period", f"{error}.") from None
    first = day_in({"first_day": text_in(row, "first_day")}, "first_day", None)
    last = day_in({"last_day": text_in(row, "last_day")}, "last_day", None)
    if first is None or last is None or first > last:
        raise BadCell("last_day", f"'{row['last_day']}' is before first_day.", "Swap the two days.")
    return CalendarPeriod(period, first, last, line)


def _target(row: Row, line: int) -> Target:
    value, is_percent = number_in(text_in(row, "value"))
    per = row.get("per") or "window"
    if per not in ("month", "window"):
        raise BadCell("per", f"'{per}' is neither month nor window.", did_you_mean(per, ["month", "window"]))
    effective_from = day_in(row, "effective_from", _START) or _START
    return Target(
        row.get("scorecard") or None, text_in(row, "kpi"), row.get("unit") or None, effective_from,
        text_in(row, "anchor"), value, is_percent, per == "month", line,
    )  # fmt: skip


def _weight(row: Row, line: int) -> DatedWeight:
    level = text_in(row, "level")
    if level not in WEIGHED_LEVELS:
        remedy = did_you_mean(level, WEIGHED_LEVELS)
        raise BadCell("level", f"'{level}' is not kpi, objective or perspective.", remedy)
    weight, is_percent = number_in(text_in(row, "weight"), "weight")
    if is_percent or weight <= 0:
        raise BadCell("weight", f"'{row['weight']}' is not a weight above 0.", "Write a number such as 2.")
    effective_from = day_in(row, "effective_from", _START) or _START
    return DatedWeight(
        row.get("scorecard") or None, level, text_in(row, "node"), row.get("unit") or None, effective_from, weight, line
    )


def _action(row: Row, line: int) -> Action:
    return Action(
        text_in(row, "id"), text_in(row, "action"), text_in(row, "objective"), text_in(row, "unit"),
        row.get("owner", ""), day_in(row, "due", None), row.get("status") or "open", day_in(row, "closed_on", None),
        line,
    )  # fmt: skip
