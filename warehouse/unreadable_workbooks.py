"""Why a file cannot be read as a workbook, and what helps: text under a workbook's name, or a workbook cut off."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import is_zipfile

from warehouse.reading import first_sentence
from warehouse.text_files import UTF_16_MARKS
from warehouse.workbook_binary import COMPOUND

_WORKBOOK = "the file cannot be read as a workbook"
_LOOKED_AT = 4096
_ARCHIVE = b"PK"
_HTML = re.compile(rb"<(!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE)
# Bytes that no text has, in UTF-8 or with one byte a letter.
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")


def unreadable_workbook(path: Path, error: Exception) -> str:
    """That the file is no workbook, in words of ours where its first bytes tell what it is, else in the reader's."""
    with path.open("rb") as handle:
        start = handle.read(_LOOKED_AT)
    if start.startswith(_ARCHIVE) and not is_zipfile(path):
        return f"{_WORKBOOK}: it is cut off or damaged. Ask for it to be delivered again."
    if start.startswith((_ARCHIVE, COMPOUND)):
        return f"{_WORKBOOK}: {first_sentence(error)}"
    if _HTML.search(start) and start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return f"{_WORKBOOK}: it looks like HTML. Ask for a workbook, or for text with 'format: csv' in the contract."
    if start.startswith(UTF_16_MARKS) or not _NO_TEXT.search(start):
        return f"{_WORKBOOK}: it looks like text. Declare format: csv, or ask for a workbook."
    return f"{_WORKBOOK}: {first_sentence(error)} Ask for it to be delivered again."
