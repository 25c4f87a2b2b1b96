"""Meridian's generator: the same bytes for the same call, the story in the raw numbers, and the dirt that is listed."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from examples.meridian.generate import generate
from examples.meridian.simulation import dirt
from examples.meridian.simulation.declarations import move_dates
from examples.meridian.simulation.story import months_until
from scorecards.lint import lint
from scorecards.project import load_project

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples" / "meridian" / "generate.py"
UNTIL = "2026-10"
MONTHS = [month.text for month in months_until(UNTIL, 36)]
UNIT_COLUMNS = ("unit", "plant", "recruited_by", "hiring_unit", "held_by")

Row = dict[str, Any]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("meridian")
    generate(folder, UNTIL)
    return folder


def rows(company: Path, source: str, month: str = "") -> list[Row]:
    """All rows of a source, or of its files of one month, refused ones too; read without any of our own code."""
    found: list[Row] = []
    pattern = f"{source}_{month}_*" if month else f"{source}_2*"
    for path in sorted((company / "extracts").glob(f"*/{pattern}")):
        found.extend({**row, "file": path.name} for row in _read(path))
    return found


def _read(path: Path) -> Iterator[Row]:
    if path.suffix == ".parquet":
        yield from pl.read_parquet(path).iter_rows(named=True)
    elif path.suffix == ".jsonl":
        yield from (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    elif path.suffix == ".xlsx":
        header, *body = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        yield from (dict(zip(header, row, strict=True)) for row in body)
    else:
        text = path.read_bytes().decode("cp1252" if path.name.startswith("batches") else "utf-8-sig")
        delimiter = ";" if path.name.startswith(("batches", "incidents")) else ","
        yield from csv.DictReader(io.StringIO(text), delimiter=delimiter)


def share(found: list[Row], is_hit: Any) -> float:
    return sum(map(is_hit, found)) / len(found)


def by_month(company: Path, source: str, value: Any) -> list[float]:
    """The value of every month's rows, the oldest first; months without a file repeat the one before."""
    series: list[float] = []
    for month in MONTHS:
        found = rows(company, source, month)
        series.append(value(found) if found else series[-1])
    return series


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_call_writes_the_same_bytes_whatever_the_machine_s_clock_zone_and_hash_seed(
    company: Path, tmp_path: Path
) -> None:
    elsewhere = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "0"}
    subprocess.run(
        [sys.executable, SCRIPT, "--until", UNTIL, "--to", tmp_path], check=True, env=elsewhere, cwd=tmp_path
    )
    first, second = contents(company), contents(tmp_path)
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []


def test_a_month_that_does_not_exist_is_refused_without_a_traceback(tmp_path: Path) -> None:
    call = [sys.executable, SCRIPT, "--until", "2026-13", "--to", tmp_path / "never"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "'2026-13' is not a month" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "never").exists()


def test_all_four_domains_and_all_four_formats_are_delivered(company: Path) -> None:
    files = [path for path in (company / "extracts").rglob("*") if path.is_file()]
    assert {path.parent.name for path in files} == {"hr", "finance", "customer", "process"}
    assert {path.suffix for path in files} == {".csv", ".xlsx", ".parquet", ".jsonl"}


def test_every_monthly_source_has_its_36_months_but_for_the_survey_that_never_came(company: Path) -> None:
    monthly = (
        "headcount",
        "leavers",
        "training",
        "engagement",
        "ledger",
        "sales",
        "orders",
        "satisfaction",
        "complaints",
        "batches",
        "deliveries",
    )
    missing = [(source, month) for source in monthly for month in MONTHS if not rows(company, source, month)]
    assert missing == [("satisfaction", "2025-03")]


def test_sources_of_many_months_speak_of_every_month_and_of_no_other(company: Path) -> None:
    columns = {
        "hires": "started_on",
        "courses": "held_on",
        "budget": "month",
        "incidents": "occurred_on",
        "stock": "counted_on",
    }
    for source, column in columns.items():
        assert sorted({str(row[column])[:7] for row in rows(company, source)}) == MONTHS, source


def test_files_come_within_days_but_for_the_late_one_and_the_correction(company: Path) -> None:
    late: dict[str, int] = {}
    for path in (company / "extracts").rglob("*_20??-??_*"):
        _, month, delivered = path.stem.rsplit("_", 2)
        year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
        known_on = date(int(delivered[:4]), int(delivered[4:6]), int(delivered[6:]))
        days = (known_on - date(year, number + 1, 1)).days + 1
        assert days >= 3
        if days > 5:
            late[path.name] = days
    assert late == {"complaints_2026-03_20260426.xlsx": 26, "ledger_2026-02_20260309.csv": 9}


def test_the_refused_ledger_differs_from_its_correction_in_the_decimal_sign_alone(company: Path) -> None:
    refused, corrected = sorted((company / "extracts" / "finance").glob("ledger_2026-02_*.csv"))
    wrong, right = list(_read(refused)), list(_read(corrected))
    assert all("," in row["amount_eur"] for row in wrong)
    assert [{**row, "amount_eur": row["amount_eur"].replace(",", ".")} for row in wrong] == right


def test_training_gets_another_column_in_its_second_year(company: Path) -> None:
    with_column = [month for month in MONTHS if "delivery_mode" in rows(company, "training", month)[0]]
    assert with_column == MONTHS[13:]


def test_the_plants_write_windows_characters_decimal_commas_and_days_first(company: Path) -> None:
    path = next((company / "extracts" / "process").glob("batches_2026-10_*.csv"))
    content = path.read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    first = next(_read(path))
    assert first["produced_on"][2::3] == ".." + first["produced_on"][8::3]
    assert "," in first["hours"]
    assert "Zelt Höhenwind 2" in content.decode("cp1252")


def test_every_listed_bad_row_is_there_and_no_unlisted_one(company: Path) -> None:
    declared = {row["id"] for row in csv.DictReader((company / "units.csv").open(encoding="utf-8"))}
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for source in {source for source, _ in dirt.BAD_ROWS} | {"hires", "courses", "budget", "incidents", "stock"}:
        for row in rows(company, source):
            for column in UNIT_COLUMNS:
                if column in row and row[column] not in declared:
                    found[source, row["file"].split("_")[1]].add(row[column])
    listed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (source, index), damages in dirt.BAD_ROWS.items():
        month = MONTHS[35 + index]
        for damage in damages:
            if damage is None:
                continue
            column, value = damage
            if column in UNIT_COLUMNS:
                listed[source, month].add(value)
            assert str(value) in {str(row[column]) for row in rows(company, source, month)}, (source, month, value)
    assert found == listed


def test_an_order_line_comes_twice_where_that_is_listed(company: Path) -> None:
    twice: dict[str, int] = {}
    for month in MONTHS:
        keys = [(row["order_id"], row["line_no"]) for row in rows(company, "orders", month)]
        if len(keys) != len(set(keys)):
            twice[month] = len(keys) - len(set(keys))
    assert twice == {"2024-06": 1, "2026-05": 2, "2026-10": 1}


def test_the_ledger_s_revenue_is_what_tills_and_trade_orders_took(company: Path) -> None:
    sold = sum(row["net_eur"] for row in rows(company, "sales", "2026-10"))
    kept = {
        (row["order_id"], row["line_no"]): row for row in rows(company, "orders", "2026-10") if int(row["pieces"]) > 0
    }
    ordered = sum(Decimal(row["net_eur"]) for row in kept.values())
    booked = sum(Decimal(row["amount_eur"]) for row in rows(company, "ledger", "2026-10") if row["account"] == "4000")
    assert booked == sold + ordered
    assert Decimal("12e6") < booked < Decimal("22e6")


def test_deliveries_slip_after_the_switch_and_recover_in_part(company: Path) -> None:
    on_time = by_month(
        company,
        "deliveries",
        lambda found: share(found, lambda row: row["delivered_on"] != "" and row["delivered_on"] <= row["due_on"]),
    )
    before, after = on_time[:25], on_time[25:]
    assert min(before) > 0.94
    assert min(after[2:6]) < 0.88
    assert min(before) > on_time[-1] > min(after) + 0.05


def test_complaints_revenue_and_repeat_purchases_follow_deliveries_with_their_lags(company: Path) -> None:
    on_time = by_month(
        company,
        "deliveries",
        lambda found: share(found, lambda row: row["delivered_on"] != "" and row["delivered_on"] <= row["due_on"]),
    )
    late = by_month(company, "complaints", lambda found: share(found, lambda row: row["category"] == "late delivery"))
    repeat = by_month(
        company, "sales", lambda found: sum(r["repeat_receipts"] for r in found) / sum(r["receipts"] for r in found)
    )
    reached = _online_revenue_against_budget(company)
    trough = on_time.index(min(on_time))
    assert trough < late.index(max(late)) <= trough + 4
    assert late.index(max(late)) < repeat.index(min(repeat))
    assert trough + 3 <= reached.index(min(reached))
    assert min(reached[:24]) > 0.96
    assert min(reached[24:]) < 0.92 < reached[-1]


def _online_revenue_against_budget(company: Path) -> list[float]:
    online = {"web_shop", "marketplaces"}
    budget: dict[str, float] = defaultdict(float)
    for row in rows(company, "budget"):
        if row["unit"] in online and row["account"] == "4000":
            budget[str(row["month"])[:7]] += row["budget_eur"]
    sold = by_month(
        company, "sales", lambda found: float(sum(row["net_eur"] for row in found if row["unit"] in online))
    )
    return [revenue / budget[month] for month, revenue in zip(MONTHS, sold, strict=True)]


def test_engagement_slumps_in_logistics_and_stores_before_people_leave(company: Path) -> None:
    def is_hit(row: Row) -> bool:
        return row["unit"].startswith(("dc_", "stores_")) or row["unit"] == "transport"

    mood = by_month(company, "engagement", lambda found: _mean([row["engagement"] for row in found if is_hit(row)]))
    leavers = by_month(
        company, "leavers", lambda found: sum(is_hit(row) and row["reason"] == "voluntary" for row in found)
    )
    slump = mood.index(min(mood))
    assert mood[slump] < _mean(mood[:24]) - 0.8
    wave = [_mean(leavers[start : start + 3]) for start in range(34)]
    assert slump <= wave.index(max(wave)) + 1
    assert max(wave) > 1.8 * _mean(leavers[:24])
    assert _mean(leavers[24:27]) < 1.4 * _mean(leavers[:24])


def test_quality_and_safety_improve(company: Path) -> None:
    defects = by_month(
        company, "batches", lambda found: sum(int(r["defective"]) for r in found) / sum(int(r["pieces"]) for r in found)
    )
    injuries = [row["occurred_on"][:7] for row in rows(company, "incidents") if row["kind"] == "lost time"]
    assert _mean(defects[-6:]) < 0.7 * _mean(defects[:12])
    assert sum(day >= MONTHS[24] for day in injuries) < 0.7 * sum(day < MONTHS[12] for day in injuries)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def test_it_is_a_company_of_the_size_that_is_told(company: Path) -> None:
    revenue = sum(
        Decimal(row["amount_eur"])
        for month in MONTHS[24:]
        for row in _accepted_ledger(company, month)
        if row["account"] == "4000"
    )
    assert Decimal("180e6") < revenue < Decimal("220e6")
    assert 1050 < sum(row["fte"] for row in rows(company, "headcount", UNTIL)) < 1150


def _accepted_ledger(company: Path, month: str) -> list[Row]:
    newest = max((company / "extracts" / "finance").glob(f"ledger_{month}_*.csv"))
    return list(_read(newest))


def test_no_person_of_the_sales_team_is_named_and_each_has_numbers_of_their_own(company: Path) -> None:
    with (company / "units.csv").open(encoding="utf-8") as table:
        persons = {row["id"] for row in csv.DictReader(table) if row["level"] == "person"}
    assert len(persons) >= 5
    assert all(len(person) == 8 and person.startswith("p_") and int(person[2:], 16) for person in persons)
    for source in ("headcount", "training", "orders", "satisfaction"):
        assert persons <= {row["unit"] for month in MONTHS[24:] for row in rows(company, source, month)}, source


def test_the_declarations_are_sound_and_as_many_as_promised() -> None:
    project = load_project(ROOT / "examples" / "meridian")
    assert [*project.warnings, *lint(project)] == []
    company = project.strategy.scorecards["company"]
    used = [kpi for objective in company.objectives.values() for kpi in objective.kpis]
    assert len(used) >= 24
    assert len(company.objectives) >= 14
    assert {project.kpis[kpi].leading for kpi in used} == {True, False}
    assert len({unit.id for unit in project.units if unit.level != "person"}) >= 14
    for card in ("people_department", "accounts_central"):
        supported = [
            name for objective in project.strategy.scorecards[card].objectives.values() for name in objective.supports
        ]
        assert supported


def test_for_another_month_every_date_of_the_declarations_moves_along(tmp_path: Path) -> None:
    generate(tmp_path, "2025-02", months=2)
    project = load_project(tmp_path)
    assert project.organisation.first_period == date(2022, 3, 1)
    assert sorted(project.comments) == [date(2025, 1, 1), date(2025, 2, 1)]
    steady = project.strategy.initiatives["steady_warehouse"]
    assert (steady.start, steady.due) == (date(2024, 7, 1), date(2025, 5, 31))
    assert "April 2024" in next(
        c.text for c in project.comments[date(2025, 2, 1)] if c.unit == "meridian" and c.kpi is None
    )


@pytest.mark.parametrize(
    ("text", "months", "moved"),
    [
        ("due: 2026-10-31", 4, "due: 2027-02-28"),
        ("2026-11-30", 1, "2026-12-31"),
        ("2026-10-30", 4, "2027-02-28"),
        ("in October 2026 and 2026-12", -10, "in December 2025 and 2026-02"),
        ("95.5 % of 1400000", 7, "95.5 % of 1400000"),
    ],
)
def test_a_date_moves_by_months_and_a_month_s_last_day_stays_its_last(text: str, months: int, moved: str) -> None:
    assert move_dates(text, months) == moved
