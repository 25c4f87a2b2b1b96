"""Exchange rates as they are run: which months they make stale, and AdventureWorks' rates against its raw file."""

from __future__ import annotations

import csv
import re
import shutil
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import yaml

from pipelines.cli.explain_text import plain_text
from pipelines.steps.compute import compute_kpis, compute_measures, compute_scores
from pipelines.steps.exchanging import rates_of
from pipelines.steps.explaining import Question, explain
from pipelines.steps.ingest import ingest
from pipelines.steps.packs import build_packs
from pipelines.steps.setting import Setting, open_setting
from pipelines.steps.signals import compute_signals
from report_templates.definition_cards import source_words
from report_templates.workbook_sheets import sheets
from scorecards.periods import months_between, parse_period
from tests.declared import KPI
from tests.reference.adventure_works_sql import shared_data
from warehouse.store import open_warehouse
from warehouse.tables import KPI_VALUES

SHARED = shared_data()
QUARTER = months_between(date(2025, 1, 1), date(2025, 3, 1))
SALES: dict[str, Any] = {
    "source": "sales", "domain": "finance", "path": "sales.csv", "unit": "shop", "period": "day",
    "columns": {
        "shop": {}, "day": {"type": "date"}, "currency": {"nullable": True},
        "amount": {"type": "decimal", "scale": 2},
    },
}  # fmt: skip
RATES: dict[str, Any] = {
    "source": "rates", "domain": "finance", "path": "rates_{period}.csv", "key": ["code", "day"], "period": "day",
    "columns": {
        "code": {}, "day": {"type": "date"}, "mean": {"type": "decimal", "scale": 10},
        "close": {"type": "decimal", "scale": 10},
    },
}  # fmt: skip


def write(root: Path, first: str, rates: dict[str, Any], sources: Sequence[dict[str, Any]]) -> None:
    """A project of one company with revenue, a flow, and debt, a stock, over the same made-up amounts."""
    measures = {
        "revenue": {"source": "sales", "value": "SUM(amount)", "currency": "currency"},
        "debt": {"source": "sales", "value": "SUM(amount)", "currency": "currency", "over_time": "last"},
    }
    files: dict[str, Any] = {
        "scorecard.yaml": {"organisation": "T", "currency": "EUR", "first_period": first, "rates": rates},
        "strategy.yaml": {"scorecards": {"main": {"name": "M", "objectives": {
            "goal": {"name": "G", "perspective": "financial", "kpis": ["revenue", "debt"]}}}}},
        "kpis/all.yaml": {
            "measures": measures, "kpis": {name: {**KPI, "value": name} for name in ("revenue", "debt")},
        },
        **{f"sources/{source['source']}.yaml": source for source in (SALES, *sources)},
    }  # fmt: skip
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(yaml.safe_dump(content, sort_keys=False))
    (root / "units.csv").write_text("id,name,level,parent\ntop,Top,company,\nshop,Shop,team,top\n")
    (root / "extracts").mkdir(exist_ok=True)


def deliver(root: Path, name: str, *rows: str) -> None:
    (root / "extracts" / name).write_text("\n".join(rows) + "\n")


def computed(root: Path, months: Sequence[date]) -> tuple[int, dict[tuple[str, str, date], Any]]:
    """Take in and compute: how many source months were computed, and each KPI's value or why it is missing."""
    setting = opened(root, months)
    stale = compute_measures(setting, months)
    compute_kpis(setting, months)
    with open_warehouse(setting.home) as warehouse:
        values = warehouse.read(KPI_VALUES, months).filter("is_main").sort("period")
    columns = ("kpi", "unit", "period", "value", "missing_reason")
    shown = {(kpi, unit, period): why or value for kpi, unit, period, value, why in values.select(columns).iter_rows()}
    return stale, shown


def opened(root: Path, months: Sequence[date]) -> Setting:
    setting = open_setting(root)
    for source in sorted(setting.project.sources, reverse=True):
        ingest(setting, source, months)
    return setting


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    declared = {"source": "rates", "currency": "code", "average": "mean", "end": "close"}
    write(tmp_path, "2025-01", declared, [RATES])
    amounts = [f"shop,2025-0{month}-11,{code},100" for month in (1, 2, 3) for code in ("EUR", "USD")]
    deliver(tmp_path, "sales.csv", "shop,day,currency,amount", *amounts)
    for month in (1, 2, 3):
        monthly_rates(tmp_path, month, f"0.{month}")
    return tmp_path


def monthly_rates(root: Path, month: int, rate: str) -> None:
    deliver(root, f"rates_2025-0{month}.csv", "code,day,mean,close", f"USD,2025-0{month}-28,{rate},{rate}5")


def test_every_month_is_converted_at_its_own_rates(shop: Path) -> None:
    stale, values = computed(shop, QUARTER)
    assert stale == 3
    assert [values["revenue", "top", month] for month in QUARTER] == [110, 120, 130]
    assert [values["debt", "top", month] for month in QUARTER] == [115, 125, 135]


def test_a_month_without_rates_is_missing_until_they_come_and_others_are_left_alone(shop: Path) -> None:
    (shop / "extracts" / "rates_2025-02.csv").unlink()
    _, values = computed(shop, QUARTER)
    assert [values["revenue", "shop", month] for month in QUARTER] == [110, "no_rate", 130]
    assert [values["debt", "top", month] for month in QUARTER] == [115, "no_rate", 135]
    monthly_rates(shop, 2, "0.2")
    stale, values = computed(shop, QUARTER)
    assert (stale, values["revenue", "top", QUARTER[1]]) == (1, 120)


def test_a_pack_names_the_source_of_its_rates_where_figures_are_converted(shop: Path) -> None:
    kpis = yaml.safe_load((shop / "kpis/all.yaml").read_text())
    kpis["measures"]["sales"] = {"source": "sales", "value": "COUNT(*)"}
    kpis["kpis"]["sales"] = {**KPI, "value": "sales"}
    (shop / "kpis/all.yaml").write_text(yaml.safe_dump(kpis, sort_keys=False))
    strategy = (shop / "strategy.yaml").read_text().replace("- debt\n", "- debt\n        - sales\n")
    (shop / "strategy.yaml").write_text(strategy)
    computed(shop, QUARTER)
    setting = opened(shop, QUARTER)
    compute_scores(setting, QUARTER)
    compute_signals(setting, QUARTER)
    (pack,) = (pack for pack in build_packs(setting, QUARTER[2]) if pack.unit == "top")
    sources = {source.source: source for source in pack.sources}
    assert sources["rates"].files == ("rates_2025-03.csv",)
    assert (sources["rates"].kpis, sources["sales"].kpis) == (("debt", "revenue"), ("debt", "revenue", "sales"))
    lines = {line.id: line for line in pack.kpis}
    assert "rates (" in source_words(pack, lines["revenue"])
    assert "rates (" not in source_words(pack, lines["sales"])
    (sheet,) = (sheet for sheet in sheets(pack) if sheet.name == "Sources")
    assert "rates" in {row[0] for row in sheet.rows}


def test_a_unit_without_a_rate_is_explained_as_missing_and_not_as_what_could_be_converted(shop: Path) -> None:
    (shop / "extracts" / "rates_2025-02.csv").unlink()
    computed(shop, QUARTER)
    found = explain(opened(shop, QUARTER), Question("revenue", "top", QUARTER[1]))
    (one,) = found.inputs
    assert [(unit.unit, unit.value, unit.missing_reason) for unit in one.units] == [("shop", None, "no_rate")]
    assert [month.missing_reason for month in one.months] == ["no_rate"]
    assert (one.value_sql, one.sql_gives) == (None, None)
    assert one.no_value_sql == ("an exchange rate is missing, and with it the value",)
    told = plain_text(found, 20)
    assert re.search(r"Shop +– +\d+ rows? +an exchange rate is missing", told, re.I)


def test_changed_rates_make_their_own_month_stale_and_no_other(shop: Path) -> None:
    computed(shop, QUARTER)
    assert computed(shop, QUARTER)[0] == 0
    monthly_rates(shop, 2, "0.6")
    stale, values = computed(shop, QUARTER)
    assert (stale, values["revenue", "top", QUARTER[1]]) == (1, 160)


def test_a_file_of_all_rates_makes_only_the_months_stale_whose_rates_changed(shop: Path) -> None:
    contract = {**RATES, "path": "rates.csv"}
    (shop / "sources/rates.yaml").write_text(yaml.safe_dump(contract, sort_keys=False))
    rows = ["code,day,mean,close", "USD,2025-01-28,0.1,0.15", "USD,2025-02-28,0.2,0.25"]
    deliver(shop, "rates.csv", *rows)
    assert [computed(shop, QUARTER)[1]["revenue", "top", month] for month in QUARTER] == [110, 120, "no_rate"]
    deliver(shop, "rates.csv", *rows, "USD,2025-03-28,0.3,0.35")
    stale, values = computed(shop, QUARTER)
    assert (stale, values["revenue", "top", QUARTER[2]]) == (1, 130)


def test_another_currency_of_the_organisation_is_another_result(shop: Path) -> None:
    computed(shop, QUARTER)
    text = (shop / "scorecard.yaml").read_text()
    (shop / "scorecard.yaml").write_text(text + "locale: de_DE\n")
    assert computed(shop, QUARTER)[0] == 0
    (shop / "scorecard.yaml").write_text(text.replace("currency: EUR", "currency: USD"))
    stale, values = computed(shop, QUARTER)
    assert (stale, values["revenue", "top", QUARTER[0]]) == (3, "no_rate")


# AdventureWorks has daily rates of 14 currencies; codes stand in another table, found by a lookup.
ADVENTURE_RATES: dict[str, Any] = {
    "source": "rates", "domain": "finance", "path": "FactCurrencyRate.csv", "key": ["currency", "day"],
    "period": "day", "lookups": {"of": {"source": "currencies", "on": "currency"}},
    "columns": {
        "currency": {"type": "integer", "header": "CurrencyKey"}, "day": {"type": "date", "header": "Date"},
        "average": {"type": "decimal", "scale": 10, "header": "AverageRate"},
        "end_of_day": {"type": "decimal", "scale": 10, "header": "EndOfDayRate"},
    },
}  # fmt: skip
CURRENCIES: dict[str, Any] = {
    "source": "currencies", "domain": "finance", "path": "DimCurrency.csv", "key": "id", "period": "none",
    "columns": {
        "id": {"type": "integer", "header": "CurrencyKey"}, "code": {"header": "CurrencyAlternateKey"},
        "name": {"header": "CurrencyName"},
    },
}  # fmt: skip
RAW = """
SELECT c.CurrencyAlternateKey, date_trunc('month', r.Date::TIMESTAMP)::DATE,
    avg(r.AverageRate::DOUBLE), arg_max(r.EndOfDayRate::DOUBLE, r.Date)
FROM read_csv('{folder}/FactCurrencyRate.csv', all_varchar = true) AS r
JOIN read_csv('{folder}/DimCurrency.csv', all_varchar = true) AS c USING (CurrencyKey)
GROUP BY 1, 2
"""


@pytest.fixture
def adventure(tmp_path: Path) -> Path:
    if SHARED is None:
        pytest.skip("no AdventureWorks files: neither ../shared/data beside the checkout nor SCOREPACK_SHARED_DATA")
    declared = {"source": "rates", "currency": "of_code", "average": "average", "end": "end_of_day"}
    write(tmp_path, "2010-12", declared, [ADVENTURE_RATES, CURRENCIES])
    for name in ("FactCurrencyRate.csv", "DimCurrency.csv"):
        shutil.copy(SHARED / "adventureworks" / name, tmp_path / "extracts")
    return tmp_path


def test_the_monthly_rates_of_adventure_works_are_those_of_plain_sql_over_the_raw_file(adventure: Path) -> None:
    deliver(adventure, "sales.csv", "shop,day,currency,amount", "shop,2012-02-03,USD,1")
    months = months_between(parse_period("2010-12"), parse_period("2014-12"))
    found = rates_of(opened(adventure, months), months)
    assert found is not None
    raw = duckdb.connect().execute(RAW.format(folder=adventure / "extracts")).fetchall()
    ours = {(code, period): (average, end) for code, period, average, end in found.rates.iter_rows()}
    assert len(raw) > 400
    assert ours.keys() == {(code, period) for code, period, *_ in raw}
    for code, period, average, end in raw:
        assert [float(rate) for rate in ours[code, period]] == pytest.approx([average, end], abs=1e-10), (code, period)


def test_made_up_amounts_at_adventure_works_rates_are_what_python_makes_of_the_raw_file(adventure: Path) -> None:
    months = months_between(parse_period("2012-01"), parse_period("2012-06"))
    amounts = [
        (f"2012-{month:02d}-{7 * day + 1:02d}", code, Decimal(month * 1000 + day * 37) + Decimal(day).scaleb(-2))
        for month in range(1, 7)
        for day in range(4)
        for code in ("GBP", "CAD", "AUD", "EUR", "JPY")
    ]
    amounts.append(("2012-06-30", "XXX", Decimal(5)))
    deliver(adventure, "sales.csv", "shop,day,currency,amount", *(f"shop,{d},{c},{a}" for d, c, a in amounts))
    _, values = computed(adventure, months)
    average, end = by_hand(adventure / "extracts")
    for month in months[:-1]:
        mine = [(code, amount) for day, code, amount in amounts if day[:7] == f"{month:%Y-%m}"]
        for kpi, rates in (("revenue", average), ("debt", end)):
            wanted = sum(amount if code == "EUR" else places(amount * rates[code, month]) for code, amount in mine)
            assert values[kpi, "top", month] == values[kpi, "shop", month] == float(wanted), (kpi, month)
    assert values["revenue", "top", months[-1]] == values["debt", "shop", months[-1]] == "no_rate"


def by_hand(folder: Path) -> tuple[dict[tuple[str, date], Decimal], dict[tuple[str, date], Decimal]]:
    """Average and closing rates by code and month, from the raw files with Python's decimals."""
    with (folder / "DimCurrency.csv").open(encoding="utf-8-sig") as handle:
        codes = {row["CurrencyKey"]: row["CurrencyAlternateKey"] for row in csv.DictReader(handle)}
    days: dict[tuple[str, date], list[tuple[str, Decimal, Decimal]]] = defaultdict(list)
    with (folder / "FactCurrencyRate.csv").open(encoding="utf-8-sig") as handle:
        for row in csv.DictReader(handle):
            month = date.fromisoformat(row["Date"][:10]).replace(day=1)
            rates = (places(Decimal(row["AverageRate"])), places(Decimal(row["EndOfDayRate"])))
            days[codes[row["CurrencyKey"]], month].append((row["Date"], *rates))
    average = {key: places(sum((mean for _, mean, _ in rows), Decimal(0)) / len(rows)) for key, rows in days.items()}
    return average, {key: max(rows)[2] for key, rows in days.items()}


def places(value: Decimal) -> Decimal:
    """Ten places, as the contract keeps them."""
    return value.quantize(Decimal("1e-10"), ROUND_HALF_EVEN)


def test_rates_come_from_the_raw_file_in_any_order(adventure: Path) -> None:
    deliver(adventure, "sales.csv", "shop,day,currency,amount", "shop,2012-02-03,USD,1")
    months = [date(2012, 2, 1)]
    once = rates_of(opened(adventure, months), months)
    path = adventure / "extracts" / "FactCurrencyRate.csv"
    header, *rows = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join([header, *reversed(rows)]) + "\n")
    again = rates_of(opened(adventure, months), months)
    assert once is not None
    assert again is not None
    assert once.rates.equals(again.rates)
    assert once.rates.schema["average"] == pl.Decimal(38, 10)
