"""DuckDB shut in: what it may read and write, how much memory and how many threads it may take, its settings locked.

Belongs here: how every database of this room is opened. Statements are put together from declarations and read what
others delivered; were one of them to hold more than it should, it would find no other file, no network, no extension
and no setting that it could change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import duckdb

from warehouse.reading import literal

THREADS: Final = 2
"""Threads of one database."""

MEMORY_GIB: Final = 4
"""The most memory that one database takes before it spills to disk; on a small machine four fifths of what there is."""

# Of no consequence for what may be reached; staging turns it off for small files.
_CHANGEABLE = "['enable_optimizer']"
_GIB = re.compile(r"([\d.]+) (\w+)")
_UNITS = {"bytes": 2**-30, "KiB": 2**-20, "MiB": 2**-10, "GiB": 1.0, "TiB": 1024.0, "PiB": 1024.0**2}


def confine(
    connection: duckdb.DuckDBPyConnection, places: Iterable[Path], *, threads: int = THREADS, gib: int = MEMORY_GIB
) -> None:
    """Let a database read and write these files and folders only, beside its own, and lock its configuration.

    Links are followed before it is asked whether a file may be read, so that none leads out. A database that is open in
    this process already, and therefore shut in, stays as it is.
    """
    [(is_locked, most)] = connection.execute(
        "SELECT current_setting('lock_configuration')::BOOLEAN, current_setting('memory_limit')"
    ).fetchall()
    if is_locked:
        return
    full = [place.absolute() for place in places]
    files = [str(place) for place in full if place.is_file()]
    folders = [str(place) for place in full if not place.is_file()]
    told = [
        f"SET threads = {threads}",
        *([f"SET memory_limit = '{gib}GiB'"] if _gib(str(most)) > gib else []),
        "SET python_enable_replacements = false",
        "SET autoinstall_known_extensions = false",
        "SET autoload_known_extensions = false",
        "SET allow_community_extensions = false",
        "SET allow_persistent_secrets = false",
        f"SET allowed_paths = {_listed(files)}",
        f"SET allowed_directories = {_listed(folders)}",
        "SET enable_external_access = false",
        f"SET allowed_configs = {_CHANGEABLE}",
        "SET lock_configuration = true",
    ]
    connection.execute("; ".join(told))


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(literal, texts))}]"


def _gib(told: str) -> float:
    """The GiB of a size as DuckDB tells it; one that cannot be read is more than any."""
    found = _GIB.fullmatch(told)
    return float(found[1]) * _UNITS.get(found[2], float("inf")) if found else float("inf")
