"""The X-matrix: what is declared, marked where its row and its column meet, on one page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from report_templates.geometry import page_of
from report_templates.look import Look
from report_templates.matrix_messages import matrix_message, matrix_sentence
from report_templates.rendering import render_html
from report_templates.x_matrix import ABOVE, BELOW, Dot, XMatrix, x_matrix
from scorecards.packs import Layout
from tests.reports.pack_factory import company_pack, large_pack, person_pack
from transforms.pack import InitiativeRow, Pack, SeenEffect

LANDSCAPE = page_of(Layout(pages=("x_matrix",)))
PORTRAIT = page_of(Layout(pages=("x_matrix",), orientation="portrait"))


def effect(kpi_id: str) -> SeenEffect:
    return SeenEffect("K", kpi_id, "", "percent", None, 0.02, date(2026, 6, 1), False, "not yet")


def initiative(name: str, objectives: tuple[str, ...], *effects: SeenEffect, status: str = "on track") -> InitiativeRow:
    return InitiativeRow(
        name, objectives, f"Owner of {name}", None, None, status, 0.5, None, False, None, None, "", name, effects
    )


def planned(pack: Pack) -> Pack:
    """The pack with two themes, an initiative for its first objective that should change its second KPI, one done."""
    first, second = pack.objectives[:2]
    pages = tuple(
        replace(
            page,
            objectives=tuple(replace(o, theme="a" if o.id == first.id else "b") for o in page.objectives),
        )
        for page in pack.perspectives
    )
    return replace(
        pack,
        perspectives=pages,
        themes=(("a", "Alpha"), ("b", "Beta")),
        initiatives=(
            initiative("New tills", (first.name,), effect(pack.kpis[1].id)),
            initiative("Old tills", (second.name,), status="done"),
        ),
    )


def at(drawn: XMatrix, dots: tuple[Dot, ...], row: int) -> dict[int, str]:
    """Of one row, which place in objectives, KPIs and owners has which mark."""
    y = (*drawn.priorities, *drawn.long_term)[row].at
    places = [place.at for place in (*drawn.objectives, *drawn.kpis, *drawn.owners)]
    return {places.index(dot.x): dot.strength for dot in dots if dot.y == y}


def test_a_mark_stands_exactly_where_its_row_and_its_column_meet() -> None:
    pack = planned(company_pack())
    drawn = x_matrix(pack, LANDSCAPE)
    assert drawn is not None
    count = len(pack.objectives)
    own = pack.objectives[0].kpis
    kpis = {count + i: "weak" for i, line in enumerate(pack.kpis) if line.id in own}
    initiative_row = {0: "strong", **kpis, count + 1: "strong", count + len(pack.kpis): "strong"}
    assert at(drawn, drawn.dots, 0) == initiative_row
    assert at(drawn, drawn.dots, 1) == {0: "strong", **kpis}
    assert [place.text for place in drawn.priorities] == ["New tills"]
    first = drawn.objectives[0]
    assert first.at == pytest.approx(drawn.pitch_x / 2)
    assert drawn.kpis[0].at == pytest.approx(drawn.right + drawn.pitch_x / 2)
    assert drawn.long_term[0].at == pytest.approx(drawn.bottom + drawn.pitch_y / 2)


def test_a_scorecard_below_another_has_the_objectives_above_as_its_long_term_ones() -> None:
    pack = planned(company_pack())
    card = pack.objectives[0]
    pages = tuple(
        replace(
            page,
            objectives=tuple(replace(o, supports=("Grow",) if o.id == card.id else ()) for o in page.objectives),
        )
        for page in pack.perspectives
    )
    drawn = x_matrix(replace(pack, perspectives=pages), LANDSCAPE)
    assert drawn is not None
    assert [place.text for place in drawn.long_term] == ["Grow"]


def test_without_an_initiative_or_anything_long_term_there_is_no_matrix() -> None:
    assert x_matrix(replace(planned(company_pack()), initiatives=()), LANDSCAPE) is None
    assert x_matrix(replace(planned(company_pack()), themes=()), LANDSCAPE) is None
    look = Look(Layout(pages=("summary", "x_matrix")))
    assert "X-matrix" not in render_html(person_pack(), look)


@pytest.mark.parametrize("page", [LANDSCAPE, PORTRAIT])
@pytest.mark.parametrize("pack", [planned(company_pack()), planned(large_pack(100))])
def test_it_stays_on_its_page_and_says_what_had_no_room(pack: Pack, page: object) -> None:
    drawn = x_matrix(pack, page)  # type: ignore[arg-type]
    assert drawn is not None
    assert drawn.width <= page.width + 1e-6  # type: ignore[attr-defined]
    assert drawn.height <= page.height - ABOVE - BELOW + 1e-6  # type: ignore[attr-defined]
    assert len(drawn.kpis) + drawn.left_out == len(pack.kpis)
    assert min(drawn.pitch_x, drawn.pitch_y) > 2.1


def test_the_alternative_text_tells_every_declared_mark() -> None:
    pack = planned(company_pack())
    told = matrix_message(pack)
    assert f"Initiative New tills: objectives {pack.objectives[0].name}, expected to change {pack.kpis[1].name}" in told
    assert "answered for by Owner of New tills" in told
    assert f"Long-term objective Alpha: {pack.objectives[0].name}." in told


def test_objectives_that_no_initiative_moves_are_named_above() -> None:
    pack = planned(company_pack())
    assert matrix_sentence(pack).startswith("1 initiative under way; no initiative moves ")
    assert pack.objectives[1].name in matrix_sentence(pack)
    assert pack.objectives[0].name not in matrix_sentence(pack)
