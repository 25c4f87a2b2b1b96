"""How many KPIs are off target stands beside every average of several, so that none hides behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from report_templates.look import Look
from report_templates.rendering import render_html
from scorecards.packs import Layout, PageName
from tests.reports.pack_factory import company_pack
from transforms.pack import NodeScore, Pack, Status

COMPANY = company_pack()


def html_of(pack: Pack, *pages: PageName) -> str:
    return render_html(pack, Look(Layout(pages=pages)))


def counted(counts: Mapping[Status, int], applicable: int) -> Pack:
    """The company whose first objective, first perspective and first unit below have these counts."""

    def node(before: NodeScore) -> NodeScore:
        return replace(before, by_status=dict(counts), applicable=applicable)

    first, *others = COMPANY.perspectives
    card, *cards = first.objectives
    child, *children = COMPANY.children
    own = replace(first, node=node(first.node), objectives=(replace(card, node=node(card.node)), *cards))
    below = replace(child, node=node(child.node), perspectives=(node(child.node), *child.perspectives[1:]))
    return replace(COMPANY, perspectives=(own, *others), children=(below, *children))


def row_of(html: str, name: str) -> str:
    found = re.search(rf'<th scope="row(?:group)?"[^>]*>{name}.*?</tr>', html, re.DOTALL)
    assert found is not None
    return found[0]


def card_of(html: str, name: str) -> str:
    return next(card for card in html.split('class="card-name"')[1:] if name in card.split("</p>")[0])


def test_an_objective_of_several_kpis_has_its_count_on_the_page_of_its_perspective() -> None:
    name = COMPANY.objectives[0].name
    assert "2 of 7 KPIs off target" in row_of(html_of(counted({"bad": 2, "good": 5}, 7), "perspectives"), name)
    assert "0 of 7 KPIs off target" in row_of(html_of(counted({"good": 7}, 7), "perspectives"), name)
    assert "off target" not in row_of(html_of(counted({"bad": 1}, 1), "perspectives"), name).split("</th>")[0]


def test_cards_and_lanes_of_the_map_have_the_count_where_there_is_room() -> None:
    name = COMPANY.objectives[0].name
    html = html_of(counted({"bad": 2, "good": 5}, 7), "strategy_map")
    assert "■\u202f2 of 7" in card_of(html, name)
    lane = html.split('class="lane-score"')[1].split("</div>")[0]
    assert "■\u202f2 of 7" in lane
    assert "■\u202f" not in card_of(html_of(counted({"bad": 1}, 1), "strategy_map"), name)
    long = replace(COMPANY, bands=tuple(replace(band, name="far " * 12 + "off") for band in COMPANY.bands))
    lengthened = replace(
        long,
        perspectives=tuple(
            replace(
                page,
                objectives=tuple(
                    replace(card, node=replace(card.node, band=long.bands[0])) for card in page.objectives
                ),
            )
            for page in long.perspectives
        ),
    )
    assert "■\u202f" not in card_of(html_of(lengthened, "strategy_map"), name)


def test_heat_cells_have_the_count_of_reds_and_the_heading_says_what_it_is() -> None:
    name = COMPANY.children[0].name
    html = html_of(counted({"bad": 2, "good": 5}, 7), "summary")
    assert row_of(html, name).count("■\u202f2</span>") == 2
    assert "■\u202fKPIs off target" in html
    assert "■\u202f" not in row_of(html_of(counted({"bad": 1}, 1), "summary"), name).split("</td>")[0]
    assert row_of(html_of(counted({"bad": 2, "good": 5}, 7), "cascade"), name).count("■\u202f2 of 7</span>") == 2
