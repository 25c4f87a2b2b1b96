"""Writes what is made from the code: ``python docs/build.py``; with ``--check`` it only compares.

Belongs here: which page of ``docs/reference/`` comes from where. How a page is put together is in ``docs/pages/``, how
the catalogues of messages are in ``docs/catalogues.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import catalogues  # noqa: E402
from pages import commands, language, rules, tables  # noqa: E402

PAGES = {
    "language.md": language.page,
    "rules.md": rules.page,
    "tables.md": tables.page,
    "commands.md": commands.page,
}


def main() -> int:
    """Write the files that differ and name them; with ``--check``, name them only and return 1 if there are any."""
    only_compare = "--check" in sys.argv[1:]
    files = {HERE / "reference" / name: make().encode() for name, make in PAGES.items()} | catalogues.files()
    stale = [path for path, content in files.items() if not path.exists() or path.read_bytes() != content]
    for path in stale:
        if not only_compare:
            path.write_bytes(files[path])
        name = path.relative_to(HERE.parent)
        print(f"{name} {'is out of date: run make docs' if only_compare else 'written'}")
    return 1 if stale and only_compare else 0


if __name__ == "__main__":
    sys.exit(main())
