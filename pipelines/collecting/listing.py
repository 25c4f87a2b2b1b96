"""Deliveries in a remote folder: listed by the source's path, fetched where they are new or have changed.

A small memory beside the archive (``fetched/<source>.json`` in the home) says which bytes a file had when it was
fetched last. It can be deleted: everything is fetched once more then, and found to be known.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from pipelines.collecting.stores import Entry, Store
from scorecards.errors import DataRefused
from scorecards.source_paths import PathPattern
from scorecards.sources import Source
from warehouse.deliveries import MANIFEST, Candidate, Delivery, deliveries_among, passed_over_among
from warehouse.home import Home, replace_bytes
from warehouse.landing import digest_of, landed


@dataclass
class _Memory:
    """What is remembered of a source's remote files: stamp and digest by path, and what was passed over and why."""

    where: str
    files: dict[str, tuple[str, str]] = field(default_factory=dict)
    passed_over: list[tuple[str, str]] = field(default_factory=list)


def fetched(
    store: Store,
    source: Source,
    home: Home,
    work: Path,
    is_wanted: Callable[[Delivery], bool],
    of_no_run: Callable[[Sequence[Delivery]], list[tuple[str, str]]],
) -> list[Delivery]:
    """The source's wanted files in the store, in known-on order; new and changed ones are fetched into ``work``.

    ``of_no_run`` says which of all the source's files no run can take in, and why; that is remembered.

    Raises ``SourceFailed`` where the store cannot be listed or read, and ``DataRefused`` for a name whose month or day
    does not exist and for a file that changes while it is fetched.
    """
    known = _remembered(home, source)
    before = known.files if known.where == store.where else {}
    entries = {entry.path: entry for entry in _entries(store, source)}
    candidates = [Candidate(work / str(place), path, _reason(entries[path])) for place, path in enumerate(entries)]
    memory = _Memory(store.where, {path: before[path] for path in entries if path in before})
    if source.known_on == "manifest":
        store.fetch(MANIFEST, work / MANIFEST)
    lying = deliveries_among(source, candidates, work)
    memory.passed_over = passed_over_among(source, candidates, work) + of_no_run(lying)
    wanted = [delivery for delivery in lying if is_wanted(delivery)]
    found = [_brought(store, entries[delivery.name], delivery, home, memory) for delivery in wanted]
    content = {"where": memory.where, "files": memory.files, "passed_over": memory.passed_over}
    replace_bytes(_file(home, source), json.dumps(content, ensure_ascii=False, indent=1).encode())
    return found


def passed_over_remotely(home: Home, source: Source) -> list[tuple[str, str]]:
    """Remote files that looked like the source's when it was listed last, but are not taken in, with the reason."""
    return _remembered(home, source).passed_over


def _reason(entry: Entry) -> str:
    return "" if entry.kind == "file" else "it is a link" if entry.kind == "link" else "it is no file"


def _entries(store: Store, source: Source) -> Iterator[Entry]:
    """Whatever lies where the source's path leads, folder by folder; an error of any listing is an error."""
    *folders, last = PathPattern(source.path).glob.split("/")
    level = [""]
    for part in folders:
        level = [path for folder in level for path in _below(store, folder, part)]
    for folder in level:
        yield from (entry for entry in store.entries(folder) if fnmatchcase(_own_name(entry), last))


def _below(store: Store, folder: str, part: str) -> list[str]:
    if "*" not in part:
        part = part.replace("[?]", "?").replace("[[]", "[")
        return [f"{folder}/{part}".lstrip("/")]
    entries = store.entries(folder)
    return [each.path for each in entries if each.kind == "directory" and fnmatchcase(_own_name(each), part)]


def _own_name(entry: Entry) -> str:
    return entry.path.rpartition("/")[2]


def _brought(store: Store, entry: Entry, delivery: Delivery, home: Home, memory: _Memory) -> Delivery:
    """The delivery with its bytes: those of the archive where they are known to be the same, else fetched ones."""
    stamp, digest = memory.files.get(entry.path, ("", ""))
    if stamp == _stamp(entry) and landed(home, digest).exists():
        return delivery.lying_at(landed(home, digest))
    memory.files.pop(entry.path, None)
    store.fetch(entry.path, delivery.path)
    if _stamp(store.entry(entry.path)) != _stamp(entry) or delivery.path.stat().st_size != entry.size:
        raise DataRefused(
            f"{entry.path} changed while it was fetched from '{store.name}'. Run again when its delivery is complete."
        )
    if entry.is_settled:
        memory.files[entry.path] = (_stamp(entry), digest_of(delivery.path))
    return delivery


def _stamp(entry: Entry) -> str:
    return f"{entry.stamp} {entry.size}"


def _file(home: Home, source: Source) -> Path:
    return home.root / "fetched" / f"{source.source}.json"


def _remembered(home: Home, source: Source) -> _Memory:
    try:
        content = json.loads(_file(home, source).read_text(encoding="utf-8"))
        files = {path: (stamp, digest) for path, (stamp, digest) in content["files"].items()}
        return _Memory(content["where"], files, [(path, reason) for path, reason in content["passed_over"]])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _Memory("")
