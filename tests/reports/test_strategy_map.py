from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from report_templates.language import ENGLISH
from report_templates.map_cards import AROUND, KPI_LINE, NAME_LINE, SCORE_LINE, card_text, name_lines
from report_templates.map_ordering import crossings, order_rows
from report_templates.map_routing import Card, Link
from report_templates.strategy_map import StrategyMap, strategy_map
from tests.reports.pack_factory import LINKS, company_pack, empty_pack
from transforms.pack import KpiLine, NodeScore, ObjectiveCard, PerspectivePage, Status

LONG = "so that nobody can say afterwards that they did not understand what was meant by them, " * 2
NODE = NodeScore(80.0, None, 1.0, None, None, None, {}, 1, ())


def objective(name: str, *leads_to: str) -> ObjectiveCard:
    return ObjectiveCard(name, name, "", "", "p", None, NODE, leads_to, (), (), 1.0)


def lanes(*rows: list[ObjectiveCard]) -> list[PerspectivePage]:
    return [PerspectivePage(f"p{i}", f"P{i}", "", 1.0, NODE, tuple(row), ()) for i, row in enumerate(rows)]


def traced(link: Link, steps: int = 40) -> list[tuple[float, float]]:
    """Points along the link, as it is drawn."""
    found: list[tuple[float, float]] = []
    for piece in link.pieces:
        for i in range(steps + 1):
            t = i / steps
            if len(piece) == 2:
                (ax, ay), (bx, by) = piece
                found.append((ax + (bx - ax) * t, ay + (by - ay) * t))
            else:
                weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
                found.append(
                    (
                        sum(w * p[0] for w, p in zip(weights, piece, strict=True)),
                        sum(w * p[1] for w, p in zip(weights, piece, strict=True)),
                    )
                )
    return found


def is_inside(point: tuple[float, float], card: Card) -> bool:
    edge = 1e-6
    return card.x + edge < point[0] < card.right - edge and card.y + edge < point[1] < card.bottom - edge


def assert_clear(drawn: StrategyMap) -> None:
    for link in drawn.links:
        for point in traced(link):
            for card in drawn.cards:
                assert not is_inside(point, card), f"{link.source} to {link.target} runs over {card.objective.id}"
            assert -1e-6 <= point[0] <= drawn.width + 1e-6
            assert -1e-6 <= point[1] <= drawn.height + 1e-6


def test_no_link_of_a_whole_company_runs_over_a_card() -> None:
    drawn = strategy_map(company_pack().perspectives, 273.0, 157.0)
    assert len(drawn.links) == sum(len(targets) for targets in LINKS.values())
    assert_clear(drawn)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 44), st.integers(0, 44)), max_size=30),
)
def test_no_link_ever_runs_over_a_card(sizes: list[int], links: list[tuple[int, int]]) -> None:
    count = sum(sizes)
    targets: dict[int, list[str]] = {}
    for a, b in {(a % count, b % count) for a, b in links} if count else set():
        targets.setdefault(a, []).append(f"o{b}")
    names = iter(range(count))
    rows = [[objective(f"o{i}", *sorted(targets.get(i, []))) for i in (next(names) for _ in range(n))] for n in sizes]
    drawn = strategy_map(lanes(*rows), 273.0, 157.0)
    assert len(drawn.cards) == count
    assert_clear(drawn)


def test_cards_do_not_overlap_and_stay_on_the_page() -> None:
    drawn = strategy_map(lanes(*[[objective(f"o{r}{i}") for i in range(9)] for r in range(4)]), 273.0, 157.0)
    for card in drawn.cards:
        assert card.x >= 34.0
        assert card.right <= 273.0
    for row in {card.row for card in drawn.cards}:
        ordered = sorted((c for c in drawn.cards if c.row == row), key=lambda c: c.x)
        assert all(a.right < b.x for a, b in pairwise(ordered))


def test_a_link_starts_and_ends_at_its_cards() -> None:
    drawn = strategy_map(lanes([objective("top")], [objective("low", "top")]), 273.0, 157.0)
    (link,) = drawn.links
    cards = {card.objective.id: card for card in drawn.cards}
    start, end = link.pieces[0][0], link.pieces[-1][-1]
    assert start[1] == pytest.approx(cards["low"].y)
    assert end[1] == pytest.approx(cards["top"].bottom)
    assert link.points_up


def test_ordering_lessens_crossings() -> None:
    rows = [[objective("a"), objective("b")], [objective("c", "b"), objective("d", "a")]]
    edges = [("c", "b"), ("d", "a")]
    assert crossings(rows, edges) == 1
    assert crossings(order_rows(rows, edges), edges) == 0


def test_links_to_unknown_objectives_and_to_oneself_are_left_out() -> None:
    drawn = strategy_map(lanes([objective("a", "a", "elsewhere")], []), 273.0, 157.0)
    assert drawn.links == ()


def test_a_map_without_scores_is_drawn_too() -> None:
    assert_clear(strategy_map(empty_pack().perspectives, 273.0, 157.0))


def lines_with(*statuses: Status) -> dict[str, KpiLine]:
    found = company_pack().kpis[: len(statuses)]
    bands = {band.status: band for band in company_pack().bands}
    return {line.id: replace(line, band=bands[status]) for line, status in zip(found, statuses, strict=True)}


def a_card(name: str, kpis: dict[str, KpiLine], height: float = 23.7) -> Card:
    return Card(replace(objective(name), name=name, kpis=tuple(kpis)), 0.0, 0.0, 54.0, height, 0)


def test_a_card_lists_all_its_kpis_where_they_fit() -> None:
    lines = lines_with("good", "warning", "bad", "good")
    text = card_text(a_card("Earn money", lines), lines, ENGLISH)
    assert (text.name, [line.id for line in text.kpis], text.more) == ("Earn money", list(lines), "")


def test_a_card_with_a_long_name_shows_the_worst_kpi_and_counts_the_others() -> None:
    lines = lines_with("good", "bad", "warning", "bad", "good")
    name = (
        "Objectives that are worded as whole sentences so that nobody can say afterwards that they did not understand"
    )
    for long in (name, name.replace(" ", "_")):
        text = card_text(a_card(long, lines), lines, ENGLISH)
        assert text.name.endswith("…")
        assert [line.band.status for line in text.kpis if line.band] == ["bad"]
        assert text.more == "and 4 more, 1 off target"
    text = card_text(a_card("Earn money", lines), lines, ENGLISH)
    assert [line.id for line in text.kpis] == list(lines)[1:4]
    assert text.more == "and 2 more"


def test_no_text_of_a_card_is_longer_than_the_card() -> None:
    pack = company_pack()
    long = tuple(
        replace(page, objectives=tuple(replace(o, name=f"{o.name} {LONG}") for o in page.objectives))
        for page in pack.perspectives
    )
    lines = {line.id: line for line in pack.kpis}
    for card in strategy_map(long, 273.0, 157.0).cards:
        text = card_text(card, lines, ENGLISH)
        rows = len(text.kpis) + bool(text.more)
        used = AROUND + SCORE_LINE + NAME_LINE * name_lines(text.name, card.width) + KPI_LINE * rows
        assert used <= card.height + 0.11
        assert rows
