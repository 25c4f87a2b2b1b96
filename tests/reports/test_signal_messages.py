"""What packs say of signal and noise, and how an XmR chart is laid out."""

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from report_templates.exceptions import exceptions, near_target, on_target
from report_templates.headline import headline
from report_templates.kpi_messages import chart_message, doing
from report_templates.kpi_rows import kpi_row
from report_templates.language import ENGLISH
from report_templates.messages import perspective_sentence
from report_templates.page_plan import has_xmr
from report_templates.rendering import render_html
from report_templates.signal_messages import (
    assurance_text,
    events,
    is_exception,
    short_signal,
    urgency,
    variation_text,
)
from report_templates.summary_plan import left_out_sentence
from report_templates.xmr_chart import LABEL_GAP, xmr_chart
from tests.reports.pack_factory import company_pack
from transforms.pack import KpiLine, Pack, Signal, SignalPoint

COMPANY = company_pack()
ON_TIME = "Delivered on time"  # 88.4 % against 95.0 %, off target
RATING = "Product rating"  # 4.42 against 4.5, near target


def signal(**changes: Any) -> Signal:
    point = SignalPoint(0.9, 0.85, 0.95, "common cause", "common cause", -1)
    made = Signal(
        label="common cause", variation="common cause", assurance="hit and miss", mean=0.9, lower=0.85, upper=0.95,
        points=25, every="month", flagged=0, is_trial=False, is_overlapping=False, is_seasonal=False, side=-1,
        running=3, is_rising=False, history=(point,) * 25,
    )  # fmt: skip
    return replace(made, **changes)


def line_of(pack: Pack, name: str) -> KpiLine:
    return next(line for line in pack.kpis if line.name == name)


def with_signals(**found: Signal) -> Pack:
    """The company's pack with signals on some KPIs, by id."""
    pages = tuple(
        replace(page, kpis=tuple(replace(line, signal=found.get(line.id)) for line in page.kpis))
        for page in COMPANY.perspectives
    )
    return replace(COMPANY, perspectives=pages)


def told(name: str, **changes: Any) -> str:
    line = replace(line_of(COMPANY, name), signal=signal(**changes))
    return doing(COMPANY, line)


CONCERN: dict[str, Any] = {"label": "outside", "variation": "concern"}


@pytest.mark.parametrize(
    "changes",
    [
        CONCERN, {**CONCERN, "variation": "improvement", "side": 1}, {"label": "shift", "variation": "special cause"},
        {}, {"assurance": "consistently fails"}, {"assurance": "consistently passes", **CONCERN},
    ],
)  # fmt: skip
def test_limits_that_most_months_leave_are_no_usual_range_and_no_verdict_follows_from_them(
    changes: dict[str, Any],
) -> None:
    assert "usual range of 85.0" in told(ON_TIME, flagged=12)
    words = told(ON_TIME, flagged=13, **changes)
    assert words.endswith("; down 3.4\u202fpp on September; no usual range (13 of 25 months by special cause).")
    line = replace(line_of(COMPANY, ON_TIME), signal=signal(flagged=13, **changes))
    assert (variation_text(line, ENGLISH), assurance_text(line, ENGLISH)) == ("no usual range", "–")
    assert "no usual range (13 of 25 months by special cause)" in chart_message(COMPANY, line)
    assert (line.variation, short_signal(line, ENGLISH), has_xmr(line), urgency(line)) == (None, "", False, 1)
    assert events([line]) == (0, 0)
    good = replace(line_of(COMPANY, RATING), signal=signal(flagged=13, **changes))
    assert not is_exception(good)


def test_a_red_of_common_cause_is_told_as_a_process_that_needs_changing() -> None:
    text = told(ON_TIME, assurance="consistently fails")
    within = "within its usual range of 85.0 to 95.0\u202f%"
    assert text.endswith(f"{within}, which misses the target: that stays so until the process is changed.")
    assert "down" not in text


@pytest.mark.parametrize(
    ("assurance", "end"),
    [
        (
            "hit and miss",
            ", in which it meets the target at times and misses it at others until the process is changed.",
        ),
        (None, "."),
    ],
)
def test_a_red_whose_range_does_not_wholly_miss_the_target_is_not_said_to_stay_so(
    assurance: str | None, end: str
) -> None:
    assert told(ON_TIME, assurance=assurance).endswith(f"within its usual range of 85.0 to 95.0\u202f%{end}")


def test_a_good_kpi_of_common_cause_needs_no_change() -> None:
    assert told(RATING, lower=4.1, upper=4.6).endswith("within its usual range of 4.10 to 4.60.")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (CONCERN, "below its usual range of 85.0 to 95.0\u202f%, a special cause: ask what changed."),
        ({**CONCERN, "lower": 0.88401}, "just below its usual range of 88.4 to 95.0"),
        (
            {**CONCERN, "side": 1, "variation": "improvement"},
            "above its usual range of 85.0 to 95.0\u202f%, an improve",
        ),
        (
            {**CONCERN, "label": "shift", "running": 8},
            "8 months running below its mean of 90.0\u202f%, a lasting change",
        ),
        ({**CONCERN, "label": "trend", "running": 7}, "falling over 7 months."),
        ({**CONCERN, "label": "trend", "running": 9, "is_rising": True}, "rising over 9 months, still below its mean."),
        ({**CONCERN, "label": "two of three"}, "near its lower limit of 85.0 in two of three months, a special cause"),
        ({**CONCERN, "variation": "special cause"}, "below its usual range of 85.0 to 95.0\u202f%, a special cause."),
        ({**CONCERN, "label": "shift", "running": 7, "every": "quarter"}, "7 quarters running below"),
        ({**CONCERN, "is_seasonal": True}, "below its usual range of 85.0 to 95.0\u202f% for the season"),
    ],
)
def test_a_special_cause_is_told_by_its_rule(changes: dict[str, Any], words: str) -> None:
    assert words in told(ON_TIME, **changes)


def test_trial_limits_are_said_to_be_on_trial_and_ask_for_no_change_of_the_process() -> None:
    trial = told(ON_TIME, is_trial=True, points=8)
    assert trial.endswith("within the trial limits of 85.0 to 95.0\u202f% (8 months).")
    assert "(trial limits, 8 months)" in told(ON_TIME, **{**CONCERN, "label": "shift", "is_trial": True, "points": 8})


def test_tables_say_of_a_verdict_on_trial_that_it_is_and_give_none_of_one_point() -> None:
    def shown(**changes: Any) -> tuple[str, str]:
        line = replace(line_of(COMPANY, ON_TIME), signal=signal(is_trial=True, **changes))
        return variation_text(line, ENGLISH), assurance_text(line, ENGLISH)

    assert shown(points=3, assurance="hit and miss") == ("on trial", "–")
    assert shown(points=8, **CONCERN) == ("◆ concern, on trial", "–")
    assert shown(points=1) == ("–", "–")


@pytest.mark.parametrize("changes", [{"is_overlapping": True}, {"variation": None, "label": None}, {"lower": None}])
def test_where_the_chart_carries_no_judgement_the_movement_is_told_instead(changes: dict[str, Any]) -> None:
    assert told(ON_TIME, **changes) == doing(COMPANY, replace(line_of(COMPANY, ON_TIME), signal=None))


def test_exceptions_begin_with_what_is_off_target_by_special_cause_and_name_concerns_of_other_bands() -> None:
    red = [line.id for line in COMPANY.kpis if line.band and line.band.status == "bad"]
    first, improving = red[-1], red[0]
    pack = with_signals(
        **{first: signal(**CONCERN), improving: signal(label="shift", variation="improvement")},
        product_rating=signal(**CONCERN),
    )
    rows = exceptions(pack)
    assert rows[0].line.id == first
    assert [row.line.id for row in rows[-2:]] == ["product_rating", improving]
    assert {row.line.id for row in rows} == {*red, "product_rating"}
    assert "product_rating" not in {row.line.id for row in (*near_target(pack), *on_target(pack))}
    assert "special causes of concern, though not off target: Product rating" in left_out_sentence(rows, (), ENGLISH)


def test_the_headline_counts_the_events_among_the_reds() -> None:
    node = replace(COMPANY.node, previous=None, last_year=None)
    plain = headline(replace(COMPANY, node=node))
    pack = replace(with_signals(delivered_on_time=signal(**CONCERN), product_rating=signal(**CONCERN)), node=node)
    assert headline(pack) == plain.removesuffix(".") + " (1 judged, 1 by special cause)."


def test_the_headline_says_how_many_reds_are_judged_only_where_that_is_not_all() -> None:
    red = [line.id for line in COMPANY.kpis if line.band and line.band.status == "bad"]
    judged = {name: signal() for name in red} | {red[0]: signal(**CONCERN)}
    node = replace(COMPANY.node, previous=None, last_year=None)
    assert "off target, 1 of them by special cause." in headline(replace(with_signals(**judged), node=node))
    on_trial = {**judged, red[1]: signal(is_trial=True, points=8)}
    words = f"off target ({len(red) - 1} judged, 1 by special cause)."
    assert words in headline(replace(with_signals(**on_trial), node=node))


def test_the_perspective_sentence_says_whether_its_worst_kpi_is_as_usual() -> None:
    pack = with_signals(delivered_on_time=signal())
    assert "below target; within its usual range; " in perspective_sentence(pack, pack.perspectives[2])
    pack = with_signals(delivered_on_time=signal(is_trial=True))
    assert "usual" not in perspective_sentence(pack, pack.perspectives[2])


def test_the_kpi_table_shows_variation_by_sign_and_word_and_assurance_by_word() -> None:
    def shown(found: Signal | None) -> tuple[str, str]:
        row = kpi_row(COMPANY, replace(line_of(COMPANY, ON_TIME), signal=found))
        return row.variation, row.assurance

    assert shown(signal(**CONCERN, assurance="consistently fails")) == ("◆ concern", "fails")
    assert shown(signal(**CONCERN, assurance="consistently passes")) == ("◆ concern", "–")
    assert shown(signal(variation="improvement", assurance=None)) == ("◇ improvement", "–")
    assert shown(signal()) == ("common cause", "hit and miss")
    assert shown(signal(is_overlapping=True)) == ("not judged", "–")
    assert shown(None) == ("–", "–")


def test_the_alternative_text_of_a_chart_gives_the_range_and_the_flagged_points() -> None:
    line = replace(line_of(COMPANY, ON_TIME), signal=signal(flagged=4))
    assert chart_message(COMPANY, line).endswith("Usual range 85.0 to 95.0\u202f%, 4 of 25 months by special cause.")


def test_values_that_share_months_keep_their_columns() -> None:
    line = line_of(COMPANY, ON_TIME)
    assert has_xmr(replace(line, signal=signal()))
    assert not has_xmr(replace(line, signal=signal(is_overlapping=True)))
    assert not has_xmr(replace(line, signal=signal(history=(None,) * 25)))
    assert not has_xmr(line)


def test_the_charts_lines_are_explained_on_a_page_that_has_them() -> None:
    page = render_html(with_signals(delivered_on_time=signal(**CONCERN)))
    assert page.count("usual range shaded") == 1
    assert "usual range shaded" not in render_html(COMPANY)


HISTORY = line_of(COMPANY, ON_TIME).history


def test_limits_that_change_make_stretches_of_the_range() -> None:
    early = SignalPoint(0.8, 0.7, 0.9, "common cause", "common cause", 1)
    late = SignalPoint(0.9, 0.85, 0.95, "common cause", "common cause", 1)
    chart = xmr_chart(HISTORY, [early] * 13 + [late] * 11 + [None], 90.0, 40.0, locale=ENGLISH)
    (left, low, wide, tall), (right, high, narrow, short) = chart.ranges
    assert left == pytest.approx(0, abs=0.02)
    assert right == pytest.approx(left + wide)
    assert (wide / 12, narrow / 11) == pytest.approx(((90 - 13) / 24,) * 2)
    assert tall / short == pytest.approx(2)
    assert high < low


def test_flagged_points_take_a_shape_at_their_place() -> None:
    places: list[SignalPoint | None] = [signal().history[0]] * 24
    places.append(SignalPoint(0.9, 0.89, 0.95, "outside", "concern", -1))
    chart = xmr_chart(HISTORY, places, 90.0, 40.0, locale=ENGLISH)
    ((variation, path),) = chart.signals
    assert (variation, path.count("z")) == ("concern", 1)
    assert chart.last is not None
    assert float(re.findall(r"[\d.]+", path)[0]) == pytest.approx(chart.last[0], abs=0.01)


@pytest.mark.parametrize("height", [15.5, 20.0, 40.0, 62.0])
def test_the_labels_of_a_chart_keep_apart_and_inside(height: float) -> None:
    chart = xmr_chart(HISTORY, signal().history, 60.0, height, locale=ENGLISH)
    places = sorted(y for y in (chart.value_y, chart.target_y, chart.upper_y, chart.lower_y) if y is not None)
    assert chart.value_y is not None
    assert all(later - earlier >= LABEL_GAP - 1e-9 for earlier, later in pairwise(places))
    assert places[0] >= 0
    assert places[-1] <= chart.floor + 1e-9


def test_a_month_without_a_value_is_a_gap_in_the_line_and_in_the_range() -> None:
    history = [replace(p, value=None) if i == 20 else p for i, p in enumerate(HISTORY)]
    places = [None if i == 20 else p for i, p in enumerate(signal().history)]
    chart = xmr_chart(history, places, 90.0, 40.0, locale=ENGLISH)
    assert chart.line.count("M") == 2
    assert len(chart.ranges) == 2


def test_a_quarterly_kpi_has_one_range_and_a_mark_for_each_value_of_its_own() -> None:
    judged = signal().history[0]
    places = [judged if i % 3 == 2 else None for i in range(25)]
    history = [replace(p, status="good") for p in HISTORY]
    chart = xmr_chart(history, places, 90.0, 40.0, locale=ENGLISH, every=3)
    ((_, _, wide, _),) = chart.ranges
    assert wide == pytest.approx(23 * (90 - 13) / 24, abs=0.1)
    assert chart.points.count("M") == 8
    assert chart.line.count("M") == 1
    assert chart.line.count("L") == 7
    assert sum(marks.path.count("M") for marks in chart.strip) == 8
    assert chart.last is not None
    assert chart.last[0] < chart.plot_right - 2 * chart.plot_right / 24 + 2
