"""What was forgotten: the record of it in the journal, and which archived object stands for which forgotten one.

Belongs here: the entries of kind ``forget``. Finding and rewriting rows is ``forgetting.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from warehouse import journal
from warehouse.home import Home
from warehouse.landing import landed

KIND = "forget"


def forgotten(home: Home) -> Mapping[str, str]:
    """By the digest of every object that was rewritten, the digest of the one that stands for it now."""
    return _forgotten(home.in_full, journal.last(home, KIND))


@lru_cache(maxsize=16)
def _forgotten(home: Home, last: int) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for entry in journal.entries(home, KIND) if last else []:
        objects: dict[str, str] = entry.body["objects"]
        found = {old: objects.get(new, new) for old, new in found.items()} | objects
    return found


def delete_forgotten(home: Home) -> int:
    """Delete what is still there of objects that were rewritten; returns how many there were."""
    found = forgotten(home)
    there = [path for path in (landed(home, digest) for digest in found) if path.exists()]
    for path in there:
        path.unlink()
    return len(there)
