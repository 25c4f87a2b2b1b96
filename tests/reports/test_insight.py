"""What a pack says of movement, balance and certainty: every sentence from the records, nothing where there is none."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from report_templates.figure_messages import waterfall_message
from report_templates.headline import headline
from report_templates.insight_messages import (
    balance_line,
    chance,
    finding_sentences,
    range_sentence,
    rank_words,
    weights_off,
    year_line,
)
from report_templates.insight_view import insight
from report_templates.language import ENGLISH
from report_templates.movement_words import part_name, parts_note
from report_templates.rendering import render_html
from report_templates.views import pack_view
from report_templates.waterfall import OTHER, waterfall
from tests.reports.pack_factory import company_pack
from tests.reports.test_signal_messages import signal
from transforms.pack import Balance, Certainty, Contribution, Finding, Pack, UnitChange
from transforms.pack_insight_building import contributions

PACK = company_pack()
REVENUE = PACK.kpis[0]


def told(**fields: object) -> Pack:
    return replace(PACK, **fields)  # type: ignore[arg-type]


def test_every_part_of_a_change_has_a_name() -> None:
    parts = [Contribution("k", "Revenue", "p", 1, part) for part in ("value", "came", "went", "definition")]
    parts += [Contribution(None, "", "", 1, part) for part in ("target", "weights", "definition")]
    assert [part_name(part, ENGLISH) for part in parts] == [
        "Revenue", "Revenue (has a score now)", "Revenue (has no score now)", "Revenue (defined anew)",
        "Changed targets", "Changed weights", "Scored otherwise than then",
    ]  # fmt: skip


def test_what_is_defined_anew_is_said_to_be_no_performance() -> None:
    anew = Contribution("k", "Revenue", "p", 1.0, "definition")
    assert "no performance" in parts_note(PACK, [anew])
    assert "no performance" not in parts_note(PACK, [replace(anew, points=0.01), replace(anew, part="value")])


def test_changed_targets_are_never_hidden_among_other_kpis() -> None:
    parts = [Contribution(f"k{n}", f"K{n}", "p", 2.0) for n in range(8)]
    parts.append(Contribution(None, "", "", 0.1, "target"))
    names = [step.name for step in waterfall(50.0, 66.1, parts, 105.0, 50.0, locale=ENGLISH, most=3).steps]
    assert names == ["K0", "K1", "Changed targets", OTHER]


def test_the_headline_and_the_figures_text_name_changed_targets() -> None:
    node = replace(PACK.node, score=75.0, previous=70.0, last_year=None)
    pack = told(node=node, contributions=(Contribution(None, "", "", 5.0, "target"),))
    assert "Changed targets added 5.0" in headline(pack)
    assert "Changed targets +5.0" in waterfall_message(pack)


def test_targets_that_move_every_month_are_told_with_their_kpi_and_not_as_changed() -> None:
    rows = [
        {"kpi": kpi, "part": part, "points": points}
        for kpi, part, points in [
            ("sales", "value", -9.0), ("sales", "target", 8.5), ("costs", "value", 2.0), ("costs", "target", 1.5),
            ("rent", "value", 0.4),
        ]
    ]  # fmt: skip
    names = {("kpi", "sales"): "Sales", ("kpi", "costs"): "Costs", ("of", "sales"): "Financial"}
    both = contributions(rows, names, ())
    assert [(c.kpi, c.part, c.points) for c in both] == [
        (None, "target", 10.0), ("sales", "value", -9.0), ("costs", "value", 2.0), ("rent", "value", 0.4),
    ]  # fmt: skip
    told_as_one = contributions(rows, names, {"sales", "rent"})
    assert [(c.kpi, c.name, c.part, c.points) for c in told_as_one] == [
        ("costs", "Costs", "value", 2.0), (None, "", "target", 1.5), ("sales", "Sales", "against target", -0.5),
        ("rent", "rent", "value", 0.4),
    ]  # fmt: skip
    assert sum(c.points for c in both) == sum(c.points for c in told_as_one)
    assert "Targets that move every month count with their KPI." in parts_note(PACK, told_as_one)
    assert "Targets that move" not in parts_note(PACK, both)


def test_the_headline_names_a_special_cause_before_a_usual_movement_of_almost_its_size() -> None:
    usual, special = PACK.kpis[0], PACK.kpis[1]
    parts = (Contribution(usual.id, "Usual", "p", 3.0), Contribution(special.id, "Special", "p", 2.0))
    node = replace(PACK.node, score=75.0, previous=70.0, last_year=None)
    pack = told(node=node, contributions=parts)
    assert "Usual added 3.0 and Special 2.0" in headline(pack)
    page = pack.perspectives[0]
    kpis = (usual, replace(special, signal=signal(variation="improvement")), *page.kpis[2:])
    judged = replace(pack, perspectives=(replace(page, kpis=kpis), *pack.perspectives[1:]))
    assert "Special added 2.0 and Usual 3.0" in headline(judged)
    larger = (replace(parts[0], points=4.5), parts[1])
    assert "Usual added 4.5" in headline(replace(judged, contributions=larger))


def test_findings_are_told_the_most_misleading_first_and_perspectives_together() -> None:
    pack = told(
        balance=Balance(70, 65, 5, 45.0, "Customer", "Financial", "Customer", 0.62),
        findings=(
            Finding("far_apart", "Financial", "Customer", "perspective"),
            Finding("heavy_perspective", "Customer", "", None),
            Finding("hides_red", "Customer", "Financial", "perspective"),
            Finding("hides_red", "Customer", "Learning", "perspective"),
            Finding("holds_red", "Customer", "Keep promises", "objective"),
            Finding("holds_red", "Customer", "Complaints", "kpi"),
        ),
    )
    assert finding_sentences(pack) == [
        "Financial and Learning are off target; without Customer, the best perspective, the overall score would be in "
        "a lower band.",
        "Customer carries 62\u202f% of the weight of all perspectives.",
        "Customer is on target, but Complaints is off target.",
        "Financial lies 45 points below Customer.",
    ]
    assert not any("45 points" in sentence for sentence in finding_sentences(pack, on_summary=True))
    assert pack_view(pack).finding.startswith("Financial and Learning are off target")


def test_without_findings_and_figures_nothing_is_said() -> None:
    assert (finding_sentences(PACK), balance_line(PACK), range_sentence(PACK), year_line(PACK)) == ([], "", "", "")
    assert insight(PACK).lines == insight(PACK).certainty == insight(PACK).moved == ()


def test_a_range_is_told_where_it_shows() -> None:
    pack = told(certainty=(Certainty("Overall", 84.7, 83.2, 87.6, 0.3),), weights_off=0.25)
    assert range_sentence(pack) == "With weights off by a quarter: 83 to 88."
    assert range_sentence(told(certainty=(Certainty("Overall", 84.7, 84.6, 84.9, 0.0),))) == ""
    assert weights_off(told(weights_off=0.3)) == "30\u202f%"


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0\u202f%"), (0.001, "below 1\u202f%"), (0.35, "35\u202f%"), (0.999, "above 99\u202f%")]
)
def test_what_is_not_certain_is_never_shown_as_certain(share: float, words: str) -> None:
    assert chance(PACK, share) == words


def test_a_rank_names_whom_it_is_among() -> None:
    ranked = Certainty("Overall", 80, 78, 82, 0.1, 3, 12, 2, 4, 0.4)
    assert rank_words(told(unit_level="division"), ranked) == "3 of 12 divisions; 2 to 4 with other weights"
    assert rank_words(PACK, replace(ranked, rank=None)) == ""


def test_last_years_parts_are_listed_and_what_is_left_is_summed() -> None:
    node = replace(PACK.node, score=70.0, last_year=80.0)
    parts = tuple(Contribution(f"k{n}", f"K{n}", "p", -1.25) for n in range(8))
    line = year_line(told(node=node, contributions_on_year=parts))
    assert line == "Since October 2025: \u221210.0 points. " + "; ".join(
        [*(f"K{n} \u22121.3" for n in range(6)), "all else \u22122.5"]
    ) + "."  # fmt: skip


def test_units_that_moved_a_kpi_stand_in_the_order_of_their_parts() -> None:
    changes = (
        UnitChange(REVENUE.id, "North", -0.2e6, None, None), UnitChange(REVENUE.id, "South", 0.5e6, None, None),
        UnitChange(REVENUE.id, None, 0.1e6, None, None),
    )  # fmt: skip
    pack = told(unit_changes=changes, contributions=(Contribution(REVENUE.id, REVENUE.name, "p", 2.0),))
    (row,) = insight(pack).moved
    assert row.units == ("South +0.5", "North \u22120.2", "not from a unit below +0.1")
    assert insight(replace(pack, unit_changes=changes[:1])).moved == ()
    assert "Units directly below, the largest first, each rounded by itself; of ratios" in render_html(pack)


def test_the_method_page_prints_it_all() -> None:
    pack = told(
        certainty=(Certainty("Overall", 84.7, 83.2, 87.6, 0.3, 2, 4, 1, 3, 0.2),), weights_off=0.25,
        balance=Balance(84.7, 84.1, 0.6, 12.0, "Customer", "Financial", "Customer", 0.3),
        findings=(Finding("heavy_perspective", "Customer", "", None),),
    )  # fmt: skip
    plain = " ".join(re.sub("<[^>]+>", " ", render_html(pack)).split())
    for words in ("Out of balance", "How sure the scores are", "83 to 88", "1 to 3 with other weights", "Balance:"):
        assert words in plain
