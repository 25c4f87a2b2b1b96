"""transforms.converting and its rules: a month's rates, amounts at them, and amounts for which there is none."""

from __future__ import annotations

import random
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from scorecards.errors import DeclarationError
from scorecards.periods import months_between, parse_period
from scorecards.project import Project, load_project
from tests.declared import exchange_of, figures, rows, write_project
from transforms.measuring import measure_cells
from transforms.plan import make_plan

RATES = {"source": "rates", "currency": "code", "average": "mean", "end": "close"}
FX: dict[str, Any] = {
    "source": "rates", "domain": "finance", "path": "rates.csv", "key": ["code", "day"], "period": "day",
    "columns": {
        "code": {}, "day": {"type": "date"}, "mean": {"type": "decimal", "scale": 10, "nullable": True},
        "close": {"type": "decimal", "scale": 10, "nullable": True},
    },
}  # fmt: skip


def declare(
    root: Path, measure: dict[str, Any], kpi: dict[str, Any] | None = None, rates: dict[str, Any] | None = None,
    fx: dict[str, Any] | None = None,
) -> Project:  # fmt: skip
    """A project in euros with one measure, whose currency stands in the column reason, and a source of rates."""
    write(root, measure, kpi, rates, fx)
    return load_project(root)


def write(
    root: Path, measure: dict[str, Any], kpi: dict[str, Any] | None = None, rates: dict[str, Any] | None = None,
    fx: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    declared = RATES if rates is None else rates
    measures = {"m": {"value": "SUM(amount)", "currency": "reason", **measure}}
    scorecard = {"rates": declared} if declared else {}
    write_project(root, measures, {"k": {"value": "m", **(kpi or {})}}, scorecard=scorecard)
    (root / "sources/rates.yaml").write_text(yaml.safe_dump({**FX, **(fx or {})}, sort_keys=False))


def rates_of(*records: tuple[str, str, str | None, str | None], is_real: bool = False) -> pl.DataFrame:
    """Rows of the source of rates: code, day, mean, close."""
    kind = pl.Float64() if is_real else pl.Decimal(18, 10)
    return pl.DataFrame(
        [
            (code, date.fromisoformat(day), *(None if text is None else Decimal(text) for text in texts))
            for code, day, *texts in records
        ],
        schema={"code": pl.String, "day": pl.Date, "mean": pl.Decimal(18, 10), "close": pl.Decimal(18, 10)},
        orient="row",
    ).with_columns(pl.col("mean", "close").cast(kind))


def sold(*records: tuple[str, str | None, str | int | None]) -> pl.DataFrame:
    """Rows by day, currency and amount, all in the north."""
    return rows(
        {"day": date.fromisoformat(day), "reason": code, "amount": None if amount is None else Decimal(amount)}
        for day, code, amount in records
    )


USUAL = rates_of(
    ("USD", "2024-01-02", "0.90", "0.91"), ("USD", "2024-01-31", "0.92", "0.95"), ("USD", "2024-01-15", "0.94", "0.80"),
    ("USD", "2024-02-29", "0.50", "0.50"), ("GBP", "2024-01-31", "1.20", "1.10"),
)  # fmt: skip


def test_a_month_has_the_mean_of_its_rates_and_the_rate_of_its_latest_day(tmp_path: Path) -> None:
    months = months_between(date(2024, 1, 1), date(2024, 3, 1))
    found = exchange_of(declare(tmp_path, {}), USUAL, months).rates
    assert found.rows() == [
        ("GBP", date(2024, 1, 1), Decimal("1.2"), Decimal("1.1")),
        # (0.90 + 0.92 + 0.94) / 3, and the 31st, though the 15th is delivered after it.
        ("USD", date(2024, 1, 1), Decimal("0.92"), Decimal("0.95")),
        ("USD", date(2024, 2, 1), Decimal("0.5"), Decimal("0.5")),
    ]
    assert exchange_of(declare(tmp_path, {}), USUAL.reverse(), months).rates.equals(found)


def test_an_average_rate_is_exact_to_ten_places_and_a_blank_day_is_left_out(tmp_path: Path) -> None:
    rates = rates_of(
        ("USD", "2024-01-02", "1", "0.7"), ("USD", "2024-01-03", "2", None), ("USD", "2024-01-04", "2", None),
        ("USD", "2024-01-05", None, None), ("USD", "2024-01-06", "0", "0"),
    )  # fmt: skip
    found = exchange_of(declare(tmp_path, {}), rates, [date(2024, 1, 1)]).rates
    assert found.row(0)[2:] == (Decimal("1.6666666667"), Decimal("0.7"))


@pytest.mark.parametrize(
    ("measure", "wanted"),
    [
        ({}, 50 + 92 + 240),
        ({"convert": "end"}, 50 + 95 + 220),
        ({"over_time": "last"}, 50 + 95 + 220),
        ({"over_time": "last", "convert": "average"}, 50 + 92 + 240),
        ({"value": "AVG(amount)"}, (50 + 92 + 240) / 3),
        ({"value": "MAX(amount)"}, 240),
        ({"value": "MIN(amount)"}, 50),
        ({"value": "MEDIAN(amount)"}, 92),
        ({"value": "QUANTILE_CONT(amount, 0.75)"}, (92 + 240) / 2),
        ({"value": "SUM(amount) FILTER (WHERE amount > 100) / COUNT(*)"}, 240 / 3),
        ({"value": "COUNT(DISTINCT amount)"}, 3),
        ({"value": "COUNT(*)"}, 3),
        ({"value": "SUM(amount) * 2 - COUNT(amount)"}, 2 * 382 - 3),
    ],
)
def test_flows_take_the_average_rate_stocks_the_closing_one_and_counts_none(
    tmp_path: Path, measure: dict[str, Any], wanted: float
) -> None:
    frame = sold(("2024-01-03", "EUR", 50), ("2024-01-20", "USD", 100), ("2024-01-20", "GBP", 200))
    found = figures(declare(tmp_path, measure), frame, "2024-01", rates=USUAL)
    assert found.value("k", "company", "2024-01") == pytest.approx(wanted, rel=1e-15)


def test_a_rate_in_foreign_currency_divides(tmp_path: Path) -> None:
    rates = rates_of(("USD", "2024-01-31", "1.25", "1.6"))
    project = declare(tmp_path, {}, rates={**RATES, "quoted": "in foreign currency"})
    found = figures(project, sold(("2024-01-03", "USD", 100)), "2024-01", rates=rates)
    assert found.value("k", "north", "2024-01") == 80


@pytest.mark.parametrize("code", ["CHF", "usd", "", None])
def test_an_amount_without_a_rate_makes_every_level_missing_and_never_smaller(tmp_path: Path, code: str | None) -> None:
    frame = pl.concat(
        [
            sold(("2024-01-03", "USD", 100), ("2024-01-03", code, 1)),
            sold(("2024-01-03", "USD", 100)).with_columns(pl.lit("south").alias("unit")),
        ]
    )
    found = figures(declare(tmp_path, {}), frame, "2024-01", rates=USUAL)
    assert found.value("k", "south", "2024-01") == 92
    for unit in ("north", "company"):
        assert (found.value("k", unit, "2024-01"), found.reason("k", unit, "2024-01")) == (None, "no_rate")


def test_a_window_that_holds_a_month_without_a_rate_is_missing(tmp_path: Path) -> None:
    frame = sold(("2024-01-03", "USD", 100), ("2024-02-03", "GBP", 100), ("2024-03-03", "EUR", 100))
    found = figures(
        declare(tmp_path, {}, {"window": "trailing 2 months", "min_months": 1}), frame, "2024-01", "2024-04", USUAL
    )
    reasons = [found.reason("k", "north", f"2024-0{month}") for month in (1, 2, 3, 4)]
    # GBP has a rate in January: it is not carried forward to February.
    assert reasons == [None, "no_rate", "no_rate", None]


@pytest.mark.parametrize(
    ("measure", "wanted"),
    [
        ({"over_time": "last"}, 50.0),
        ({"over_time": "first"}, "no_rate"),
        ({"over_time": "average"}, "no_rate"),
        ({"over_time": "minimum"}, "no_rate"),
        ({"over_time": "maximum", "empty": "zero"}, "no_rate"),
        ({"over_time": "average", "value": "MEDIAN(amount)"}, "no_rate"),
    ],
)
def test_a_stock_needs_the_rates_of_the_months_that_it_is_taken_from(
    tmp_path: Path, measure: dict[str, Any], wanted: object
) -> None:
    frame = sold(("2024-01-03", "CHF", 100), ("2024-02-03", "USD", 100))
    found = figures(declare(tmp_path, measure, {"window": "trailing 2 months"}), frame, "2024-02", rates=USUAL)
    assert (found.reason("k", "north", "2024-02") or found.value("k", "north", "2024-02")) == wanted


def test_rows_that_do_not_count_or_bring_no_amount_need_no_rate(tmp_path: Path) -> None:
    frame = sold(("2024-01-03", "USD", 100), ("2024-01-03", "CHF", None), ("2024-01-03", "CHF", 7))
    measure = {"where": "amount <> 7 OR amount IS NULL"}
    assert figures(declare(tmp_path, measure), frame, "2024-01", rates=USUAL).value("k", "north", "2024-01") == 92
    filtered = {"value": "SUM(amount) FILTER (WHERE amount > 50)"}
    assert figures(declare(tmp_path, filtered), frame, "2024-01", rates=USUAL).value("k", "north", "2024-01") == 92


def test_amounts_that_lack_a_rate_are_counted_in_a_part_of_their_own(tmp_path: Path) -> None:
    project = declare(tmp_path, {})
    frame = sold(
        ("2024-01-03", "CHF", 1), ("2024-01-04", None, 1), ("2024-01-05", "CHF", None), ("2024-02-01", "EUR", 1)
    )
    placed = frame.lazy().with_columns(pl.col("day").dt.truncate("1mo").alias("_period"), pl.col("unit").alias("_unit"))
    months = [date(2024, 1, 1), date(2024, 2, 1)]
    variants = list(make_plan(project).variants.values())
    rates = exchange_of(project, USUAL, months)
    cells = measure_cells(project.sources["rows"], placed, variants, months, exchange=rates)
    shown = cells.select("part", pl.col("period").dt.month(), "exact").rows()
    assert shown == [("part_1", 1, None), ("part_1", 2, 1), ("without_rate", 1, 2)]


def test_a_later_month_and_its_rates_change_nothing_earlier(tmp_path: Path) -> None:
    project = declare(tmp_path, {}, {"window": "year to date"})
    frame = sold(("2024-01-03", "USD", 100), ("2024-02-03", "USD", 100))
    whole = figures(project, frame, "2024-01", "2024-02", USUAL)
    early = figures(project, frame, "2024-01", rates=USUAL.filter(pl.col("day") < date(2024, 2, 1)))
    assert whole.value("k", "north", "2024-01") == early.value("k", "north", "2024-01") == 92
    assert whole.value("k", "north", "2024-02") == 92 + 50


@pytest.mark.parametrize("quoted", ["in own currency", "in foreign currency"])
def test_decimals_are_converted_exactly_however_large(tmp_path: Path, quoted: str) -> None:
    draw = random.Random(3)
    project = declare(tmp_path, {"over_time": "last"}, rates={**RATES, "quoted": quoted})
    total, records = Decimal(0), []
    rate = Decimal("1.2345678901")
    for cents in (10**14, 10**16 - 1, -7, *(draw.randint(-(10**16), 10**16) for _ in range(200))):
        amount = Decimal(cents).scaleb(-2)
        exact = amount * rate if quoted == "in own currency" else amount / rate
        total += exact.quantize(Decimal("1e-10"), ROUND_HALF_EVEN)
        records.append(("2024-01-03", "USD", str(amount)))
    rates = exchange_of(project, rates_of(("USD", "2024-01-31", "1", str(rate))), [date(2024, 1, 1)])
    placed = (
        sold(*records).lazy().with_columns(pl.lit(date(2024, 1, 1)).alias("_period"), pl.lit("north").alias("_unit"))
    )
    variants = list(make_plan(project).variants.values())
    cells = measure_cells(project.sources["rows"], placed, variants, [date(2024, 1, 1)], exchange=rates)
    assert cells.select("part", "exact").rows() == [("part_1", total)]


def test_a_million_millions_at_ten_places_do_not_overflow(tmp_path: Path) -> None:
    rates = rates_of(("USD", "2024-01-31", "1.2345678901", "1"))
    found = figures(declare(tmp_path, {}), sold(("2024-01-03", "USD", 10**12)), "2024-01", rates=rates)
    assert found.value("k", "north", "2024-01") == 1234567890100


def test_rates_that_are_floats_make_floats_in_a_fixed_order(tmp_path: Path) -> None:
    rates = rates_of(*(("USD", f"2024-01-{day:02d}", f"0.{day}", "1") for day in range(10, 30)), is_real=True)
    frame = sold(*(("2024-01-03", "USD", f"{n}.37") for n in range(300)))
    project = declare(tmp_path, {}, fx={"columns": {**FX["columns"], "mean": {"type": "float"}}})
    one = figures(project, frame, "2024-01", rates=rates).value("k", "north", "2024-01")
    other = figures(project, frame.reverse(), "2024-01", rates=rates.reverse()).value("k", "north", "2024-01")
    assert one == other == pytest.approx(sum(n + 0.37 for n in range(300)) * 0.195, rel=1e-12)


def test_rates_that_hold_over_a_time_count_where_they_hold_at_the_end(tmp_path: Path) -> None:
    fx = {
        "key": "code",
        "period": {"start": "day", "end": "ends"},
        "columns": {**FX["columns"], "ends": {"type": "date", "nullable": True}},
    }
    project = declare(tmp_path, {}, fx=fx)
    rates = rates_of(("USD", "2024-01-01", "0.9", "0.9"), ("USD", "2024-02-10", "0.8", "0.8"))
    rates = rates.with_columns(pl.Series("ends", [date(2024, 2, 9), None], dtype=pl.Date))
    frame = sold(*((f"2024-0{month}-03", "USD", 100) for month in (1, 2, 3)))
    found = figures(project, frame, "2024-01", "2024-03", rates)
    assert [found.value("k", "north", f"2024-0{month}") for month in (1, 2, 3)] == [90, 80, 80]


def test_a_month_of_a_445_year_takes_the_rates_of_its_days(tmp_path: Path) -> None:
    write(tmp_path, {})
    change = yaml.safe_load((tmp_path / "scorecard.yaml").read_text()) | {"first_period": "2024-01"}
    (tmp_path / "scorecard.yaml").write_text(yaml.safe_dump(change))
    (tmp_path / "calendar.csv").write_text(
        "period,first_day,last_day\n2024-01,2023-12-31,2024-01-27\n2024-02,2024-01-28,2024-02-24\n"
    )
    project = load_project(tmp_path)
    rates = rates_of(("USD", "2024-01-27", "0.9", "0.9"), ("USD", "2024-01-28", "0.5", "0.5"))
    frame = sold(("2023-12-31", "USD", 100), ("2024-01-31", "USD", 100))
    found = figures(project, frame, "2024-01", "2024-02", rates)
    assert [found.value("k", "north", period) for period in ("2024-01", "2024-02")] == [90, 50]
    assert parse_period("2024-01") == date(2024, 1, 1)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"rates": {**RATES, "source": "rate"}},
            "scorecard.yaml:4: rates.source: 'rate' is not a source. Did you mean 'rates'?",
        ),
        (
            {"rates": {**RATES, "currency": "cod"}},
            "scorecard.yaml:5: rates.currency: 'cod' is not a column of rates. Did you mean 'code'?",
        ),
        (
            {"rates": {**RATES, "currency": "day"}},
            "scorecard.yaml:5: rates.currency: 'day' is of type date, not a text. Name a text column.",
        ),
        (
            {"rates": {**RATES, "end": "code"}},
            "scorecard.yaml:7: rates.end: 'code' is of type string, not a number. Name a number column.",
        ),
        (
            {"rates": {}},
            "kpis/all.yaml:5: measures.m.currency: has no rates to convert at. Declare rates in scorecard.yaml, or "
            "drop the currency.",
        ),
        (
            {"measure": {"convert": "end"}, "rates": {"source": "rates", "currency": "code", "average": "mean"}},
            "kpis/all.yaml:6: measures.m.convert: needs the 'end' rate, which scorecard.yaml does not declare. Declare "
            "rates.end there, or write convert: average.",
        ),
        (
            {"measure": {"over_time": "last"}, "rates": {"source": "rates", "currency": "code", "average": "mean"}},
            "kpis/all.yaml:5: measures.m.currency: needs the 'end' rate, which scorecard.yaml does not declare. Unless "
            "convert is declared, this one is converted at end. Declare rates.end there, or write convert: average.",
        ),
        (
            {"measure": {"currency": "reson"}},
            "kpis/all.yaml:5: measures.m.currency: 'reson' is not a column of rows. Did you mean 'reason'?",
        ),
        (
            {"measure": {"currency": "pieces"}},
            "kpis/all.yaml:5: measures.m.currency: 'pieces' is of type integer, not a text. Name a text column.",
        ),
        (
            {"measure": {"currency": None, "convert": "end"}},
            "kpis/all.yaml:6: measures.m.convert: says at which rate amounts are converted, but the measure names no "
            "currency. Give the column: currency: <column>.",
        ),
        (
            {"fx": {"period": "none"}},
            "scorecard.yaml:4: rates.source: 'rates' has no period, so no rate of a month. Give it a period: the "
            "column of the day.",
        ),
        (
            {"fx": {"key": []}},
            "sources/rates.yaml:4: key: is empty, so that a currency could have two rates on one day ('rates' gives "
            "the rates). Declare it, such as [currency, day].",
        ),
        (
            {"measure": {"source": "rates", "value": "SUM(mean)", "currency": "code"}},
            "sources/rates.yaml:1: unit: is required, since the measure 'm' counts rows by unit. Name the column of "
            "the organisation unit, or always: <unit>.",
        ),
    ],
)  # fmt: skip
def test_rates_that_cannot_convert_are_told_with_their_line(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    write(tmp_path, **{"measure": {}, **change})
    with pytest.raises(DeclarationError) as refused:
        load_project(tmp_path)
    found = [str(problem) for problem in refused.value.problems if problem.severity == "error"]
    assert found == [told]


def test_amounts_of_people_are_withheld_where_few_are_paid_in_a_currency(tmp_path: Path) -> None:
    """The same amounts as they are, and at their rates, tell what those of each currency come to."""

    def told(dollars: int, kpis: dict[str, Any]) -> dict[str, str | None]:
        root = tmp_path / f"{dollars} {len(kpis)}"
        measures = {
            "people": {"value": "COUNT(*)", "over_time": "last"},
            "pay": {"value": "SUM(amount)"},
            "paid": {"value": "SUM(amount)", "currency": "reason"},
        }
        write_project(
            root, measures, kpis, source={"domain": "hr"},
            scorecard={"rates": RATES, "small_groups": {"people": "people"}},
        )  # fmt: skip
        (root / "sources/rates.yaml").write_text(yaml.safe_dump(FX, sort_keys=False))
        staff = sold(*[("2024-01-03", "USD" if n < dollars else "EUR", 100) for n in range(15)])
        found = figures(load_project(root), staff, "2024-01", rates=USUAL)
        return {kpi: found.reason(kpi, "north", "2024-01") for kpi in kpis}

    both = {"pay": {"value": "pay"}, "paid": {"value": "paid"}}
    assert told(1, both) == {"pay": None, "paid": "small_group"}
    assert told(6, both) == {"pay": None, "paid": None}
    assert told(0, both) == {"pay": None, "paid": None}
