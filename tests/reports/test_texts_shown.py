"""A KPI whose value is a text: every page, message and sheet shows the text, never its place."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

from report_templates.kpi_messages import chart_message, doing, moved_since
from report_templates.kpi_rows import kpi_row
from report_templates.terminal import scorecard_text
from report_templates.workbook import print_workbook
from tests.reports.pack_factory import company_pack
from transforms.pack import KpiLine, Pack

TEXTS = ("weak", "fair", "good")


def with_text() -> tuple[Pack, KpiLine]:
    pack = company_pack()
    page = pack.perspectives[0]
    places = [float(1 + i % 3) for i in range(len(page.kpis[0].history))]
    history = tuple(
        replace(point, value=place, target=None)
        for point, place in zip(page.kpis[0].history, (*places[:-2], 2.0, 1.0), strict=True)
    )
    line = replace(
        page.kpis[0], name="Word", value=1.0, text="weak", texts=TEXTS, previous=2.0, last_year=3.0, target=None,
        history=history, signal=None, measured_in="", to_date=None, to_date_target=None, forecast=(),
    )  # fmt: skip
    changed = replace(page, kpis=(line, *page.kpis[1:]))
    return replace(pack, perspectives=(changed, *pack.perspectives[1:])), line


def test_the_row_and_the_sentences_show_the_words() -> None:
    pack, line = with_text()
    row = kpi_row(pack, line)
    assert (row.actual, row.previous, row.last_year, row.variance, row.measured_in) == ("weak", "fair", "good", "–", "")
    assert moved_since(pack, line) == "after fair in September"
    assert moved_since(pack, replace(line, previous=1.0)) == "unchanged on September"
    assert doing(pack, line).startswith("weak; ")
    assert "October 2026 weak." in chart_message(pack, line)
    assert not re.search(r"\b[123]\b", doing(pack, line).replace("2026", ""))
    assert re.search(r"Word +weak +–", scorecard_text(pack))


def test_the_workbook_holds_the_words() -> None:
    pack, _ = with_text()
    book = ZipFile(BytesIO(print_workbook(pack)))
    shared = book.read("xl/sharedStrings.xml").decode()
    assert all(f">{text}<" in shared for text in TEXTS)
