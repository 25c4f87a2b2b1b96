"""The Human Development Index 2021 of 191 countries, reproduced from declarations alone.

Source: United Nations Development Programme, Human Development Report 2021/2022, statistical annex and technical note
1: goalposts 20 and 85 years of life, 18 expected and 15 mean years of schooling, 100 and 75,000 dollars of income.
"""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl
import pytest

from pipelines.steps.compute import compute_kpis, compute_measures, compute_scores
from pipelines.steps.ingest import ingest
from pipelines.steps.setting import open_setting
from scorecards.periods import parse_period
from tests.reference import adventure_works_sql as sql

SHARED = sql.shared_data()
DATA = SHARED / "hdi" if SHARED else Path("hdi")
pytestmark = pytest.mark.skipif(
    not (DATA / "hdi_2021.csv").is_file(),
    reason="no Human Development data: neither ../shared/data beside the checkout nor SCOREPACK_SHARED_DATA is there",
)

FILES = {
    "scorecard.yaml": """\
organisation: Countries
first_period: 2021-12
levels: [world, country]
perspectives:
  health: {name: A long and healthy life}
  education: {name: Knowledge}
  income: {name: A decent standard of living}
scale: {anchors: {floor: 0, target: 1}, lowest: 0, highest: 1}
bands:
  - {id: low, name: low, status: bad}
  - {id: medium, name: medium, at_least: 0.550, status: warning}
  - {id: high, name: high, at_least: 0.700, status: good}
  - {id: very_high, name: very high, at_least: 0.800, status: good}
""",
    "strategy.yaml": """\
scorecards:
  human_development:
    name: Human development
    units: {levels: country}
    roll_up: {method: geometric mean, missing: strict}
    objectives:
      health: {name: Live long, perspective: health, kpis: [life_expectancy]}
      education:
        name: Learn
        perspective: education
        kpis: [expected_schooling, mean_schooling]
        roll_up: {missing: strict}
      income: {name: Earn, perspective: income, kpis: [income]}
""",
    "sources/countries.yaml": """\
source: countries
domain: process
path: hdi_{period}.csv
unit: iso3
columns:
  iso3: {}
  le: {type: float}
  eys: {type: float}
  mys: {type: float}
  gnipc: {type: float}
period: "{period}"
""",
    "kpis/kpis.yaml": """\
measures:
  le: {source: countries, value: AVG(le)}
  eys: {source: countries, value: AVG(eys)}
  mys: {source: countries, value: AVG(mys)}
  gnipc: {source: countries, value: AVG(gnipc)}
kpis:
  life_expectancy:
    {name: Life expectancy, definition: At birth., owner: UNDP, value: le, measured_in: years, direction: higher}
  expected_schooling:
    {name: Expected schooling, definition: Of a child., owner: UNDP, value: eys, measured_in: years, direction: higher}
  mean_schooling:
    {name: Mean schooling, definition: From 25., owner: UNDP, value: mys, measured_in: years, direction: higher}
  income:
    name: Gross national income per head
    definition: In dollars of 2017 at purchasing power parity.
    owner: UNDP
    value: gnipc
    measured_in: dollars
    direction: higher
    scoring: {scale: log}
""",
}
KPI_OF = {"le": "life_expectancy", "eys": "expected_schooling", "mys": "mean_schooling", "gnipc": "income"}


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    root = tmp_path_factory.mktemp("hdi")
    with (DATA / "goalposts.csv").open(encoding="utf-8", newline="") as handle:
        posts = list(csv.DictReader(handle))
    targets = "kpi,anchor,value\n" + "".join(
        f"{KPI_OF[post['indicator']]},floor,{post['min']}\n{KPI_OF[post['indicator']]},target,{post['max']}\n"
        for post in posts
    )
    units = "id,name,level,parent\nworld,World,world,\n" + "".join(
        f'{row["iso3"]},"{row["country"]}",country,world\n' for row in published().iter_rows(named=True)
    )
    for name, text in {**FILES, "targets.csv": targets, "units.csv": units}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    (root / "extracts").mkdir()
    (root / "extracts" / "hdi_2021-12.csv").write_bytes((DATA / "hdi_2021.csv").read_bytes())
    setting, periods = open_setting(root), [parse_period("2021-12")]
    ingest(setting, "countries", periods)
    compute_measures(setting, periods)
    compute_kpis(setting, periods)
    return compute_scores(setting, periods)


def published() -> pl.DataFrame:
    return pl.read_csv(DATA / "hdi_2021.csv")


def computed(scores: pl.DataFrame) -> pl.DataFrame:
    """Published and computed values of every country, these rounded to three decimals as those are."""
    tops = scores.filter(pl.col("level") == "scorecard").select(pl.col("unit").alias("iso3"), "score", "band")
    value = pl.col("score").round(3, mode="half_away_from_zero").alias("value")
    return published().join(tops, on="iso3", how="left").with_columns(value)


def test_all_191_published_values_are_met_at_three_decimals(scores: pl.DataFrame) -> None:
    found = computed(scores)
    assert found.height == 191
    assert found.filter(pl.col("value") != pl.col("hdi_published")).to_dicts() == []
    assert found["value"].null_count() == 0


def test_all_191_published_ranks_are_met_by_the_rounded_values(scores: pl.DataFrame) -> None:
    ranked = computed(scores).with_columns(pl.col("value").rank("min", descending=True).alias("rank"))
    assert ranked.filter(pl.col("rank") != pl.col("rank_published")).to_dicts() == []


def test_the_bands_are_the_four_tiers_of_the_report(scores: pl.DataFrame) -> None:
    # Afghanistan 0.478, Angola 0.586, Albania 0.796, Andorra 0.858: low, medium, high and very high in the report.
    tiers = dict(computed(scores).select("iso3", "band").iter_rows())
    assert [tiers[name] for name in ("AFG", "AGO", "ALB", "AND")] == ["low", "medium", "high", "very_high"]


def test_income_beyond_the_goalpost_is_capped_and_schooling_too(scores: pl.DataFrame) -> None:
    rich = scores.filter(pl.col("level") == "kpi", pl.col("raw_score") > 1)
    assert {"income", "expected_schooling"} <= set(rich["node"])
    assert rich["score"].unique().to_list() == [1]
