"""The HTML message in a real browser: it fits a phone, in every language, and a window of a mail program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from report_templates.email import Letter, render_email
from report_templates.outbox_page import ShownMessage, outbox_page
from report_templates.pack_message import message_of
from tests.browser.conftest import Open
from tests.reports.pack_factory import company_pack

LINK = "https://intranet.example.org/scorecards/packs/2025-09/company-a-unit-with-a-long-name.de_DE.pdf"


@pytest.mark.parametrize("width", [320, 360, 600])
@pytest.mark.parametrize("locale", ["en_GB", "de_DE"])
def test_a_message_fits_the_window(opened: Open, tmp_path: Path, locale: str, width: int) -> None:
    said = message_of(company_pack(), locale)
    assert said.scores
    assert said.exceptions
    first, *others = said.scores
    long = replace(
        first, name="Kundenzufriedenheit und Wiederbestellungen", band="Ziel deutlich verfehlt", change="+12"
    )
    said = replace(said, scores=(long, *others))
    file = tmp_path / "message.html"
    file.write_text(render_email(said, Letter("Ada", link=LINK)).html)
    page = opened(file, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [320, 400, 1000])
def test_the_page_of_an_outbox_fits_the_window_with_every_message_open(
    opened: Open, tmp_path: Path, width: int
) -> None:
    bodies = render_email(message_of(company_pack()), Letter("Ada", ("2026-10-company-company.pdf",)))
    assert "=" * 40 in bodies.text
    shown = ShownMessage("ada.eml", "ada@example.org", bodies.subject, "today", ("a.pdf",), bodies.html, bodies.text)
    file = tmp_path / "index.html"
    file.write_bytes(outbox_page("2026-10", [shown]))
    page = opened(file, width)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
