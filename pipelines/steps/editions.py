"""Publishing: a period's values, scores and packs frozen as an edition, which nothing changes any more."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

import polars as pl

from pipelines.steps.commentary import require_commentary
from pipelines.steps.edition_comparing import (
    changes_between,
    changes_since,
    deliveries_of,
    is_told_to_persons,
    left_of,
    says_the_same,
    tables_then,
    values_now,
    withdrawn_since,
)
from pipelines.steps.outcome import not_computed
from pipelines.steps.pack_messages import freeze_messages
from pipelines.steps.packs import build_packs, looks_of
from pipelines.steps.rendering import file_row, file_table, jobs_of, pack_file, pdfs, rendered_files
from pipelines.steps.setting import (
    Progress,
    Setting,
    archive_declarations,
    blocked,
    no_progress,
    require_sound_commentary,
)
from pipelines.steps.standing import stale_months
from pipelines.steps.withheld_patterns import withheld_now
from scorecards.errors import CallError, DataRefused
from scorecards.periods import period_text
from transforms.edition_changes import EDITION_CHANGES as CHANGES
from transforms.groups import groups_of_measures, private_kpis
from transforms.pack import EditionNote, EditionRow, NodeScore, Pack
from warehouse.analysts import write_copy
from warehouse.editions import (
    FROZEN,
    Edition,
    WithheldThen,
    confirm,
    differing,
    editions,
    freeze,
    frozen_packs,
    pack_name,
    record,
)
from warehouse.home import replace_bytes
from warehouse.landing import intact, land_bytes
from warehouse.store import open_warehouse
from warehouse.tables import (
    EDITION_CHANGES,
    EDITION_KPI_VALUES,
    EDITION_PACKS,
    EDITION_SCORES,
    EDITIONS,
    KPI_VALUES,
    PACKS,
    SCORES,
)
from warehouse.working import at_work


def publish(setting: Setting, period: date, by: str, reason: str = "", progress: Progress = no_progress) -> Edition:
    """Freeze what the warehouse holds of a month, with its packs, as the next edition.

    Where deliveries came since the last edition and changed nothing, it is that one, and notes that it stands with
    them. Raises ``CallError`` where the month is not computed from what counts now, nothing came or changed since the
    last edition, or a later edition has no reason; ``DeclarationError`` where commentary that the project requires is
    not there; ``DataRefused`` where data of the month were refused; ``HomeBusy`` while a run is under way.
    """
    with at_work(setting.home):
        return _publish(setting, period, by, reason, progress)


def _publish(setting: Setting, period: date, by: str, reason: str, progress: Progress) -> Edition:
    before, now, withheld = _require_publishable(setting, period, by)
    built = build_packs(setting, period, for_persons=True)
    own = {pack_name(pack.scorecard, pack.unit): _own_figures(pack) for pack in built if pack.is_private}
    number, last = len(before) + 1, before[-1] if before else None
    others = differing(last.own, own) if last else set()
    beside = {pack_name(pack.scorecard, pack.unit): _figures_beside(pack) for pack in built}
    moved = differing(last.beside, beside) if last else set()
    if last and says_the_same(setting, last, now) and not others and not moved:
        return _confirmed(setting, last, by.strip())
    if last and not reason.strip():
        raise CallError(f"{period_text(period)} is published already. Say why it is published again, with --reason.")
    changes = changes_since(setting, last, now) if last else pl.DataFrame(schema=CHANGES)
    own_kpis = private_kpis(setting.project, setting.plan)
    packs = [
        _as_edition(pack, EditionNote(number, reason.strip(), (), name in others, name in moved), changes, own_kpis)
        for pack, name in zip(built, beside, strict=True)
    ]
    rows = []
    looks = looks_of(setting, packs)
    jobs = [job for pack, look in zip(packs, looks, strict=True) for job in jobs_of(pack, look)]
    for done, (job, made) in enumerate(rendered_files(jobs), start=1):
        digest = land_bytes(setting.home, made.content)
        inputs = hashlib.sha256(repr(job.pack).encode() + job.look.identity.encode()).hexdigest()
        rows.append(file_row(job, made, f"landing/{digest[:2]}/{digest}", inputs))
        progress(done, len(jobs))
    body = {
        "number": number,
        "by": by.strip(),
        "reason": reason.strip(),
        "declarations": archive_declarations(setting).digest,
        "tables": {table.name: freeze(setting.home, table, now[table.name]) for table in FROZEN},
        "packs": freeze(setting.home, PACKS, file_table(rows)),
        "messages": freeze_messages(setting, packs),
        "deliveries": deliveries_of(setting, period),
        "own": own,
        "beside": beside,
        "withheld": [one.body() for one in withheld],
        "groups": groups_of_measures(setting.project, setting.plan),
    }
    found = record(setting.home, period, body)
    show_editions(setting, [period])
    write_copy(setting.home, setting.telling)
    return found


def _own_figures(pack: Pack) -> str:
    """The digest of what a person's pack shows of the person: KPIs with targets and scores, and what they add up to."""
    lines = [(line.id, line.value, line.target, line.score) for line in pack.kpis]
    return _digest_of(lines, [node.score for node in _nodes(pack)])


def _figures_beside(pack: Pack) -> str:
    """The digest of the figures with which a pack compares its own: those of the last month, and of last year."""
    lines = [(line.id, line.previous, line.last_year, line.score_previous) for line in pack.kpis]
    return _digest_of(lines, [(node.previous, node.last_year) for node in _nodes(pack)])


def _nodes(pack: Pack) -> list[NodeScore]:
    return [pack.node, *(page.node for page in pack.perspectives)]


def _digest_of(*figures: Sequence[object]) -> str:
    return hashlib.sha256(repr(list(figures)).encode()).hexdigest()


def _require_publishable(
    setting: Setting, period: date, by: str
) -> tuple[list[Edition], Mapping[str, pl.DataFrame], list[WithheldThen]]:
    """The editions there are, the tables that the next one is to freeze, and what it withholds that none has yet."""
    name = period_text(period)
    if not by.strip():
        raise CallError("Say who publishes, with --by: it stays in the audit log.")
    if blocked(setting, [period]):
        raise DataRefused(f"{name} is not published: data of the month were refused. See scorepack status.")
    require_sound_commentary(setting, [period])
    with open_warehouse(setting.home, telling=setting.telling) as warehouse:
        now = {table.name: warehouse.read(table, [period]) for table in FROZEN}
        stale = stale_months(setting, warehouse, [period]).get(period, ())
        withheld = withheld_now(setting, warehouse, period)
        is_withheld = any(period == each for each, _ in warehouse.other_rules)
    if now[SCORES.name].is_empty():
        raise not_computed(setting, period)
    if is_withheld:
        raise CallError(f"{name} is withheld, as people were counted otherwise. Run it first: scorepack run {name}.")
    if stale:
        raise CallError(f"{name} was computed from other {' and '.join(stale)}. Run it first: scorepack run {name}.")
    require_commentary(setting, period, now[SCORES.name])
    return editions(setting.home, period), now, withheld


def _confirmed(setting: Setting, last: Edition, by: str) -> Edition:
    """The last edition, once it notes what came or was withdrawn since. Raises ``CallError`` where nothing was."""
    now = deliveries_of(setting, last.period)
    known = {key for found in last.deliveries.values() for key, _, _ in found}
    has_come = any(key not in known for found in now.values() for key, _, _ in found)
    if not has_come and not withdrawn_since(setting, last):
        name = period_text(last.period)
        raise CallError(f"Nothing has changed in {name} since edition {last.number}: nothing is published.")
    return confirm(setting.home, last, by, now)


def _as_edition(pack: Pack, note: EditionNote, changes: pl.DataFrame, own_kpis: Collection[str]) -> Pack:
    """The pack as one of an edition, with what it says otherwise than the last one; ``own_kpis`` tell of people."""
    is_value = (pl.col("level") == "value") & pl.col("node").is_in([line.id for line in pack.kpis])
    own = changes.filter(pl.col("unit") == pack.unit, is_value | (pl.col("scorecard") == pack.scorecard))
    rows = tuple(
        EditionRow(
            level=row["level"],
            node=row["node"],
            before=row["before"],
            after=row["after"],
            because=tuple(row["because"].split(", ")),
            loads=tuple(name for name in row["loads"].split(", ") if name),
        )
        for row in own.iter_rows(named=True)
        if not pack.is_private or is_told_to_persons(row["level"], row["node"], own_kpis)
    )
    return replace(pack, edition=replace(note, rows=rows))


def place_packs(setting: Setting, edition: Edition) -> None:
    """Let the packs of an edition be those of its month, where a run has rendered none: once drawn is enough."""
    frozen = frozen_packs(setting.home, edition)
    places = [pack_file(*key) for key in frozen.select(PACKS.key).iter_rows()]
    for place, digest in zip(places, frozen["digest"], strict=True):
        replace_bytes(setting.home.computed / place, intact(setting.home, digest).read_bytes())
    files = pl.Series("file", [place.as_posix() for place in places])
    with open_warehouse(setting.home) as warehouse:
        warehouse.replace({PACKS: frozen.with_columns(files)}, [edition.period])


def show_editions(setting: Setting, periods: Sequence[date]) -> None:
    """Make the editions of these periods visible in the warehouse, from the records, but for what is withheld now."""
    frames: dict[str, list[pl.DataFrame]] = {}
    rows = []
    published = {period: found for period in periods if (found := editions(setting.home, period))}
    now = {period: values_now(setting, period) for period in published}
    for before, edition in (pair for found in published.values() for pair in zip([None, *found], found, strict=False)):
        number = pl.lit(edition.number, dtype=pl.Int32).alias("edition")
        then = left_of(setting, tables_then(setting, edition), now[edition.period])
        packs = frozen_packs(setting.home, edition)
        frames.setdefault("values", []).append(then[KPI_VALUES.name].with_columns(number))
        frames.setdefault("scores", []).append(then[SCORES.name].with_columns(number))
        frames.setdefault("packs", []).append(packs.with_columns(number))
        if before is not None:
            changes = changes_between(setting, before, edition, now[edition.period])
            period = pl.lit(edition.period).alias("period")
            frames.setdefault("changes", []).append(changes.with_columns(period, number))
        facts = (edition.period, edition.number, edition.at, edition.by, edition.reason, edition.declarations)
        rows.append((*facts, pdfs(packs).height))
    types = {"period": pl.Date, "edition": pl.Int32, "packs": pl.Int32}
    schema = {name: types.get(name, pl.String()) for name in EDITIONS.columns}
    filled = {EDITIONS: pl.DataFrame(rows, schema=schema, orient="row")}
    for table, name in (
        (EDITION_CHANGES, "changes"), (EDITION_KPI_VALUES, "values"), (EDITION_SCORES, "scores"),
        (EDITION_PACKS, "packs"),
    ):  # fmt: skip
        if name in frames:
            filled[table] = pl.concat(frames[name])
    with open_warehouse(setting.home) as warehouse:
        warehouse.replace(filled, periods)
