"""Secrets of delivery: from the environment, or from a file that only its owner may read.

``SCOREPACK_SECRETS`` names the file: one secret a line, ``NAME=value``. A secret is never written anywhere.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from scorecards.errors import CallError

FILE = "SCOREPACK_SECRETS"
_LINE = re.compile(r"([A-Z][A-Z0-9_]*)=(.+)")


def secret(name: str) -> str | None:
    """The secret of a name; None where there is none. Raises ``CallError`` for a file that is no such file."""
    found = os.environ.get(name)
    return found if found else _from_file().get(name)


def _from_file() -> dict[str, str]:
    named = os.environ.get(FILE)
    if not named:
        return {}
    path = Path(named)
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise CallError(f"The file of secrets {path} can be read by others. Run: chmod 600 {path}")
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CallError(f"The file of secrets {path} ({FILE}) cannot be read: {error}.") from None
    found = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        told = _LINE.fullmatch(line.strip())
        if told is None:
            raise CallError(f"{path}:{number}: is no secret; write it as NAME=value, the name in capitals.")
        found[told[1]] = told[2]
    return found
