"""What is known of links through the steps: a published row for every link and month, whatever was run first."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.steps.compute import compute_kpis, compute_measures, compute_scores
from pipelines.steps.ingest import ingest
from pipelines.steps.packs import build_packs
from pipelines.steps.setting import Setting
from pipelines.steps.signals import compute_signals
from scorecards.periods import months_between
from tests.small_company import SmallCompany, small_company
from transforms.pack import MapLink
from warehouse.store import open_warehouse
from warehouse.tables import LINK_EVIDENCE

STRATEGY = """\
scorecards:
  company:
    name: Scorecard
    objectives:
      sell: {name: Sell more, perspective: financial, kpis: [revenue, average_sale]}
      please: {name: Please customers, perspective: customer, leads_to: {sell: 2}, kpis: [complaint_rate]}
"""
MONTHS = months_between(date(2025, 1, 1), date(2025, 6, 1))


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    company = small_company(tmp_path / "small")
    company.write("strategy.yaml", STRATEGY)
    return company


def computed(setting: Setting, months: list[date]) -> None:
    for source in setting.project.sources:
        ingest(setting, source, MONTHS)
    compute_measures(setting, months)
    compute_kpis(setting, months)
    compute_scores(setting, months)
    compute_signals(setting, months)


def evidence(setting: Setting) -> pl.DataFrame:
    with open_warehouse(setting.home) as warehouse:
        return warehouse.read(LINK_EVIDENCE)


def test_every_link_of_every_unit_and_month_has_a_row_and_is_in_the_pack(company: SmallCompany) -> None:
    setting = company.setting()
    computed(setting, MONTHS)
    found = evidence(setting)
    assert set(found["unit"]) == {"company", "north", "south"}
    own = found.filter(pl.col("unit") == "company")
    assert own.select("driver", "outcome", "status").unique().rows() == [("please", "sell", "untested")]
    # Average sale needs three months, revenue one: the objective has a score from the first month on.
    assert own["months"].to_list() == [1, 2, 3, 4, 5, 6]
    (pack,) = (pack for pack in build_packs(setting, MONTHS[-1]) if pack.unit == "company")
    assert pack.links == (MapLink("please", "sell", "untested", 6, None, None, None),)


def test_the_table_does_not_depend_on_the_order_in_which_months_are_run(company: SmallCompany, tmp_path: Path) -> None:
    ranged, single = company.setting(tmp_path / "ranged"), company.setting(tmp_path / "single")
    computed(ranged, MONTHS)
    for month in (MONTHS[2], MONTHS[5], MONTHS[0], MONTHS[1], MONTHS[4], MONTHS[3]):
        computed(single, [month])
    assert evidence(single).equals(evidence(ranged))
