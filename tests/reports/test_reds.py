"""Beside every average stands how many KPIs are off target, and for how much of the weight it speaks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from report_templates.look import OURS, Look
from report_templates.rendering import render_html
from report_templates.site_map import SiteMap
from report_templates.site_pages import Shown, period_files
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


def with_gaps() -> Pack:
    """The company with a unit below whose score speaks for 85 % of its weight."""
    child, *children = COMPANY.children
    first, *others = child.perspectives
    assert first is not None
    lacking = replace(
        child,
        node=replace(child.node, coverage=0.85),
        perspectives=(replace(first, coverage=0.4), *others),
        missing=(("small_group", 1), ("no_data", 2)),
    )
    return replace(COMPANY, children=(lacking, *children))


def test_units_below_have_their_coverage_beside_the_score_wherever_it_is_not_whole() -> None:
    name, note = COMPANY.children[0].name, "· % coverage</span>"
    html = html_of(with_gaps(), "summary")
    assert re.findall(r"target · (\d+\u202f%)", row_of(html, name)) == ["85\u202f%", "40\u202f%"]
    assert note in html
    assert note not in html_of(COMPANY, "summary")
    html = html_of(with_gaps(), "cascade")
    assert "coverage 85\u202f%" in row_of(html, name)
    reason = "it is withheld, so that no small group of people can be identified"
    told = f"{name} 85\u202f% (1 KPI: {reason}; 2 KPIs: no data was delivered)"
    assert f"Coverage below 100 %: {told}." in html
    assert "Coverage below" not in html_of(COMPANY, "cascade")


def test_the_overview_of_the_site_has_the_coverage_too() -> None:
    pack = replace(COMPANY, node=replace(COMPANY.node, coverage=0.85))
    site = SiteMap({pack.period: frozenset({(pack.scorecard, pack.unit)})})
    overview = dict(period_files(site, [Shown(pack, OURS)]))["2026-10/index.html"].decode()
    assert "coverage 85\u202f%" in overview
