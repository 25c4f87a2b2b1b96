"""The audit log: entries of the journal in words, and whether the records are as they were written."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from scorecards.errors import DataRefused
from scorecards.periods import period_text
from scorecards.words import plural
from warehouse import journal
from warehouse.controls import KIND as CONTROL
from warehouse.declarations import names_of, snapshots
from warehouse.editions import editions, frozen_packs
from warehouse.forgotten import forgotten
from warehouse.home import Home
from warehouse.journal import Entry
from warehouse.landing import digest_of, landed
from warehouse.selection import all_loads


@dataclass(frozen=True)
class Verified:
    """How many entries and archived objects were found sound, and the digest of the last entry.

    ``unnamed`` is the number of objects that no entry names.
    """

    entries: int
    objects: int
    unnamed: int
    head: str


def told(entry: Entry) -> str:
    """An entry in one line."""
    body, reason = entry.body, entry.body.get("reason")
    why = f": {reason}" if reason else ""
    match entry.kind:
        case "load":
            state = f"refused: {body['refused']}" if body["refused"] else f"{body['rows']} rows"
            return f"{body['source']}: {body['name']}, known on {body['known_on']}, {state}"
        case "close":
            return f"{entry.key} {'closed' if body['closed'] else 'reopened'} by {body['by']}{why}"
        case "withdrawal":
            return (
                f"{entry.key}: {body['name']} {'withdrawn' if body['withdrawn'] else 'reinstated'} by {body['by']}{why}"
            )
        case "edition":
            return f"{entry.key} published as edition {body['number']} by {body['by']}{why}"
        case "confirmed":
            return f"{entry.key}: edition {body['number']} stands with what came since, by {body['by']}"
        case "delivery":
            edition = f"edition {body['edition']}" if body["edition"] else "proof copy"
            what = f"{body['period']} {body['scorecard']} {body['unit']}, {edition}"
            return f"{what} to {body['recipient']}: {body['state']}"
        case "approval":
            packs = len({(card, unit) for card, unit, _, _ in body["files"]})
            what = f"{plural(packs, 'pack')} of edition {body['edition']}"
            return f"{entry.key}: {what} {'approved' if body['given'] else 'held back'} by {body['by']}{why}"
        case "forget":
            gone = f", {body['left_out']} left out" if body["left_out"] else ""
            what = f"{body['rows']} rows by {', '.join(body['columns'])}{gone}"
            return f"{body['token'] or 'a person'}: {what}, in {len(body['objects'])} objects, by {body['by']}{why}"
        case "run" | "packs":
            periods = body["periods"]
            span = periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"
            return f"{span}, declarations {body['declarations'][:12]}"
        case _:
            return entry.key


def verify(home: Home, head: str = "") -> Verified:
    """Check the chain of the journal and the bytes of every landed object.

    ``head`` is the digest of the last entry at an earlier time: where it is in the chain no more, entries were cut off
    or written anew. Raises ``DataRefused`` saying what does not fit, or which object that an entry names is missing.
    """
    broken = journal.first_broken(home)
    if broken is not None:
        raise DataRefused(
            f"The journal {home.journal} was changed: entry {broken} does not fit the chain. "
            "Bring it back from a backup."
        )
    digests = journal.digests(home)
    if head and head not in digests:
        raise DataRefused(
            f"The journal {home.journal} does not hold the entry {head[:16]} any more: entries were cut off or written "
            "anew. Bring it back from a backup."
        )
    objects = {path.name: path for path in sorted(home.landing.glob("*/*")) if not path.name.startswith(".")}
    for digest, path in objects.items():
        if digest_of(path) != digest:
            raise DataRefused(
                f"The archived object {path} does not have its bytes any more. Bring it back from a backup."
            )
    named = dict(_named(home, objects))
    for digest, what in named.items():
        if digest not in objects:
            raise DataRefused(
                f"The archived object {landed(home, digest)} ({what}) is missing. Bring it back from a backup."
            )
    unnamed = sum(digest not in named for digest in objects)
    return Verified(len(digests), len(objects), unnamed, digests[-1] if digests else "")


def _named(home: Home, objects: Collection[str]) -> Iterator[tuple[str, str]]:
    """Every object that the journal stands on, and what it is: deliveries, declarations, editions."""
    now = forgotten(home)
    yield from ((digest, "in the place of what was forgotten") for digest in now.values())
    for load in all_loads(home):
        yield load.digest, load.name
    for entry in journal.entries(home, CONTROL):
        yield now.get(entry.body["digest"], entry.body["digest"]), entry.body["name"]
    for snapshot in snapshots(home):
        yield snapshot.digest, "declarations"
        if snapshot.digest in objects:
            yield from ((digest, name) for name, digest in names_of(home, snapshot.digest).items())
    for edition in editions(home):
        what = f"edition {edition.number} of {period_text(edition.period)}"
        yield from ((digest, what) for digest in (*edition.tables.values(), edition.packs, edition.messages))
        if edition.packs in objects:
            yield from ((digest, what) for digest in frozen_packs(home, edition)["digest"])
