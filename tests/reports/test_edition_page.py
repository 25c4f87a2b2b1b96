"""The page "What changed since edition n": what it shows of figures that differ by much, and by little."""

from __future__ import annotations

from dataclasses import replace

import pytest

from report_templates.edition_messages import edition_rows, figures_apart, restated_line
from report_templates.rendering import render_html
from tests.reports.pack_factory import company_pack
from transforms.pack import EditionNote, EditionRow, KpiLine, Pack

LOAD = ("ledger.csv (2025-05-10)",)


def line_in(pack: Pack, measured_in: str) -> KpiLine:
    return next(line for line in pack.kpis if line.measured_in == measured_in and line.value is not None)


def shown(pack: Pack, row: EditionRow) -> tuple[str, str, str]:
    (found,) = edition_rows(replace(pack, edition=EditionNote(2, "", (row,))))
    before, after, change = (
        text.replace("\u00a0", " ").replace("\u202f", " ") for text in (found.before, found.after, found.change)
    )
    return before, after, change


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0.2644, 0.238, ("26.4 %", "23.8 %", "−2.6 pp")),
        (0.0018321, 0.0018307, ("0.18321 %", "0.18307 %", "−0.00014 pp")),
        (0.26449, 0.26451, ("26.449 %", "26.451 %", "+0.002 pp")),
        (0.5, 0.5 + 1e-14, ("50.0 %", "50.0 %", "+0.0 pp")),
        (None, 0.5, ("–", "50.0 %", "–")),
    ],
)
def test_a_restated_value_is_shown_with_the_decimals_at_which_it_differs(
    before: float | None, after: float, expected: tuple[str, str, str]
) -> None:
    pack = company_pack()
    line = line_in(pack, "percent")
    assert shown(pack, EditionRow("value", line.id, before, after, ("data",), LOAD)) == expected


def test_a_change_of_band_is_named_beside_the_scores_and_counted_on_the_first_page() -> None:
    pack = company_pack()
    row = EditionRow("kpi", pack.kpis[0].id, 94.7, 96.0, ("data",), LOAD)
    assert shown(pack, row) == ("94.7 ▲ near target", "96.0 ● on target", "+1.3")
    restated = replace(pack, edition=EditionNote(2, "Late invoices.", (row,)))
    line = (
        "Edition 2, restated: 0 KPI values and 1 score are other than in edition 1, 1 band changed. "
        "Published again: Late invoices."
    )
    assert restated_line(restated) == line
    assert f'<a href="#edition">{line}</a>' in render_html(restated)
    assert restated_line(pack) == restated_line(replace(pack, edition=EditionNote(1, "", ()))) == ""


def test_a_restated_amount_is_shown_with_as_many_digits_as_its_change_needs() -> None:
    pack = company_pack()
    line = line_in(pack, "currency")
    before, after, change = shown(pack, EditionRow("value", line.id, 1493638.27, 1493640.27, ("data",), LOAD))
    assert [text.lstrip("EUR ").rstrip(" mk") for text in (before, after, change)] == [
        "1.493638",
        "1.493640",
        "+EUR 0.000002",
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (256931.48, 256933.48, ("256,931", "256,933")),
        (1493638.27, 1493640.27, ("1,493,638", "1,493,640")),
        (-1493638.2, -1493638.4, ("−1,493,638.2", "−1,493,638.4")),
        (1.5e12, 1.5e12 + 2000.4, ("1,500,000,000,000", "1,500,000,002,000")),
        (0.00000012, 0.0000041, ("0.00000012", "0.00000410")),
        (100.5, 1500.25, ("100.50", "1,500.25")),
        (1000.0, 1500.0, ("1,000", "1,500")),
        (1 / 3, 2 / 3, ("0.333333", "0.666667")),
        (None, 0.1234567, ("missing", "0.123457")),
        (0.0, None, ("0", "missing")),
    ],
)
def test_compare_shows_two_figures_with_digits_that_tell_their_change_and_no_exponents(
    before: float | None, after: float | None, expected: tuple[str, str]
) -> None:
    assert figures_apart(before, after) == expected


def test_a_restated_score_too() -> None:
    pack = company_pack()
    row = EditionRow("kpi", pack.kpis[0].id, 71.504, 71.501, ("data",), LOAD)
    assert shown(pack, row) == ("71.504", "71.501", "−0.003")
