import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from report_templates.email import WIDTH, EmailBodies, Letter
from report_templates.email import render_email as render
from report_templates.look import mail_look
from report_templates.pack_message import message_of
from scorecards.packs import Layout
from tests.reports.pack_factory import company_pack, empty_pack, hostile_pack, person_pack
from transforms.pack import EditionNote, EditionRow, Pack

ATTACHED = ("2026-10-company-company.pdf",)


def render_email(pack: Pack, recipient: str, locale: str | None = None, **letter: object) -> EmailBodies:
    return render(message_of(pack, locale), Letter(recipient, **({"attached": ATTACHED} | letter)))  # type: ignore[arg-type]


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
        render_email(company_pack(), "Ada").subject == "Balanced Scorecard October 2026: Whole company 85, near target"
    )
    assert render_email(empty_pack(), "Ada").subject == "Balanced Scorecard October 2026: Whole company no score"


def test_a_subject_says_what_it_is_whatever_a_projects_template_says(tmp_path: Path) -> None:
    own = tmp_path / "templates/email_message/subject.txt"
    own.parent.mkdir(parents=True)
    own.write_text("Your figures")
    look, said = mail_look(tmp_path, Layout(pages=("summary",))), message_of(company_pack())
    letter = Letter("Ada", corrects=1, proof_for="Ada")
    assert render(said, letter, look).subject == "Proof copy: Correction: Your figures"
    assert render(said, Letter("Ada"), look).subject == "Your figures"


def test_both_bodies_say_the_same() -> None:
    bodies = render_email(company_pack(), "Ada Example")
    text, html = squeezed(bodies.text), squeezed(" ".join(shown(bodies.html).text))
    for words in (
        "Dear Ada Example,",
        "The score rose by 0.5 to 85, 3 points above October 2025: Reports delivered by day five added 1.3",
        "Internal process",
        "5 of 24 KPIs off target",
        "88.4 % against 95.0 %",
        "Second shift at Cologne from 24 November. Head of Logistics, 30 Nov.",
        "Data known on 4 November 2026.",
        "Attached is the Balanced Scorecard of Whole company for October 2026.",
    ):
        assert words in text
        assert words in html


def test_the_html_has_tables_and_styles_on_elements_and_fetches_nothing() -> None:
    html = render_email(company_pack(), "Ada").html
    parser = shown(html)
    assert parser.addresses == []
    assert not {"style", "link", "script", "img", "svg"} & set(parser.tags)
    assert "url(" not in html
    assert "flex" not in html


def test_lines_of_the_text_are_short_and_numbers_stay_whole() -> None:
    text = render_email(company_pack(), "Ada").text
    prose = [line for line in text.splitlines() if "KPIs" not in line]
    assert max(len(line) for line in prose) <= WIDTH
    assert not re.search(r"^%", text, re.MULTILINE)


def test_a_hostile_name_stays_text_and_cannot_end_the_subject_line() -> None:
    pack = replace(hostile_pack(), unit_name="Evil\r\nBcc: all@example.org\u2028x")
    bodies = render_email(pack, "<b>Ada</b>\n")
    assert len(bodies.subject.splitlines()) == 1
    assert "<script>" not in bodies.html
    assert "<b>Ada" not in bodies.html
    assert "Dear <b>Ada</b>," in bodies.text


def test_nobody_by_name_is_greeted_all_the_same() -> None:
    assert render_email(company_pack(), " ").text.startswith("Good day,\n")


def test_a_persons_pack_is_named_after_the_person() -> None:
    assert "Sales person 4f2a" in render_email(person_pack(), "Ada").subject


def test_a_correction_says_so_in_the_subject_and_first_in_both_bodies() -> None:
    row = EditionRow(level="value", node="margin", before=0.1, after=0.2, because=("data",), loads=("ledger.csv",))
    pack = replace(company_pack(), edition=EditionNote(2, "Late invoices", (row,)))
    bodies = render_email(pack, "Ada", corrects=1)
    assert bodies.subject.startswith("Correction: Balanced Scorecard October 2026")
    said = "This corrects edition 1 of the same scorecard. 1 KPI value and 0 scores are other than in "
    said += "edition 1, no band changed. Published again: Late"
    for body in (squeezed(bodies.text), squeezed(" ".join(shown(bodies.html).text))):
        assert 0 < body.index(said) < body.index("In short")
    assert "orrect" not in render_email(replace(pack, edition=EditionNote(1, "", ())), "Ada").text


def german(pack: Pack, **letter: object) -> str:
    return render_email(pack, "Ada", "de_DE", **letter).text.split("=====")[0]


@pytest.mark.parametrize(
    ("letter", "opening"),
    [({}, "im Anhang finden Sie"), ({"attached": (), "link": "https://x.example"}, "hier finden Sie")],
)
def test_german_goes_on_in_small_letters_after_the_greeting_and_begins_anew_after_a_sentence(
    letter: dict[str, object], opening: str
) -> None:
    assert f"Guten Tag Ada,\n\n{opening}: " in german(company_pack(), **letter)
    corrected = german(company_pack(), corrects=1, **letter)
    assert "Guten Tag Ada,\n\ndies berichtigt die Ausgabe 1" in corrected
    assert f"\n\n{opening[0].upper()}{opening[1:]}: " in corrected


def test_a_scorecards_own_name_keeps_its_letters_where_it_begins_a_paragraph() -> None:
    pack = replace(company_pack(), scorecard_name="eShop")
    assert "\n\neShop, Whole company, " in german(pack, corrects=1, attached=())


def test_a_proof_copy_says_whose_it_is_not() -> None:
    bodies = render_email(company_pack(), "Ada", proof_for="grace@example.com")
    assert bodies.subject.startswith("Proof copy: ")
    for body in (bodies.text, bodies.html):
        assert "This is a proof copy; grace@example.com would receive it." in squeezed(body)


@pytest.mark.parametrize(
    ("letter", "words"),
    [
        ({"attached": ()}, "The Balanced Scorecard of Whole company for October 2026 in short:"),
        ({"attached": (), "link": "https://example.com/p"}, "is ready. In short:"),
        ({"is_encrypted": True}, "The file opens with the password that you were given."),
        (
            {"is_encrypted": True, "proof_for": "eva@example.com"},
            "The file opens with the password of eva@example.com.",
        ),
    ],
)
def test_the_opening_says_what_comes_with_the_message(letter: dict[str, object], words: str) -> None:
    bodies = render_email(company_pack(), "Ada", **letter)
    assert words in squeezed(bodies.text)
    assert words in squeezed(" ".join(shown(bodies.html).text))
    assert shown(bodies.html).addresses == ([letter["link"]] if "link" in letter else [])


def test_the_message_speaks_the_readers_language_whatever_the_packs() -> None:
    bodies = render_email(company_pack(), "Ada", "de_DE", corrects=1)
    assert bodies.subject.startswith("Korrektur: Balanced Scorecard Oktober 2026")
    assert "Guten Tag Ada," in bodies.text
    assert '<html lang="de-DE">' in bodies.html
