"""Rounds: a fresh home, a run that is killed once or more, a plain run to its end, and the comparison."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.torture.commands import Command, Warm
from tests.torture.comparing import Left, faults, left

SPAN = ("2025-01", "2025-06")
BACKFILL = ("backfill", *SPAN)
# By the clock, before an act on files, and only the main process by the clock: its workers must notice.
WAYS = {"time": 5, "act": 4, "main": 1}


@dataclass(frozen=True)
class Reference:
    """An undisturbed run: what it left, how long it took, how many acts on files it did."""

    left: Left
    seconds: float
    acts: int


@dataclass(frozen=True)
class Kill:
    """One kill: the way, and the step that it hit."""

    way: str
    step: str


@dataclass(frozen=True)
class Round:
    """The kills of one home, and what was other in the end than after an undisturbed run."""

    number: int
    kills: tuple[Kill, ...]
    faults: tuple[str, ...]


def reference(warm: Warm, project: Path, work: Path) -> Reference:
    """Run once without counting, which warms the disk's cache, and measure; then count acts in another home."""
    command = Command(warm, project, work / "undisturbed", work / "undisturbed.log")
    start = time.monotonic()
    command.run(*BACKFILL)
    seconds = time.monotonic() - start
    counting = Command(warm, project, work / "counted", work / "counted.log")
    counting.run(*BACKFILL, acts=0)
    expected = left(command.home)
    assert faults(counting.home, expected, work / "tmp") == []
    return Reference(expected, seconds, int(counting.counted.read_text()))


def rounds(warm: Warm, project: Path, work: Path, undisturbed: Reference, seed: int, kills: int) -> Iterator[Round]:
    """As many rounds as it takes for so many kills; of each of them up to three hit one home."""
    random, done, number = Random(seed), 0, 0
    while done < kills:
        number += 1
        command = Command(warm, project, work / f"round{number}", work / f"round{number}.log")
        hits = []
        for _ in range(min(random.randint(1, 3), kills - done)):
            way = random.choices(list(WAYS), WAYS.values())[0]
            if _killed(command, way, undisturbed, random):
                hits.append(Kill(way, command.step))
        command.run(*BACKFILL)
        yield Round(number, tuple(hits), tuple(faults(command.home, undisturbed.left, work / "tmp")))
        done += len(hits)
        shutil.rmtree(command.home)


def _killed(command: Command, way: str, undisturbed: Reference, random: Random) -> bool:
    if way == "act":
        return command.killed_before(random.randint(1, undisturbed.acts), *BACKFILL)
    return command.killed_after(random.random() * undisturbed.seconds, *BACKFILL, only_main=way == "main")
