"""A full disk, a home that cannot be written, damaged files, two runs at once: told plainly, mended as is told."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.disks import mount, small_disk
from tests.torture.commands import Command, Warm
from tests.torture.comparing import faults
from tests.torture.rounds import BACKFILL, SPAN, Reference
from warehouse import journal
from warehouse.home import Home
from warehouse.landing import landed
from warehouse.locks import FILE

_UNDISTURBED_KB = 12_000
LAST = SPAN[1]


@pytest.fixture
def disk(work: Path) -> Iterator[Path]:
    """A disk of its own, with room for a whole run."""
    with small_disk(work / "disk", f"{_UNDISTURBED_KB * 4}k") as place:
        yield place
    place.rmdir()


@pytest.fixture
def command(warm: Warm, project: Path, work: Path) -> Iterator[Command]:
    yield Command(warm, project, work / "home", work / "home.log")
    shutil.rmtree(work / "home", ignore_errors=True)


@pytest.fixture
def finished(command: Command, undisturbed: Reference) -> Command:
    """The command on a home in which it has been run to its end: a copy of the undisturbed one."""
    shutil.copytree(undisturbed.home, command.home, symlinks=True)
    return command


def on(disk: Path, command: Command) -> Command:
    """The command with its home on the disk."""
    return Command(command.warm, command.project, disk / "home", command.log)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.25, 0.5, 0.75])
def test_a_full_disk_is_told_and_after_making_room_a_run_goes_on(
    command: Command, disk: Path, undisturbed: Reference, work: Path, share: float
) -> None:
    there = on(disk, command)
    assert mount(disk, "remount", f"size={int(_UNDISTURBED_KB * share)}k")
    told = there.fail(*BACKFILL)
    assert "space" in told or "full" in told, told
    assert "sqlalche" not in told
    assert "Exception" not in told
    assert mount(disk, "remount", f"size={_UNDISTURBED_KB * 4}k")
    there.run(*BACKFILL)
    assert faults(there.home, undisturbed.left, command.temporary) == []


def test_a_home_that_can_only_be_read_is_told(command: Command, disk: Path, undisturbed: Reference, work: Path) -> None:
    there = on(disk, command)
    there.run(*BACKFILL)
    assert mount(disk, "remount", "ro")
    for arguments in (BACKFILL, ("run", LAST), ("rebuild",), ("status",), ("send", LAST)):
        assert "cannot be" in there.fail(*arguments)
    assert mount(disk, "remount", "rw")
    there.run(*BACKFILL)
    assert faults(there.home, undisturbed.left, command.temporary) == []


def zero_header(path: Path) -> None:
    path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:])


def flip_the_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for start in range(3 * 4096, len(content), 16_384):
        content[start : start + 512] = bytes(255 - byte for byte in content[start : start + 512])
    path.write_bytes(bytes(content))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("harm", [zero_header, flip_the_middle, cut])
def test_a_damaged_warehouse_is_told_and_rebuilt(
    finished: Command, undisturbed: Reference, work: Path, harm: Callable[[Path], None]
) -> None:
    harm(finished.home / "warehouse.duckdb")
    told = finished.fail(*BACKFILL)
    assert "warehouse.duckdb is damaged" in told
    assert "scorepack rebuild" in told
    finished.run("rebuild")
    assert faults(finished.home, undisturbed.left, finished.temporary) == []
    finished.run(*BACKFILL)
    assert faults(finished.home, undisturbed.left, finished.temporary) == []


@pytest.mark.parametrize("harm", [zero_header, cut])
def test_a_damaged_journal_is_told_and_nothing_is_written(finished: Command, harm: Callable[[Path], None]) -> None:
    shutil.copyfile(finished.home / "journal.sqlite", finished.home.with_suffix(".kept"))
    harm(finished.home / "journal.sqlite")
    before = (finished.home / "warehouse.duckdb").read_bytes()
    for arguments in (BACKFILL, ("rebuild",)):
        told = finished.fail(*arguments)
        assert "journal.sqlite is damaged" in told
        assert "backup" in told
    assert (finished.home / "warehouse.duckdb").read_bytes() == before


def test_a_damaged_and_a_missing_delivery_of_the_archive_are_told_and_can_be_brought_back(
    finished: Command, undisturbed: Reference
) -> None:
    load = journal.entries(Home(finished.home), "load")[0].body
    path = landed(Home(finished.home), load["digest"])
    content = path.read_bytes()
    for harm in (lambda: cut(path), path.unlink):
        path.chmod(0o600)
        harm()
        assert path.name in finished.fail("audit", "verify")
        assert f"The archived delivery {path} is " in finished.fail("rebuild")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    finished.run("rebuild")
    assert faults(finished.home, undisturbed.left, finished.temporary) == []


def test_a_lost_journal_is_told_and_nothing_is_taken_in_a_second_time(finished: Command) -> None:
    (finished.home / "journal.sqlite").unlink()
    for arguments in (BACKFILL, ("rebuild",), ("status",), ("send", LAST), ("audit", "verify")):
        told = finished.fail(*arguments)
        assert "journal.sqlite is missing or empty" in told
        assert "backup" in told
    assert not (finished.home / "journal.sqlite").exists()


def test_a_rebuild_that_was_killed_is_told_until_it_has_been_done(
    finished: Command, undisturbed: Reference, work: Path
) -> None:
    assert finished.killed_before(40, "rebuild")
    for arguments in (BACKFILL, ("status",), ("export", "kpi_values"), ("rejects",), ("show", "latest")):
        assert "A rebuild" in finished.fail(*arguments), arguments
    assert (finished.home / "analysts/current/scorepack.duckdb").exists()
    finished.run("rebuild")
    assert faults(finished.home, undisturbed.left, finished.temporary) == []


def until_it_holds(command: Command, process: int) -> None:
    """Wait until a process is at work on the home."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if (command.home / FILE).exists() and (command.home / FILE).read_text() == f"{process}\n":
            return
        time.sleep(0.02)
    raise AssertionError("It never began.")


def test_a_second_run_waits_and_then_says_who_holds_the_home(
    command: Command, undisturbed: Reference, work: Path
) -> None:
    second = Command(command.warm, command.project, command.home, work / "second.log")
    first = command.start(*BACKFILL)
    until_it_holds(command, first)
    os.kill(first, signal.SIGSTOP)
    try:
        for arguments in (
            BACKFILL, ("run", LAST), ("rebuild",), ("publish", LAST, "--by", "Ada"), ("close", LAST, "--by", "Ada"),
        ):  # fmt: skip
            assert f"is held by process {first}. Wait until it ends" in second.fail(*arguments)
    finally:
        os.kill(first, signal.SIGCONT)
    assert command.wait(first) == 0
    assert faults(command.home, undisturbed.left, command.temporary) == []


def test_two_runs_at_once_with_patience_end_one_after_the_other(
    command: Command, undisturbed: Reference, work: Path
) -> None:
    patient = {"SCOREPACK_WAIT_SECONDS": "120"}
    both = [Command(command.warm, command.project, command.home, work / f"{n}.log", patient) for n in (1, 2)]
    started = [one.start(*BACKFILL) for one in both]
    reader = Command(command.warm, command.project, command.home, work / "reader.log", patient)
    until_it_holds(command, started[0])
    reader.run("status")
    assert [one.wait(process) for one, process in zip(both, started, strict=True)] == [0, 0]
    for one in both:
        assert faults(command.home, undisturbed.left, one.temporary) == []
