"""Delivered text files as UTF-8 with plain newlines, and what one look at all their bytes tells.

Belongs here: encodings, byte order marks, newlines. What stands between delimiters is for ``records.py``.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scorecards.errors import DataRefused
from warehouse.workbook_binary import COMPOUND

_PIECE = 1 << 22
_MARK = codecs.BOM_UTF8
MOST_BYTES_OF_A_LINE = 64 << 20
"""A line of so many bytes has no end: the file is refused. It is told from pieces of the file that have none."""

_OTHER_FORMATS = {
    b"PK\x03\x04": "a workbook or a zip archive",
    COMPOUND: "an old Excel workbook",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "compressed with gzip",
    b"(\xb5/\xfd": "compressed with zstd",
    b"%PDF": "a PDF",
}
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Text:
    """A UTF-8 text file whose lines end in a line feed: its path, number of lines, and what its bytes hold.

    ``is_open`` tells that its last line has no end, as in a file that was cut off.
    """

    path: Path
    lines: int
    has_nul: bool
    is_open: bool = False


@dataclass(frozen=True)
class _Look:
    lines: int
    returns: int
    has_nul: bool
    has_mark: bool
    is_ascii: bool
    is_open: bool
    longest: int


def as_text(path: Path, encoding: str, work: Path, *, is_one_value: bool = False) -> Text:
    """The file as UTF-8 text with line feeds: the file itself where it is that already, else a copy in ``work``.

    Carriage returns before a line feed go, also inside quotes; as the only line ends they become line feeds.
    Raises ``DataRefused`` for bytes that are not of the encoding, naming the line, and, unless the file
    ``is_one_value``, for a line that has no end.
    """
    name = codecs.lookup(encoding).name
    _refuse_other_formats(path, name)
    name = byte_order(path, name)
    if name not in ("utf-8", "utf-8-sig", "ascii"):
        path = _transcoded(path, name, encoding, work / "transcoded")
    look = _look_at(path, encoding)
    if look.has_mark or look.returns:
        path = _with_line_feeds(path, work / "line_feeds", only_returns=look.lines <= 1 < look.returns)
        look = _look_at(path, encoding)
    if look.longest >= MOST_BYTES_OF_A_LINE and not is_one_value:
        raise DataRefused(
            f"the file holds a line of more than {MOST_BYTES_OF_A_LINE >> 20} MiB. "
            "Check that it is text with line ends."
        )
    return Text(path, look.lines, look.has_nul, look.is_open)


def _refuse_other_formats(path: Path, name: str) -> None:
    with path.open("rb") as handle:
        start = handle.read(4096)
    for magic, what in _OTHER_FORMATS.items():
        if start.startswith(magic):
            raise DataRefused(f"the file is {what}, not text. Declare its format, or ask for text.")
    if is_wide(start) and not name.startswith(("utf-16", "utf-32")):
        raise DataRefused("the file looks like utf-16 text. Declare encoding: utf-16 in the contract.")


def is_wide(start: bytes) -> bool:
    """Whether the first bytes of a file look like text of two or four bytes a letter.

    Of a plain letter some of them are zero, and one never is; a block of NUL is zero everywhere.
    """
    zeros = [start[place::4].count(0) for place in range(4)]
    return start.startswith(UTF_16_MARKS) or (sum(zeros) > len(start) // 5 and min(zeros) * 20 < max(zeros))


def byte_order(path: Path, name: str) -> str:
    """The encoding with the order of its bytes, where neither the contract nor a byte order mark tells it."""
    if name not in ("utf-16", "utf-32"):
        return name
    with path.open("rb") as handle:
        start = handle.read(4096)
    if start.startswith(UTF_16_MARKS) or start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return name
    # Of a plain letter, all bytes but one are zero: the last one in big endian, the first one in little endian.
    width = int(name[-2:]) // 8
    is_big = start[0::width].count(0) > start[width - 1 :: width].count(0)
    return f"{name}-{'be' if is_big else 'le'}"


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while piece := handle.read(_PIECE):
            yield piece


def _look_at(path: Path, encoding: str) -> _Look:
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = returns = run = longest = 0
    has_nul = has_mark = False
    is_ascii, is_first, last = True, True, b"\n"
    for piece in _pieces(path):
        if is_first:
            has_mark, is_first = piece.startswith(_MARK), False
        if not (is_ascii and piece.isascii()):
            is_ascii = False
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                raise DataRefused(_not_text(error, lines, encoding)) from None
        ends = piece.count(b"\n")
        lines += ends
        run = 0 if ends else run + len(piece)
        longest = max(longest, run)
        # To look whether there is any costs a sixth of counting them.
        returns += piece.count(b"\r") if b"\r" in piece else 0
        has_nul = has_nul or b"\0" in piece
        last = piece[-1:]
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise DataRefused(_not_text(error, lines, encoding)) from None
    return _Look(lines + (last != b"\n"), returns, has_nul, has_mark, is_ascii, last != b"\n", longest)


def _not_text(error: UnicodeDecodeError, lines_before: int, encoding: str) -> str:
    line = lines_before + error.object[: error.start].count(b"\n") + 1
    byte = error.object[error.start]
    return (
        f"line {line} holds the byte 0x{byte:02x}, which is not {encoding} text. "
        "Correct 'encoding' in the contract (files from Windows are often cp1252), or ask for the file again."
    )


def _transcoded(path: Path, name: str, encoding: str, target: Path) -> Path:
    decoder = codecs.getincrementaldecoder(name)()
    lines, is_utf_8, has_more_than_ascii = 1, True, False
    judge = codecs.getincrementaldecoder("utf-8")()
    with target.open("w", encoding="utf-8", newline="") as out:
        for piece in _pieces(path):
            try:
                text = decoder.decode(piece)
            except UnicodeError as error:
                raise DataRefused(
                    f"the file is not {encoding} text, from about line {lines} on ({error}). "
                    "Correct 'encoding' in the contract."
                ) from None
            lines += text.count("\n")
            out.write(text)
            if is_utf_8:
                has_more_than_ascii = has_more_than_ascii or not piece.isascii()
                try:
                    judge.decode(piece)
                except UnicodeDecodeError:
                    is_utf_8 = False
        try:
            out.write(decoder.decode(b"", final=True))
        except UnicodeError:
            raise DataRefused(
                f"the file ends in the middle of a character of {encoding}. Ask for it to be delivered again."
            ) from None
    # Bytes that make sense as UTF-8 beyond ASCII are UTF-8: read as one byte a letter they would become wrong.
    if is_utf_8 and has_more_than_ascii and not name.startswith("utf"):
        raise DataRefused(f"the file is utf-8 text, not {encoding}. Declare encoding: utf-8 in the contract.")
    return target


def _with_line_feeds(path: Path, target: Path, *, only_returns: bool) -> Path:
    held, is_first = b"", True
    with target.open("wb") as out:
        for piece in _pieces(path):
            if is_first:
                piece, is_first = piece.removeprefix(_MARK), False
            piece = held + piece
            held = b"\r" if piece.endswith(b"\r") and not only_returns else b""
            piece = piece[: len(piece) - len(held)]
            out.write(piece.replace(b"\r", b"\n") if only_returns else piece.replace(b"\r\n", b"\n"))
        out.write(held)
    return target
