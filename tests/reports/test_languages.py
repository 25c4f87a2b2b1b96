"""Packs, messages and the terminal speak one language each: that of the pack's locale, where a catalogue has it."""

from __future__ import annotations

import ast
import re
import shutil
import string
import subprocess
import typing
from calendar import month_name
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from html import unescape
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import nodes

from report_templates import ranges
from report_templates.counts import ordinal, spans
from report_templates.days import day, month, short_day
from report_templates.email import Letter, render_email
from report_templates.formatting import money, number
from report_templates.headline import headline
from report_templates.language import CATALOGUES, language, languages
from report_templates.pack_message import message_of
from report_templates.rejection_words import rejection_words
from report_templates.rendering import TEMPLATES, environment, render_html, render_pdf
from report_templates.terminal import scorecard_text
from scorecards.project import load_project
from tests.reports.corner_packs import corner_packs
from tests.reports.pack_factory import PERIOD, company_pack, empty_pack, hostile_pack, large_pack, person_pack
from transforms import pack as pack_records
from transforms.pack import ActionRow, InitiativeRow, Pack, SourceRow
from warehouse.rules import rules

EXAMPLES = Path(__file__).parents[2] / "examples"
PLACEHOLDER = re.compile(r"%(?:%|\(\w+\)s|.)")


@cache
def catalogue(code: str) -> Catalog:
    with (CATALOGUES / code / "LC_MESSAGES" / "scorepack.po").open("rb") as file:
        return read_po(file)


def entries() -> list[tuple[str, Message]]:
    return [(code, message) for code in languages() for message in catalogue(code) if message.id]


def ids(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


# Catalogues


def test_german_is_there() -> None:
    assert "de" in languages()
    assert len(entries()) > 400


def test_every_message_is_translated_and_none_is_a_guess() -> None:
    lacking = [message.id for _, message in entries() if message.fuzzy or not all(map(str.strip, strings(message)))]
    assert lacking == []


def test_a_translation_is_filled_with_what_its_message_is_filled_with() -> None:
    for _, message in entries():
        wanted = {found for text in ids(message)[-1:] for found in PLACEHOLDER.findall(text)}
        for translated in strings(message):
            given = set(PLACEHOLDER.findall(translated))
            # Where there is one only, or the number is said beside it, a language may leave the count out.
            assert given <= wanted, message.id
            assert wanted - given <= ({"%(count)s", "%(found)s"} if message.pluralizable else set()), message.id


def test_plurals_have_as_many_forms_as_their_language() -> None:
    for code, message in entries():
        if message.pluralizable:
            assert len(message.string) == catalogue(code).num_plurals, message.id


# What is said is marked


CALLS = {"say", "mark", "_", "gettext", "ngettext", "pgettext"}
SAID = re.compile(
    r"[A-Za-z]{2,}[ \u00a0][A-Za-z(%]|^[A-Z][a-z]{2,}|[A-Za-z]{2,}(: ?| )$|^[,;:]? [a-z]{2,}|[a-z]{2,}[.?!]$"
)
CODES = {
    code
    for module in (pack_records, ranges)
    for value in vars(module).values()
    if typing.get_origin(value) is typing.Literal
    for code in typing.get_args(value)
}
# Fonts are no words of a report, errors in a project's files are in English.
SILENT = {
    "bounded_svg.py",
    "fonts.py",
    "look.py",
    "printing.py",
    "rendering.py",
    "screen.py",
    "templates.py",
}
UNTRANSLATED = {"outbox"}


def unmarked(source: str) -> list[str]:
    """Texts of a module that read like words for people and are not handed to the catalogue."""
    tree = ast.parse(source)
    marked: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            marked.add(node.value)
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            marked.update(each for each in node.args if isinstance(each, ast.Constant) and name in CALLS)
        elif isinstance(node, ast.Raise | ast.Subscript):
            marked.update(ast.walk(node))
        elif isinstance(node, ast.Dict):
            marked.update(key for key in node.keys if isinstance(key, ast.Constant))
        elif isinstance(node, ast.Compare):
            marked.update(each for each in ast.walk(node) if isinstance(each, ast.Constant))
    allowed = CODES | set(month_name)
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node not in marked
        and node.value not in allowed
        and SAID.search(node.value)
    ]


@pytest.mark.parametrize(
    "source",
    [
        'x = f"{a} of {b}, on target"',
        'x = "No score"',
        'say(f"The score is {score}")',
        'language(locale)("no KPI applies")',
        'x = f"target {figure}"',
        'x = f"{name}: score"',
    ],
)
def test_an_unmarked_text_is_found(source: str) -> None:
    assert unmarked(source) != []


def test_no_module_says_what_the_catalogue_does_not_know() -> None:
    found = {path.name: unmarked(path.read_text()) for path in TEMPLATES.glob("*.py") if path.name not in SILENT}
    no_words = {"trailing (\\d+) months", "against target", "Row"}
    assert {
        name: left
        for name, texts in found.items()
        if (left := {text for text in texts if not re.search("<|default-src", text)} - no_words)
    } == {}


def unmarked_of_template(source: str) -> list[str]:
    """Words that stand in a template beside its expressions, and texts in expressions that read like words."""
    tree = environment().parse(source)
    data = "".join(node.data for node in tree.find_all(nodes.TemplateData))
    visible = re.sub(r"<style>.*?</style>|<[^<>]*>", " ", data, flags=re.DOTALL)
    marked = {
        id(argument)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in CALLS
        for argument in call.args
    }
    constants = [
        node.value
        for node in tree.find_all(nodes.Const)
        if isinstance(node.value, str) and id(node) not in marked and ";" not in node.value and SAID.search(node.value)
    ]
    return [*re.findall(r"[A-Za-z]{2,}", unescape(visible)), *(set(constants) - CODES)]


@pytest.mark.parametrize(
    "source", ["<p>No score</p>", "<b>{{ x }}</b> months", '{{ "target " ~ x }}', "{{ x }} of {{ y }}"]
)
def test_unmarked_words_of_a_template_are_found(source: str) -> None:
    assert unmarked_of_template(source) != []


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in sorted([*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.txt")])
        if path.parent.name not in UNTRANSLATED
    ],
    ids=lambda path: path.name,
)
def test_no_template_says_what_the_catalogue_does_not_know(path: Path) -> None:
    assert unmarked_of_template(path.read_text()) == []


# What is read


def german_packs() -> Iterator[Pack]:
    for pack in (company_pack(), person_pack(), empty_pack(), hostile_pack(), large_pack(), *corner_packs()):
        yield nobodys(replace(pack, locale="de_DE"))


OWN = {
    "organisation", "scorecard_name", "unit_name", "unit_head", "definition", "formula", "owner", "description",
    "question", "text", "response", "expected", "action", "source", "measure", "column", "reason",
    "when", "own_kpi",
}  # fmt: skip
OURS = {
    "Financial",
    "Customer",
    "Internal process",
    "Learning and growth",
    "Overall",
    "off target",
    "near target",
    "on target",
}


def nobodys(record: Any) -> Any:
    """The record with everything that a project says in its own words made of figures."""
    if isinstance(record, tuple):
        return tuple(nobodys(each) for each in record)
    if not is_dataclass(record) or isinstance(record, type):
        return record
    changed: dict[str, Any] = {}
    lists = {"files", "loads", "conditions"}
    lists |= (
        {"objectives"} if isinstance(record, InitiativeRow) else {"kpis"} if isinstance(record, SourceRow) else set()
    )
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, str):
            is_name = field.name in {"name", "best", "worst", "heaviest", "perspective", "other", "unit"}
            is_own_unit = field.name == "measured_in" and value not in {"percent", "currency", "yes/no"}
            is_written = field.name == "due" or (field.name == "objective" and isinstance(record, ActionRow))
            if field.name in OWN or is_own_unit or is_written or (is_name and value not in OURS):
                changed[field.name] = coded(value)
        elif field.name in lists:
            changed[field.name] = tuple(coded(each) for each in value)
        elif field.name == "line_of_sight":
            changed[field.name] = tuple((coded(own), tuple(map(coded, above))) for own, above in value)
        elif field.name == "reasons":
            changed[field.name] = tuple(each for each in value if re.match(r"[a-z]+: c\d: ", each[0]))
        else:
            changed[field.name] = nobodys(value)
    return replace(record, **changed)


def coded(text: str) -> str:
    return "7" * min(len(text), 9)


def words(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[^\W\d_]{2,}", text)}


@cache
def english_only() -> frozenset[str]:
    """Words of the messages that no German sentence has."""
    english = {word for _, message in entries() for text in ids(message) for word in words(PLACEHOLDER.sub(" ", text))}
    german = {word for _, m in entries() for text in strings(m) for word in words(PLACEHOLDER.sub(" ", text))}
    return frozenset(english - german - set(map(str.lower, string.ascii_letters)))


def seen(html: str) -> str:
    body = re.sub(r"<style>.*?</style>", " ", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^<>]*>", " ", body))


def test_the_words_that_would_tell_english_are_many() -> None:
    assert {"score", "target", "below", "months", "weight", "the", "usual"} <= english_only()
    assert words(seen(render_html(company_pack()))) & english_only()


def test_a_german_pack_says_nothing_in_english() -> None:
    said: dict[str, list[str]] = {}
    for pack in german_packs():
        mail = render_email(message_of(pack), Letter("7", ("x",), corrects=1, proof_for="7", is_encrypted=True))
        text = " ".join((seen(render_html(pack)), scorecard_text(pack), mail.subject, mail.text, seen(mail.html)))
        for word in words(text) & english_only():
            said.setdefault(word, []).append(text[max(text.lower().find(word) - 40, 0) :][:90])
    assert said == {}


def test_a_german_headline_reads_as_one_would_write_it() -> None:
    said = headline(replace(company_pack(), locale="de_DE"))
    assert said == (
        "Der Punktwert stieg um 0,5 auf 85, 3 Punkte über Oktober 2025: Reports delivered by day five\u00a0+1,3; "
        "5 von 24 Kennzahlen verfehlen ihr Ziel."
    )


def test_german_quotes_are_german() -> None:
    html = render_html(replace(company_pack(), locale="de_DE"))
    assert "„Two in three complaints name late parcels.“" in html
    assert "“Two" not in html


@pytest.mark.parametrize("name", ["meridian", "adventure_works", "starter"])
def test_every_reason_of_a_rejected_row_has_german_words(name: str) -> None:
    project = load_project(EXAMPLES / name)
    told = [
        rule.told
        for source in project.sources.values()
        for rule in rules(source, PERIOD, project.organisation.first_period, project.calendar)
    ]
    assert len(told) > 10
    assert [each for each in told if rejection_words(each, "de_DE") == each] == []
    assert [each for each in told if rejection_words(each, "en_GB") != each] == []


# Which language


@pytest.mark.parametrize("locale", ["fr_FR", "tlh", "", "../de", "de/../de", "xx_XX", "_"])
def test_where_no_catalogue_speaks_the_language_the_whole_pack_is_english(locale: str) -> None:
    html = render_html(replace(company_pack(), locale=locale))
    assert html == render_html(replace(company_pack(), locale="en_GB"))
    assert '<html lang="en-GB">' in html


@pytest.mark.parametrize(
    ("locale", "tag"), [("de_DE", "de-DE"), ("de", "de"), ("de-AT", "de-AT"), ("de_XX", "de"), ("en_US", "en-US")]
)
def test_the_document_names_the_language_that_it_is_written_in(locale: str, tag: str) -> None:
    assert f'<html lang="{tag}">' in render_html(replace(company_pack(), locale=locale))
    mail = render_email(message_of(replace(company_pack(), locale=locale)), Letter("Ada"))
    assert f'<html lang="{tag}">' in mail.html


def test_the_language_is_the_packs_and_not_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    before = scorecard_text(company_pack())
    for name in ("LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.setenv(name, "de_DE.UTF-8")
    language.cache_clear()
    assert scorecard_text(company_pack()) == before


def test_a_region_has_its_own_customs() -> None:
    assert (number(1234.5, 1, "de_DE"), number(1234.5, 1, "de_CH")[-2:]) == ("1.234,5", ".5")
    assert (money(5e6, "CHF", "de_CH"), money(5e6, "EUR", "de_DE")) == (
        "CHF\u00a05.00\u202fMio.",
        "5,00\u202fMio.\u00a0EUR",
    )
    assert (month(PERIOD.replace(month=1), "de_AT"), month(PERIOD.replace(month=1), "de_DE")) == (
        "Jänner 2026",
        "Januar 2026",
    )
    assert (day(PERIOD, "de_DE"), short_day(PERIOD, "de_DE")) == ("1.\u00a0Oktober 2026", "01.10.26")


def test_counts_take_the_form_that_goes_with_them() -> None:
    assert [spans(count, "month", "de_DE") for count in (1, 2)] == ["1 Monat", "2 Monate"]
    assert [ordinal(count, "de_DE") for count in (2, 11, 22)] == ["zweiten", "11.", "22."]
    assert [ordinal(count, "en_GB") for count in (2, 11, 22)] == ["second", "11th", "22nd"]


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is missing")
@pytest.mark.parametrize("make", [company_pack, person_pack, empty_pack])
def test_no_words_of_a_german_page_lie_on_each_other_or_beyond_the_margin(
    make: Callable[[], Pack], tmp_path: Path
) -> None:
    pages = list(boxes_of(render_pdf(replace(make(), locale="de_DE")), tmp_path / "pack.pdf"))
    assert [word for page in pages for word in page if not 20 < word[0] < word[2] < A4_WIDTH - 20] == []
    assert [pair for page in pages for pair in clashing(page)] == []


def test_a_german_pdf_says_so() -> None:
    with pikepdf.open(BytesIO(render_pdf(replace(person_pack(), locale="de_DE")))) as pdf:
        assert str(pdf.Root.Lang) == "de-DE"


A4_WIDTH = 841.9
Box = tuple[float, float, float, float, str]


def boxes_of(pdf: bytes, file: Path) -> Iterator[list[Box]]:
    """The words of every page with their places, in points."""
    file.write_bytes(pdf)
    shown = subprocess.run(["pdftotext", "-bbox", str(file), "-"], capture_output=True, check=True).stdout.decode()
    word = re.compile(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>')
    for page in shown.split("<page ")[1:]:
        yield [(*map(float, found[:4]), found[4]) for found in word.findall(page)]  # type: ignore[misc]


def clashing(page: list[Box]) -> Iterator[tuple[str, str]]:
    """Words that share more than the white round their letters."""
    for one, other in combinations(page, 2):
        width = min(one[2], other[2]) - max(one[0], other[0])
        height = min(one[3], other[3]) - max(one[1], other[1])
        if width > 1 and height > 4.5:
            yield one[4], other[4]
