"""The landing archive: delivered bytes under their SHA-256, never changed, never deleted."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO, Self

from scorecards.errors import DataRefused, HomeBusy
from warehouse.home import Home, replace_bytes, temporary

_PIECE = 1 << 22


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces. Raises ``DataRefused`` when the file cannot be read."""
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise DataRefused(f"{path} cannot be read: {error.strerror}.") from None


def landed(home: Home, digest: str) -> Path:
    """Where the object of a digest lies, whether or not it is there."""
    return home.landing / digest[:2] / digest


def intact(home: Home, digest: str) -> Path:
    """The object of a digest. Raises ``HomeBusy`` when it is gone or its bytes are not those that were delivered."""
    path = landed(home, digest)
    if not _is_intact(path):
        state = "damaged" if path.exists() else "missing"
        raise HomeBusy(
            f"The archived delivery {path} is {state}. Bring it back from a backup, or put the delivered file in its "
            "place: its SHA-256 is the name."
        )
    return path


def _is_intact(target: Path) -> bool:
    return target.exists() and digest_of(target) == target.name


def land_bytes(home: Home, content: bytes) -> str:
    """Put bytes of our own making into the archive and return their digest. Raises ``HomeBusy`` as ``land`` does."""
    digest = hashlib.sha256(content).hexdigest()
    target = landed(home, digest)
    if not _is_intact(target):
        try:
            replace_bytes(target, content, mode=0o400)
        except OSError as error:
            raise HomeBusy(f"The archive {home.landing} cannot be written: {error.strerror}.") from None
    return digest


class Syncing:
    """Brings files to the disk beside other work: it takes as long as copying them, and no processor.

    Whoever names the files in the journal calls ``wait`` before. It raises ``HomeBusy`` where one did not come there.
    """

    def __init__(self, home: Home) -> None:
        self._home, self._under_way = home, list[Future[None]]()
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def __call__(self, descriptor: int) -> None:
        """Begin with an open file, which may be closed meanwhile."""
        self._under_way.append(self._pool.submit(_synced, os.dup(descriptor)))

    def wait(self) -> None:
        """Wait for all files."""
        try:
            while self._under_way:
                self._under_way.pop().result()
        except OSError as error:
            raise HomeBusy(f"The archive {self._home.landing} cannot be written: {error.strerror}.") from None


def _synced(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def land(home: Home, path: Path, sync: Callable[[int], object] = os.fsync) -> str:
    """Copy a delivered file into the archive and return its digest; a sound object that is there is left alone.

    ``sync`` brings the bytes of an open file to the disk. Raises ``DataRefused`` when the file cannot be read or
    changes meanwhile, ``HomeBusy`` when the archive cannot be written.
    """
    work = temporary(home.landing / "arriving")
    try:
        home.landing.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _opened(path) as handle, work.open("wb") as copy:
            before = os.fstat(handle.fileno())
            digest, size = _copy(path, handle, copy)
            after = os.fstat(handle.fileno())
            if (before.st_size, before.st_mtime_ns, size) != (after.st_size, after.st_mtime_ns, after.st_size):
                raise DataRefused(f"{path} changed while it was read. Run again when its delivery is complete.")
            target = landed(home, digest)
            if not _is_intact(target):
                copy.flush()
                sync(copy.fileno())
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                work.chmod(0o400)
                work.replace(target)
    except OSError as error:
        raise HomeBusy(f"The archive {home.landing} cannot be written: {error.strerror}.") from None
    finally:
        work.unlink(missing_ok=True)
    return digest


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise DataRefused(f"{path} cannot be read: {error.strerror}.") from None


def _copy(path: Path, source: BinaryIO, copy: BinaryIO) -> tuple[str, int]:
    """Copy all bytes; returns the digest and the number of those that were copied. Each piece is hashed meanwhile."""
    digest, size = hashlib.sha256(), 0
    is_small = os.fstat(source.fileno()).st_size < _PIECE
    with nullcontext() if is_small else ThreadPoolExecutor(1) as pool:
        hashed: Future[None] | None = None
        while True:
            try:
                piece = source.read(_PIECE)
            except OSError as error:
                raise DataRefused(f"{path} cannot be read: {error.strerror}.") from None
            if hashed is not None:
                hashed.result()
            if not piece:
                return digest.hexdigest(), size
            if pool is None:
                digest.update(piece)
            else:
                hashed = pool.submit(digest.update, piece)
            copy.write(piece)
            size += len(piece)
