"""The landing archive: delivered bytes under their SHA-256, never changed, never deleted."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from scorecards.errors import DataRefused, HomeBusy
from warehouse.home import Home, replace_bytes, temporary


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
    if not path.exists() or digest_of(path) != digest:
        state = "damaged" if path.exists() else "missing"
        raise HomeBusy(
            f"The archived delivery {path} is {state}. Bring it back from a backup, or deliver the file again."
        )
    return path


def land_bytes(home: Home, content: bytes) -> str:
    """Put bytes of our own making into the archive and return their digest. Raises ``HomeBusy`` as ``land`` does."""
    digest = hashlib.sha256(content).hexdigest()
    target = landed(home, digest)
    if not target.exists():
        try:
            replace_bytes(target, content, mode=0o400)
        except OSError as error:
            raise HomeBusy(f"The archive {home.landing} cannot be written: {error.strerror}.") from None
    return digest


def land(home: Home, path: Path) -> str:
    """Copy a delivered file into the archive and return its digest; a file that is there already is left alone.

    Raises ``DataRefused`` when the file cannot be read or changes meanwhile, ``HomeBusy`` when the archive cannot be
    written.
    """
    digest = digest_of(path)
    target = landed(home, digest)
    if target.exists():
        return digest
    work = temporary(target)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(path, work)
        # The file may have been written to while it was copied: only the bytes that the digest names are kept under it.
        if digest_of(work) != digest:
            raise DataRefused(f"{path} changed while it was read. Run again when its delivery is complete.")
        with work.open("rb+") as handle:
            os.fsync(handle.fileno())
        work.chmod(0o400)
        work.replace(target)
    except OSError as error:
        raise HomeBusy(f"The archive {home.landing} cannot be written: {error.strerror}.") from None
    finally:
        work.unlink(missing_ok=True)
    return digest
