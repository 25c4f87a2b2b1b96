"""The static site over units and periods: written beside the place it is for, then swapped in as a whole."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pipelines.steps.packs import build_packs, looks_of
from pipelines.steps.setting import Progress, Setting, no_progress
from report_templates.look import look_in
from report_templates.site_map import SiteMap, asset_files
from report_templates.site_pages import Shown, period_files
from scorecards.errors import CallError
from scorecards.packs import STANDARD
from scorecards.periods import add_months, months_between
from scorecards.units import PERSON
from transforms.pack_tables import packs_of
from warehouse.store import open_warehouse
from warehouse.tables import SCORES

_MARK = Path("assets/site.js")
_MONTHS = 12


def write_site(
    setting: Setting, periods: Sequence[date], to: Path, *, with_persons: bool = False, progress: Progress = no_progress
) -> int:
    """Write the pages of these periods, oldest first, into the folder ``to``; returns the number of files.

    Scorecards of persons are left out unless asked for: whoever can open the folder can read all of it. Raises
    ``CallError`` where ``to`` holds something other than a site, or no pack of these periods is there.
    """
    if to.exists() and (not to.is_dir() or (any(to.iterdir()) and not (to / _MARK).is_file())):
        raise CallError(f"{to} holds something else than a site. Name an empty folder, or one that does not exist yet.")
    own = look_in(setting.project.root, setting.project.packs.layout(STANDARD))
    kept = {period: found for period in periods if (found := _kept(setting, period, with_persons))}
    site, looks = SiteMap(kept, own), {own}
    if not site.packs:
        raise CallError("No unit has a scorecard in these periods.")
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".site-", dir=to.parent) as folder:
        draft, count = Path(folder) / "site", 0
        for done, period in enumerate(sorted(site.packs), start=1):
            packs = [pack for pack in build_packs(setting, period) if (pack.scorecard, pack.unit) in site.packs[period]]
            shown = [Shown(pack, look) for pack, look in zip(packs, looks_of(setting, packs), strict=True)]
            looks |= {each.look for each in shown}
            count += _write(draft, site, shown)
            progress(done, len(site.packs))
        for address, content in asset_files(looks):
            count += _write_file(draft, address, content)
        if to.exists():
            to.rename(Path(folder) / "before")
        draft.rename(to)
    return count


def scored_periods(setting: Setting, first: date | None, last: date) -> list[date]:
    """The months with scores from ``first`` (None: twelve months) to ``last``."""
    months = months_between(first or add_months(last, 1 - _MONTHS), last)
    with open_warehouse(setting.home) as warehouse:
        scored = warehouse.count_by_period(SCORES, months)
    return [month for month in months if scored.get(month)]


def _kept(setting: Setting, period: date, with_persons: bool) -> frozenset[tuple[str, str]]:
    tree = setting.project.tree(period)
    return frozenset(
        (card, unit)
        for card, unit in packs_of(setting.project, period)
        if with_persons or tree.units[unit].level != PERSON
    )


def _write(draft: Path, site: SiteMap, shown: Sequence[Shown]) -> int:
    return sum(_write_file(draft, address, content) for address, content in period_files(site, shown))


def _write_file(draft: Path, address: str, content: bytes) -> int:
    path = draft / address
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return 1
