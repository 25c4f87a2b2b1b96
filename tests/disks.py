"""Small disks of memory, to be filled or made read-only by tests that run as root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


def mount(place: Path, *options: str) -> bool:
    """Mount a small file system of memory, or change the one that is there."""
    named = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(place)]
    return subprocess.run(named, capture_output=True, check=False).returncode == 0


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """A disk of so much room at a place that is made for it; the test is skipped where none can be mounted."""
    place.mkdir()
    if os.geteuid() != 0 or not mount(place, f"size={size}"):
        place.rmdir()
        pytest.skip("needs to mount a small disk: root only")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path) -> None:
    """Write a file until the disk has no room."""
    with suppress(OSError), (disk / "full").open("ab", buffering=0) as full:
        while True:
            full.write(b"\0" * 4096)
