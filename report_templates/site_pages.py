"""The static site: an overview of every period, the twin of every pack, a page for every KPI of every unit.

Belongs here: which pages there are, what each shows, and how they lead to each other. Addresses are relative and no
page loads more than the style sheet, the script and the fonts beside it, so that it works from a file share.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from report_templates.days import day
from report_templates.kpi_rows import verdict
from report_templates.messages import who
from report_templates.rendering import environment
from report_templates.site_kpis import KpiPage, kpi_page, months_of
from report_templates.twin_page import screen_page, screen_sheet
from report_templates.views import pack_view
from scorecards.periods import period_text
from transforms.pack import NodeScore, Pack

_ASSETS = "style-src 'self' file:{}; font-src data:; script-src 'self' file:"
_POLICY = "default-src 'none'; {}; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True)
class PeriodLink:
    """A period as a page's switch offers it; without an address the page does not exist then."""

    period: date
    address: str | None
    is_current: bool


@dataclass(frozen=True)
class OverviewRow:
    """A unit in the overview: its place in the tree, its page, its scores, and the pages of its KPIs."""

    pack: Pack
    depth: int
    address: str
    nodes: tuple[NodeScore | None, ...]
    text: str
    kpis: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class OverviewCard:
    """A scorecard in the overview, its units in the order of the tree."""

    name: str
    perspectives: tuple[str, ...]
    rows: tuple[OverviewRow, ...]


@dataclass(frozen=True)
class SiteMap:
    """Which packs there are in which period, oldest first: (scorecard, unit)."""

    packs: Mapping[date, frozenset[tuple[str, str]]]

    @property
    def newest(self) -> date:
        """The newest period."""
        return max(self.packs)

    def links(self, current: date, key: tuple[str, str] | None) -> list[PeriodLink]:
        """The switch of periods on the page of a pack, or with no key on an overview; the newest period first."""
        page = "index.html" if key is None else unit_page(*key)
        return [
            PeriodLink(
                period,
                f"../{period_text(period)}/{page}" if key is None or key in found else None,
                period == current,
            )
            for period, found in sorted(self.packs.items(), reverse=True)
        ]


def unit_page(scorecard: str, unit: str) -> str:
    """The file name of a pack's page."""
    return f"{scorecard}-{unit}.html"


def kpi_file(scorecard: str, unit: str, kpi: str) -> str:
    """The file name of a KPI's page."""
    return f"{scorecard}-{unit}-{kpi}.html"


def asset_files() -> Iterator[tuple[str, bytes]]:
    """The style sheet, with the fonts in it, and the script, by address."""
    sheet = environment().get_template("site/site.css").render(screen=screen_sheet())
    yield "assets/site.css", sheet.encode()
    yield "assets/site.js", environment().get_template("site/site.js").render().encode()


def period_files(site: SiteMap, packs: Sequence[Pack]) -> Iterator[tuple[str, bytes]]:
    """The pages of one period, by address: its overview and the twin of every pack; in the newest period also KPIs."""
    period = packs[0].period
    folder = period_text(period)
    yield f"{folder}/index.html", _overview(site, packs)
    for pack in packs:
        yield f"{folder}/{unit_page(pack.scorecard, pack.unit)}", _unit(site, packs, pack)
        if period == site.newest:
            for line in pack.kpis:
                yield f"kpi/{kpi_file(pack.scorecard, pack.unit, line.id)}", _kpi(packs, pack, kpi_page(pack, line))
    if period == site.newest:
        yield "index.html", _start(folder).encode()


def _start(folder: str) -> str:
    """The page that leads to the newest overview, also where a browser does not follow by itself."""
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n<title>Scorecards</title>\n'
        f'<meta http-equiv="refresh" content="0; url={folder}/index.html">\n</head>\n'
        f'<body>\n<main><h1>Scorecards</h1><p><a href="{folder}/index.html">The newest period</a></p></main>\n'
        "</body>\n</html>\n"
    )


def _overview(site: SiteMap, packs: Sequence[Pack]) -> bytes:
    first = packs[0]
    cards: dict[str, list[Pack]] = {}
    for pack in packs:
        cards.setdefault(pack.scorecard, []).append(pack)
    shown = []
    for own in cards.values():
        perspectives = {page.id: page.name for pack in own for page in pack.perspectives}
        rows = tuple(_row(site, pack, own, perspectives) for pack in own)
        shown.append(OverviewCard(own[0].scorecard_name, tuple(perspectives.values()), rows))
    known = max((pack.known_on for pack in packs if pack.known_on), default=None)
    return _page(
        "site/overview.html",
        first.locale,
        trail=[(first.organisation, None)],
        period=first.period,
        organisation=first.organisation,
        cards=shown,
        links=site.links(first.period, None),
        footer=f"{first.organisation} · data known on {day(known, first.locale)}",
    )


def _row(site: SiteMap, pack: Pack, own: Sequence[Pack], perspectives: Mapping[str, str]) -> OverviewRow:
    nodes = {page.id: page.node if page.kpis else None for page in pack.perspectives}
    above = {other.unit_name for other in own}
    kpis: tuple[tuple[str, str], ...] = ()
    if pack.period == site.newest:
        kpis = tuple((line.name, f"../kpi/{kpi_file(pack.scorecard, pack.unit, line.id)}") for line in pack.kpis)
    return OverviewRow(
        pack=pack,
        depth=sum(name in above for name in pack.path),
        address=unit_page(pack.scorecard, pack.unit),
        nodes=(pack.node, *(nodes.get(each) for each in perspectives)),
        text=f"{pack.unit_name} {pack.unit_level}".lower(),
        kpis=kpis,
    )


def _unit(site: SiteMap, packs: Sequence[Pack], pack: Pack) -> bytes:
    body, contents, places = screen_page(pack)
    if pack.period == site.newest:
        for line in pack.kpis:
            # The name of a KPI in its table leads to its page.
            place = f'<tr><th scope="row" id="kpi-{line.id}">'
            head, found, rest = body.partition(place)
            if found:
                address = f"../kpi/{kpi_file(pack.scorecard, pack.unit, line.id)}"
                name = str(environment().from_string("{{ name }}").render(name=line.name))
                body = f'{head}{found}<a href="{address}">{name}</a>{rest.removeprefix(name)}'
    here = {other.unit: other for other in packs if other.scorecard == pack.scorecard}
    below = [(child.name, unit_page(pack.scorecard, child.unit)) for child in pack.children if child.unit in here]
    return _page(
        "site/unit.html",
        pack.locale,
        styles=places,
        trail=_trail(packs, pack, ""),
        pack=pack,
        view=pack_view(pack),
        body=body,
        contents=contents,
        below=below,
        links=site.links(pack.period, (pack.scorecard, pack.unit)),
        footer=" · ".join((*who(pack), f"data known on {day(pack.known_on, pack.locale)}")),
    )


def _trail(packs: Sequence[Pack], pack: Pack, folder: str) -> list[tuple[str, str | None]]:
    """The way from the overview to this pack through the units above that have a page."""
    own = [other for other in packs if other.scorecard == pack.scorecard]
    pages = {other.unit_name: unit_page(other.scorecard, other.unit) for other in own}
    above = [(name, f"{folder}{pages[name]}") for name in pack.path if name in pages]
    return [("Overview", f"{folder}index.html"), *above, (pack.unit_name, None)]


def _kpi(packs: Sequence[Pack], pack: Pack, page: KpiPage) -> bytes:
    folder = f"../{period_text(pack.period)}/"
    *above, (name, _) = _trail(packs, pack, folder)
    elsewhere = [
        (other.unit_name, kpi_file(other.scorecard, other.unit, line.id), verdict(line.score, line.band, other.locale))
        for other in packs
        if (other.scorecard, other.unit) != (pack.scorecard, pack.unit)
        for line in other.kpis
        if line.id == page.line.id
    ]
    return _page(
        "site/kpi.html",
        pack.locale,
        trail=[*above, (name, f"{folder}{unit_page(pack.scorecard, pack.unit)}"), (page.line.name, None)],
        pack=pack,
        months=months_of(pack, page),
        elsewhere=elsewhere,
        footer=" · ".join((*who(pack), f"data known on {day(pack.known_on, pack.locale)}")),
        **vars(page),
    )


def _page(template: str, locale: str, *, styles: str = "", **shown: object) -> bytes:
    digest = base64.b64encode(hashlib.sha256(styles.encode()).digest()).decode()
    policy = _POLICY.format(_ASSETS.format(f" 'sha256-{digest}'" if styles else ""))
    made = environment().get_template(template)
    return made.render(root="../", locale=locale, policy=policy, styles=styles, **shown).encode()
