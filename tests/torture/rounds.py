"""Rounds: a fresh home, a run that is killed once or more, a plain run to its end, and the comparison."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.torture.commands import Command, Warm
from tests.torture.comparing import Left, faults, left

SPAN = ("2025-01", "2025-04")
BACKFILL = ("backfill", *SPAN)
# By the clock, before an act on files, and only the main process by the clock: its workers must notice.
WAYS = {"time": 5, "act": 4, "main": 1}
# Rendering packs is most of the time: in two of three homes none are, so that the steps before are hit as often.
PACKS = {"last": 1, "none": 2}
_KILLS_A_HOME = 4


@dataclass(frozen=True)
class Reference:
    """An undisturbed run: its home and what it left there, how long it took, how many acts on files it did."""

    home: Path
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
    packs: str
    kills: tuple[Kill, ...]
    faults: tuple[str, ...]


def reference(warm: Warm, project: Path, work: Path, packs: str = "last") -> Reference:
    """Run once without counting, which warms the disk's cache, and measure; then count acts in another home."""
    command = Command(warm, project, work / f"undisturbed-{packs}", work / f"undisturbed-{packs}.log")
    start = time.monotonic()
    command.run(*BACKFILL, "--packs", packs)
    seconds = time.monotonic() - start
    counting = Command(warm, project, work / f"counted-{packs}", work / f"counted-{packs}.log")
    counting.run(*BACKFILL, "--packs", packs, acts=0)
    expected = left(command.home)
    assert faults(counting.home, expected, counting.temporary) == []
    return Reference(command.home, expected, seconds, int(counting.counted.read_text()))


def rounds(
    warm: Warm, project: Path, work: Path, undisturbed: Mapping[str, Reference], seed: int, kills: int
) -> Iterator[Round]:
    """As many rounds as it takes for so many kills; ``undisturbed`` names the ways to go about packs.

    Each round has a home of its own and a folder of its own for temporary files, so that what is left counts once.
    """
    random, done, number = Random(seed), 0, 0
    while done < kills:
        number += 1
        command = Command(warm, project, work / f"round{number}", work / f"round{number}.log")
        packs = random.choices(list(undisturbed), [PACKS[way] for way in undisturbed])[0]
        backfill, expected = (*BACKFILL, "--packs", packs), undisturbed[packs]
        hits: list[Kill] = []
        for _ in range(min(random.randint(1, _KILLS_A_HOME), kills - done)):
            way = random.choices(list(WAYS), WAYS.values())[0]
            if not _killed(command, way, backfill, expected, random):
                break
            hits.append(Kill(way, command.step))
        command.run(*backfill)
        yield Round(number, packs, tuple(hits), tuple(faults(command.home, expected.left, command.temporary)))
        done += len(hits)
        shutil.rmtree(command.home)
        shutil.rmtree(command.temporary)


def _killed(command: Command, way: str, backfill: Sequence[str], expected: Reference, random: Random) -> bool:
    if way == "act":
        return command.killed_before(random.randint(1, expected.acts), *backfill)
    return command.killed_after(random.random() * expected.seconds, *backfill, only_main=way == "main")
