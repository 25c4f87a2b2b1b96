"""Twenty kills; ``make torture`` does two hundred and writes down what they hit."""

from __future__ import annotations

from pathlib import Path

from tests.torture.commands import Command, Warm
from tests.torture.comparing import faults
from tests.torture.rounds import BACKFILL, Reference, rounds

SEED, KILLS = 4, 20


def test_a_run_after_kills_at_any_moment_leaves_what_an_undisturbed_one_does(
    warm: Warm, project: Path, work: Path, undisturbed: Reference
) -> None:
    done = list(rounds(warm, project, work, {"last": undisturbed}, SEED, KILLS))
    assert {one.number: one.faults for one in done if one.faults} == {}
    assert sum(len(one.kills) for one in done) >= KILLS


def test_the_comparison_finds_what_kills_might_leave(
    warm: Warm, project: Path, work: Path, undisturbed: Reference
) -> None:
    """The harness itself: a home that is damaged in one way at a time is told."""
    command = Command(warm, project, work / "damaged", work / "damaged.log")
    command.run(*BACKFILL)
    home, tmp = command.home, command.temporary
    assert faults(home, undisturbed.left, tmp) == []
    for name in ("staging/sales/.x.parquet.4711.tmp", "packs/2025-04/company-north.pdf", "staging/sales/abc.parquet"):
        (home / name).write_bytes(b"x")
        assert len(faults(home, undisturbed.left, tmp)) in (1, 2), name
        (home / name).unlink()
    (tmp / "left").mkdir()
    assert faults(home, undisturbed.left, tmp) == ["temporary left outside the home"]
    (tmp / "left").rmdir()
    pack = home / "packs/2025-04/company-company.pdf"
    content = pack.read_bytes()
    pack.write_bytes(content[:-1])
    assert faults(home, undisturbed.left, tmp) == ["pack packs/2025-04/company-company.pdf differs"]
    pack.unlink()
    assert "missing packs/2025-04/company-company.pdf" in faults(home, undisturbed.left, tmp)
