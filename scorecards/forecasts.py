"""``forecasts.csv``: what somebody expects of a KPI in months to come; the records, and the rules about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from scorecards.csv_reader import BadCell, Row, day_in, number_in, read_table, text_in
from scorecards.errors import Problem, did_you_mean
from scorecards.periods import parse_period

if TYPE_CHECKING:
    from scorecards.project import Project

FORECASTS_FILE = "forecasts.csv"


@dataclass(frozen=True)
class Forecast:
    """The value that a KPI of a unit is expected to have in a month, in its own terms (a percent as a fraction).

    ``made_on`` is the day on which it was made; None where that is not told.
    """

    kpi: str
    unit: str
    period: date
    value: float
    is_percent: bool
    made_on: date | None
    line: int


def read_forecasts(path: Path, shown: str, problems: list[Problem]) -> tuple[Forecast, ...]:
    """Read ``forecasts.csv``: kpi, unit, period, value, and optionally made_on."""
    return read_table(path, shown, problems, ("kpi", "unit", "period", "value"), ("made_on",), _forecast)


def _forecast(row: Row, line: int) -> Forecast:
    try:
        period = parse_period(text_in(row, "period"))
    except ValueError as error:
        raise BadCell("period", f"{error}.", "Write it as 2025-09.") from None
    value, is_percent = number_in(text_in(row, "value"))
    return Forecast(
        text_in(row, "kpi"), text_in(row, "unit"), period, value, is_percent, day_in(row, "made_on", None), line
    )


def check_forecasts(project: Project) -> Iterator[Problem]:
    """Problems of ``forecasts.csv``: every row names what exists, in its terms, and no two say the same."""
    seen: dict[tuple[object, ...], int] = {}
    for row in project.forecasts:
        kpi = project.kpis.get(row.kpi)
        if kpi is None:
            remedy = did_you_mean(row.kpi, list(project.kpis))
            yield Problem(FORECASTS_FILE, row.line, "kpi", f"'{row.kpi}' is not a KPI.", remedy)
        elif kpi.scoring.texts:
            message = f"the values of '{row.kpi}' are texts."
            yield Problem(FORECASTS_FILE, row.line, "kpi", message, "Only figures can be forecast.")
        elif (kpi.measured_in == "percent") != row.is_percent:
            wanted = "with a percent sign" if not row.is_percent else "without a percent sign"
            message = f"does not fit a KPI measured in {kpi.measured_in or 'no unit'}."
            yield Problem(FORECASTS_FILE, row.line, "value", message, f"Write it {wanted}.")
        if row.unit not in project.unit_ids:
            remedy = did_you_mean(row.unit, project.unit_ids)
            yield Problem(FORECASTS_FILE, row.line, "unit", f"'{row.unit}' is not a unit.", remedy)
        same = (row.kpi, row.unit, row.period, row.made_on)
        if same in seen:
            yield Problem(FORECASTS_FILE, row.line, "period", f"repeats line {seen[same]}.", "Keep one of them.")
        seen.setdefault(same, row.line)
