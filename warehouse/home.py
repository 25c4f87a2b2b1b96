"""The home folder: where everything is kept, and what of it cannot be derived again.

``landing/`` and ``journal.sqlite`` are records; all else can be deleted and computed anew. What is computed as of an
earlier day lies in a folder of its own, beside what is computed as of today.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from scorecards.errors import HomeBusy

_NO_ROOM = 1 << 20


@dataclass(frozen=True)
class Home:
    """Paths of one home. Folders are made private (0700) when ``create`` is called.

    ``as_of`` is the day as of which things are computed; None: today.
    """

    root: Path
    as_of: date | None = None

    def at(self, day: date) -> Home:
        """The same records, with a place of its own for what is computed as of a day."""
        return replace(self, as_of=day)

    @property
    def in_full(self) -> Home:
        """The same home by its full path, for what is remembered of it wherever the process goes on to work."""
        return replace(self, root=self.root.absolute())

    @property
    def is_full(self) -> bool:
        """Whether its disk has no room: programs that meet this say it in many ways, or as a fault of the disk."""
        return shutil.disk_usage(self.root).free < _NO_ROOM

    @property
    def computed(self) -> Path:
        """The folder of all that is computed: the home itself, or one for the day."""
        return self.root if self.as_of is None else self.root / "as_of" / self.as_of.isoformat()

    @property
    def days(self) -> tuple[date, ...]:
        """The earlier days as of which something is computed."""
        files = self.root.glob("as_of/*/warehouse.duckdb")
        return tuple(sorted(date.fromisoformat(file.parent.name) for file in files))

    @property
    def declarations(self) -> Path:
        """Earlier declarations, taken out of the archive to be read."""
        return self.root / "declarations"

    @property
    def landing(self) -> Path:
        """Delivered bytes and declaration snapshots, by SHA-256."""
        return self.root / "landing"

    @property
    def journal(self) -> Path:
        """The append-only record of what happened."""
        return self.root / "journal.sqlite"

    @property
    def staging(self) -> Path:
        """One Parquet file per accepted load, by source."""
        return self.root / "staging"

    @property
    def quarantine(self) -> Path:
        """One Parquet file per load with rejected rows, by source."""
        return self.root / "quarantine"

    @property
    def states(self) -> Path:
        """Values behind distinct counts and percentiles, by source and month."""
        return self.computed / "states"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file of all computed tables."""
        return self.computed / "warehouse.duckdb"

    @property
    def packs(self) -> Path:
        """Rendered packs, by period."""
        return self.computed / "packs"

    @property
    def analysts(self) -> Path:
        """The published tables for analysts, apart from the warehouse; ``current`` leads to the newest copy."""
        return self.computed / "analysts"

    @property
    def outbox(self) -> Path:
        """Messages as .eml files, by period."""
        return self.root / "outbox"

    @property
    def dagster(self) -> Path:
        """Dagster's own home: run history and event log."""
        return self.computed / "dagster"

    def create(self) -> Home:
        """Make the folders that are missing.

        Raises ``HomeBusy`` when the home cannot be written, and when its journal is gone: who went on without it would
        take in, publish and send everything a second time.
        """
        try:
            for folder in (
                self.root,
                self.computed,
                self.landing,
                self.staging,
                self.quarantine,
                self.packs,
                self.outbox,
                self.dagster,
            ):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not os.access(self.root, os.W_OK):
                raise PermissionError(f"no permission to write {self.root}")
        except OSError as error:
            raise HomeBusy(f"The home {self.root} cannot be written: {error}. Choose another with --home.") from None
        is_gone = not self.journal.exists() or self.journal.stat().st_size == 0
        if is_gone and any(self.landing.glob("*/*")):
            raise HomeBusy(
                f"The journal {self.journal} is missing or empty, while the archive {self.landing} holds deliveries. "
                "Bring it back from a backup, or choose another --home."
            )
        return self


def temporary(path: Path) -> Path:
    """Where this process writes what is to become a file or a folder: beside it, under a name that tells whose it is.

    What a killed process leaves is found by such names and removed (``sweeping.py``).
    """
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


@contextmanager
def temporary_folder(path: Path) -> Iterator[Path]:
    """A folder beside a file that is being made, gone when it is done: large files lie where there is room for them."""
    work = temporary(path.with_name(f"{path.name}-work"))
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700, parents=True)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def spill_folder() -> str:
    """A folder for what a database cannot keep in memory: inside the home while that is held.

    DuckDB makes it when it is needed and removes it in the end.
    """
    return str(Path(tempfile.gettempdir(), f"scorepack-spill-{secrets.token_hex(8)}"))


def replace_bytes(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file whole or not at all: a temporary one beside it, synced, then renamed over it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    work = temporary(path)
    try:
        descriptor = os.open(work, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
            os.fchmod(handle.fileno(), mode)
        work.replace(path)
    finally:
        work.unlink(missing_ok=True)
