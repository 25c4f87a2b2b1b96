"""The archive of a workbook: that it is what its directory says, before anything trusts the directory.

Imported where workbooks are read (``workbook_process.py``): it must not import what takes long.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from warehouse.workbook_xml import require_well_formed

_PIECE = 1 << 20
_OPEN_DOCUMENT = "content.xml"


class Refused(Exception):
    """Why a workbook is not read, as a whole sentence."""


def require_sound_parts(path: Path) -> None:
    """Raise ``Refused`` where a part comes twice, or unpacks to another size than the archive's directory says.

    Programs choose differently between parts of one name, and some read on where the directory says that a part ends.
    Of an OpenDocument workbook the XML must be well formed too. What is no archive is for its reader to judge.
    """
    try:
        with ZipFile(path) as archive, path.open("rb") as handle:
            names = [info.filename.lower() for info in archive.infolist()]
            if len(set(names)) < len(names):
                raise Refused("the workbook holds a part twice. Save it anew and deliver it again.")
            for info in archive.infolist():
                if not _is_as_told(handle, info):
                    raise Refused(
                        "the workbook is damaged: a part has another size than its directory says. Ask for it again."
                    )
            if _OPEN_DOCUMENT in archive.namelist():
                # Its reader waits for ever for the end of XML that has none.
                with archive.open(_OPEN_DOCUMENT) as content:
                    require_well_formed(content)
    except ValueError as error:
        raise Refused(f"the file cannot be read as a workbook: {error}.") from None
    except (BadZipFile, struct.error, zlib.error):
        return


def _is_as_told(handle: IO[bytes], info: ZipInfo) -> bool:
    handle.seek(info.header_offset)
    name, extra = struct.unpack("<26x2H", handle.read(30))
    handle.seek(name + extra, 1)
    if info.compress_type == ZIP_STORED:
        return info.file_size == info.compress_size
    if info.compress_type != ZIP_DEFLATED:
        return False
    unpacker, left, size = zlib.decompressobj(-15), info.compress_size, 0
    while left > 0 and not unpacker.eof and size <= info.file_size:
        packed = handle.read(min(left, _PIECE))
        if not packed:
            return False
        left -= len(packed)
        while packed and size <= info.file_size:
            size += len(unpacker.decompress(packed, _PIECE))
            packed = unpacker.unconsumed_tail
    return unpacker.eof and size == info.file_size
