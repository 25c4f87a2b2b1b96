"""Installations that lack something: virtual environments that borrow the packages of this one."""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
import venv
from collections.abc import Mapping, Sequence
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENTRY = "import sys; from pipelines.cli.app import main; sys.argv[0] = 'scorepack'; main()"


def installation(
    folder: Path, *, without: Sequence[str] = (), versions: Mapping[str, str] | None = None, start: str = ""
) -> Path:
    """An installation without some packages, or with others in another version, by name; its Python.

    ``start`` is Python that runs when that Python starts. The fonts are those that were made.
    """
    venv.EnvBuilder(symlinks=True).create(folder)
    [here] = folder.glob("lib/python*/site-packages")
    left_out = {name for each in without for name in _entries(each)}
    for name, number in (versions or {}).items():
        left_out |= {entry for entry in _entries(name) if entry.endswith(".dist-info")}
        told = here / f"{re.sub('[-.]+', '_', name)}-{number}.dist-info"
        told.mkdir()
        (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.name not in left_out and entry.name != "__pycache__":
            (here / entry.name).symlink_to(entry)
    if start:
        (here / "sitecustomize.py").write_text(start)
    (folder / "share").symlink_to(Path(sysconfig.get_path("data")) / "share")
    return folder / "bin" / "python"


def _entries(name: str) -> set[str]:
    files = distribution(name).files or []
    return {file.parts[0] for file in files if file.parts[0] not in ("..", "__pycache__")}


def doctor_of(python: Path, project: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """What ``scorepack doctor`` of an installation answers; nothing of our own settings is known to it."""
    given = {name: value for name, value in os.environ.items() if not name.startswith(("SCOREPACK_", "PYTHON"))}
    return subprocess.run(
        [python, "-c", ENTRY, "doctor", "--project", project, *words],
        capture_output=True, text=True, check=False, timeout=120, cwd=ROOT, env=given | settings,
    )  # fmt: skip
