"""A plugin of pytest for the mutation check: which of the tests that reach a changed place run, in which order, and how.

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
            chosen = [items[test] for test in _cheapest(tests)]
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


def _cheapest(tests: Iterable[str]) -> list[str]:
    seconds = json.loads(Path("mutmut-stats.json").read_text(encoding="utf-8"))["duration_by_test"]
    costs = {test: math.ceil(math.log2(max(seconds.get(test, 0.0), 0.002))) for test in tests}
    return sorted(costs, key=lambda test: (costs[test], test))[:TESTS]
