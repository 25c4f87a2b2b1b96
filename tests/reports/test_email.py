import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from report_templates.email import WIDTH, render_email
from tests.reports.pack_factory import company_pack, empty_pack, hostile_pack, person_pack


class Shown(HTMLParser):
    """The text that a mail program shows, and the addresses that it would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "background")]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def shown(html: str) -> Shown:
    parser = Shown()
    parser.feed(html)
    return parser


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_the_subject_says_who_what_when_and_how_it_stands() -> None:
    assert (
        render_email([company_pack()], "Ada").subject
        == "Balanced Scorecard October 2026: Whole company 85, near target"
    )
    assert render_email([empty_pack()], "Ada").subject == "Balanced Scorecard October 2026: Whole company no score"
    both = render_email([company_pack(), person_pack()], "Ada")
    assert both.subject == "Meridian Outdoor: 2 scorecard packs for October 2026"


def test_both_bodies_say_the_same() -> None:
    bodies = render_email([company_pack(), person_pack()], "Ada Example")
    text, html = squeezed(bodies.text), squeezed(" ".join(shown(bodies.html).text))
    for words in (
        "Dear Ada Example,",
        "The score rose by 0.5 to 85, 3 points above October 2025: Reports delivered by day five added 1.3",
        "Internal process",
        "5 of 24 KPIs off target",
        "88.4 % against 95.0 %",
        "Second shift at Cologne from 24 November. Head of Logistics, 30 Nov.",
        "Data known on 4 November 2026.",
        "Sales person 4f2a",
    ):
        assert words in text
        assert words in html


def test_the_html_has_tables_and_styles_on_elements_and_fetches_nothing() -> None:
    html = render_email([company_pack()], "Ada").html
    parser = shown(html)
    assert parser.addresses == []
    assert not {"style", "link", "script", "img", "svg"} & set(parser.tags)
    assert "url(" not in html
    assert "flex" not in html


def test_lines_of_the_text_are_short_and_numbers_stay_whole() -> None:
    text = render_email([company_pack()], "Ada").text
    prose = [line for line in text.splitlines() if "KPIs" not in line]
    assert max(len(line) for line in prose) <= WIDTH
    assert not re.search(r"^%", text, re.MULTILINE)


def test_a_hostile_name_stays_text_and_cannot_end_the_subject_line() -> None:
    pack = replace(hostile_pack(), unit_name="Evil\r\nBcc: all@example.org\u2028x")
    bodies = render_email([pack], "<b>Ada</b>\n")
    assert len(bodies.subject.splitlines()) == 1
    assert "<script>" not in bodies.html
    assert "<b>Ada" not in bodies.html
    assert "Dear <b>Ada</b>," in bodies.text


def test_a_message_without_packs_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one pack"):
        render_email([], "Ada")


def test_nobody_by_name_is_greeted_all_the_same() -> None:
    assert render_email([company_pack()], " ").text.startswith("Good day,\n")
