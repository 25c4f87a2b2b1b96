"""The static site: an overview of every period, the twin of every pack, a page for every KPI of every unit.

Belongs here: which pages there are, and what each shows. Addresses (``site_map.py``) are relative and no page loads
more than the style sheet, the script and the logo beside it, so that it works from a file share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from report_templates.declared_words import in_its_language, level_name
from report_templates.kpi_rows import verdict
from report_templates.language import language
from report_templates.look import Look
from report_templates.messages import edition_line, known_words
from report_templates.screen import digest_of, screen_page
from report_templates.site_kpis import KpiPage, kpi_page
from report_templates.site_map import SiteMap, kpi_file, logo_address, sheet_address, unit_page
from report_templates.templates import environment, told
from scorecards.periods import period_text
from transforms.pack import NodeScore, Pack

_POLICY = (
    "default-src 'none'; style-src 'self' file:{}; font-src data:; script-src 'self' file:; "
    "img-src 'self' file: data:; base-uri 'none'; form-action 'none'"
)


# The first cell of a KPI's row: its name, escaped, then the end of the cell or a remark.
_KPI_ROW = re.compile(r'(<tr><th scope="row" id="kpi-(?P<kpi>[^"]*)"[^>]*>)(?P<name>[^<]*?)(?=\s*<)')


@dataclass(frozen=True)
class Shown:
    """A pack on the site, and how it looks."""

    pack: Pack
    look: Look


@dataclass(frozen=True)
class OverviewRow:
    """A unit in the overview: its place in the tree, its page, its scores, and where its KPIs are."""

    pack: Pack
    level: str
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


def period_files(site: SiteMap, shown: Sequence[Shown]) -> Iterator[tuple[str, bytes]]:
    """The pages of one period, by address: its overview and the twin of every pack; in the newest period also KPIs.

    Raises ``DeclarationError`` where a template of the project cannot be filled, or asks for a file that it may not
    read.
    """
    shown = [replace(each, pack=in_its_language(each.pack)) for each in shown]
    packs = [each.pack for each in shown]
    period = packs[0].period
    folder = period_text(period)
    yield f"{folder}/index.html", _overview(site, packs)
    for each in shown:
        pack = each.pack
        with told(each.look):
            yield f"{folder}/{unit_page(pack.scorecard, pack.unit)}", _unit(site, packs, each)
            if period == site.newest:
                for line in pack.kpis:
                    yield f"kpi/{kpi_file(pack.scorecard, pack.unit, line.id)}", _kpi(packs, each, kpi_page(pack, line))
    if period == site.newest:
        yield "index.html", _start(packs[0]).encode()


def _start(first: Pack) -> str:
    return (
        environment()
        .get_template("site/start.html")
        .render(
            locale=first.locale,
            organisation=first.organisation,
            period=first.period,
            address=f"{period_text(first.period)}/index.html",
        )
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
        first,
        site.look,
        trail=[(first.organisation, None)],
        period=first.period,
        cards=shown,
        links=site.links(first.period, None),
        footer=f"{first.organisation} · {known_words(known, first.locale)}",
    )


def _row(site: SiteMap, pack: Pack, own: Sequence[Pack], perspectives: Mapping[str, str]) -> OverviewRow:
    nodes = {page.id: page.node if page.kpis else None for page in pack.perspectives}
    above, level = {other.unit_name for other in own}, level_name(pack.unit_level, pack.locale)
    address = unit_page(pack.scorecard, pack.unit)
    kpis = tuple((line.name, f"{address}#kpi-{line.id}") for line in pack.kpis)
    if pack.period == site.newest:
        kpis = tuple((line.name, f"../kpi/{kpi_file(pack.scorecard, pack.unit, line.id)}") for line in pack.kpis)
    return OverviewRow(
        pack=pack,
        level=level,
        depth=sum(name in above for name in pack.path),
        address=address,
        nodes=(pack.node, *(nodes.get(each) for each in perspectives)),
        text=f"{pack.unit_name} {level}".lower(),
        kpis=kpis,
    )


def _unit(site: SiteMap, packs: Sequence[Pack], shown: Shown) -> bytes:
    pack = shown.pack
    page = screen_page(pack, shown.look)
    here = {other.unit: other for other in packs if other.scorecard == pack.scorecard}
    below = [(child.name, unit_page(pack.scorecard, child.unit)) for child in pack.children if child.unit in here]
    return _page(
        "site/unit.html",
        pack,
        shown.look,
        styles=page.places,
        trail=_trail(packs, pack, ""),
        pack=pack,
        body=_with_kpi_links(page.body, pack) if pack.period == site.newest else page.body,
        contents=page.contents,
        below=below,
        links=site.links(pack.period, (pack.scorecard, pack.unit)),
        footer=edition_line(pack),
    )


def _with_kpi_links(body: str, pack: Pack) -> str:
    """The name of a KPI in its table leads to its page."""
    known = {line.id for line in pack.kpis}

    def linked(row: re.Match[str]) -> str:
        if row["kpi"] not in known:
            return row[0]
        return f'{row[1]}<a href="../kpi/{kpi_file(pack.scorecard, pack.unit, row["kpi"])}">{row["name"]}</a>'

    return _KPI_ROW.sub(linked, body)


def _trail(packs: Sequence[Pack], pack: Pack, folder: str) -> list[tuple[str, str | None]]:
    """The way from the overview to this pack through the units above that have a page."""
    own = [other for other in packs if other.scorecard == pack.scorecard]
    pages = {other.unit_name: unit_page(other.scorecard, other.unit) for other in own}
    above = [(name, f"{folder}{pages[name]}") for name in pack.path if name in pages]
    say = language(pack.locale)
    return [(say("Overview"), f"{folder}index.html"), *above, (pack.unit_name, None)]


def _kpi(packs: Sequence[Pack], shown: Shown, page: KpiPage) -> bytes:
    pack = shown.pack
    folder = f"../{period_text(pack.period)}/"
    *above, (name, _) = _trail(packs, pack, folder)
    elsewhere = [
        (other.unit_name, kpi_file(other.scorecard, other.unit, line.id), verdict(other, line.score, line.band))
        for other in packs
        if (other.scorecard, other.unit) != (pack.scorecard, pack.unit)
        for line in other.kpis
        if line.id == page.line.id
    ]
    return _page(
        "site/kpi.html",
        pack,
        shown.look,
        trail=[*above, (name, f"{folder}{unit_page(pack.scorecard, pack.unit)}"), (page.line.name, None)],
        pack=pack,
        elsewhere=elsewhere,
        links=(),
        footer=edition_line(pack),
        **vars(page),
    )


def _page(template: str, first: Pack, look: Look, *, styles: str = "", **shown: object) -> bytes:
    logo = logo_address(look)
    values = {
        "pack": first,
        "locale": first.locale,
        "organisation": first.organisation,
        "sheet": sheet_address(look),
        "logo_address": None if logo is None else f"../{logo}",
        "policy": _POLICY.format(f" '{digest_of(styles)}'" if styles else ""),
        "styles": styles,
        "contents": (),
        **shown,
    }
    return environment(look).get_template(template).render(values).encode()
