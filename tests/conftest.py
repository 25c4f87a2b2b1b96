"""What holds for all tests: none fails because the machine is busy or another ran before; the longest come first."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
# As the command does: half a million objects of libraries are looked through over and over otherwise.
gc.set_threshold(100_000, 20, 100)

# Two processes share out whole files: a long one that begins last leaves the other process idle.
LONGEST_FIRST = (
    "acceptance/test_docs.py",
    "operating/test_daemon.py",
    "torture/test_hardship.py",
    "torture/test_kills.py",
    "reference/test_adventure_works_restated.py",
    "reference/test_adventure_works.py",
    "pipelines/test_ten_years.py",
    "reports/test_structure.py",
    "acceptance/test_demo.py",
    "browser/test_site.py",
    "browser/test_twin.py",
    "operating/test_backup.py",
    "acceptance/test_rule_declared_later.py",
    "acceptance/test_small_groups.py",
    "acceptance/test_bad_input.py",
    "acceptance/test_damaged_files.py",
    "pipelines/test_history.py",
    "pipelines/test_month_end.py",
)
_PLACES = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST_FIRST)}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests of the longest files first where several processes run them; ``make test`` keeps that order."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _PLACES.get(item.path, len(_PLACES)))


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    """Commands make all that their process writes private; the next test begins as a process of its own would."""
    before = os.umask(0o022)
    yield
    os.umask(before)
