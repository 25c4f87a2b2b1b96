"""Files that count side by side for a month and have rows of the same key: the later one is refused.

Within a file the first row of a key stays and the others are rejected (``rules.py``). Between two files nobody can say
which is right, and both would count: a copy under another name would double a month.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import polars as pl

from scorecards.periods import period_text
from scorecards.sources import Source
from scorecards.words import plural
from warehouse.home import Home
from warehouse.selection import Load, View, accepted_file, counting_by_month


def told_apart(home: Home, source: Source, loads: Sequence[Load], view: View) -> list[Load]:
    """The loads of a source under one contract in their order, those refused that repeat keys of one beside them.

    A source whose deliveries add rows is not judged: there the newer row of a key counts. Nor is one whose key is not
    staged.
    """
    if source.replaces == "nothing" or not source.key or not set(source.key) <= set(source.staged):
        return list(loads)
    beside = [found for found in counting_by_month(source, loads, view, _shared(loads)).values() if len(found) > 1]
    files = {str(accepted_file(home, load)): load for found in beside for load in found}
    there = tuple(sorted(file for file in files if Path(file).exists()))
    refused: dict[str, str] = {}
    pairs = {frozenset((a.id, b.id)) for found in beside for a, b in combinations(found, 2)}
    for month, first, second, rows in _repeated(there, tuple(source.key)):
        older, newer = sorted((files[first], files[second]), key=lambda load: (load.known_on, load.arrived, load.name))
        if frozenset((older.id, newer.id)) in pairs and older.id not in refused:
            refused.setdefault(
                newer.id,
                f"{newer.name}: {plural(rows, 'row')} of {period_text(month)} with a key that {older.name} has too. "
                "Deliver it again without them, a mere copy with its header alone, or add to the key what tells the "
                "files apart.",
            )
    return [replace(load, refused=refused[load.id]) if load.id in refused else load for load in loads]


def _shared(loads: Sequence[Load]) -> list[date]:
    """The months of which more than one file speaks."""
    names: dict[date, set[str]] = {}
    for load in loads:
        for month in {load.period, *load.periods}:
            if month is not None:
                names.setdefault(month, set()).add(load.logical)
    return [month for month, found in names.items() if len(found) > 1]


@lru_cache(maxsize=64)
def _repeated(files: tuple[str, ...], key: tuple[str, ...]) -> tuple[tuple[date, str, str, int], ...]:
    """By month each pair of files that have rows of the same key, and how many keys; oldest month first.

    Staged files are written once under their names, so what was found of them stays true.
    """
    return tuple(sorted(_pairs(list(files), list(key)))) if len(files) > 1 else ()


def _pairs(files: list[str], key: list[str]) -> Iterator[tuple[date, str, str, int]]:
    rows = pl.scan_parquet(files, include_file_paths="_file", glob=False).select("_period", "_file", *key)
    found = (
        rows.filter(pl.col("_period").is_not_null())
        .group_by("_period", *key)
        .agg(pl.col("_file").unique().sort())
        .filter(pl.col("_file").list.len() > 1)
        .group_by("_period", "_file")
        .len()
        .collect()
    )
    counts: dict[tuple[date, str, str], int] = {}
    for month, names, count in found.iter_rows():
        for first, second in combinations(names, 2):
            counts[month, first, second] = counts.get((month, first, second), 0) + count
    yield from ((month, first, second, count) for (month, first, second), count in counts.items())
