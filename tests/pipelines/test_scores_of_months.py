"""Scores through the steps: those that look back, whatever was run, and packs of every way of scoring."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines.steps.compute import compute_kpis, compute_measures, compute_scores
from pipelines.steps.ingest import ingest
from pipelines.steps.packs import build_packs
from pipelines.steps.setting import Setting
from pipelines.steps.signals import compute_signals
from report_templates.kpi_messages import state_of
from report_templates.kpi_rows import kpi_row
from report_templates.numbers import attachments
from report_templates.rendering import render_html
from scorecards.periods import months_between, parse_period
from tests.small_company import SmallCompany, small_company
from transforms.kpis import main_values
from transforms.pack import KpiLine, Pack
from warehouse.store import open_warehouse
from warehouse.tables import KPI_VALUES, SCORES, SIGNALS

MORE = """
  momentum:
    {name: Momentum, definition: d, owner: o, value: revenue, measured_in: currency, direction: higher,
     scoring: {formula: 100 * value / previous - 50}}
  place:
    {name: Place in the past, definition: d, owner: o, value: revenue, measured_in: currency, direction: higher,
     scoring: {relative: {to: history, by: min-max, months: 3, at_least: 3}}}
  sales_range:
    {name: Sales, definition: d, owner: o, value: sales, measured_in: sales, direction: within}
  graded:
    {name: Graded, definition: d, owner: o, value: sales, measured_in: sales, direction: higher,
     scoring: {steps: [{when: value > 0, score: 99, band: red}]}}
  information:
    {name: For information, definition: d, owner: o, value: sales, measured_in: sales, direction: higher, scored: false}
"""
STRATEGY = """\
scorecards:
  company:
    name: Scorecard
    objectives:
      sell: {name: Sell more, perspective: financial, kpis: [revenue, average_sale, momentum]}
      steadily: {name: Steadily, perspective: financial, part_of: sell, kpis: [place, sales_range]}
      please: {name: Please customers, perspective: customer, kpis: [complaint_rate, graded, information]}
"""
RANGE = "sales_range,lower_floor,0\nsales_range,lower_target,5\nsales_range,upper_target,7\nsales_range,upper_floor,9\n"


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    company = small_company(tmp_path / "small")
    company.write("kpis/kpis.yaml", (company.root / "kpis/kpis.yaml").read_text(encoding="utf-8") + MORE)
    company.write("strategy.yaml", STRATEGY)
    company.write("targets.csv", (company.root / "targets.csv").read_text(encoding="utf-8") + RANGE)
    return company


def computed(setting: Setting, first: str, last: str) -> pl.DataFrame:
    periods = months_between(parse_period(first), parse_period(last))
    for source in setting.project.sources:
        ingest(setting, source, periods)
    compute_measures(setting, periods)
    compute_kpis(setting, periods)
    return compute_scores(setting, periods)


def test_a_score_that_looks_back_does_not_depend_on_which_months_were_run(
    company: SmallCompany, tmp_path: Path
) -> None:
    march = parse_period("2025-03")
    for number, (first, last) in enumerate((("2025-03", "2025-03"), ("2025-01", "2025-03"))):
        setting = company.setting(tmp_path / f"home{number}")
        # The files of earlier months are delivered, whichever month is computed.
        for source in setting.project.sources:
            ingest(setting, source, months_between(parse_period("2025-01"), march))
        found = computed(setting, first, last).filter(pl.col("period") == march)
        if number == 0:
            alone = found
    assert_frame_equal(alone, found, check_exact=True)
    kpis = alone.filter(pl.col("unit") == "company", pl.col("node").is_in(["momentum", "place"])).sort("node")
    # Revenue of a month: six sales of 40 + month + 0.50 to 5.50 each; 264 in January, 6 more every month.
    assert kpis["raw_score"].to_list() == [pytest.approx(100 * 276 / 270 - 50), 100]


@pytest.mark.parametrize("order", [(6, 5, 4, 3, 2, 1), (3, 6, 1, 5, 2, 4)])
def test_signals_do_not_depend_on_the_order_in_which_months_are_run(
    company: SmallCompany, tmp_path: Path, order: tuple[int, ...]
) -> None:
    ranged, single = company.setting(tmp_path / "ranged"), company.setting(tmp_path / "single")
    everything = months_between(parse_period("2025-01"), parse_period("2025-06"))
    for setting in (ranged, single):
        for source in setting.project.sources:
            ingest(setting, source, everything)
    computed(ranged, "2025-01", "2025-06")
    compute_signals(ranged, everything)
    for number in order:
        computed(single, f"2025-0{number}", f"2025-0{number}")
        returned = compute_signals(single, [everything[number - 1]])
        assert set(returned["period"]) == {everything[number - 1]}
    tables = []
    for setting in (ranged, single):
        with open_warehouse(setting.home) as warehouse:
            tables.append(warehouse.read(SIGNALS))
    assert_frame_equal(*tables, check_exact=True)
    newest = tables[0].filter(pl.col("period") == everything[-1], pl.col("kpi") == "revenue", pl.col("unit") == "north")
    assert newest["points"].to_list() == [6]


@pytest.fixture
def pack(company: SmallCompany) -> Pack:
    setting = company.setting()
    computed(setting, "2025-01", "2025-03")
    return next(pack for pack in build_packs(setting, parse_period("2025-03")) if pack.unit == "company")


def line(pack: Pack, kpi: str) -> KpiLine:
    return next(found for found in pack.kpis if found.id == kpi)


def test_a_range_is_shown_with_both_ends_and_inside_it_there_is_no_variance(pack: Pack) -> None:
    shown = line(pack, "sales_range")
    assert (shown.score, shown.variance, shown.is_better) == (100, None, None)
    assert kpi_row(pack, shown).target == "5\u202f–\u202f7"
    assert state_of(pack, shown).endswith("within its range")
    assert [(point.lower, point.upper) for point in shown.history] == [(5, 7)] * 3


@pytest.mark.parametrize(("value", "told"), [(8.0, "above its range"), (2.0, "below its range")])
def test_outside_its_range_a_value_is_worse_whichever_side_it_is_on(pack: Pack, value: float, told: str) -> None:
    shown = replace(line(pack, "sales_range"), value=value)
    assert shown.is_better is False
    assert told in state_of(pack, shown)


def test_a_steps_own_band_is_the_one_on_the_page_and_in_its_counts(pack: Pack) -> None:
    band = line(pack, "graded").band
    assert band is not None
    assert (line(pack, "graded").score, band.status) == (99, "bad")
    customer = next(page for page in pack.perspectives if page.id == "customer")
    assert (customer.node.by_status["bad"], customer.node.applicable) == (1, 2)


def test_an_unscored_kpi_is_on_the_page_and_says_so(pack: Pack) -> None:
    row = kpi_row(pack, line(pack, "information"))
    assert row.note == "No score: it is shown for information only."
    assert row.actual == "6"


def test_the_attached_numbers_say_of_kpis_what_the_tables_say(company: SmallCompany, pack: Pack) -> None:
    attached = {file.name: list(csv.DictReader(io.StringIO(file.content))) for file in attachments(pack)}
    here = (pl.col("unit") == pack.unit) & (pl.col("period") == pack.period)
    with open_warehouse(company.setting().home) as warehouse:
        values = main_values(warehouse.read(KPI_VALUES).filter(here)).rows_by_key("kpi", named=True, unique=True)
        kpis = (
            warehouse.read(SCORES).filter(here, pl.col("level") == "kpi").rows_by_key("node", named=True, unique=True)
        )
    assert {row["kpi"] for row in attached["kpis.csv"]} == set(values) == set(kpis)
    for row in attached["kpis.csv"]:
        assert (row["missing_reason"] or None) == values[row["kpi"]]["missing_reason"], row["kpi"]
    scored = [row for row in attached["scores.csv"] if row["level"] == "kpi"]
    assert {row["coverage"] for row in scored} == {"1.0", ""}
    for row in scored:
        told = kpis[row["node"]]
        assert (row["missing_reason"] or None) == told["missing_reason"], row["node"]
        assert (float(row["coverage"]) if row["coverage"] else None) == told["coverage"], row["node"]


def test_a_pack_of_every_way_of_scoring_is_rendered(pack: Pack) -> None:
    assert "For information" in render_html(pack)
