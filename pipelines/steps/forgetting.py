"""Forgetting a person in all that is kept: the archive is rewritten, then everything is computed again from it.

Belongs here: what is asked for, the order of work, and what is told afterwards: figures that changed, and files that
still hold the person. How an object is rewritten is ``warehouse/forgetting.py``.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl

from pipelines.steps.hash_key import hash_key
from pipelines.steps.pack_messages import messages_without
from pipelines.steps.rebuilding import rebuild
from pipelines.steps.setting import Progress, Setting, no_progress
from scorecards.errors import CallError, DeclarationError, did_you_mean
from scorecards.project import load_project
from scorecards.sources import Source
from scorecards.units import PERSON
from warehouse import declarations
from warehouse.editions import editions, frozen_packs, pack_name
from warehouse.forgetting import Forgetting, Request, forget
from warehouse.home import Home
from warehouse.redacting import Place
from warehouse.selection import all_loads
from warehouse.store import open_warehouse
from warehouse.tables import KPI_VALUES
from warehouse.working import at_work, is_unfinished

# A shorter value stands in too many files by chance.
_FEWEST_LETTERS = 3
_IN_ITS_PLACE = b"A pack that was made for a person alone, who was forgotten.\n"


@dataclass(frozen=True)
class Forgot:
    """What was done: in the archive, how many values changed by it, and where the person can still be read.

    ``delivered`` are files among the extracts; ``archived`` are deliveries whose objects hold the value in a place that
    was not named. ``persons`` are units of today's tree that the person's rows name and that are persons themselves.
    ``stands_beside`` counts the editions that tell of small groups as they were, for ever.
    """

    done: Forgetting
    changed: int
    delivered: tuple[str, ...]
    archived: tuple[str, ...]
    persons: tuple[str, ...]
    stands_beside: int


def request_of(
    setting: Setting, columns: Sequence[str], mentions: Sequence[str], value: str, by: str, reason: str
) -> Request:
    """What is asked for. Raises ``CallError`` for columns that are not declared, and where who or why is not said."""
    if not value.strip():
        raise CallError("Give the value by which the person is found, with --value or when asked.")
    if not by.strip() or not reason.strip():
        raise CallError("Say who forgets and why, with --by and --reason: both stay in the audit log.")
    places = [_place(setting, text, is_mention=False) for text in columns]
    places += [_place(setting, text, is_mention=True) for text in mentions]
    return Request(value.strip(), tuple(places), by.strip(), reason.strip())


def _place(setting: Setting, text: str, *, is_mention: bool) -> Place:
    source_id, _, column = text.partition(".")
    sources = setting.project.sources
    if source_id not in sources:
        remedy = did_you_mean(source_id, list(sources))
        raise CallError(f"'{source_id}' is not a source; write SOURCE.COLUMN. {remedy}")
    known = list(sources[source_id].columns)
    if column not in known:
        raise CallError(
            f"'{column}' is not a column of {source_id}; write SOURCE.COLUMN. {did_you_mean(column, known)}"
        )
    return Place(source_id, column, is_mention)


def forget_person(
    setting: Setting, request: Request, progress: Progress = no_progress, *, is_trial: bool = False
) -> Forgot:
    """Rewrite the archive and rebuild everything from it; where ``is_trial``, only tell what would be rewritten."""
    with at_work(setting.home, is_rebuilt=True):
        before, changed = _values(setting.home), 0
        forms, own = partial(_forms, setting), partial(_own_packs, setting.home)
        done = forget(setting.home, request, forms, own, hash_key(), is_trial=is_trial)
        # One that was killed before it came to rebuild is finished by the next.
        if not is_trial and (done.rewritten or is_unfinished(setting.home)):
            rebuild(setting.home, setting.project.extracts, progress)
            changed = _changed(before, _values(setting.home))
    names = dict.fromkeys(name for one in done.rewritten for name in one.names)
    there = tuple(name for name in names if (setting.project.extracts / name).exists())
    held = () if is_trial else tuple(_still_holding(setting, request.value))
    persons = tuple(unit.id for unit in setting.project.units if unit.level == PERSON and unit.id in done.units)
    has_groups = setting.project.organisation.small_groups is not None
    return Forgot(done, changed, there, held, persons, len(editions(setting.home)) if has_groups else 0)


def difference_told(found: Forgot, *, is_trial: bool) -> list[str]:
    """That editions and new values together tell the person's figures, where small groups are withheld."""
    if not found.stands_beside or not (found.done.rewritten if is_trial else found.changed):
        return []
    begins = "Where values change by it, what" if is_trial else "What"
    told = "editions show, less the new values, is the person's figures, to whoever keeps both, however large the group"
    remedy = "publish again only what must be shown, and hand out no export of earlier editions beside new ones"
    return [f"{begins} {told}: {remedy}."]


def _forms(setting: Setting, source_id: str) -> Iterator[Source]:
    """The contract of today, then those of earlier declarations, newest first, each once."""
    told = [setting.project.sources[source_id]]
    yield told[0]
    for digest in dict.fromkeys(one.digest for one in reversed(declarations.snapshots(setting.home))):
        try:
            project = load_project(declarations.restored(setting.home, digest), setting.project.extracts)
        except DeclarationError:
            continue
        source = project.sources.get(source_id)
        if source is not None and source not in told:
            told.append(source)
            yield source


def _own_packs(home: Home, units: Collection[str]) -> Mapping[str, bytes]:
    """The packs of these units in all editions that were for a person alone, and what was said of them."""
    found: dict[str, bytes] = {}
    for edition in editions(home) if units else ():
        private = frozen_packs(home, edition).filter(pl.col("is_private") & pl.col("unit").is_in(list(units)))
        found |= dict.fromkeys(private["digest"], _IN_ITS_PLACE)
        if private.height:
            names = {pack_name(card, unit) for card, unit in private.select("scorecard", "unit").iter_rows()}
            found[edition.messages] = messages_without(home, edition, names)
    return found


def _values(home: Home) -> pl.DataFrame:
    with open_warehouse(home) as warehouse:
        return warehouse.read(KPI_VALUES)


def _changed(before: pl.DataFrame, after: pl.DataFrame) -> int:
    """How many KPI values are not what they were."""
    keys = [*KPI_VALUES.key]
    both = before.select(*keys, "value").join(after.select(*keys, "value"), on=keys, how="full", suffix="_now")
    return both.filter(pl.col("value").ne_missing(pl.col("value_now"))).height


def _still_holding(setting: Setting, value: str) -> Iterator[str]:
    """Deliveries whose archived bytes hold the value as a word; what is compressed in columns is not looked into."""
    if len(value) < _FEWEST_LETTERS:
        return
    forms = [re.compile(rb"(?<!\w)" + re.escape(value.encode()) + rb"(?!\w)")]
    forms += [re.compile(re.escape(value.encode(code))) for code in ("utf-16-le", "utf-16-be")]
    by_digest = {load.digest: load for load in all_loads(setting.home)}
    for digest, load in by_digest.items():
        path = setting.home.landing / digest[:2] / digest
        content = path.read_bytes() if path.exists() else b""
        if content.startswith(b"\x1f\x8b"):
            try:
                content = gzip.decompress(content)
            except (OSError, EOFError, zlib.error):
                continue
        if any(form.search(content) for form in forms):
            yield f"{load.source}: {load.name}"
