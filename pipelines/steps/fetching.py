"""Fetching: what a source has delivered for the asked months, wherever it lies, as deliveries that can be taken in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from pipelines.steps.late_rows import first_of
from pipelines.steps.setting import Setting, newest_over
from scorecards.errors import DataRefused, SourceFailed
from scorecards.periods import period_text
from scorecards.queries import read_query
from scorecards.sources import Source
from scorecards.words import plural
from warehouse.deliveries import (
    Candidate,
    Delivery,
    candidates,
    deliveries,
    deliveries_among,
    passed_over_among,
)
from warehouse.home import temporary_folder
from warehouse.query_results import save_rows


@contextmanager
def incoming(setting: Setting, source: Source, periods: Sequence[date]) -> Iterator[list[Delivery]]:
    """The source's deliveries for the asked months and those of many months, in known-on order, while it is needed.

    Raises ``SourceFailed`` where a database or a remote folder does not answer: then nothing is known of the month, and
    it is not taken for empty.
    """
    folder = folder_of(setting, source)
    if folder is not None:
        if source.location and not folder.is_dir():
            raise SourceFailed(f"{source.source}: the location '{source.location}' failed: {folder} does not exist.")
        yield [found for found in deliveries(source, folder) if found.period is None or found.period in periods]
        return
    with temporary_folder(setting.home.staging / source.source / "incoming") as work:
        yield (_asked if source.is_query else _fetched)(setting, source, periods, work)


def folder_of(setting: Setting, source: Source) -> Path | None:
    """The folder of this machine in which the source's files lie; None for a database or a remote folder."""
    if source.is_in_extracts:
        return setting.project.extracts
    if source.location is None:
        return None
    location = setting.project.organisation.locations[source.location]
    return Path(location.folder) if location.folder is not None else None


def lying(setting: Setting, source: Source) -> list[Delivery]:
    """The source's files that lie in a folder of this machine, whether a run has taken them in or not."""
    folder = folder_of(setting, source)
    try:
        return deliveries(source, folder) if folder is not None else []
    except DataRefused:
        # The manifest cannot be read: a run says so.
        return []


def not_taken(setting: Setting, source: Source) -> list[tuple[str, str]]:
    """Files that look like the source's but are not taken in, each with the reason."""
    from pipelines.collecting.listing import passed_over_remotely

    folder = folder_of(setting, source)
    if folder is not None:
        return not_taken_among(setting, source, candidates(source, folder), folder)
    return [] if source.is_query else passed_over_remotely(setting.home, source)


def not_taken_among(
    setting: Setting, source: Source, found: Sequence[Candidate], folder: Path
) -> list[tuple[str, str]]:
    """See ``not_taken``: of what lies in a folder of this machine."""
    return passed_over_among(source, found, folder) + of_no_run(setting, deliveries_among(source, found, folder))


def of_no_run(setting: Setting, found: Sequence[Delivery]) -> list[tuple[str, str]]:
    """Files of months before the project's first, and of those that are not over: names and reason, each told once.

    An archive may hold years of either.
    """
    first, last = setting.project.organisation.first_period, newest_over(setting.project)
    early = [one for one in found if one.period is not None and one.period < first]
    ahead = [one for one in found if one.period is not None and one.period > last]
    before = f"before first_period {period_text(first)} of scorecard.yaml"
    return [
        (first_of([one.name for one in files]), _told_of(files, why, remedy))
        for files, why, remedy in ((early, before, ""), (ahead, "not over", ": run {} after that"))
        if files
    ]


def _told_of(files: Sequence[Delivery], why: str, remedy: str) -> str:
    months = [period_text(one.period) for one in files if one.period is not None]
    if len(files) == 1:
        return f"{months[0]} is {why}{remedy.format('it')}"
    which = f"{plural(len(files), 'file')} of {min(months)} to {max(months)}, which are"
    return f"{which} {why}{remedy.format('them')}"


def _fetched(setting: Setting, source: Source, periods: Sequence[date], work: Path) -> list[Delivery]:
    from pipelines.collecting.listing import fetched
    from pipelines.collecting.stores import opened

    name = str(source.location)
    location = setting.project.organisation.locations[name]
    try:
        with opened(name, location, setting.project.root) as store:
            return fetched(
                store,
                source,
                setting.home,
                work,
                lambda found: found.period is None or found.period in periods,
                lambda found: of_no_run(setting, found),
            )
    except SourceFailed as error:
        raise SourceFailed(f"{source.source}: {error}") from None


def _asked(setting: Setting, source: Source, periods: Sequence[date], work: Path) -> list[Delivery]:
    """One delivery for every asked month, or one of all months where the query does not ask for one."""
    from pipelines.collecting.databases import asked
    from pipelines.collecting.questions import Question

    query, name = read_query(str(source.query)), str(source.connection)
    connection = setting.project.organisation.connections[name]
    is_personal = any(column.personal for column in source.columns.values())
    calendar, months = setting.project.calendar, list(periods) if source.asks_for_a_month else [None]
    found: list[Delivery] = []
    for month in months:
        values = {"period": calendar.first_day(month), "period_end": calendar.last_day(month)} if month else {}
        shown = f"{source.source} {period_text(month)} (query)" if month else f"{source.source} (query)"
        target = work / f"{len(found)}.parquet"
        question = Question(source.source, name, connection, query, values, is_personal)
        with asked(question, setting.project.root) as answer:
            save_rows(answer.columns, answer.batches, target, is_ordered=query.is_ordered, is_marked=answer.is_marked)
        found.append(Delivery(target, shown, shown, month, None))
    return found
