"""The formats of files that can be read, and how a file's name tells them."""

from __future__ import annotations

import re
from typing import Literal

FileFormat = Literal["csv", "excel", "parquet", "jsonl", "json"]
PACKED = (".gz", ".zst", ".zip")
_SUFFIXES: dict[str, FileFormat] = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv",
    ".xlsx": "excel", ".xlsm": "excel", ".xls": "excel", ".xlsb": "excel", ".ods": "excel",
    ".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json",
}  # fmt: skip
FORMAT_NAMES: dict[FileFormat, str] = {
    "csv": "text files", "excel": "workbooks", "parquet": "Parquet", "jsonl": "JSON Lines", "json": "JSON",
}  # fmt: skip


def plain_suffix(path: str) -> str:
    """The suffix that tells the format: the last one, but for what says only how the file is packed."""
    name = path.lower()
    for packed in PACKED:
        name = name.removesuffix(packed)
    found = re.search(r"\.[a-z]+$", name)
    return found[0] if found else ""


def format_of(path: str) -> FileFormat | None:
    """The format that a path's suffix tells, if it does."""
    return _SUFFIXES.get(plain_suffix(path))
