"""A number explained: its SQL is run in the warehouse, its figures are added up, its deliveries looked up by hand."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.cli.explain_text import plain_text
from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.steps.editions import publish
from pipelines.steps.explained import Explanation
from pipelines.steps.explaining import Question, explain
from pipelines.steps.setting import open_setting
from scorecards.errors import CallError
from scorecards.periods import months_between, parse_period
from tests.small_company import SmallCompany, small_company
from warehouse.closing import close
from warehouse.home import Home
from warehouse.landing import landed

MARCH = date(2025, 3, 1)
CORRECTED = "31,north,2025-03-01,1000.00\n32,south,2025-03-02,500.00\n"
KPIS = ("revenue", "average_sale", "complaint_rate")
UNITS = ("company", "north", "south")


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> SmallCompany:
    """Four months, computed; nothing changes them."""
    company = small_company(tmp_path_factory.mktemp("explained") / "small")
    run(company, "2025-01", "2025-04")
    return company


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    return small_company(tmp_path / "small")


def run(company: SmallCompany, first: str, last: str | None = None, as_of: str = "") -> None:
    periods = months_between(parse_period(first), parse_period(last or first))
    materialise("month_end", company.root, None, None, periods, "none", Steps(None), as_of)


def explained(company: SmallCompany, kpi: str, unit: str = "company", **more: object) -> Explanation:
    return explain(company.setting(), Question(kpi, unit, MARCH, **more))  # type: ignore[arg-type]


def asked(company: SmallCompany, statement: str, as_of: date | None = None) -> list[tuple[object, ...]]:
    """What an analyst gets who runs the statement on the warehouse, opened to be read."""
    home = Home(company.root / ".scorepack", as_of)
    connection = duckdb.connect(str(home.warehouse), read_only=True)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def delivered(company: SmallCompany, name: str, months: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of the delivered files of these months."""
    files = [path for month in months for path in (company.root / "extracts").glob(f"{name}_{month}*.csv")]
    return [row for path in files for row in csv.DictReader(path.open(encoding="utf-8"))]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("kpi", KPIS)
def test_the_sql_of_a_value_gives_it_in_the_warehouse_opened_to_be_read(
    computed: SmallCompany, kpi: str, unit: str
) -> None:
    found = explained(computed, kpi, unit)
    for one in found.inputs:
        assert one.value_sql is not None
        [(value,)] = asked(computed, one.value_sql)
        assert float(value) == one.value == one.sql_gives  # type: ignore[arg-type]


def test_the_value_and_the_chain_below_it_are_those_of_the_delivered_files(computed: SmallCompany) -> None:
    found = explained(computed, "average_sale")
    months = ("2025-01", "2025-02", "2025-03")
    rows = delivered(computed, "sales", months)
    amounts = {shop: [float(r["amount"]) for r in rows if r["shop"] == shop] for shop in ("north", "south")}
    everything = amounts["north"] + amounts["south"]
    assert found.value == pytest.approx(sum(everything) / len(everything), rel=1e-12)
    (sale,) = found.inputs
    assert (sale.sql, sale.window_from, sale.window_to) == ("AVG(amount)", date(2025, 1, 1), MARCH)
    assert (sale.months_present, sale.months_expected) == (3, 3)
    assert {one.unit: (one.numerator, one.denominator, one.rows) for one in sale.units} == {
        shop: (sum(own), len(own), len(own)) for shop, own in amounts.items()
    }
    assert [one.rows for one in sale.months] == [6, 6, 6]
    files = sorted((computed.root / "extracts").glob("sales_2025-0[123]*.csv"))
    assert [(one.file, one.digest, str(one.known_on), one.rows) for one in sale.loads] == [
        (path.name, hashlib.sha256(path.read_bytes()).hexdigest(), f"2025-0{month}-03", 6)
        for path, month in zip(files, (2, 3, 4), strict=True)
    ]
    assert sale.rows_sql is not None
    shown = asked(computed, sale.rows_sql)
    assert sorted(str(row[0]) for row in shown) == sorted(row["id"] for row in rows)
    assert {row[-2] for row in shown} == {one.load for one in sale.loads}


def test_a_ratio_shows_both_operands_and_a_score_its_anchors_with_their_origin(computed: SmallCompany) -> None:
    found = explained(computed, "complaint_rate")
    complaints, sales = (len(delivered(computed, name, ("2025-03",))) for name in ("complaints", "sales"))
    assert (found.formula, found.numerator, found.denominator) == ("complaints / sales", complaints, sales)
    assert found.value == complaints / sales
    assert found.shown == "16.7\u202f%"
    assert [(one.name, one.value) for one in found.inputs] == [("complaints", complaints), ("sales", sales)]
    (score,) = found.scores
    lines = (computed.root / "targets.csv").read_text().splitlines()
    at = {name: next(n for n, text in enumerate(lines, 1) if f"complaint_rate,{name}" in text) for name in
          ("floor", "target")}  # fmt: skip
    assert [(one.anchor, one.value, one.origin) for one in score.anchors] == [
        ("target", 0.1, f"targets.csv:{at['target']}"), ("floor", 1.0, f"targets.csv:{at['floor']}")
    ]  # fmt: skip
    assert (score.below, score.above) == ("target", "floor")
    assert score.score == pytest.approx(100 * (1 - found.value) / (1 - 0.1))


def test_an_edition_is_explained_with_the_formula_and_the_deliveries_of_its_day(company: SmallCompany) -> None:
    run(company, "2025-01", "2025-03")
    publish(company.setting(), MARCH, "Ada")
    company.sales("2025-03", CORRECTED, "20250510")
    kpis = (company.root / "kpis/kpis.yaml").read_text()
    company.write("kpis/kpis.yaml", kpis.replace("SUM(amount)", "SUM(amount * 2)"))
    run(company, "2025-03")
    now, then = explained(company, "revenue"), explained(company, "revenue", edition=1)
    (new,), (old,) = now.inputs, then.inputs
    assert (now.value, new.sql) == (3000.0, "SUM(amount * 2)")
    assert (then.value, old.sql) == (276.0, "SUM(amount)")
    assert [one.file for one in old.loads] == ["sales_2025-03_20250403.csv"]
    assert [one.file for one in new.loads] == ["sales_2025-03_20250510.csv"]
    assert sum(one.value or 0 for one in old.units) == 276.0
    for one in (old, new):
        assert one.value_sql is not None
        assert one.rows_sql is not None
        [(value,)] = asked(company, one.value_sql)
        assert float(value) == one.value  # type: ignore[arg-type]
        assert len(asked(company, one.rows_sql)) == one.loads[0].rows
    assert then.edition is not None
    assert then.edition.by == "Ada"
    with pytest.raises(CallError, match=r"has no edition 2\. It has 1"):
        explained(company, "revenue", edition=2)


def test_as_of_a_day_the_deliveries_of_that_day_are_shown(company: SmallCompany) -> None:
    company.sales("2025-03", CORRECTED, "20250510")
    run(company, "2025-01", "2025-03")
    day = date(2025, 5, 9)
    setting = open_setting(company.root, as_of=day)
    with pytest.raises(CallError, match=r"has not been computed as of 2025-05-09\. Run .* --as-of 2025-05-09"):
        explain(setting, Question("revenue", "company", MARCH))
    run(company, "2025-03", as_of="2025-05-09")
    found = explain(setting, Question("revenue", "company", MARCH))
    (revenue,) = found.inputs
    assert found.value == 276.0
    assert [one.file for one in revenue.loads] == ["sales_2025-03_20250403.csv"]
    assert revenue.value_sql is not None
    assert asked(company, revenue.value_sql, day) == [(pytest.approx(276),)]


def test_a_closed_month_is_explained_by_what_counted_when_it_was_closed(company: SmallCompany) -> None:
    from warehouse.closing import close

    run(company, "2025-01", "2025-03")
    close(company.setting().home, MARCH, "Ada")
    company.sales("2025-03", CORRECTED, "20250510")
    run(company, "2025-04")
    (revenue,) = explained(company, "revenue").inputs
    assert [one.file for one in revenue.loads] == ["sales_2025-03_20250403.csv"]
    assert revenue.is_proved


def test_a_correction_that_is_taken_in_but_not_computed_is_told(company: SmallCompany) -> None:
    from pipelines.steps.ingest import ingest

    run(company, "2025-01", "2025-03")
    assert explained(company, "revenue").notes == ()
    company.sales("2025-03", CORRECTED, "20250510")
    ingest(company.setting(), "sales", [MARCH])
    found = explained(company, "revenue")
    (revenue,) = found.inputs
    assert found.value == 276.0
    assert any("of sales have changed since" in note for note in found.notes)
    assert (revenue.sql_gives, revenue.is_proved) == (1500.0, False)
    text = plain_text(found, 8)
    assert "it gives 1,500, not the value" in " ".join(text.split())


def test_a_formula_that_was_changed_since_is_told(company: SmallCompany) -> None:
    run(company, "2025-01", "2025-03")
    kpis = (company.root / "kpis/kpis.yaml").read_text()
    company.write("kpis/kpis.yaml", kpis.replace("value: complaints / sales", "value: 2 * complaints / sales"))
    assert any("declared otherwise now" in note for note in explained(company, "complaint_rate").notes)


def test_a_missing_value_says_why_and_still_shows_what_there_is(company: SmallCompany) -> None:
    (company.root / "extracts" / "complaints_2025-03.csv").unlink()
    run(company, "2025-01", "2025-03")
    found = explained(company, "complaint_rate")
    assert (found.value, found.missing_reason) == (None, "no_data")
    complaints, sales = found.inputs
    assert (complaints.missing_reason, complaints.loads, complaints.rows_sql) == ("no_data", (), None)
    assert sales.is_proved
    assert "no value: no data was delivered (no_data)" in plain_text(found, 8)


def test_personal_columns_are_neither_listed_nor_shown(company: SmallCompany) -> None:
    company.write("sources/sales.yaml", (company.root / "sources/sales.yaml").read_text().replace(
        "  shop: {}\n", "  shop: {}\n  seller: {personal: true, nullable: true}\n"))  # fmt: skip
    kpis = (company.root / "kpis/kpis.yaml").read_text()
    company.write("kpis/kpis.yaml", kpis.replace("value: COUNT(*)}", "value: COUNT(DISTINCT seller)}", 1))
    for month in ("2025-01", "2025-02", "2025-03"):
        path = company.sales(month)
        header, *rows = path.read_text().splitlines()
        lines = [f"{row},Grace Hopper" for row in rows]
        path.write_text("\n".join([f"{header},seller", *lines]) + "\n")
    run(company, "2025-01", "2025-03")
    for kpi in KPIS:
        found = explained(company, kpi)
        assert "Grace" not in found.to_json() + plain_text(found, 8)
        for one in found.inputs:
            assert one.rows_sql is not None
            assert "seller" not in one.rows_sql
            assert not any("Grace" in str(row) for row in asked(company, one.rows_sql))


def test_what_there_is_not_is_told_with_what_there_is(computed: SmallCompany) -> None:
    for question, message in (
        (Question("revenu", "company", MARCH), "'revenu' is not a KPI. Did you mean 'revenue'"),
        (Question("revenue", "est", MARCH), "'est' is not a unit. .*'north'"),
        (Question("revenue", "north", MARCH, scorecard="board"), "'board' is not a scorecard. Known: 'company'"),
        (Question("revenue", "north", MARCH, window="year to date"), "Its windows: month. It has no slices"),
        (Question("revenue", "north", date(2025, 6, 1)), "2025-06 has not been computed. Run it first: scorepack run"),
        (Question("revenue", "north", MARCH, edition=1), "It has none yet: scorepack publish"),
    ):
        with pytest.raises(CallError, match=message):
            explain(computed.setting(), question)


@pytest.mark.parametrize("kpi", KPIS)
def test_the_text_fits_a_terminal_and_the_json_holds_the_same(computed: SmallCompany, kpi: str) -> None:
    found = explained(computed, kpi)
    text = plain_text(found, 8)
    own = [line for line in text.splitlines() if not line.startswith("  duckdb -readonly")]
    assert max(map(len, own)) <= 80
    told = json.loads(found.to_json())
    assert told["period"] == "2025-03-01"
    assert told["value"] == found.value
    for one in told["inputs"]:
        assert all(load["digest"][:12] in text and load["file"] in text for load in one["loads"])
        assert all(line.strip() in text for line in one["value_sql"].splitlines())


def test_only_so_many_units_are_shown_and_the_rest_is_counted(computed: SmallCompany) -> None:
    text = plain_text(explained(computed, "revenue"), 1)
    assert "and 1 unit more: 136.5 together" in text
    assert "Shop Süd" in text
    assert "Shop North" not in text


def test_the_landed_bytes_of_every_load_can_be_found_by_the_digest(computed: SmallCompany) -> None:
    home = computed.setting().home
    for one in explained(computed, "complaint_rate").inputs:
        for load in one.loads:
            assert landed(home, load.digest).read_bytes() == (computed.root / "extracts" / load.file).read_bytes()


def test_the_frames_read_are_those_that_were_committed(computed: SmallCompany) -> None:
    table = pl.DataFrame(asked(computed, "SELECT kpi, unit, value FROM kpis.kpi_values WHERE period = '2025-03-01'"),
                         schema=["kpi", "unit", "value"], orient="row")  # fmt: skip
    for kpi, unit, value in table.iter_rows():
        assert explained(computed, str(kpi), str(unit)).value == value


def test_the_sql_of_a_month_that_counts_late_rows_of_a_closed_one_gives_its_value(company: SmallCompany) -> None:
    """Nothing came or was declared since, and nothing says so; a correction that waits is in neither month."""
    contract = (company.root / "sources/sales.yaml").read_text()
    contract = contract.replace("_{period}_", "_").replace(
        "key:", "replaces: nothing\nlate_rows: next open month\nkey:"
    )
    company.write("sources/sales.yaml", contract)
    for path in (company.root / "extracts").glob("sales_*"):
        path.unlink()
    header = "id,shop,sold_on,amount\n"
    company.write("extracts/sales_20250401.csv", header + "1,north,2025-02-03,50\n2,south,2025-03-03,7\n")
    run(company, "2025-02", "2025-03")
    close(company.setting().home, date(2025, 2, 1), "Ada")
    company.write("extracts/sales_20250410.csv", header + "1,north,2025-02-03,40\n3,north,2025-02-04,5\n")
    run(company, "2025-03")
    publish(company.setting(), MARCH, "Ada")
    for edition in (0, 1):
        found = explained(company, "revenue", edition=edition)
        (revenue,) = found.inputs
        assert (found.value, revenue.sql_gives, found.notes) == (12.0, 12.0, found.notes[:edition])
        assert revenue.value_sql is not None
        assert asked(company, revenue.value_sql)[0][0] == 12
