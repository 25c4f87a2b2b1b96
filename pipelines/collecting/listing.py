"""Deliveries in a remote folder: listed by the source's path, fetched where they are new or have changed.

A small memory beside the archive (``fetched/<source>.json`` in the home) says which bytes a file had when it was
fetched last. It can be deleted: everything is fetched once more then, and found to be known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.collecting.stores import Entry, Store
from scorecards.errors import DataRefused
from scorecards.sources import Source
from warehouse.deliveries import Delivery, fits, named
from warehouse.home import Home, replace_bytes
from warehouse.landing import digest_of, landed


@dataclass
class _Memory:
    """What is remembered of a source's remote files: stamp and digest by path, and what was passed over and why."""

    where: str
    files: dict[str, tuple[str, str]] = field(default_factory=dict)
    passed_over: list[tuple[str, str]] = field(default_factory=list)


def fetched(
    store: Store, source: Source, home: Home, work: Path, is_wanted: Callable[[Delivery], bool]
) -> list[Delivery]:
    """The source's wanted files in the store, in known-on order; new and changed ones are fetched into ``work``.

    Raises ``SourceFailed`` where the store cannot be listed or read, and ``DataRefused`` for a name whose month or day
    does not exist and for a file that changes while it is fetched.
    """
    known = _remembered(home, source)
    memory = _Memory(store.where)
    before = known.files if known.where == store.where else {}
    found: list[Delivery] = []
    for entry in sorted(_candidates(store, source), key=lambda entry: entry.path):
        reason = "" if entry.kind == "file" else "it is a link" if entry.kind == "link" else "it is no file"
        if reason or not fits(source, entry.path):
            memory.passed_over.append((entry.path, reason or f"its name does not fit {source.path}"))
            continue
        delivery = named(source, work / str(len(found)), entry.path)
        if entry.path in before:
            memory.files[entry.path] = before[entry.path]
        if is_wanted(delivery):
            found.append(_brought(store, entry, delivery, home, memory))
    content = {"where": memory.where, "files": memory.files, "passed_over": memory.passed_over}
    replace_bytes(_file(home, source), json.dumps(content, ensure_ascii=False, indent=1).encode())
    return sorted(found, key=Delivery.by_age)


def passed_over_remotely(home: Home, source: Source) -> list[tuple[str, str]]:
    """Remote files that looked like the source's when it was listed last, but are not taken in, with the reason."""
    return _remembered(home, source).passed_over


def _candidates(store: Store, source: Source) -> Iterator[Entry]:
    """Whatever lies where the source's path leads, folder by folder; an error of any listing is an error."""
    *folders, last = source.path.split("/")
    level = [""]
    for part in folders:
        level = [path for folder in level for path in _below(store, folder, part)]
    for folder in level:
        yield from (entry for entry in store.entries(folder) if _wild(last).fullmatch(_own_name(entry)))


def _below(store: Store, folder: str, part: str) -> list[str]:
    if not re.search(r"[*{]", part):
        return [f"{folder}/{part}".lstrip("/")]
    entries = store.entries(folder)
    return [each.path for each in entries if each.kind == "directory" and _wild(part).fullmatch(_own_name(each))]


def _wild(part: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{.*?\\\}|\\\*", "[^/]*", re.escape(part)))


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
