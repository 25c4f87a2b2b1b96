"""Packed deliveries: gzip, zstd, and zip archives of one file, unpacked piece by piece and never without bounds."""

from __future__ import annotations

import gzip
import lzma
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol
from zipfile import BadZipFile, ZipFile, ZipInfo

from scorecards.errors import DataRefused, HomeBusy
from scorecards.sources import Source
from scorecards.words import plural

MOST_BYTES = 16 << 30
MOST_TIMES = 250
MOST_WORKBOOK_BYTES = 1 << 30
# Below this size a file may have been packed as tightly as it likes.
FREE_BYTES = 128 << 20
_PIECE = 1 << 20
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OF_WORKBOOKS = {"[Content_Types].xml", "mimetype"}


class _Damaged(Exception):
    """The bytes are not what their beginning says."""


class _Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


_DAMAGED = (
    _Damaged,
    BadZipFile,
    EOFError,
    NotImplementedError,
    RuntimeError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zlib.error,
)


def unpacked(path: Path, source: Source, work: Path) -> Path:
    """The file itself, or its contents as a file in ``work`` where it is packed.

    gzip, zstd and zip are told by the file's first bytes; since workbooks are zip archives too, a packed one is told by
    the declared path.
    Raises ``DataRefused`` for a damaged file, an archive of no or several files, and for contents larger than 16 GiB
    or, beyond 128 MiB, more than 250 times as large as the file.
    """
    with path.open("rb") as handle:
        start = handle.read(4)
    if start.startswith(b"\x1f\x8b"):
        kind = "gzip"
    elif start == b"\x28\xb5\x2f\xfd":
        kind = "zstd"
    elif (start.startswith(b"PK") and source.path.lower().endswith(".zip")) or _is_packed(path, start, source):
        kind = "zip"
    else:
        if start.startswith(b"PK") and source.file_format == "excel":
            _require_bounded_parts(path)
        return path
    target = work / "unpacked"
    try:
        with _opened(path, kind) as contents, target.open("wb") as out:
            _copy(contents, out, path.stat().st_size)
    except _DAMAGED as error:
        words = str(error).rstrip(".") or type(error).__name__
        raise DataRefused(f"the file is damaged and cannot be unpacked ({kind}: {words}). Ask for it again.") from None
    except OSError as error:
        raise HomeBusy(f"The temporary folder {work.parent} cannot be written: {error.strerror}.") from None
    return target


def _is_packed(path: Path, start: bytes, source: Source) -> bool:
    """Whether the file of a format that is no zip archive is one all the same, and no workbook."""
    if start not in _ZIP or source.file_format == "excel":
        return False
    try:
        with ZipFile(path) as archive:
            return _OF_WORKBOOKS.isdisjoint(archive.namelist())
    except _DAMAGED:
        return False


@contextmanager
def _opened(path: Path, kind: str) -> Iterator[_Readable]:
    if kind == "gzip":
        with gzip.open(path) as contents:
            yield contents
    elif kind == "zstd":
        with _zstd(path) as contents:
            yield contents
    else:
        with ZipFile(path) as archive, archive.open(_only_member(archive)) as contents:
            yield contents


@contextmanager
def _zstd(path: Path) -> Iterator[_Readable]:
    # Python has zstd of its own from 3.14 on.
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    try:
        with zstd.ZstdFile(path) as contents:
            yield contents
    except zstd.ZstdError as error:
        raise _Damaged(str(error)) from None


def _only_member(archive: ZipFile) -> ZipInfo:
    members = [
        info
        for info in archive.infolist()
        if not info.is_dir() and not info.filename.startswith("__MACOSX/") and not info.filename.endswith(".DS_Store")
    ]
    if len(members) != 1:
        raise DataRefused(
            f"the zip archive holds {plural(len(members), 'file')}, where one is wanted. Deliver each file by itself."
        )
    if members[0].flag_bits & 1:
        raise DataRefused("the zip archive is encrypted. Deliver it without a password.")
    return members[0]


def _copy(contents: _Readable, out: IO[bytes], packed: int) -> None:
    written = 0
    while piece := contents.read(_PIECE):
        written += len(piece)
        _require_bounded(written, packed)
        out.write(piece)


def _require_bounded(size: int, packed: int) -> None:
    if size > MOST_BYTES:
        raise DataRefused(f"the file unpacks to more than {MOST_BYTES >> 30} GiB. Deliver it in parts.")
    if size > FREE_BYTES and size > MOST_TIMES * packed:
        raise DataRefused(
            f"the file unpacks to more than {MOST_TIMES} times its size, as if to fill the disk. Deliver it unpacked."
        )


def _require_bounded_parts(path: Path) -> None:
    """A workbook is an archive of parts; they are read whole."""
    try:
        with ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
    except _DAMAGED:
        return
    if size > MOST_WORKBOOK_BYTES:
        raise DataRefused(f"the workbook unpacks to more than {MOST_WORKBOOK_BYTES >> 30} GiB. Deliver it as CSV.")
    _require_bounded(size, path.stat().st_size)
