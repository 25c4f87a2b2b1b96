"""What a pack says of units that joined or left below it, and that it says nothing where none did."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from report_templates.headline import headline
from report_templates.insight_view import insight
from report_templates.kpi_messages import chart_message, doing
from report_templates.language import ENGLISH
from report_templates.movement_words import part_name, parts_note
from report_templates.pack_message import message_of, without_figures
from report_templates.rendering import render_html
from report_templates.terminal import scorecard_text
from report_templates.waterfall import waterfall
from report_templates.who_counts import breaks_path, moved_now, moved_of, moved_since_last_year
from tests.reports.pack_factory import PERIOD, company_pack, watched_pack
from transforms.pack import Contribution, KpiLine, Pack, UnitMove

LEFT = UnitMove(PERIOD, "market", "Market Street", False, True)
EARLIER = date(2026, 7, 1)


def moved(*moves: UnitMove, pack: Pack | None = None, locale: str = "en_GB") -> Pack:
    """The pack with units that moved, counted in all KPIs."""
    pack = pack or company_pack()
    pages = tuple(
        replace(page, kpis=tuple(replace(line, moves=moves) for line in page.kpis)) for page in pack.perspectives
    )
    return replace(pack, perspectives=pages, moves=moves, locale=locale)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "Market Street left in October 2026: figures since then are without it."),
        ({"is_whole": False}, "Market Street left in October 2026: figures of earlier months count it."),
        ({"has_joined": True}, "Market Street joined in October 2026: figures since then count it."),
        (
            {"has_joined": True, "is_whole": False},
            "Market Street joined in October 2026: figures of earlier months do not count it.",
        ),
        ({"period": EARLIER}, ""),
    ],
)
def test_the_first_page_says_who_joined_or_left_this_month(changes: dict[str, object], told: str) -> None:
    pack = moved(replace(LEFT, **changes))  # type: ignore[arg-type]
    assert moved_now(pack) == told
    assert told in render_html(pack)


def test_messages_and_the_terminal_say_it_below_their_headline() -> None:
    told, pack = "Market Street left in October 2026: figures since then are without it.", moved(LEFT)
    assert told in scorecard_text(pack)
    message = message_of(pack)
    assert message.notes == told
    assert without_figures(message).notes == ""
    assert told not in scorecard_text(company_pack())


def test_a_pack_speaks_of_moves_in_its_own_language() -> None:
    pack = moved(LEFT, replace(LEFT, unit="quay", name="Kai"), locale="de_DE")
    assert moved_now(pack) == "Market Street und Kai gingen ab (Oktober 2026): Zahlen seither sind ohne sie."


def test_of_many_units_the_first_are_named_and_the_others_counted() -> None:
    moves = [replace(LEFT, unit=f"u{n}", name=f"U{n}", has_joined=True) for n in range(5)]
    assert moved_now(moved(*moves)) == "U0, U1, U2 and 2 more joined in October 2026: figures since then count them."


def test_the_page_of_method_names_all_moves_since_last_year_and_none_before() -> None:
    pack = moved(replace(LEFT, period=date(2025, 10, 1), name="Long ago"), replace(LEFT, period=EARLIER))
    assert moved_since_last_year(pack) == "Market Street left in July 2026: figures since then are without it."
    assert insight(pack).lines[0] == moved_since_last_year(pack)
    assert "left in" not in " ".join(insight(company_pack()).lines)


def test_a_kpi_that_is_compared_or_judged_across_a_move_says_so() -> None:
    told = "Market Street left in July 2026: figures of earlier months count it."
    pack, judged = (moved(replace(LEFT, period=EARLIER), pack=each) for each in (company_pack(), watched_pack()))

    def line(of: Pack) -> KpiLine:
        return of.kpis[0]

    assert line(judged).signal is not None
    assert doing(judged, line(judged)).endswith(told)
    assert told in chart_message(judged, line(judged))
    # Without a chart that judges, only the month before is compared with.
    assert moved_of(pack, line(pack)) == ""
    assert "left in October 2026" in doing(moved(LEFT), line(moved(LEFT)))
    assert line(judged).signal is not None
    rebased = replace(line(judged), signal=replace(line(judged).signal, since=date(2026, 8, 1)))  # type: ignore[type-var]
    assert moved_of(judged, rebased) == ""


def test_a_chart_marks_the_month_from_which_others_count() -> None:
    line = moved(replace(LEFT, period=EARLIER)).kpis[0]
    # Of 12 months up to October on 120 mm, July begins 40 mm before the end; with three to come 30 mm more.
    assert breaks_path(line, 120.0, 2.0, 30.0, 12) == "M80.00 2V30"
    assert breaks_path(line, 120.0, 2.0, 30.0, 12, ahead=3) == "M50.00 2V30"
    assert breaks_path(line, 120.0, 2.0, 30.0, 3) == ""
    assert "Upright broken line" in render_html(moved(replace(LEFT, period=EARLIER)))
    assert "Upright broken line" not in render_html(company_pack())


def test_what_joined_and_left_has_a_name_of_its_own_and_is_no_changed_target() -> None:
    part = Contribution(None, "", "", 5.7, "units")
    assert part_name(part, ENGLISH) == "Units that joined or left"
    pack = replace(company_pack(), contributions=(part,))
    assert "is no performance: it is who counts." in parts_note(pack, [part])
    assert "no performance" not in parts_note(pack, [replace(part, points=0.01)])
    node = replace(pack.node, score=75.7, previous=70.0, last_year=None)
    assert "Units that joined or left added 5.7" in headline(replace(pack, node=node))
    small = [*(Contribution(f"k{n}", f"K{n}", "p", 2.0) for n in range(8)), replace(part, points=0.1)]
    names = [step.name for step in waterfall(50.0, 66.1, small, 105.0, 50.0, locale=ENGLISH, most=3).steps]
    assert "Units that joined or left" in names
