"""A plugin of pytest for the mutation check: which of the tests that reach a changed place run, and in which order.

A mutant is done with at the first test that fails, and mutmut itself hands the tests over in no order: so the cheapest
come first, by what mutmut has measured. One that all of them leave alive would cost the whole suite; it gets the
cheapest tests, up to so many seconds of them, at least one. That can only make survivors of what a dearer test would
have noticed, never the reverse.
"""

from __future__ import annotations

import gc
import json
import os
from itertools import accumulate
from pathlib import Path

import pytest
from mutmut.mutation.trampoline import get_mutant_under_test

from scorecards.expressions import is_word_of_sql

SECONDS = float(os.environ.get("SECONDS_OF_TESTS", "1"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the tests by the seconds in ``mutmut-stats.json`` and cut them off; where no mutant runs nothing changes."""
    if "__mutmut_" not in get_mutant_under_test():
        return
    seconds = json.loads(Path("mutmut-stats.json").read_text(encoding="utf-8"))["duration_by_test"]
    items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))
    until = list(accumulate(seconds.get(item.nodeid, 0.0) for item in items))
    items[:] = [item for number, item in enumerate(items) if number == 0 or until[number] <= SECONDS]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Prepare the process that all mutants are forked from: what each would do first is done once."""
    if session.config.option.collectonly:
        is_word_of_sql("value")  # the parser's tables
        gc.collect()
        gc.freeze()  # pages of objects that nobody collects stay shared
