"""The digits of scores follow the scale: pages, messages, terminal and workbook on scales to 1, 10 and 100."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from report_templates.headline import headline
from report_templates.insight_messages import range_sentence
from report_templates.look import OURS
from report_templates.messages import balance_sentence
from report_templates.method import method_lines
from report_templates.pack_message import message_of
from report_templates.page_messages import scorecard_legend
from report_templates.score_figures import change_figure, exact_figure, points_figure, score_figure
from report_templates.screen import screen_page
from report_templates.terminal import WIDTH, scorecard_text
from report_templates.waterfall import waterfall
from report_templates.workbook import print_workbook
from scorecards.organisation import Scale
from tests.reports.pack_factory import company_pack
from transforms.pack import BandShown, Certainty, Contribution, KpiLine, NodeScore, Pack

OF_SCORES = {
    NodeScore: ("score", "previous", "last_year", "history"), KpiLine: ("score", "raw_score", "score_previous"),
    Contribution: ("points",), BandShown: ("at_least",), Certainty: ("score", "low", "high"),
    Pack: ("scale_lowest", "scale_highest"),
}  # fmt: skip


def on_scale(part: Any, factor: float) -> Any:
    """A pack with all its scores times ``factor``, as if its scale were declared so much narrower."""
    if isinstance(part, tuple):
        return tuple(on_scale(each, factor) for each in part)
    if not is_dataclass(part) or isinstance(part, type):
        return part
    own = OF_SCORES.get(type(part), ())
    changed = {
        field.name: times(value, factor) if field.name in own else on_scale(value, factor)
        for field in fields(part)
        if (value := getattr(part, field.name)) is not None
    }
    if isinstance(part, Pack):
        changed["scale_anchors"] = {name: score * factor for name, score in part.scale_anchors.items()}
    return replace(part, **changed)


def times(value: Any, factor: float) -> Any:
    if isinstance(value, tuple):
        return tuple(None if each is None else round(each * factor, 9) for each in value)
    return round(value * factor, 9)


def with_scores(pack: Pack, score: float, previous: float, last_year: float) -> Pack:
    return replace(pack, node=replace(pack.node, score=score, previous=previous, last_year=last_year))


TO_ONE = with_scores(on_scale(company_pack(), 0.01), 0.3952, 0.4127, 0.4321)
TO_TEN = with_scores(on_scale(company_pack(), 0.1), 4.208, 4.36, 5.0)


@pytest.mark.parametrize(
    ("scale", "digits"),
    [
        ({}, 0), ({"anchors": {"floor": 0, "target": 100, "stretch": 120}, "highest": 120}, 0),
        ({"anchors": {"floor": 0, "target": 10}, "highest": 10}, 1), ({"anchors": {"floor": 1, "target": 5}}, 1),
        ({"anchors": {"floor": 0, "target": 1}, "highest": 1}, 3), ({"anchors": {"floor": 0, "target": 1}}, 3),
        ({"highest": 1}, 3),
    ],
)  # fmt: skip
def test_digits_come_from_the_width_of_the_scale(scale: dict[str, Any], digits: int) -> None:
    assert Scale.model_validate(scale).digits == digits


def test_a_score_and_its_change_have_the_digits_of_the_scale() -> None:
    assert (score_figure(TO_ONE, 0.3952), change_figure(TO_ONE, 0.3952, 0.4127)) == ("0.395", "−0.018")
    assert (score_figure(TO_TEN, 4.208), change_figure(TO_TEN, 4.208, 4.36)) == ("4.2", "−0.2")
    assert (score_figure(company_pack(), 61.4), change_figure(company_pack(), 61.4, 60.04)) == ("61", "+1.4")
    assert points_figure(TO_ONE, 0.00449, signed=True) == "+0.004"
    assert [exact_figure(TO_TEN, edge) for edge in (3.0, 59.25)] == ["3.0", "59.25"]


def test_the_sentences_about_scores_have_the_digits_of_the_scale() -> None:
    assert headline(TO_ONE).startswith("The score fell by 0.018 to 0.395, 0.037 points below October 2025")
    assert headline(TO_TEN).startswith("The score fell by 0.2 to 4.2, 0.8 points below October 2025")
    assert re.search(r"lie 0\.\d{3} points apart", balance_sentence(TO_ONE))
    assert "Score: 1.000 is the target." in scorecard_legend(TO_ONE, False)
    placed = "\n".join(method_lines(TO_ONE))
    assert "0.000 at the floor" in placed
    assert "near target 0.700 to below 0.950" in placed
    sure = replace(TO_ONE, certainty=(Certainty("Overall", 0.3952, 0.371, 0.4199, 0.0),), weights_off=0.25)
    assert range_sentence(sure) == "With weights off by a quarter: 0.371 to 0.420."


def test_the_message_the_terminal_and_the_screen_have_the_digits_of_the_scale() -> None:
    assert message_of(TO_ONE).standing.startswith("0.395, ")
    assert message_of(TO_ONE).scores[0].change == "−0.018"
    lines = scorecard_text(TO_ONE).splitlines()
    shown = [found[1] for line in lines[5:] if (found := re.search(r" [●▲■] +(\d\S*)$", line))]
    assert max(len(line) for line in lines[5:] if re.search(r" [●▲■] +\d\S*$", line)) <= WIDTH
    assert shown
    assert all(re.fullmatch(r"[01]\.\d{3}", score) for score in shown)
    body = screen_page(TO_ONE, OURS).body
    assert ">0.395<" in body
    assert "−0.018 on September" in body or "−0.018 on Sep" in body
    assert re.search(r"The scale starts at 0\.\d{3}\.", body)


def test_the_waterfall_shows_parts_that_only_a_narrow_scale_can_tell_apart() -> None:
    parts = [Contribution("a", "A", "p", -0.0215), Contribution("b", "B", "p", 0.004)]
    drawn = waterfall(0.4127, 0.3952, parts, 105.0, 50.0, locale="en_GB", digits=3)
    assert [step.name for step in drawn.steps][:2] == ["A", "B"]
    assert drawn.steps[0].width > 20
    assert len(drawn.ticks) >= 3


def test_the_workbook_shows_scores_with_the_digits_of_the_scale() -> None:
    book = ZipFile(BytesIO(print_workbook(TO_ONE)))
    styles = book.read("xl/styles.xml").decode()
    assert 'formatCode="0.000"' in styles
    assert 'formatCode="+0.000;-0.000;0.000"' in styles
    assert "<v>0.3952</v>" in book.read("xl/worksheets/sheet1.xml").decode()


def test_no_score_is_rounded_over_the_threshold_of_its_band() -> None:
    pack = company_pack()
    shown = {score: score_figure(pack, score) for score in (94.68, 94.3, 59.74, 69.9996, 95.0, 94.9999999999, 95.4)}
    assert shown == {
        94.68: "94.7", 94.3: "94", 59.74: "60", 69.9996: "69.9996", 95.0: "95", 94.9999999999: "95", 95.4: "95",
    }  # fmt: skip
    near = with_scores(pack, 94.68, 90.0, 90.0)
    assert "rose by 4.7 to 94.7" in headline(near)
    assert "▲ 94.7" in scorecard_text(replace(near, node=replace(near.node, band=pack.bands[1])))
