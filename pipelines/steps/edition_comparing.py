"""Comparing editions: what came between two of them, and what the later one says otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import polars as pl

from pipelines.steps.setting import Setting
from scorecards.errors import CallError
from scorecards.periods import period_text
from scorecards.project import Project, load_project
from transforms.edition_changes import Behind, Frozen, edition_changes
from transforms.groups import kpis_about_people, private_kpis
from transforms.kpis import KPI_VALUES as VALUES
from transforms.placing import horizon
from transforms.tree import units_elsewhere
from transforms.withheld_since import inputs_left, scores_left, values_left
from warehouse import declarations, journal
from warehouse.closing import closings
from warehouse.editions import CONFIRMED, Edition, differing, editions, frozen, pack_name
from warehouse.store import open_warehouse
from warehouse.tables import KPI_INPUTS, KPI_VALUES, SCORES
from warehouse.withdrawals import withdrawals, withdrawn

Tables = Mapping[str, pl.DataFrame]
Deliveries = dict[str, list[tuple[str, str, str]]]


def tables_then(setting: Setting, edition: Edition) -> Tables:
    """The frozen tables of an edition, by name."""
    return {name: frozen(setting.home, digest) for name, digest in edition.tables.items()}


def left_of(setting: Setting, tables: Tables, values: pl.DataFrame) -> Tables:
    """The tables of an edition without what is withheld now, as far as ``values`` of the month now say so."""
    if setting.project.organisation.small_groups is None:
        return tables
    about = kpis_about_people(setting.project, setting.plan)
    return {
        **tables,
        KPI_VALUES.name: values_left(tables[KPI_VALUES.name], values, about),
        KPI_INPUTS.name: inputs_left(tables[KPI_INPUTS.name], values, about),
        SCORES.name: scores_left(tables[SCORES.name], values),
    }


def says_the_same(setting: Setting, edition: Edition, now: Tables) -> bool:
    """Whether tables hold what an edition froze."""
    then = ((frozen(setting.home, edition.tables[name]), frame) for name, frame in now.items())
    return all(old.equals(frame.select(old.columns)) for old, frame in then)


def deliveries_of(setting: Setting, period: date) -> Deliveries:
    """By source the deliveries that count for any month that the period looks at: id, file, day it became known."""
    months = horizon(setting.project, [period], setting.reach())
    found: Deliveries = {}
    for source_id in setting.project.sources:
        loads = {load.delivery: load for each in setting.counting(source_id, months).values() for load in each}
        found[source_id] = [(load.delivery, load.name, load.known_on.isoformat()) for load in loads.values()]
    return found


def came_since(setting: Setting, edition: Edition) -> list[str]:
    """The files of deliveries that count now for the figures of an edition, and of which it was not made."""
    then, counting = {key for found in edition.deliveries.values() for key, _, _ in found}, sources_of_figures(setting)
    came = deliveries_of(setting, edition.period).items()
    now = {key: name for source, found in came if source in counting for key, name, _ in found}
    return sorted(name for key, name in now.items() if key not in then)


def withdrawn_since(setting: Setting, edition: Edition) -> list[str]:
    """The files of deliveries of which the edition was made, and which were withdrawn after it was last confirmed."""
    confirmed = journal.entries(setting.home, CONFIRMED, period_text(edition.period))
    since = max([edition.seq, *(entry.seq for entry in confirmed if entry.body["number"] == edition.number)])
    of_it = {key for source in sources_of_figures(setting) for key, _, _ in edition.deliveries.get(source, ())}
    return sorted(one.name for key, one in withdrawn(setting.home).items() if key in of_it and one.seq > since)


def sources_of_figures(setting: Setting) -> set[str]:
    """The sources that any figure is computed from; others name recipients, or nothing that is shown."""
    variants = setting.plan.variants.values()
    return {each for variant in variants for each in _drawn_on(setting.project, variant.measure.source)}


def _drawn_on(project: Project, source: str) -> tuple[str, ...]:
    """The sources from which a measure over one of them is computed: it, what it refers to, and the rates."""
    rates = project.organisation.rates
    return (source, *project.sources[source].refers_to, *((rates.source,) if rates else ()))


def changes_since(setting: Setting, before: Edition, now: Tables) -> pl.DataFrame:
    """What the tables say now otherwise than an edition did, but for what they withhold: ``EDITION_CHANGES``."""
    behind = _behind(setting, before, deliveries_of(setting, before.period), setting.project)
    then = left_of(setting, tables_then(setting, before), now[KPI_VALUES.name])
    return edition_changes(_frozen(then), _frozen(now), behind)


def compare(setting: Setting, period: date, first: int, second: int) -> pl.DataFrame:
    """What the later of two editions says otherwise than the earlier one: the frame ``EDITION_CHANGES``.

    What is withheld now is left out of both. Raises ``CallError`` where the period has no such edition.
    """
    found = {edition.number: edition for edition in editions(setting.home, period)}
    for number in (first, second):
        if number not in found:
            known = f"It has {', '.join(map(str, found))}." if found else "It has none yet: scorepack publish."
            raise CallError(f"{period_text(period)} has no edition {number}. {known}")
    before, after = found[min(first, second)], found[max(first, second)]
    return changes_between(setting, before, after, values_now(setting, period))


def changes_between(setting: Setting, before: Edition, after: Edition, values: pl.DataFrame) -> pl.DataFrame:
    """See ``compare``; ``values`` are those of the month now (``values_now``), which say what is withheld."""
    behind = _behind(setting, before, after.deliveries, _project_then(setting, after), after.seq)
    one, other = (_frozen(left_of(setting, tables_then(setting, each), values)) for each in (before, after))
    return edition_changes(one, other, behind)


def packs_that_differ(setting: Setting, before: Edition, after: Edition) -> set[tuple[str, str]]:
    """The packs, by scorecard and unit, with a figure that is another one in the later edition than in the earlier.

    Figures of earlier months are among them, with which a pack compares its own.

    What the later one withholds is no change. The warehouse is not opened.
    """
    now = tables_then(setting, after)
    then = left_of(setting, tables_then(setting, before), now[KPI_VALUES.name])
    found = edition_changes(_frozen(then), _frozen(now), Behind({}, ()))
    lines = pl.concat([tables[SCORES.name].filter(level="kpi") for tables in (then, now)])
    shown = lines.select("scorecard", "unit", "node").unique()
    values = found.filter(level="value").drop("scorecard").join(shown, on=["unit", "node"])
    rows = pl.concat([found.filter(pl.col("level") != "value"), values.select(found.columns)])
    private, about = set(after.own), private_kpis(setting.project, setting.plan)
    found_otherwise = {
        (card, unit)
        for card, unit, level, node in rows.select("scorecard", "unit", "level", "node").iter_rows()
        if pack_name(card, unit) not in private or is_told_to_persons(level, node, about)
    }
    named = {name for name in private if before.own.get(name) != after.own[name]}
    named |= differing(before.beside, after.beside)
    return found_otherwise | {(card, unit) for card, _, unit in (name.partition("/") for name in named)}


def is_told_to_persons(level: str, node: str, about: Collection[str]) -> bool:
    """Whether a change of what all are shown is one in a pack with a person's own figures; ``about`` tell of people.

    What all others are shown of a person is not what that pack shows, nor what it is a change from.
    """
    return level in ("value", "kpi") and node not in about


def values_now(setting: Setting, period: date) -> pl.DataFrame:
    """The values of a month as they stand; none are read where nothing is withheld."""
    if setting.project.organisation.small_groups is None:
        return pl.DataFrame(schema=VALUES)
    with open_warehouse(setting.home, telling=setting.telling) as warehouse:
        return warehouse.read(KPI_VALUES, [period])


def _frozen(tables: Tables) -> Frozen:
    return Frozen(*(tables[name] for name in ("kpi_values", "kpi_inputs", "kpi_definitions", "scores", "anchors")))


def _behind(
    setting: Setting,
    before: Edition,
    deliveries: Mapping[str, Sequence[tuple[str, str, str]]],
    project: Project,
    upto: int | None = None,
) -> Behind:
    """What came or went between an edition and these deliveries and declarations, up to a place in the journal."""
    new, turned = dict[str, list[str]](), _withdrawn(setting, before.seq, upto)
    for source, found in deliveries.items():
        old = {key for key, _, _ in before.deliveries.get(source, ())}
        new[source] = [f"{name} ({known_on})" for key, name, known_on in found if key not in old]
        counted = old ^ {key for key, _, _ in found}
        new[source] += [words for key, words in turned if key in counted]
    months = horizon(setting.project, [before.period], setting.reach())
    reopened = _reopened(setting, months, before.seq, upto)
    by_kpi: dict[str, set[str]] = {}
    for declared in setting.plan.inputs:
        source = setting.plan.variants[declared.variant].measure.source
        for each in _drawn_on(setting.project, source):
            by_kpi.setdefault(declared.kpi, set(reopened)).update(new.get(each, ()))
    return Behind(
        {kpi: sorted(names) for kpi, names in by_kpi.items() if names},
        units_elsewhere(_project_then(setting, before), project, months),
    )


def _reopened(setting: Setting, months: Sequence[date], since: int, upto: int | None) -> list[str]:
    """The months that were opened again since a place in the journal: what had waited counts from then on."""
    found = [one for one in closings(setting.home, upto=upto) if not one.is_closed and one.seq > since]
    return [f"{period_text(one.period)} reopened ({one.at[:10]})" for one in found if one.period in months]


def _withdrawn(setting: Setting, since: int, upto: int | None) -> list[tuple[str, str]]:
    """The deliveries that were withdrawn or reinstated since a place in the journal: id, and what was done when."""
    last = {one.delivery: one for one in withdrawals(setting.home, upto=upto) if one.seq > since}
    return [
        (one.delivery, f"{one.name} {'withdrawn' if one.is_withdrawn else 'reinstated'} ({one.at[:10]})")
        for one in last.values()
    ]


def _project_then(setting: Setting, edition: Edition) -> Project:
    return load_project(declarations.restored(setting.home, edition.declarations))
