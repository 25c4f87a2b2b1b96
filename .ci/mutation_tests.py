"""A plugin of pytest for the mutation check: which tests that reach a changed place run, in what order, and how.

Mutmut starts pytest anew for each mutant, which takes half a second where the tests take milliseconds. Here the tests
are collected once, and each mutant runs them in a fork of the process that has done so. A mutant is done with at the
first test that fails, so the cheapest come first, by what mutmut has measured; tests that cost about the same stay in
the order of their files, so that what they share is made once. One that all of them leave alive would cost the whole
suite; it gets so many of the cheapest tests. That can only make survivors of what a dearer test would have noticed,
never the reverse.
"""

from __future__ import annotations

import gc
import json
import math
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from mutmut.runners.harness import PytestRunner
from mutmut.utils.file_utils import change_cwd

from scorecards.expressions import is_word_of_sql

TESTS = int(os.environ.get("TESTS", "50"))
SHARED, LEAST = 0.25, 0.002  # seconds


def pytest_collection_finish(session: pytest.Session) -> None:
    """Prepare the process that all mutants are forked from: what each would do first is done once."""
    if not session.config.option.collectonly:
        return
    items = {item.nodeid: item for item in session.items}

    def run_tests(_: PytestRunner, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        """What mutmut calls in each fork; as the exit code, 1 where a test failed."""
        session.config.option.collectonly = False
        with change_cwd("mutants"), tempfile.TemporaryDirectory() as folder:
            session.config._tmp_path_factory._basetemp = Path(folder)  # type: ignore[attr-defined]
            chosen = _cheapest([items[test] for test in tests])
            for item, following in zip(chosen, [*chosen[1:], None], strict=True):
                session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if session.testsfailed:
                    return 1
        return 0

    PytestRunner.run_tests = run_tests  # type: ignore[method-assign]
    session.config._ensure_unconfigure = lambda: None  # the session goes on in every fork
    is_word_of_sql("value")  # the parser's tables
    gc.collect()
    gc.freeze()  # pages of objects that nobody collects stay shared


def _cheapest(items: list[pytest.Item]) -> list[pytest.Item]:
    seconds = json.loads(Path("mutmut-stats.json").read_text(encoding="utf-8"))["duration_by_test"]
    costs = {}
    for item in items:
        found = item._fixtureinfo.name2fixturedefs.values()  # type: ignore[attr-defined]
        # What tests share is not measured with any of them, and made anew for each mutant.
        shared = [one for defs in found for one in defs if one.baseid and one.scope != "function"]
        cost = seconds.get(item.nodeid, 0.0) + SHARED * bool(shared)
        costs[item] = (math.ceil(math.log2(max(cost, LEAST))), item.nodeid)
    return sorted(items, key=costs.__getitem__)[:TESTS]
