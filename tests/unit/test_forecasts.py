"""forecasts.csv: what is refused, and which forecasts a pack shows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scorecards.errors import DeclarationError
from scorecards.project import Project, load_project
from tests.declared import write_project
from transforms.forecasts import forecasts

JUNE = date(2025, 6, 1)


def declared(root: Path, *rows: str) -> Project:
    kpis = {"orders": {"value": "revenue"}, "share": {"value": "revenue", "measured_in": "percent"}}
    write_project(root, kpis=kpis)
    lines = ("kpi,unit,period,value,made_on", *rows)
    (root / "forecasts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load_project(root)


def shown(root: Path, *rows: str, period: date = JUNE) -> list[tuple[int, float | None]]:
    found = forecasts(declared(root, *rows), period).get(("north", "orders"), ())
    return [(point.period.month, point.value) for point in found]


def test_months_after_the_pack_s_are_shown_up_to_the_first_gap(tmp_path: Path) -> None:
    rows = [f"orders,north,2025-{month:02d},{month},2025-06-30" for month in (6, 7, 8, 10)]
    assert shown(tmp_path, *rows) == [(7, 7.0), (8, 8.0)]
    assert shown(tmp_path, *rows, period=date(2025, 9, 1)) == [(10, 10.0)]
    assert shown(tmp_path, *rows, period=date(2025, 4, 1)) == []


def test_the_newest_forecast_that_had_been_made_counts(tmp_path: Path) -> None:
    assert shown(
        tmp_path, "orders,north,2025-07,1,", "orders,north,2025-07,2,2025-06-10", "orders,north,2025-07,3,2025-07-31",
        "orders,north,2025-07,4,2025-08-01",
    ) == [(7, 3.0)]  # fmt: skip
    assert shown(tmp_path, "orders,north,2025-07,1,") == [(7, 1.0)]


def test_forecasts_belong_to_their_unit_and_kpi(tmp_path: Path) -> None:
    project = declared(tmp_path, "share,south,2025-07,12%,")
    ((point,),) = forecasts(project, JUNE).values()
    assert (point.value, list(forecasts(project, JUNE))) == (0.12, [("south", "share")])


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("odrers,north,2025-07,1,", "forecasts.csv:2: kpi: 'odrers' is not a KPI. Did you mean 'orders'?"),
        ("orders,nroth,2025-07,1,", "forecasts.csv:2: unit: 'nroth' is not a unit. Did you mean 'north'?"),
        ("share,north,2025-07,1,", "forecasts.csv:2: value: does not fit a KPI measured in percent."),
        ("orders,north,2025-07,1%,", "forecasts.csv:2: value: does not fit a KPI measured in points."),
        ("orders,north,2025-13,1,", "forecasts.csv:2: period:"),
        ("orders,north,2025-07,much,", "forecasts.csv:2: value: 'much' is not a number."),
        ("orders,north,2025-07,1,\norders,north,2025-07,2,", "forecasts.csv:3: period: repeats line 2."),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_line(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        declared(tmp_path, row)
    assert message in str(refused.value)
