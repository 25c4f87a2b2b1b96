"""The audit log: entries of the journal in words, and whether the records are as they were written."""

from __future__ import annotations

from dataclasses import dataclass

from scorecards.errors import DataRefused
from warehouse import journal
from warehouse.home import Home
from warehouse.journal import Entry
from warehouse.landing import digest_of


@dataclass(frozen=True)
class Verified:
    """How many entries and archived objects were found sound, and the digest of the last entry."""

    entries: int
    objects: int
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
        case "edition":
            return f"{entry.key} published as edition {body['number']} by {body['by']}{why}"
        case "delivery":
            return f"{body['period']} {body['scorecard']} {body['unit']} to {body['recipient']}: {body['state']}"
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
    or written anew. Raises ``DataRefused`` saying what does not fit.
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
    objects = 0
    for path in sorted(home.landing.glob("*/*")):
        if path.name.startswith("."):
            continue
        if digest_of(path) != path.name:
            raise DataRefused(
                f"The archived object {path} does not have its bytes any more. Bring it back from a backup."
            )
        objects += 1
    return Verified(len(digests), objects, digests[-1] if digests else "")
