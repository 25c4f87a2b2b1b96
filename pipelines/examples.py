"""Where the example projects lie, and how one is copied."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
MERIDIAN = EXAMPLES / "meridian"
STARTER = EXAMPLES / "starter"
_FOLDERS = ("sources/*.yaml", "kpis/*.yaml", "commentary/*.yaml", "assets/*", "fonts/*", "templates/pack/*")
_DECLARATIONS = ("*.yaml", "*.csv", "README.md", *_FOLDERS)


def copy_project(source: Path, target: Path) -> None:
    """Copy the declarations of an example, without its extracts and state."""
    for pattern in _DECLARATIONS:
        for path in sorted(source.glob(pattern)):
            to = target / path.relative_to(source)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)


def generate_meridian(to: Path, until: str) -> None:
    """Write Meridian's declarations and its extracts of 36 months."""
    spec = importlib.util.spec_from_file_location("meridian_generate", MERIDIAN / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.generate(to, until)
    shutil.copyfile(MERIDIAN / "README.md", to / "README.md")


def is_meridian(folder: Path) -> bool:
    """Whether a folder holds the demonstration, which may be written again; anybody else's project may not."""
    readme = folder / "README.md"
    return readme.is_file() and readme.read_bytes() == (MERIDIAN / "README.md").read_bytes()
