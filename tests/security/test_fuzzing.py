"""Inputs changed at random: loaders take the sound ones and refuse others, and the fuzzer tells what it must."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest

from scorecards.errors import DataRefused
from tests.fuzz import __main__ as fuzzer
from tests.fuzz.__main__ import changed, finding
from tests.fuzz.targets import Target, targets

TIMES = 5


@pytest.mark.slow
def test_every_loader_takes_its_sound_inputs_and_only_its_own_errors_come_of_changed_ones() -> None:
    chance = random.Random(3)
    with targets() as known:
        for target in known:
            for seed in target.seeds:
                target.call(seed)
            inputs = [changed(chance.choice(list(target.seeds)), chance) for _ in range(TIMES)]
            assert not set(inputs) <= set(target.seeds), target.name
            assert [told for told in (finding(target, content) for content in inputs) if told] == []
    assert {"yaml", "expression", "csv", "xlsx", "infer csv", "infer parquet"} <= {target.name for target in known}


def _refuses(_content: bytes) -> object:
    raise DataRefused("it is refused")


def _breaks(content: bytes) -> object:
    return content[99]


def _ends_never(_content: bytes) -> object:
    time.sleep(9)
    return None


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (_refuses, ""),
        (_breaks, "x: IndexError at test_fuzzing.py:"),
        (_ends_never, "x: TooLong at __main__.py:"),
    ],
)
def test_whatever_is_no_error_of_the_loader_or_takes_too_long_is_a_finding(
    call: Callable[[bytes], object], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzzer, "LONGEST", 1)
    found = finding(Target("x", [b"a"], call), b"a")
    assert found.startswith(told) if told else not found
