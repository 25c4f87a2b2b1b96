"""Where everything on the site is: addresses of pages, style sheets and logos, and which periods a page leads to.

Belongs here: places. What stands on the pages is ``site_pages.py``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from report_templates.look import OURS, Look
from report_templates.screen import own_file, screen_sheet
from report_templates.templates import environment
from scorecards.periods import period_text


@dataclass(frozen=True)
class PeriodLink:
    """A period as a page's switch offers it; without an address the page does not exist then."""

    period: date
    address: str | None
    is_current: bool


@dataclass(frozen=True)
class SiteMap:
    """Which packs there are in which period, oldest first, as (scorecard, unit); ``look`` is that of overviews."""

    packs: Mapping[date, frozenset[tuple[str, str]]]
    look: Look = OURS

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


def sheet_address(look: Look) -> str:
    """Where the style sheet of a look is, below the site; looks of the same colours and typeface share one."""
    return f"assets/site-{_short_digest(_sheet(look).encode())}.css"


def logo_address(look: Look) -> str | None:
    """Where the logo of a look is, below the site."""
    logo = look.layout.logo
    return None if logo is None else f"assets/{_short_digest(own_file(look, logo))}{Path(logo).suffix.lower()}"


def asset_files(looks: Iterable[Look]) -> Iterator[tuple[str, bytes]]:
    """The script, and the style sheets and logos of these looks, by address."""
    yield "assets/site.js", environment().get_template("site/site.js").render().encode()
    found = {}
    for look in looks:
        found[sheet_address(look)] = _sheet(look).encode()
        address = logo_address(look)
        if address is not None and look.layout.logo is not None:
            found[address] = own_file(look, look.layout.logo)
    yield from sorted(found.items())


def _sheet(look: Look) -> str:
    return environment(look).get_template("site/site.css").render(screen=screen_sheet(look))


def _short_digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
