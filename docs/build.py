"""Writes the pages of ``docs/reference/`` from the code: ``python docs/build.py``; with ``--check`` it only compares.

Belongs here: which page comes from where. How a page is put together is in ``docs/pages/``.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from pages import commands, language, rules, tables  # noqa: E402

PAGES = {
    "language.md": language.page,
    "rules.md": rules.page,
    "tables.md": tables.page,
    "commands.md": commands.page,
}


def main() -> int:
    """Write the pages that differ and name them; with ``--check``, name them only and return 1 if there are any."""
    only_compare = "--check" in sys.argv[1:]
    stale = []
    for name, make in PAGES.items():
        path, text = HERE / "reference" / name, make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not only_compare:
                path.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"docs/reference/{name} {'is out of date: run make docs' if only_compare else 'written'}")
    return 1 if stale and only_compare else 0


if __name__ == "__main__":
    sys.exit(main())
