import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report_templates.commitments import promised_by
from report_templates.counts import ordinal
from report_templates.exceptions import exceptions
from report_templates.figure_messages import waterfall_message
from report_templates.formatting import number, rounded
from report_templates.headline import HEADLINE_LENGTH, headline
from report_templates.kpi_messages import doing, months_on_side, moved_since, state_of, why
from report_templates.language import ENGLISH
from report_templates.messages import (
    balance_sentence,
    not_applicable_sentence,
    period_words,
    perspective_sentence,
    who,
)
from report_templates.page_messages import data_sentence
from report_templates.score_figures import score_figure, shown_change
from report_templates.summary_plan import more_sentence
from tests.reports.pack_factory import band_of, company_pack, empty_pack, hostile_pack, person_pack, watched_pack
from transforms.pack import Contribution, Pack

COMPANY = company_pack()
scores = st.one_of(st.none(), st.floats(0, 120, allow_nan=False))


def with_scores(score: float | None, previous: float | None, *points: float, last_year: float | None = None) -> Pack:
    node = replace(COMPANY.node, score=score, previous=previous, last_year=last_year, band=band_of(score))
    contributions = tuple(Contribution(f"k{i}", f"Measure {'ABCDEFGH'[i]}", "p", p) for i, p in enumerate(points))
    return replace(COMPANY, node=node, contributions=contributions)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, "October 2026"),
        ((date(2026, 9, 27), date(2026, 10, 24)), "October 2026 (27\u00a0Sep – 24\u00a0Oct\u00a026)"),
        ((date(2025, 12, 28), date(2026, 1, 24)), "October 2026 (28\u00a0Dec\u00a025 – 24\u00a0Jan\u00a026)"),
    ],
)
def test_a_period_of_a_calendar_of_its_own_is_named_with_its_days(days: tuple[date, date] | None, words: str) -> None:
    assert period_words(replace(company_pack(), days=days)) == words


def test_the_headline_names_what_took_the_points() -> None:
    pack = with_scores(73.0, 76.8, -1.9, -1.3, 0.4)
    assert (
        headline(pack)
        == "The score fell by 3.8 to 73: Measure A took 1.9 and Measure B 1.3; 5 of 24 KPIs are off target."
    )


def test_the_headline_names_only_what_went_the_same_way_as_the_score() -> None:
    assert headline(with_scores(78.0, 76.0, 3.0, -1.0)).startswith("The score rose by 2.0 to 78: Measure A added 3.0; ")


def test_a_change_that_rounds_to_zero_held() -> None:
    assert headline(with_scores(74.02, 74.0, 0.02)).startswith("The score held at 74; ")
    opposing = headline(with_scores(74.02, 74.0, 1.1, -1.08))
    assert opposing.startswith("The score held at 74: Measure A added 1.1 and Measure B took 1.1; ")


def test_without_a_previous_period_nothing_is_said_to_have_moved() -> None:
    text = headline(with_scores(73.0, None, -1.0))
    assert text == "The score is 73; 5 of 24 KPIs are off target."
    assert "no previous score" in waterfall_message(with_scores(73.0, None))


def test_what_outweighs_the_movement_is_not_left_out() -> None:
    text = headline(with_scores(95.8, 82.4, 17.0, 9.3, -20.6))
    assert text.startswith(
        "The score rose by 13.4 to 96: Measure A added 17.0 and Measure B 9.3, but Measure C took 20.6"
    )


def test_a_good_month_in_a_bad_year_is_not_praised_alone() -> None:
    text = headline(with_scores(71.8, 66.3, 1.5, last_year=98.6))
    assert text.startswith("The score rose by 5.5 to 72, 27 points below October 2025: Measure A added 1.5; ")
    assert "1 point above October 2025" in headline(with_scores(72.0, 72.0, last_year=71.0))
    assert "level with October 2025" in headline(with_scores(72.0, 72.0, last_year=72.3))


def test_a_score_that_speaks_for_part_of_the_weight_says_so() -> None:
    pack = with_scores(96.0, None)
    partly = replace(pack, node=replace(pack.node, coverage=0.63))
    assert headline(partly).startswith("The score is 96, on 63\u202f% of the weight; ")


def test_a_change_is_the_difference_of_the_scores_shown() -> None:
    node = replace(COMPANY.node, score=71.84, previous=66.25)
    assert (number(node.score, 1), number(node.previous, 1)) == ("71.8", "66.3")
    assert headline(replace(COMPANY, node=node)).startswith("The score rose by 5.5 to 72")


def test_months_shown_are_those_that_the_charts_show() -> None:
    line = replace(COMPANY.kpis[0], months_in_status=25)
    assert len(line.history) == 25
    assert "in all 24 months shown" in doing(COMPANY, line)


def lasting(values: Sequence[float | None], targets: Sequence[float | None], **changes: Any) -> str:
    """The perspective's sentence about one KPI near its target with these last months, whose band changed just now."""
    page = COMPANY.perspectives[2]
    line = next(line for line in page.kpis if line.name == "Delivered on time")
    months = zip(line.history[-len(values) :], values, targets, strict=True)
    history = tuple(replace(point, value=value, target=target) for point, value, target in months)
    changed = replace(line, value=values[-1], target=targets[-1], history=history, months_in_status=1, **changes)
    return perspective_sentence(COMPANY, replace(page, kpis=(changed,)))


@pytest.mark.parametrize(
    ("values", "targets", "words"),
    [
        ([0.96, 0.94, 0.93, 0.90, 0.92], [0.95] * 5, "3.0\u202fpp below target, for the fourth month running"),
        ([0.96, 0.94, 0.93, 0.90, 0.92], [0.97, 0.95, 0.93, 0.95, 0.95], "below target, for the second month running"),
        ([0.93, 0.94, None, 0.90, 0.92], [0.95] * 5, "below target, for the second month running"),
        ([0.93, 0.94, 0.93, 0.90, 0.92], [0.95, 0.95, None, 0.95, 0.95], "below target, for the second month running"),
        ([0.96, 0.96, 0.96, 0.96, 0.92], [0.95] * 5, "3.0\u202fpp below target."),
        ([0.93, 0.94, 0.93, 0.90, 0.92], [0.95] * 5, "3.0\u202fpp below target, as in all 5 months shown"),
        (
            [0.93, 0.94, 0.93, 0.94999, 0.94998],
            [0.96, 0.94, 0.95, 0.95, 0.95],
            "below target, for the third month running",
        ),
        ([0.93, 0.94, 0.93, 0.90, 0.92], [None] * 5, "is at 92.0\u202f%."),
    ],
)
def test_below_target_for_so_many_months_counts_months_below_the_target_of_the_month(
    values: list[float | None], targets: list[float | None], words: str
) -> None:
    assert words in lasting(values, targets)


def test_outside_its_range_for_so_many_months_counts_those_on_that_side_of_it() -> None:
    line = next(line for line in COMPANY.kpis if line.name == "Delivered on time")
    values = (0.97, 0.93, 0.80, 0.80, 0.98, 0.98)
    history = tuple(
        replace(point, value=value, target=None, lower=0.9, upper=0.95)
        for point, value in zip(line.history[-6:], values, strict=True)
    )
    ends = {"target": None, "lower_target": 0.9, "upper_target": 0.95, "direction": "within"}
    outside = replace(line, value=0.98, history=history, **ends)
    assert months_on_side(COMPANY, outside) == 2
    inside = replace(outside, value=0.92, history=(*history[:-2], history[1], history[1]))
    assert months_on_side(COMPANY, inside) == 2


def test_the_months_of_a_band_are_another_count() -> None:
    page = COMPANY.perspectives[2]
    line = replace(next(line for line in page.kpis if line.name == "Delivered on time"), months_in_status=3)
    assert "; third month off target;" in doing(COMPANY, line)


def test_perspectives_that_do_not_apply_are_named_in_one_line() -> None:
    first, second, *rest = COMPANY.perspectives
    pack = replace(COMPANY, perspectives=(replace(first, kpis=()), replace(second, kpis=()), *rest))
    assert not_applicable_sentence(pack) == "Financial and Customer: no KPI applies to this unit."
    assert not_applicable_sentence(COMPANY) == ""


def test_a_unit_called_like_its_organisation_is_named_once() -> None:
    assert who(replace(COMPANY, unit_name=COMPANY.organisation)) == ("Meridian Outdoor", "Balanced Scorecard")


def test_everything_on_target_says_so() -> None:
    node = replace(
        COMPANY.node, score=104.0, previous=None, last_year=None, band=band_of(104.0), by_status={"good": 24}
    )
    assert headline(replace(COMPANY, node=node)) == "The score is 104; all 24 KPIs are on target."
    partly = replace(node, by_status={"good": 20})
    assert headline(replace(COMPANY, node=partly)) == "The score is 104; all 20 KPIs with a score are on target."


def test_nothing_scored_says_so_and_why() -> None:
    pack = empty_pack()
    assert headline(pack) == "No score for October 2026: none of 24 KPIs could be scored."
    assert perspective_sentence(pack, pack.perspectives[0]) == "No score: no data was delivered."
    assert exceptions(pack) == ()


def test_an_empty_perspective_says_so() -> None:
    page = replace(COMPANY.perspectives[0], kpis=(), objectives=())
    assert perspective_sentence(COMPANY, page) == "No KPI of this perspective applies to this unit."


def test_the_perspective_sentence_is_about_its_worst_kpi() -> None:
    page = COMPANY.perspectives[2]
    assert perspective_sentence(COMPANY, page).startswith(
        "Delivered on time is at 88.4\u202f%, 6.6\u202fpp below target"
    )


def test_an_exception_answers_three_questions() -> None:
    row = next(r for r in exceptions(COMPANY) if r.line.name == "Delivered on time")
    assert row.doing.startswith("88.4\u202f% against 95.0\u202f%")
    assert re.search(r"Took \d\.\d points off the score since September; weighs \d\u202f%\.", row.why)
    assert row.response == "Second shift at Cologne from 24 November."
    assert (row.owner, row.due) == ("Head of Logistics", "30 Nov")


def test_an_exception_without_a_remark_says_that_no_explanation_was_given() -> None:
    assert all(row.response == "No explanation given." for row in exceptions(replace(COMPANY, remarks=())))


def test_exceptions_are_exactly_the_off_target_kpis_the_costliest_first() -> None:
    rows = exceptions(COMPANY)
    assert {r.line.id for r in rows} == {k.id for k in COMPANY.kpis if k.band and k.band.status == "bad"}
    costs = [r.line.weight * (100 - (r.line.score or 0)) for r in rows]
    assert costs == sorted(costs, reverse=True)


def test_an_unchanged_kpi_is_neither_up_nor_down() -> None:
    line = replace(COMPANY.kpis[0], previous=COMPANY.kpis[0].value)
    assert moved_since(COMPANY, line) == "unchanged on September"


def test_a_running_total_is_not_compared_with_the_month_before() -> None:
    line = replace(COMPANY.kpis[0], previous=COMPANY.kpis[0].value - 1.0, signal=None)
    assert " on September" in doing(COMPANY, line)
    assert " on September" not in doing(COMPANY, replace(line, is_running_total=True))
    assert doing(COMPANY, replace(line, is_running_total=True)).endswith(".")


def test_a_kpi_is_at_its_target_and_unchanged_only_where_the_exact_figures_say_so() -> None:
    line = replace(COMPANY.kpis[0], measured_in="currency", value=13_251_201.0, target=13_325_000.0, decimals=None)
    close = replace(line, direction="lower", previous=13_260_000.0, last_year=None)
    assert state_of(COMPANY, close).endswith(" is at EUR\u00a013.3\u202fm, EUR\u00a00.07\u202fm below target")
    assert moved_since(COMPANY, close) == "down EUR\u00a00.009\u202fm on September"
    met = replace(close, value=13_325_000.0, previous=13_325_000.0)
    assert state_of(COMPANY, met).endswith(" is at EUR\u00a013.3\u202fm, at its target")
    assert moved_since(COMPANY, met) == "unchanged on September"


def test_between_yes_and_no_there_is_no_size() -> None:
    line = replace(COMPANY.kpis[0], measured_in="yes/no", value=0.0, target=1.0, previous=1.0, last_year=None)
    assert state_of(COMPANY, line).endswith(" is at no, its target is yes")
    assert moved_since(COMPANY, line) == "after yes in September"
    assert state_of(COMPANY, replace(line, value=1.0)).endswith(" is at yes, at its target")


def test_equal_perspectives_are_not_said_to_lie_apart() -> None:
    node = replace(COMPANY.node, score=80.0)
    pages = tuple(replace(p, node=node) for p in COMPANY.perspectives)
    assert balance_sentence(replace(COMPANY, perspectives=pages)) == "All perspectives with a score stand at 80."


def test_missing_and_refused_sources_are_named() -> None:
    assert data_sentence(COMPANY) == (
        "100\u202f% of the weight has data; source survey was refused; source incidents is missing; 37 rows rejected."
    )


@pytest.mark.parametrize(("count", "word"), [(2, "second"), (11, "11th"), (12, "12th"), (21, "21st"), (22, "22nd")])
def test_ordinals(count: int, word: str) -> None:
    assert ordinal(count, ENGLISH) == word


@pytest.mark.parametrize("pack", [COMPANY, person_pack(), empty_pack(), hostile_pack()], ids=lambda p: p.unit_name[:9])
def test_every_sentence_is_one_sentence_with_an_end(pack: Pack) -> None:
    sentences = [headline(pack), *(perspective_sentence(pack, page) for page in pack.perspectives)]
    for sentence in sentences:
        assert sentence.endswith(".")
        assert "None" not in sentence
        assert "-" not in re.sub(r"\w-\w", "", sentence)
    assert len(headline(pack)) <= HEADLINE_LENGTH


@settings(max_examples=200, deadline=None)
@given(scores, scores, st.lists(st.floats(-40, 40, allow_nan=False), max_size=8))
def test_the_headline_never_fails_and_its_direction_agrees_with_the_sign(
    score: float | None, previous: float | None, points: list[float]
) -> None:
    pack = with_scores(score, previous, *points)
    text = headline(pack)
    assert len(text) <= HEADLINE_LENGTH
    if score is None:
        assert text.startswith("No score")
        return
    assert re.search(rf"\b{re.escape(score_figure(pack, score))}\b", text)
    if previous is not None:
        change = rounded(shown_change(pack, score, previous) or 0.0, 1)
        assert ("fell by" in text) == (change < 0)
        assert ("rose by" in text) == (change > 0)
        assert ("held at" in text) == (change == 0)
        if change:
            assert f"by {number(abs(float(change)), 1)} to" in text


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(st.none(), st.floats(-1e9, 1e9, allow_nan=False)),
    st.one_of(st.none(), st.floats(-1e9, 1e9, allow_nan=False)),
    st.one_of(st.none(), st.floats(-1e9, 1e9, allow_nan=False)),
    st.sampled_from(["percent", "currency", "days"]),
)
def test_words_about_a_kpi_agree_with_its_numbers(
    value: float | None, target: float | None, previous: float | None, measured_in: str
) -> None:
    line = replace(COMPANY.kpis[0], value=value, target=target, previous=previous, measured_in=measured_in)
    text = state_of(COMPANY, line)
    assert doing(COMPANY, line)
    assert why(COMPANY, line)
    if value is not None and target is not None:
        assert not ("below target" in text and value > target)
        assert not ("above target" in text and value < target)
    moved = moved_since(COMPANY, line)
    if value is not None and previous is not None:
        assert not (moved.startswith("up") and value < previous)
        assert not (moved.startswith("down") and value > previous)


def test_without_a_previous_score_the_headline_tells_no_movement() -> None:
    assert headline(replace(COMPANY, node=replace(COMPANY.node, previous=None))).startswith("The score is ")


def test_a_perspective_names_of_its_reds_the_one_with_a_special_cause() -> None:
    pack = company_pack()
    page = max(pack.perspectives, key=lambda each: each.node.by_status.get("bad", 0))
    bad = next(band for band in pack.bands if band.status == "bad")
    signal = next(line.signal for line in watched_pack().kpis if line.signal)
    last = replace(page.kpis[-1], band=bad, signal=replace(signal, variation="concern", label="outside", side=-1))
    others = tuple(replace(line, band=bad, signal=None) for line in page.kpis[:-1])
    assert perspective_sentence(pack, replace(page, kpis=(*others, last))).startswith(f"{last.name} is at")


def test_what_does_not_fit_leads_to_a_page_that_the_layout_has() -> None:
    assert more_sentence(3, ("summary", "perspectives"), ENGLISH) == "3 more: see the pages of the perspectives."
    assert more_sentence(3, ("summary", "scorecard"), ENGLISH) == "3 more: see the scorecard on one page."
    assert more_sentence(3, ("summary",), ENGLISH) == "3 more."


def test_owner_and_due_day_are_named_as_such() -> None:
    assert promised_by("Chief Executive", "2026-12-31", ENGLISH) == "Owner: Chief Executive, due 31\u00a0Dec\u00a026"
    assert promised_by("", "soon", ENGLISH) == "Due soon"
    assert promised_by("", "", ENGLISH) == ""
