"""What every step works on: a checked project, its home, and which of the asked months are fit to be computed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from pipelines.steps.hash_key import required_hash_key
from pipelines.steps.published_patterns import published_before
from scorecards.calendar import CALENDAR_FILE
from scorecards.connections import Origin
from scorecards.errors import CallError, DeclarationError
from scorecards.groups import Telling, ToldOf, telling_of
from scorecards.patterns import PublishedBefore, pattern_of
from scorecards.periods import period_text
from scorecards.project import Project, load_project
from scorecards.sources import Source
from transforms.groups import with_people
from transforms.plan import Plan, make_plan
from transforms.small_groups import shared_units
from warehouse import declarations
from warehouse.closing import Closing, closed_months
from warehouse.hashing import HashKey
from warehouse.home import Home
from warehouse.late_rows import Late, late_rows
from warehouse.repeated_keys import told_apart
from warehouse.selection import Load, View, all_loads, counting_by_month, refused_by_month, under
from warehouse.table_rules import judged
from warehouse.withdrawals import withdrawn

# Larger parts cost memory, smaller ones the fixed cost of every query: so many months at least, and more of few rows.
_BATCH, _MOST, _ROWS = 24, 60, 250_000
Progress = Callable[[int, int], None]


def no_progress(done: int, total: int) -> None:
    """Reports progress to nobody."""


@dataclass(frozen=True)
class Setting:
    """A project with its home and its plan.

    ``upto`` is the last place in the journal of which anything is known (None: all of it); the day as of which things
    are computed is the home's. ``takes_in`` says whether deliveries are looked for.
    """

    project: Project
    home: Home
    upto: int | None = None
    takes_in: bool = True

    @cached_property
    def plan(self) -> Plan:
        """The order of work that the declarations give."""
        return with_people(self.project, make_plan(self.project))

    @cached_property
    def _contracts(self) -> Mapping[str, str]:
        return {source_id: self._contract(source) for source_id, source in self.project.sources.items()}

    @cached_property
    def hash_key(self) -> HashKey | None:
        """The key with which personal values are hashed; None where no source declares that.

        Raises ``CallError`` where it is needed and not set.
        """
        needing = [source_id for source_id, source in self.project.sources.items() if source.hashed]
        return required_hash_key(needing) if needing else None

    def contract(self, source: Source) -> str:
        """Digest of all that a source's rows are made by: contract, units, first period, table of periods, hash key.

        Where the rows come from is no part of it, as the same bytes are judged alike; nor is what is told of them.
        """
        return self._contracts[source.source]

    def _contract(self, source: Source) -> str:
        rules = source.model_dump_json(exclude={*Origin.model_fields, "domain", "description", "owner", "frequency"})
        parts = [rules, *sorted(self.project.unit_ids), str(self.project.organisation.first_period)]
        if self.project.calendar.is_table and source.period in source.staged:
            parts.append(self.project.calendar.text())
        if self.project.organisation.declared_zone and source.may_tell_instants:
            parts.append(self.project.organisation.declared_zone)
        if source.hashed and self.hash_key is not None:
            parts.append(self.hash_key.mark)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    @cached_property
    def telling(self) -> Telling:
        """What may be told of people by the rule that is declared, beside what editions have shown."""
        return replace(telling_of(self.project), beside_published=self._beside_published)

    def published_before(self, months: Collection[date]) -> PublishedBefore:
        """By which patterns of small groups these months were published, by whatever edition showed them."""
        return published_before(self.project, self.plan, self.home, self.upto, months)

    def _beside_published(self, told: Collection[ToldOf]) -> set[ToldOf]:
        published = self.published_before({month for _, month, _ in told})
        units = {month: shared_units(self.project, month) for _, month in published}
        return {
            (people, month, text)
            for people, month, text in told
            for one in published.get((people, month), ())
            if not one.stands_beside(pattern_of(text), units[month])
        }

    @property
    def is_present(self) -> bool:
        """Whether things are computed as of today, with all that is known."""
        return self.home.as_of is None and self.upto is None

    def reach(self) -> int:
        """How many months back the furthest input looks."""
        return self.plan.reach(self.project.organisation.fiscal_year_starts)

    def closed(self) -> dict[date, Closing]:
        """The months that are closed."""
        return closed_months(self.home, self.home.as_of, self.upto)

    def view(self) -> View:
        """From where loads are looked at: the day, the place in the journal, closed months and withdrawn deliveries."""
        closed = {period: one.seq for period, one in self.closed().items()}
        return View(self.home.as_of, self.upto, closed, frozenset(withdrawn(self.home, self.home.as_of, self.upto)))

    def loads(self, source_id: str) -> list[Load]:
        """The source's loads under its contract, oldest first; refused are also those that are not what it expects."""
        return self._loads(source_id, self.view())

    def _loads(self, source_id: str, view: View) -> list[Load]:
        loads = under(all_loads(self.home, source_id), self._contracts[source_id])
        source = self.project.sources[source_id]
        return told_apart(self.home, source, judged(self.home, source, loads, view), view)

    def counting(self, source_id: str, months: Sequence[date], view: View | None = None) -> dict[date, list[Load]]:
        """For each month the accepted loads of a source that count for it, oldest first; from ``view``, else ours."""
        view = view or self.view()
        return counting_by_month(self.project.sources[source_id], self._loads(source_id, view), view, months)

    def late(self, source_id: str) -> Late:
        """What became of rows that came after their month was closed."""
        source, view = self.project.sources[source_id], self.view()
        loads = self._loads(source_id, view) if source.late_rows != "wait" else []
        return late_rows(self.home, source, loads, view)

    def refused(self, source_id: str, months: Sequence[date], view: View | None = None) -> dict[date, list[Load]]:
        """For each month the refused loads of a source that nothing accepted has replaced since; see ``counting``."""
        view = view or self.view()
        return refused_by_month(self._loads(source_id, view), view, months)


def open_setting(
    root: Path, home: Path | None = None, extracts: Path | None = None, as_of: date | None = None
) -> Setting:
    """Load a project and make its home, by default ``.scorepack/`` inside the project.

    With ``as_of`` the declarations are those in force on that day, from the archive, or the first that it has. Raises
    ``CallError`` and ``DeclarationError`` as ``load_project`` does; nothing is made then.
    """
    place = Home(home or root / ".scorepack")
    if as_of is None:
        project = load_project(root, extracts)
        return Setting(project, place.create())
    snapshot = declarations.in_force(place, as_of)
    if snapshot is None:
        project = load_project(root, extracts)
        return Setting(project, place.create().at(as_of).create())
    return setting_then(place.at(as_of).create(), snapshot.digest, extracts or root / "extracts")


def setting_then(home: Home, digest: str, extracts: Path, upto: int | None = None) -> Setting:
    """The setting with the declarations of a snapshot; with ``upto``, without all that was recorded later."""
    project = load_project(declarations.restored(home, digest), extracts)
    return Setting(project, home, upto, takes_in=upto is None)


def archive_declarations(setting: Setting) -> declarations.Snapshot:
    """Keep the project's files as they are now, so that what is computed from them can be explained later."""
    root = setting.project.root
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in setting.project.declaration_files()}
    return declarations.archive(setting.home, files)


def blocked(setting: Setting, periods: Sequence[date]) -> dict[date, list[Load]]:
    """The asked months that must not be computed, each with the refused loads that no accepted delivery has replaced.

    A refused monthly file blocks its month; a refused file of many months blocks every month.
    """
    found: dict[date, list[Load]] = {}
    view = setting.view()
    for source_id in setting.project.sources:
        for period, loads in setting.refused(source_id, periods, view).items():
            if loads:
                found.setdefault(period, []).extend(loads)
    return found


def newest_over(project: Project) -> date:
    """The newest period that is over today in the organisation's time zone, as the schedule counts days."""
    return project.calendar.newest_over(today(project))


def today(project: Project) -> date:
    """The day in the organisation's time zone."""
    return datetime.now(ZoneInfo(project.organisation.time_zone)).date()


def require_over(project: Project, periods: Sequence[date]) -> None:
    """Raise ``CallError`` where one of the periods is not over: a calendar's may end later than the month's."""
    newest, calendar = newest_over(project), project.calendar
    early = next((period for period in sorted(periods) if period > newest), None)
    if early is None:
        return
    named = period_text(early)
    if calendar.is_table and early not in calendar.periods:
        raise CallError(f"{named} has no days in {CALENDAR_FILE}: add its row. Nothing was run.")
    days = f" by {CALENDAR_FILE}" if calendar.is_table else ""
    raise CallError(
        f"{named} is not over: its last day{days} is {calendar.last_day(early)}. Nothing was run. "
        f"Run it after that day; the newest that is over is {period_text(newest)}."
    )


def require_sound_commentary(setting: Setting, periods: Sequence[date]) -> None:
    """Raise ``DeclarationError`` with the errors in the commentary of these months, if any."""
    flaws = [problem for period in periods for problem in setting.project.flaws.get(period, ())]
    if flaws:
        raise DeclarationError(flaws, "The packs of the month are not rendered and not sent.")


def good_periods(setting: Setting, periods: Sequence[date]) -> list[date]:
    """The asked months that are to be computed: those that nothing blocks, and that are open.

    As of an earlier day closed months are computed too, from what counts for them: they have no tables there yet.
    """
    bad = blocked(setting, periods)
    fixed = setting.closed() if setting.home.as_of is None else {}
    return [period for period in periods if period not in bad and period not in fixed]


def in_batches(months: Sequence[date], rows: Mapping[date, int]) -> Iterator[list[date]]:
    """The months in parts that are computed and committed one after the other; none for none.

    ``rows`` says how much a month is computed from: where that is little, a part of many months takes hardly longer
    than one of few. A killed run loses one part at most, and memory holds two at a time.
    """
    part: list[date] = []
    held = 0
    for month in months:
        held += rows.get(month, 0)
        if len(part) == _MOST or (len(part) >= _BATCH and held > _ROWS):
            yield part
            part, held = [], rows.get(month, 0)
        part.append(month)
    if part:
        yield part


def require_open(setting: Setting, periods: Sequence[date]) -> None:
    """Raise ``CallError`` when every asked month is closed: nothing would be done."""
    closed = setting.closed()
    if setting.is_present and periods and all(period in closed for period in periods):
        one = closed[periods[0]]
        what = period_text(periods[0]) if len(periods) == 1 else "Every one of the months"
        raise CallError(
            f"{what} is closed (by {one.by}, {one.at[:10]}): nothing is computed. Open it with: "
            f"scorepack reopen {period_text(periods[0])} --by NAME --reason WHY"
        )
