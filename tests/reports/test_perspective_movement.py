"""What the sentence of a perspective says about which KPI moved it: never more than its figures carry."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report_templates.language import ENGLISH
from report_templates.messages import perspective_sentence
from report_templates.perspective_movement import movement_clause
from report_templates.score_figures import change_figure, points_figure
from tests.reports.pack_factory import company_pack
from transforms.pack import ChangePart, Contribution, Pack, PerspectivePage

COMPANY = company_pack()
PAGE = COMPANY.perspectives[1]
COMPLAINTS, RESOLUTION, PROMOTERS = PAGE.kpis[:3]
OF_NO_KPI: tuple[ChangePart, ...] = ("target", "weights", "definition")


def moved(now: float | None, before: float | None, *parts: tuple[int | ChangePart, float]) -> PerspectivePage:
    """The perspective with these scores; a part is that of the KPI at a place, or of no KPI."""
    made = tuple(
        Contribution(None, "", "", points, who)
        if isinstance(who, str)
        else Contribution(PAGE.kpis[who].id, PAGE.kpis[who].name, PAGE.name, points)
        for who, points in parts
    )
    return replace(PAGE, node=replace(PAGE.node, score=now, previous=before), contributions=made)


def said(page: PerspectivePage, pack: Pack = COMPANY) -> str:
    return movement_clause(pack, page, COMPLAINTS)


def as_part(page: PerspectivePage, part: ChangePart) -> PerspectivePage:
    first, *others = page.contributions
    return replace(page, contributions=(replace(first, part=part), *others))


def test_the_kpi_that_lost_most_explains_its_part_of_the_points_lost() -> None:
    assert said(moved(60.0, 68.0, (0, -6.0), (1, -2.0))) == "it explains 6.0 of the 8.0 points lost"


def test_a_kpi_that_the_sentence_is_not_about_is_named() -> None:
    page = moved(76.0, 68.0, (1, 6.0), (0, 2.0))
    assert said(page) == f"{RESOLUTION.name} explains 6.0 of the 8.0 points gained"
    assert movement_clause(COMPANY, moved(60.0, 68.0, (0, -6.0), (1, -2.0)), None).startswith(COMPLAINTS.name)


def test_a_single_cause_explains_all() -> None:
    assert said(moved(60.0, 68.0, (0, -8.0))) == "it explains all 8.0 points lost"
    assert said(moved(72.0, 68.0, (1, 4.02), (2, -0.02))) == f"{RESOLUTION.name} explains all 4.0 points gained"


def test_rounding_is_no_second_cause() -> None:
    page = moved(60.04, 68.06, (0, -8.02))
    assert change_figure(COMPANY, page.node.score, page.node.previous) == "−8.1"
    assert points_figure(COMPANY, page.contributions[0].points) == "−8.0"
    assert said(page) == "it explains all 8.1 points lost"


def test_a_cause_as_large_as_the_change_does_not_explain_all_where_gains_offset_other_losses() -> None:
    page = moved(65.9, 68.0, (0, -2.1), (1, -1.0), (2, -0.1), (3, 1.1))
    assert said(page) == "it explains 2.1 of the 3.2 points lost; others gained 1.1"
    page = moved(70.1, 68.0, (0, 2.1), (1, 1.0), (2, 0.1), (3, -1.1))
    assert said(page) == "it explains 2.1 of the 3.2 points gained; others lost 1.1"
    page = moved(60.0, 68.0, (0, -6.0), (1, -2.5), (2, 0.5))
    assert said(page) == "it explains 6.0 of the 8.0 points lost"


def test_what_others_gave_back_is_told_and_adds_up_with_the_change_shown() -> None:
    page = moved(66.0, 68.0, (0, -5.0), (1, 3.0))
    assert said(page) == "it took 5.0 points, of which all else gave back 3.0"
    page = moved(70.0, 68.0, (1, 5.0), (0, -2.0), ("target", -1.0))
    assert said(page) == f"{RESOLUTION.name} gave 5.0 points, of which all else took back 3.0"


def test_several_that_share_it_are_named_together_or_none_is_made_the_cause() -> None:
    page = moved(60.0, 68.0, (0, -3.5), (1, -2.5), (2, -2.0))
    assert said(page) == f"{COMPLAINTS.name} and {RESOLUTION.name} explain 6.0 of the 8.0 points lost"
    many = moved(76.0, 68.0, (0, 1.8), (1, 1.7), (2, 1.6), (3, 1.5), (4, 1.4))
    assert said(many) == "no KPI explains more than 1.8 of the 8.0 points gained"


@pytest.mark.parametrize("kind", OF_NO_KPI)
def test_nothing_is_said_where_changed_declarations_moved_it_most(kind: ChangePart) -> None:
    assert said(moved(60.0, 68.0, (kind, -8.0))) == ""
    assert said(moved(60.0, 68.0, (kind, -5.0), (0, -3.0))) == ""
    assert said(moved(60.0, 68.0, (0, -5.0), (kind, -3.0))) == "it explains 5.0 of the 8.0 points lost"


def test_a_kpi_that_is_declared_anew_explains_nothing() -> None:
    assert said(as_part(moved(60.0, 68.0, (0, -6.0), (1, -2.0)), "definition")) == ""


def test_a_kpi_that_came_or_went_is_told_as_that() -> None:
    page = moved(60.0, 68.0, (0, -6.0), (1, -2.0))
    assert said(as_part(page, "came")).startswith(f"{COMPLAINTS.name} (has a score now) explains 6.0")
    assert said(as_part(page, "went")).startswith(f"{COMPLAINTS.name} (has no score now) explains 6.0")


@pytest.mark.parametrize(
    "page",
    [
        moved(68.0, 68.0, (0, -3.0), (1, 3.0)),
        moved(68.04, 68.0, (0, 0.04)),
        moved(60.0, None),
        moved(None, 68.0),
        moved(60.0, 68.0),
        replace(moved(60.0, 68.0, (0, -8.0)), kpis=(COMPLAINTS,)),
    ],
    ids=["cancelled", "nothing shown", "no month before", "no score", "parts unknown", "a single kpi"],
)
def test_without_a_movement_or_a_choice_nothing_is_said(page: PerspectivePage) -> None:
    assert said(page) == ""
    assert "explain" not in perspective_sentence(COMPANY, page)


def test_the_clause_ends_the_sentence_of_the_perspective() -> None:
    sentence = perspective_sentence(COMPANY, moved(60.0, 68.0, (0, -6.0), (1, -2.0)))
    assert sentence.startswith("Complaints per 1,000 orders is at ")
    assert sentence.endswith("; it explains 6.0 of the 8.0 points lost.")
    good = tuple(replace(line, band=COMPANY.bands[-1]) for line in PAGE.kpis)
    page = replace(moved(99.0, 98.0, (1, 1.0)), kpis=good)
    assert perspective_sentence(COMPANY, page) == (
        f"All 6 KPIs are on target; {RESOLUTION.name} explains all 1.0 points gained."
    )


def test_points_have_the_digits_of_the_scale() -> None:
    narrow = replace(COMPANY, scale_anchors={"floor": 0.0, "target": 1.0}, scale_lowest=0.0, scale_highest=1.2)
    assert said(moved(0.60, 0.68, (0, -0.06), (1, -0.02)), narrow) == "it explains 0.060 of the 0.080 points lost"


def test_the_clause_is_said_in_german() -> None:
    german = replace(COMPANY, locale="de_DE")
    assert said(moved(60.0, 68.0, (0, -6.0), (1, -2.0)), german) == "das erklärt 6,0 der 8,0 verlorenen Punkte"


parts = st.one_of(st.integers(0, 5), st.sampled_from(OF_NO_KPI))


@settings(max_examples=300, deadline=None)
@given(st.floats(20, 100), st.lists(st.tuples(parts, st.floats(-12, 12)), min_size=1, max_size=8))
def test_no_kpi_explains_more_than_there_is_and_figures_add_up(
    before: float, found: list[tuple[int | ChangePart, float]]
) -> None:
    page = moved(before + sum(points for _, points in found), before, *found)
    clause = said(page)
    if not clause:
        return
    change = change_figure(COMPANY, page.node.score, page.node.previous)
    size, figures = Decimal(change.lstrip("+−")), [Decimal(figure) for figure in re.findall(r"\d+\.\d", clause)]
    assert ("points gained" in clause or "took back" in clause) == change.startswith("+")
    if "back" in clause:
        part, rest = figures
        assert part - rest == size
        assert rest > 0
    elif "explains all" in clause:
        assert figures == [size]
    elif "; others" in clause:
        part, whole, offset = figures
        assert max(part, size) <= whole == size + offset
    else:
        part, whole = figures
        assert part < whole == size


def test_the_parts_of_a_perspective_sum_to_its_change() -> None:
    for page in COMPANY.perspectives:
        assert sum(part.points for part in page.contributions) == pytest.approx(page.node.change)
        assert perspective_sentence(replace(COMPANY, locale=ENGLISH), page)
