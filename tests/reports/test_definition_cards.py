"""The card of a KPI says all that there is to know of it, whole, in packs and on the site alike."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest

from report_templates.definition_cards import definition_card
from report_templates.look import OURS, look_in
from report_templates.rendering import render_html, render_pdf
from report_templates.scale_words import scale_words
from report_templates.site_map import SiteMap, kpi_file
from report_templates.site_pages import Shown, period_files
from scorecards.packs import Layout
from tests.reports.pack_factory import company_pack, large_pack
from transforms.pack import Comparison, KpiLine, Operand, Pack, ScoreStep, ScoringRule

PACK = company_pack()
LINE = next(line for line in PACK.kpis if line.name == "Delivered on time")
LABELS = ["Target", "Scale", "Measured in", "Better", "Window", "Owner", "Sources"]


def facts(line: KpiLine, pack: Pack = PACK) -> dict[str, str]:
    return {label: text for facts in definition_card(pack, line).facts for label, text in facts}


def test_a_card_says_what_a_kpi_is_how_it_is_computed_and_what_it_is_held_against() -> None:
    inputs = (
        Operand("due", "COUNT(*)", "deliveries", (), "trailing 3 months", 0),
        Operand("before", "COUNT(*)", "deliveries", (), "trailing 3 months", 12),
        Operand("stock", "SUM(stock)", "stock", (), "month", 0),
    )
    line = replace(
        LINE, inputs=inputs, window="trailing 3 months", frequency="quarter", target_origins=("targets.csv",)
    )
    card = definition_card(PACK, line)
    assert card.definition == "Delivered on time: what is counted, and what is left out of the count."
    assert card.inputs == (
        "due: COUNT(*) of deliveries",
        "before: COUNT(*) of deliveries; 12 months earlier",
        "stock: SUM(stock) of stock; month",
    )
    assert facts(line) == {
        "Target": "95.0\u202f% (targets.csv)",
        "Scale": "0 at 84.0\u202f% (floor), 100 at 95.0\u202f% (target)",
        "Measured in": "percent",
        "Better": "higher",
        "Window": "trailing 3 months, measured quarterly",
        "Owner": "Head of Logistics",
        "Sources": "deliveries (4\u00a0Nov\u00a026)",
    }


def test_what_is_not_there_is_said() -> None:
    bare = replace(LINE, id="other", definition="", owner="", target=None, anchors=(), measured_in="")
    assert definition_card(PACK, bare).definition == "No definition is declared."
    found = facts(bare)
    assert found["Owner"] == "no owner yet"
    assert found["Target"] == "no target is set"
    assert found["Scale"] == "no target is set"
    assert found["Measured in"] == "a number"
    assert found["Sources"] == "none"


def test_a_source_that_did_not_come_is_told_without_a_day() -> None:
    named = {source.source: facts(replace(LINE, id=source.kpis[0]))["Sources"] for source in PACK.sources}
    assert named["survey"] == "survey (refused)"
    assert named["incidents"] == "incidents (missing)"


@pytest.mark.parametrize(
    ("changes", "target"),
    [
        ({"lower_target": 0.9, "upper_target": 0.95}, "90.0\u202f–\u202f95.0 %"),
        ({"lower_target": 0.9, "upper_target": None}, "≥\u202f90.0 %"),
        ({"lower_target": None, "upper_target": 0.95}, "≤\u202f95.0 %"),
    ],
)
def test_the_target_of_a_range_are_its_ends(changes: dict[str, Any], target: str) -> None:
    assert facts(replace(LINE, direction="within", target=None, **changes))["Target"] == target


@pytest.mark.parametrize(
    ("origins", "words"),
    [
        (("sum of the units below",), "Summe der Einheiten darunter"),
        (("0.9 * budget", "targets.csv"), "0.9 * budget; targets.csv"),
    ],
)
def test_a_target_says_where_it_comes_from(origins: tuple[str, ...], words: str) -> None:
    line = replace(LINE, target_origins=origins)
    assert facts(line, replace(PACK, locale="de_DE"))["Zielwert"] == f"95,0\u202f% ({words})"


SCALES: dict[str, tuple[dict[str, Any], str]] = {
    "line": ({"scoring": ScoringRule()}, "0 at 84.0\u202f% (floor), 100 at 95.0\u202f% (target)"),
    "logarithm": (
        {"scoring": ScoringRule(is_logarithmic=True)},
        "0 at 84.0\u202f% (floor), 100 at 95.0\u202f% (target); between two anchors equal ratios of the value earn "
        "equal points",
    ),
    "range": (
        {
            "scoring": ScoringRule("range"), "direction": "within",
            "anchors": (("lower_floor", 0.8), ("upper_floor", 0.99), ("lower_target", 0.9), ("upper_target", 0.95)),
        },
        "0 at 80.0\u202f% (lower floor), 0 at 99.0\u202f% (upper floor), 100 at 90.0\u202f% (lower target), "
        "100 at 95.0\u202f% (upper target); 100 within the range, below and above it on a line of its own",
    ),
    "yes or no": ({"scoring": ScoringRule("yes or no")}, "100 for yes and 0 for no"),
    "texts": (
        {"scoring": ScoringRule("texts", steps=(ScoreStep("poor", 0), ScoreStep("good", 100)))},
        "0 for poor, 100 for good",
    ),
    "steps": (
        {"scoring": ScoringRule("steps", steps=(ScoreStep("value > 1", 100, "green"), ScoreStep("", 0)))},
        "100 (on target) where value > 1; 0 in all other cases",
    ),
    "formula": ({"scoring": ScoringRule("formula", formula="100 * value")}, "100 * value"),
    "relative": (
        {"scoring": ScoringRule("relative", comparison=Comparison("siblings", "min-max", 24, 3))},
        "by place among the units of the same parent, from 0 for the worst to 100 for the best, with at least 3 of "
        "them",
    ),
    "unscored": ({"scoring": ScoringRule("unscored")}, "shown without a score"),
}  # fmt: skip


@pytest.mark.parametrize("way", SCALES)
def test_the_scale_is_told_in_every_way_of_scoring(way: str) -> None:
    changes, words = SCALES[way]
    assert scale_words(PACK, replace(LINE, **changes)) == words


def test_every_kpi_has_its_card_with_every_fact() -> None:
    cards = render_html(PACK).split('<div class="definition">')[1:]
    assert len(cards) == len(PACK.kpis)
    for line, card in zip(PACK.kpis, cards, strict=True):
        assert f'<h3><a href="#kpi-{line.id}">{line.name}</a></h3>' in card
        assert re.findall(r'class="label">(.*?)<', card) == LABELS


def test_a_kpis_page_of_the_site_has_the_same_facts_as_the_pack() -> None:
    site = SiteMap({PACK.period: frozenset({(PACK.scorecard, PACK.unit)})})
    files = dict(period_files(site, [Shown(PACK, OURS)]))
    page = files[f"kpi/{kpi_file(PACK.scorecard, PACK.unit, LINE.id)}"].decode()
    for label, text in facts(LINE).items():
        assert f"<dt>{label}</dt><dd>{text}</dd>" in page


def packed(count: int) -> Pack:
    """A pack whose cards differ in height; the first and the last line of each hold its number."""
    pages = []
    for page in large_pack(count).perspectives:
        lines = []
        for line in page.kpis:
            number = line.name.split()[-1]
            text = "A sentence about it. " * (1 + int(number) % 9)
            lines.append(replace(line, name=f"First {number}", definition=text, owner="x"))
        pages.append(replace(page, kpis=tuple(lines)))
    sources = tuple(
        replace(PACK.sources[0], source=f"last{line.name.split()[-1]}", kpis=(line.id,))
        for page in pages
        for line in page.kpis
    )
    return replace(large_pack(count), perspectives=tuple(pages), sources=sources)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is missing")
@pytest.mark.parametrize("orientation", ["landscape", "portrait"])
def test_no_card_is_split_over_pages(orientation: Literal["landscape", "portrait"], tmp_path: Path) -> None:
    file = tmp_path / "pack.pdf"
    layout = Layout(pages=("definitions",), orientation=orientation)
    file.write_bytes(render_pdf(packed(100), look_in(tmp_path, layout)))
    shown = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=True).stdout.decode()
    seen = []
    for page in shown.split("\f"):
        first = re.findall(r"^First (\d+)$", page, re.MULTILINE)
        assert sorted(first) == sorted(re.findall(r"\blast(\d+)\b", page))
        seen += first
    assert sorted(map(int, seen)) == list(range(100))
