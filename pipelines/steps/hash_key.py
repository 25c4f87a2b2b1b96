"""The secret with which personal values are hashed: from the environment, or from a file that only its owner can read.

``SCOREPACK_HASH_KEY`` holds it, or ``SCOREPACK_SECRETS`` names a file with the line ``SCOREPACK_HASH_KEY=…``.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from scorecards.errors import CallError
from warehouse.hashing import HashKey

KEY, FILE = "SCOREPACK_HASH_KEY", "SCOREPACK_SECRETS"
_FEWEST = 32
_MAKE_ONE = "Make one with: python -c 'import secrets; print(secrets.token_hex(32))'"


def hash_key() -> HashKey | None:
    """The key, or None where none is set.

    Raises ``CallError`` for a file that cannot be read or that others may read, and for a key that is too short.
    """
    text = os.environ.get(KEY, "") or _from_file(os.environ.get(FILE, ""))
    if not text:
        return None
    if len(text) < _FEWEST:
        raise CallError(f"{KEY} has {len(text)} characters; it needs at least {_FEWEST}. {_MAKE_ONE}")
    return HashKey(text.encode())


def stamp() -> tuple[str, int]:
    """What changes when the key may have: for a process that runs for long, and keeps what it once read."""
    path = Path(os.environ.get(FILE, ""))
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    return hashlib.sha256(os.environ.get(KEY, "").encode()).hexdigest(), changed


def required_hash_key(sources: Sequence[str]) -> HashKey:
    """The key, without which these sources cannot be staged. Raises ``CallError`` where there is none."""
    found = hash_key()
    if found is None:
        raise CallError(
            f"{KEY} is not set, and personal columns of {', '.join(sources)} are staged: hashed. Set it in the "
            f"environment, or as a line {KEY}=… of a file that {FILE} names. Keep it: another key gives other hashes. "
            f"{_MAKE_ONE}"
        )
    return found


def _from_file(name: str) -> str:
    if not name:
        return ""
    path = Path(name)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise CallError(f"{FILE}: {path} can be read by others (mode {mode:04o}). Run: chmod 600 {path}")
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        words = error.strerror if isinstance(error, OSError) else "it is no text"
        raise CallError(f"{FILE}: {path} cannot be read: {words}.") from None
    return next((line.partition("=")[2].strip() for line in lines if line.partition("=")[0].strip() == KEY), "")
