"""Every way in which an operand can be taken: its SQL gives the value in the warehouse, or says why none does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipelines.cli.explain_text import plain_text
from pipelines.steps.compute import compute_kpis, compute_measures, compute_scores
from pipelines.steps.explained import Explanation
from pipelines.steps.explaining import Question, explain
from pipelines.steps.ingest import ingest
from pipelines.steps.setting import Setting, open_setting
from scorecards.periods import months_between
from tests.declared import KPI

MONTHS = months_between(date(2025, 1, 1), date(2025, 6, 1))
MAY = date(2025, 5, 1)
UNITS = """\
id,name,level,parent,valid_from,valid_to
top,Top,company,,,
north,North,division,top,,
south,South,division,top,,
shop,Shop,team,north,,2025-03-31
shop,Shop,team,south,2025-04-01,
kiosk,Kiosk,team,south,,
"""
SOURCES: dict[str, Any] = {
    "sales": {
        "domain": "finance", "path": "sales.csv", "unit": "shop", "period": "day",
        "columns": {
            "shop": {}, "day": {"type": "date"}, "buyer": {}, "channel": {}, "code": {"nullable": True},
            "amount": {"type": "decimal", "scale": 2}, "grade": {}, "order": {"type": "integer"},
        },
    },
    "rates": {
        "domain": "finance", "path": "rates.csv", "key": ["code", "day"], "period": "day",
        "columns": {"code": {}, "day": {"type": "date"}, "rate": {"type": "decimal", "scale": 6}},
    },
    "staff": {
        "domain": "hr", "path": "staff.csv", "key": ["person"], "unit": "shop",
        "period": {"start": "begun", "end": "ended"},
        "columns": {
            "person": {"personal": True}, "shop": {}, "begun": {"type": "date"},
            "ended": {"type": "date", "nullable": True}, "fte": {"type": "decimal", "scale": 2},
        },
    },
    "tickets": {
        "domain": "customer", "path": "tickets.csv", "key": ["id"], "period": "sale_day",
        "unit": {"column": "sale_place", "values": {"S": "shop", "K": "kiosk"}},
        "lookups": {"sale": {"source": "receipts", "on": "receipt"}},
        "columns": {"id": {"type": "integer"}, "receipt": {}, "minutes": {"type": "float"}},
    },
    "receipts": {
        "domain": "customer", "path": "receipts.csv", "key": ["receipt"], "period": "none",
        "columns": {"receipt": {}, "day": {"type": "date"}, "place": {}, "kind": {}},
    },
}  # fmt: skip
MEASURES: dict[str, Any] = {
    "amount": {"source": "sales", "value": "SUM(amount)"},
    "web": {"source": "sales", "value": "SUM(amount) FILTER (WHERE channel = 'web')", "where": '"order" > 0'},
    "in_euros": {"source": "sales", "value": "SUM(amount)", "currency": "code"},
    "debt": {"source": "sales", "value": "SUM(amount)", "currency": "code", "over_time": "last"},
    "buyers": {"source": "sales", "value": "COUNT(DISTINCT buyer)"},
    "buyers_last": {"source": "sales", "value": "COUNT(DISTINCT buyer)", "over_time": "last"},
    "middle": {"source": "sales", "value": "MEDIAN(amount)"},
    "largest": {"source": "sales", "value": "MAX(amount)"},
    "lowest_month": {"source": "sales", "value": "SUM(amount)", "over_time": "minimum"},
    "mean_size": {"source": "sales", "value": "AVG(amount)", "over_time": "average"},
    "grade": {"source": "sales", "value": "ANY_VALUE(grade)"},
    "staff": {"source": "staff", "value": "SUM(fte)", "over_time": "average"},
    "staff_now": {"source": "staff", "value": "COUNT(*)", "over_time": "last"},
    "begun": {"source": "staff", "value": "COUNT(*)", "period": "begun"},
    "minutes": {"source": "tickets", "value": "SUM(minutes)", "where": "sale_kind <> 'gift'"},
    "tickets": {"source": "tickets", "value": "COUNT(*)"},
}
QUARTER = {"window": "trailing 3 months"}
KPIS: dict[str, Any] = {
    **{f"{name}_now": {"value": name} for name in MEASURES if name != "grade"},
    **{f"{name}_kpi": {"value": name, **QUARTER} for name in MEASURES if name != "grade"},
    "grade_kpi": {"value": "grade", "scoring": {"texts": {"B": 50, "A": 100}}},
    "sliced": {"value": "amount", "by": ["channel"], **QUARTER},
    "tickets_each": {"value": "tickets / buyers"},
    "growth": {
        "inputs": {"now": {"kpi": "tickets_each"}, "before": {"kpi": "tickets_each", "offset": "1 month"}},
        "value": "now / before - 1", "anchors": {"target": "staff / 100"},
    },
}  # fmt: skip


def csv(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def deliver(root: Path) -> None:
    """Sales, tickets and staff of two shops, one of which moves from north to south in April."""
    sales, tickets, receipts = [], [], []
    for month in MONTHS:
        for i in range(8):
            shop, code = ("shop", "kiosk")[i % 2], ("EUR", "USD", "CHF")[i % 3]
            day = f"2025-{month.month:02d}-{3 + i:02d}"
            channel, buyer = ("web", "till")[i // 2 % 2], f"b{(i * month.month) % 5}"
            sales.append(
                f"{shop},{day},{buyer},{channel},{code},{10 * month.month + i}.{35 + i % 2},{'AB'[i // 4]},{i}"
            )
            tickets.append(f"{100 * month.month + i},r{month.month}_{i},{i + 0.25}")
            receipts.append(f"r{month.month}_{i},{day},{'SK'[i % 2]},{('gift', 'sale')[i % 2]}")
    days = [(month.month, day) for month in MONTHS for day in (5, 25)]
    rates = [
        f"{code},2025-{month:02d}-{day:02d},{base + month / 100 + day / 1000:.6f}"
        for code, base in (("USD", 0.9), ("CHF", 1.0))
        for month, day in days
    ]
    staff = [
        "p1,shop,2024-01-01,,1.00",
        "p2,shop,2025-02-11,2025-04-20,0.50",
        "p3,kiosk,2025-04-02,,0.80",
        "p4,kiosk,2025-06-02,,1.00",
    ]
    files = {
        "sales.csv": csv("shop,day,buyer,channel,code,amount,grade,order", *sales),
        "rates.csv": csv("code,day,rate", *rates),
        "staff.csv": csv("person,shop,begun,ended,fte", *staff),
        "tickets.csv": csv("id,receipt,minutes", *tickets),
        "receipts.csv": csv("receipt,day,place,kind", *receipts),
    }
    for name, text in files.items():
        (root / "extracts").mkdir(exist_ok=True)
        (root / "extracts" / name).write_text(text)


def project(root: Path, **organisation: Any) -> Setting:
    """The project, delivered, taken in and computed up to May."""
    rates = {"source": "rates", "currency": "code", "average": "rate", "end": "rate"}
    objective = {"name": "G", "perspective": "financial", "kpis": list(KPIS)}
    files: Mapping[str, Any] = {
        "scorecard.yaml": {
            "organisation": "T", "currency": "EUR", "first_period": "2025-01", "rates": rates,
            "levels": ["company", "division", "team"], **organisation,
        },
        "strategy.yaml": {"scorecards": {"main": {"name": "M", "objectives": {"goal": objective}}}},
        "kpis/all.yaml": {"measures": MEASURES, "kpis": {name: {**KPI, **declared} for name, declared in KPIS.items()}},
        **{f"sources/{name}.yaml": {"source": name, **source} for name, source in SOURCES.items()},
    }  # fmt: skip
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(yaml.safe_dump(content, sort_keys=False))
    (root / "units.csv").write_text(UNITS)
    deliver(root)
    setting = open_setting(root)
    months = [month for month in MONTHS if month <= MAY]
    for source in setting.project.sources:
        ingest(setting, source, months)
    compute_measures(setting, months)
    compute_kpis(setting, months)
    compute_scores(setting, months)
    return setting


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    return project(tmp_path_factory.mktemp("shapes") / "along")


@pytest.fixture(scope="module")
def leaving(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    return project(tmp_path_factory.mktemp("shapes") / "behind", units_that_move="leave their past behind")


def explained(setting: Setting, kpi: str, unit: str = "top", slice_: str = "") -> Explanation:
    return explain(setting, Question(kpi, unit, MAY, slice=slice_))


def number(setting: Setting, statement: str) -> float:
    connection = duckdb.connect(str(setting.home.warehouse), read_only=True)
    try:
        [(found,)] = connection.execute(statement).fetchall()
        return float(found)
    finally:
        connection.close()


def rows(setting: Setting, statement: str) -> list[tuple[Any, ...]]:
    connection = duckdb.connect(str(setting.home.warehouse), read_only=True)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


WITHOUT_SQL = {
    "lowest_month": "the minimum over the months is taken of each unit",
    "mean_size": "each part of the measure is averaged over the months by itself",
    "grade": "the value is the position of the rows' one text among B, A",
}


@pytest.mark.parametrize("way", ["setting", "leaving"])
@pytest.mark.parametrize("unit", ["top", "north", "south", "shop"])
def test_every_kind_of_operand_has_sql_that_gives_its_value_or_says_why_not(
    way: str, unit: str, request: pytest.FixtureRequest
) -> None:
    setting, proved = request.getfixturevalue(way), 0
    for kpi in KPIS:
        for one in explained(setting, kpi, unit).inputs:
            if one.value is None:
                continue
            reason = WITHOUT_SQL.get(one.measure)
            if reason is not None:
                assert one.value_sql is None
                assert any(reason in told for told in one.no_value_sql), one.no_value_sql
            else:
                assert one.value_sql is not None, (kpi, one.no_value_sql)
                assert number(setting, one.value_sql) == pytest.approx(one.value, rel=1e-11), (kpi, one.value_sql)
                assert one.is_proved
                proved += 1
            assert one.rows_sql is not None
            shown = rows(setting, one.rows_sql)
            assert bool(shown) == bool(one.units), one.rows_sql
    assert proved >= (0 if (unit, way) == ("north", "setting") else 20)


def test_a_unit_takes_its_past_along_or_leaves_it_behind(setting: Setting, leaving: Setting) -> None:
    (along,), (behind,) = (explained(way, "amount_kpi", "south").inputs for way in (setting, leaving))
    assert {one.unit for one in along.units} == {one.unit for one in behind.units} == {"shop", "kiosk"}
    # March, when the shop stood in the north: 33.35 + 35.35 + … of its four sales.
    march = sum(30 + i + 0.35 for i in (0, 2, 4, 6))
    assert along.value is not None
    assert along.value - (behind.value or 0) == pytest.approx(march)
    assert behind.value_sql is not None
    assert "('kiosk') AND _period = DATE '2025-03-01'" in behind.value_sql


def test_amounts_in_currencies_are_explained_with_the_rates_of_their_months(setting: Setting) -> None:
    (mean,), (last,) = (explained(setting, kpi).inputs for kpi in ("in_euros_kpi", "debt_kpi"))
    assert [(one.currency, one.period.month, one.kind, one.rate) for one in mean.rates if one.currency == "USD"] == [
        ("USD", month, "average", pytest.approx(0.9 + month / 100 + 0.015)) for month in (3, 4, 5)
    ]
    closing = {one.currency: one.rate for one in last.rates}
    assert closing == {"CHF": pytest.approx(1.075), "USD": pytest.approx(0.975)}
    assert {(load.file, load.role) for load in mean.loads} == {
        ("sales.csv", "rows"), ("rates.csv", "exchange rates")
    }  # fmt: skip
    assert any("mean rate of its month" in note for note in mean.notes)
    assert any("closing rate" in note for note in last.notes)


def test_what_is_looked_up_names_its_deliveries_too(setting: Setting) -> None:
    (minutes,) = explained(setting, "minutes_kpi", "kiosk").inputs
    assert {(load.file, load.role) for load in minutes.loads} == {
        ("tickets.csv", "rows"), ("receipts.csv", "looked up")
    }  # fmt: skip
    assert minutes.value == pytest.approx(3 * sum(i + 0.25 for i in (1, 3, 5, 7)))


def test_distinct_counts_and_levels_say_in_words_that_they_do_not_add_up(setting: Setting) -> None:
    (buyers,), (staff,) = (explained(setting, kpi).inputs for kpi in ("buyers_kpi", "staff_kpi"))
    assert not buyers.adds_up
    assert sum(one.value or 0 for one in buyers.units) > (buyers.value or 0)
    assert any("counted once over all units and months" in note for note in buyers.notes)
    assert any("the mean of its months" in note for note in staff.notes)
    # 1.0 and 0.5 in March; the one who left on 20 April no longer counts at its end.
    assert [(one.period.month, one.value) for one in staff.months] == [(3, 1.5), (4, 1.8), (5, 1.8)]
    assert staff.value == pytest.approx((1.5 + 1.8 + 1.8) / 3)
    assert "person" not in str(staff.rows_sql)


def test_a_kpi_over_kpis_shows_them_and_the_operands_of_each(setting: Setting) -> None:
    found = explained(setting, "growth")
    assert [(used.name, used.kpi, used.formula) for used in found.used_kpis] == [
        ("now", "tickets_each", "tickets / buyers"), ("before", "tickets_each", "tickets / buyers")
    ]  # fmt: skip
    now, then = (used.value for used in found.used_kpis)
    assert now is not None
    assert then is not None
    assert found.value == pytest.approx(now / then - 1)
    by_name = {one.name: one for one in found.inputs}
    assert set(by_name) == {"now.tickets", "now.buyers", "before.tickets", "before.buyers", "staff"}
    assert by_name["before.tickets"].window_from == date(2025, 4, 1)
    assert not by_name["staff"].is_in_value
    assert any("the formula of target uses it" in note for note in by_name["staff"].notes)
    assert "before = tickets / buyers = " in plain_text(found, 8)


def test_a_slice_is_explained_by_its_own_rows(setting: Setting) -> None:
    whole = explained(setting, "sliced")
    parts = [explained(setting, "sliced", slice_=f"channel={name}") for name in ("web", "till")]
    assert sum(part.value or 0 for part in parts) == pytest.approx(whole.value)
    for part in parts:
        (one,) = part.inputs
        assert one.is_proved
        assert "coalesce(CAST(channel AS VARCHAR), '') = " in str(one.value_sql)
        assert part.scores == ()
        assert any("Only the KPI as declared is scored" in note for note in part.notes)


def test_a_text_is_shown_as_people_see_it(setting: Setting) -> None:
    found = explained(setting, "grade_kpi", "shop")
    assert found.missing_reason == "several_texts"
    assert "the rows do not agree on one text" in plain_text(found, 8)
