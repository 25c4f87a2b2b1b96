"""The page "What changed since edition n": what it shows of figures that differ by much, and by little."""

from __future__ import annotations

from dataclasses import replace

import pytest

from report_templates.edition_messages import edition_rows, restated_line
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
        (0.0018321, 0.0018307, ("0.1832 %", "0.1831 %", "−0.0001 pp")),
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


def test_a_restated_score_too() -> None:
    pack = company_pack()
    row = EditionRow("kpi", pack.kpis[0].id, 71.504, 71.501, ("data",), LOAD)
    assert shown(pack, row) == ("71.504", "71.501", "−0.003")
