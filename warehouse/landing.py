"""The landing archive: delivered bytes under their SHA-256, never changed, never deleted."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from scorecards.errors import DataRefused
from warehouse.home import Home, replace_bytes


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


def land(home: Home, path: Path) -> str:
    """Copy a delivered file into the archive and return its digest; a file that is there already is left alone."""
    digest = digest_of(path)
    target = landed(home, digest)
    if not target.exists():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = target.with_name(f".{digest}.{os.getpid()}.tmp")
        shutil.copyfile(path, temporary)
        # The file may have been written to while it was copied: only the bytes that the digest names are kept under it.
        copied = digest_of(temporary)
        if copied != digest:
            temporary.unlink()
            raise DataRefused(f"{path} changed while it was read. Run again when its delivery is complete.")
        temporary.chmod(0o400)
        temporary.replace(target)
    return digest


def keep_bytes(home: Home, content: bytes) -> str:
    """Keep bytes that are not a file, such as a snapshot of the declarations; returns their digest."""
    digest = hashlib.sha256(content).hexdigest()
    if not landed(home, digest).exists():
        replace_bytes(landed(home, digest), content)
    return digest
