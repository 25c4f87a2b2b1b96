"""A plugin of pytest for the mutation check: which of the tests that reach a changed place run, and in which order.

A mutant is done with at the first test that fails, and mutmut itself hands the tests over in no order: so the cheapest
come first, by what mutmut has measured. One that all of them leave alive would cost the whole suite; it gets so many of
the cheapest tests. That can only make survivors of what a dearer test would have noticed, never the reverse.
"""

from __future__ import annotations

import gc
import json
import os
from pathlib import Path

import pytest
from mutmut.mutation.trampoline import get_mutant_under_test

from scorecards.expressions import is_word_of_sql

TESTS = int(os.environ.get("TESTS", "50"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the cheapest by the seconds in ``mutmut-stats.json``, in that order; without a mutant nothing changes."""
    if "__mutmut_" in get_mutant_under_test():
        seconds = json.loads(Path("mutmut-stats.json").read_text(encoding="utf-8"))["duration_by_test"]
        items[:] = sorted(items, key=lambda item: seconds.get(item.nodeid, 0.0))[:TESTS]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Prepare the process that all mutants are forked from: what each would do first is done once."""
    if session.config.option.collectonly:
        is_word_of_sql("value")  # the parser's tables
        gc.collect()
        gc.freeze()  # pages of objects that nobody collects stay shared
