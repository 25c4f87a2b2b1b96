from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report_templates.days import day, month, short_month
from report_templates.formatting import (
    MISSING,
    money,
    number,
    percent,
    rounded,
    row_scale,
)
from report_templates.kpi_rows import kpi_row
from report_templates.language import ENGLISH
from report_templates.ranges import range_text
from report_templates.reasons import reason_words
from tests.reports.pack_factory import build_pack, company_pack, watched_pack
from transforms.pack import KpiLine, Signal


def line(measured_in: str, value: float | None, target: float | None, decimals: int | None = None) -> KpiLine:
    spec = (
        "x", measured_in, "higher", 1.0, 0.0, 0.5, 0.5, "month", False, "owner",
    )  # fmt: skip
    made = build_pack("u", "company", {"P": ("", {"O": [spec]})}, seed=1).kpis[0]  # type: ignore[list-item]
    return replace(made, value=value, target=target, decimals=decimals, previous=None, last_year=None)


def test_minus_is_the_true_minus_sign_and_zero_has_no_sign() -> None:
    assert number(-3.8, 1) == "−3.8"
    assert number(-0.04, 1, signed=True) == "0.0"
    assert number(3.8, 1, signed=True) == "+3.8"


def test_halves_round_up_in_decimal_not_in_binary() -> None:
    assert number(0.285 * 100, 0) in ("28", "29")
    assert percent(0.285, 0) == "29\u202f%"
    assert percent(1.005, 1) == "100.5\u202f%"
    assert number(2.5, 0) == "3"


def test_german_numbers_have_a_comma_and_points_between_thousands() -> None:
    assert number(1234567.25, 1, "de_DE") == "1.234.567,3"
    assert percent(-0.066, 1, "de_DE", signed=True) == "−6,6\u202f%"
    assert money(1_200_000, "EUR", "de_DE") == "1,20\u202fMio.\u00a0EUR"


def test_trailing_zeros_stay() -> None:
    scale = row_scale(line("percent", 0.119, 0.12), "EUR")
    assert (scale.figure(0.12), scale.figure(0.119)) == ("12.0", "11.9")


def test_actual_target_and_variance_share_one_scale() -> None:
    scale = row_scale(line("currency", 41.84e6, 44.0e6), "EUR")
    assert scale.label == "EUR m"
    assert [scale.figure(v) for v in (41.84e6, 44.0e6)] == ["41.8", "44.0"]
    assert scale.figure(-2.16e6, signed=True) == "−2.2"
    assert scale.text(41.84e6) == "EUR\u00a041.8\u202fm"


@pytest.mark.parametrize(
    ("measured_in", "label", "text"),
    [
        ("FTE", "FTE", "16.5\u00a0FTE"), ("NPS", "NPS", "16.5\u00a0NPS"), ("USD", "USD", "USD\u00a016.5"),
        ("currency", "EUR", "EUR\u00a016.5"), ("fte", "fte", "16.5\u00a0fte"),
    ],
)  # fmt: skip
def test_only_the_code_of_a_currency_stands_before_the_number(measured_in: str, label: str, text: str) -> None:
    scale = row_scale(line(measured_in, 16.5, 18.0), "EUR")
    assert (scale.label, scale.text(16.5)) == (label, text)
    assert scale.difference(-1.5) == text.replace("16.5", "1.5")


def test_a_value_that_rounds_up_to_a_million_is_shown_in_millions() -> None:
    scale = row_scale(line("orders", 999_960.0, 999_990.0), "EUR")
    assert scale.label == "m orders"
    assert scale.figure(999_960.0) == "1.00"


@pytest.mark.parametrize(
    ("value", "target", "shown"),
    [(14.2, 9.0, "14.2"), (3.1, 3.5, "3.10"), (38.0, 45.0, "38"), (1234.0, 1300.0, "1,234"), (0.0, 0.0, "0")],
)
def test_at_most_three_significant_digits_but_whole_numbers_in_full(value: float, target: float, shown: str) -> None:
    assert row_scale(line("things", value, target), "EUR").figure(value) == shown


@pytest.mark.parametrize(
    ("value", "target", "previous", "last_year", "shown"),
    [
        (9.19, 8.2, 9.66, 12.46, ["9.2", "8.2", "9.7", "12.5"]),
        (9_800.0, 9_900.0, 10_200.0, 9_700.0, ["9.8", "9.9", "10.2", "9.7"]),
        (5.231, 6.0, 5.5, 412.345, ["5.23", "6.00", "5.50", "412"]),
        (5.0, 6.0, 5.5, None, ["5.00", "6.00", "5.50", "–"]),
    ],
)
def test_actual_and_what_it_is_compared_with_share_one_scale_of_three_digits(
    value: float, target: float, previous: float, last_year: float | None, shown: list[str]
) -> None:
    changed = replace(line("things", value, target), previous=previous, last_year=last_year)
    row = kpi_row(company_pack(), changed)
    assert [row.actual, row.target, row.previous, row.last_year] == shown


def test_the_year_to_date_has_three_digits_on_the_scale_of_its_row() -> None:
    revenue = replace(line("currency", 16.8e6, 17.6e6), to_date=160.16e6, to_date_target=165.7e6)
    row = kpi_row(company_pack(), revenue)
    assert (row.actual, row.target, row.to_date, row.to_date_target) == ("16.8", "17.6", "160", "166")
    crossing = replace(revenue, to_date=98.46e6, to_date_target=101.2e6)
    assert (kpi_row(company_pack(), crossing).to_date, kpi_row(company_pack(), crossing).to_date_target) == (
        "98",
        "101",
    )
    declared = replace(line("stars", 4.416, 4.5, decimals=3), to_date=104.4163, to_date_target=None)
    assert kpi_row(company_pack(), declared).to_date == "104.416"


figures = st.floats(-1e7, 1e7, allow_nan=False)


@given(figures, figures, st.lists(st.one_of(st.none(), figures), min_size=4, max_size=4))
def test_no_figure_of_a_row_has_more_than_three_digits_but_for_whole_numbers(
    value: float, target: float, others: list[float | None]
) -> None:
    previous, last_year, to_date, to_date_target = others
    changed = replace(
        line("things", value, target), previous=previous, last_year=last_year, to_date=to_date,
        to_date_target=to_date_target,
    )  # fmt: skip
    row = kpi_row(company_pack(), changed)
    for figure in (row.actual, row.target, row.variance, row.previous, row.last_year, row.to_date, row.to_date_target):
        whole, _, decimals = figure.lstrip("<>+−").replace(",", "").partition(".")
        assert not decimals or len(whole.lstrip("0") + decimals) <= 3 or not whole.lstrip("0"), figure


@pytest.mark.parametrize(
    ("measured_in", "value", "target", "shown"),
    [
        ("mol", 1.02e-6, 1e-6, ["1.02", "1.00", "+0.02"]),
        ("mol", 9.9996e-7, 5e-7, ["1.00", "0.50", "+0.50"]),
        ("mol", 0.003, 50.2, ["0.003", "50.2", "−50.2"]),
        ("mol", 3e-9, 50.2, ["<0.001", "50.2", "−50.2"]),
        ("mol", 5.5e-17, 50.2, ["0.0", "50.2", "−50.2"]),
        ("percent", 3e-6, 0.02, ["<0.001", "2.0", "−2.0"]),
        ("percent", 5e-5, 4e-5, ["0.0050", "0.0040", "+0.0010"]),
    ],
)
def test_what_is_not_zero_is_never_written_as_zero(
    measured_in: str, value: float, target: float, shown: list[str]
) -> None:
    row = kpi_row(company_pack(), line(measured_in, value, target))
    assert [row.actual, row.target, row.variance] == shown


@pytest.mark.parametrize(
    ("measured_in", "decimals", "value", "target", "shown"),
    [
        ("currency", None, 13_251_201.0, 13_325_000.0, ["13.3", "13.3", "−0.07", "−0.6 %"]),
        ("currency", None, 13_324_999.0, 13_325_000.0, ["13.3", "13.3", ">−0.001", ">−0.001 %"]),
        ("currency", None, 13_325_001.0, 13_325_000.0, ["13.3", "13.3", "<+0.001", "<+0.001 %"]),
        ("percent", 0, 0.9151, 0.9249, ["92", "92", "−1.0", "−1.0 pp"]),
        ("percent", 0, 0.917, 0.924, ["92", "92", "−0.7", "−0.7 pp"]),
        ("stars", 1, 4.441, 4.449, ["4.4", "4.4", "−0.008", "−0.2 %"]),
        ("stars", 1, 0.1 + 0.2, 0.3, ["0.3", "0.3", "0.0", "0.0 %"]),
        ("stars", 1, 4.4, 4.4, ["4.4", "4.4", "0.0", "0.0 %"]),
    ],
)
def test_a_difference_of_figures_that_look_equal_is_the_exact_one(
    measured_in: str, decimals: int | None, value: float, target: float, shown: list[str]
) -> None:
    row = kpi_row(company_pack(), line(measured_in, value, target, decimals))
    told = [row.actual, row.target, row.variance, row.variance_share.replace("\u202f", " ")]
    assert told == shown
    assert (row.is_better is None) == (shown[3] == "0.0 %")


def test_figures_below_a_thousandth_are_counted_in_millionths_with_three_digits() -> None:
    scale = row_scale(line("mol", 1.02e-6, 1e-6), "EUR")
    assert (scale.label, scale.text(1.02e-6)) == ("×10⁻⁶ mol", "1.02\u202f×10⁻⁶\u00a0mol")
    declared = row_scale(line("mol", 1.2e-4, 1e-4, decimals=6), "EUR")
    assert (declared.label, declared.text(1.2e-4)) == ("mol", "0.000120\u00a0mol")
    too_few = row_scale(line("mol", 1.2e-4, 1e-4, decimals=2), "EUR")
    assert too_few.text(1.2e-4) == "120\u202f×10⁻⁶\u00a0mol"


def test_two_limits_that_differ_never_look_equal() -> None:
    made = line("mol", 100.0, 100.2)
    signal = watched_signal(lower=100.01, upper=100.04)
    row = kpi_row(company_pack(), replace(made, signal=signal))
    assert (row.lower, row.upper) == ("100.01", "100.04")
    assert range_text(row.scale, 100.01, 100.04) == "100.01 to 100.04"


def watched_signal(lower: float, upper: float) -> Signal:
    return replace(next(kpi.signal for kpi in watched_pack().kpis if kpi.signal), lower=lower, upper=upper)


def test_declared_decimals_win() -> None:
    assert row_scale(line("stars", 4.416, 4.5, decimals=3), "EUR").figure(4.416) == "4.416"


@pytest.mark.parametrize(
    ("value", "target", "shown"),
    [
        (30.2, 39.8, ["30.2", "39.8", "−9.6", "−24 %"]),
        (39.32, 40.0, ["39.3", "40.0", "−0.7", "−1.7 %"]),
        (36.04, 40.0, ["36", "40", "−4", "−9.9 %"]),
        (9103.0, 9000.0, ["9,103", "9,000", "+103", "+1.1 %"]),
    ],
)
def test_declared_decimals_become_more_where_the_difference_would_contradict_its_percentage(
    value: float, target: float, shown: list[str]
) -> None:
    row = kpi_row(company_pack(), line("points", value, target, decimals=0))
    told = [row.actual, row.target, row.variance, row.variance_share.replace("\u202f", " ")]
    assert told == shown


def test_a_percentage_differs_in_points_with_its_number() -> None:
    assert row_scale(line("percent", 0.884, 0.95), "EUR").difference(-0.066) == "6.6\u202fpp"


def test_one_of_a_thing_is_singular() -> None:
    scale = row_scale(line("hours", 1.0, 6.0), "EUR")
    assert (scale.text(1.0), scale.text(5.0)) == ("1\u00a0hour", "5\u00a0hours")


def test_missing_is_an_en_dash_everywhere() -> None:
    assert {number(None), percent(None), money(None, "EUR"), day(None, ENGLISH), number(float("nan"))} == {"–"}
    assert row_scale(line("percent", None, None), "EUR").text(None) == "–"


def test_dates_do_not_depend_on_the_machines_locale() -> None:
    assert (month(date(2026, 10, 1), ENGLISH), short_month(date(2026, 3, 1), ENGLISH, year=True)) == (
        "October 2026",
        "Mar\u00a026",
    )


@pytest.mark.parametrize(
    ("known_on", "english", "german"),
    [
        (date(2026, 11, 3), "3\u00a0Nov", "03.11."),
        (date(2027, 1, 4), "4\u00a0Jan\u00a027", "04.01.27"),
        (date(2025, 10, 2), "2\u00a0Oct\u00a025", "02.10.25"),
        (None, MISSING, MISSING),
    ],
)
def test_the_day_of_the_data_has_its_year_where_that_is_not_the_packs(
    known_on: date | None, english: str, german: str
) -> None:
    pack = company_pack()
    line = replace(pack.kpis[0], data_known_on=known_on)
    assert kpi_row(pack, line).known_on == english
    assert kpi_row(replace(pack, locale="de_DE"), line).known_on.replace("\u00a0", "") == german


def test_an_unknown_reason_is_read_out() -> None:
    assert reason_words("budget_not_approved", ENGLISH) == "budget not approved"


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e14, max_value=1e14), st.integers(0, 4))
def test_the_text_of_a_number_is_its_rounded_value(value: float, decimals: int) -> None:
    text = number(value, decimals).replace(",", "").replace("−", "-")
    assert Decimal(text) == rounded(value, decimals)
    assert abs(rounded(value, decimals) - Decimal(repr(value))) <= Decimal(1).scaleb(-decimals) / 2


def test_actual_minus_target_is_the_variance_to_the_digit_shown() -> None:
    line = replace(company_pack().kpis[0], measured_in="percent", decimals=1, value=0.88449, target=0.95051)
    scale = row_scale(line, "EUR")
    assert (scale.figure(line.value), scale.figure(line.target)) == ("88.4", "95.1")
    assert scale.figure(scale.between(line.value, line.target), signed=True) == "−6.7"
    assert scale.between(None, line.target) is None


def test_a_variance_across_zero_has_no_percentage() -> None:
    pack = company_pack()
    line = replace(pack.kpis[0], measured_in="points", value=-4.0, target=8.0)
    assert kpi_row(pack, line).variance_share == "–"


@pytest.mark.parametrize(("value", "word"), [(1.0, "yes"), (0.0, "no"), (None, MISSING), (0.5, "1")])
def test_a_value_that_is_yes_or_no_is_written_as_such(value: float | None, word: str) -> None:
    line = replace(company_pack().kpis[0], measured_in="yes/no", value=value, target=None)
    scale = row_scale(line, "EUR")
    assert (scale.figure(value), scale.text(value)) == (word, word)
    assert scale.figure(1.0, signed=True) == "+1"
