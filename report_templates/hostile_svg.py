"""Images of a project that would grow without end while they are read or drawn.

Belongs here: what an SVG may not hold. How much one may draw is ``bounded_svg.py``, which needs WeasyPrint.
"""

from __future__ import annotations

from contextlib import suppress
from xml.parsers import expat

ENTITIES = "declares entities, which may expand without end"
REMEDY = "Save it without a DOCTYPE, as plain SVG."


class _Known(Exception):
    """The declarations of a document are read."""


def declares_entities(content: bytes) -> bool:
    """Whether a file is XML that declares entities: they stand before its first element, in any encoding."""
    found = list[str]()

    def note(name: str, *_: object) -> None:
        found.append(name)
        raise _Known

    def end(*_: object) -> None:
        raise _Known

    reader = expat.ParserCreate()
    reader.EntityDeclHandler, reader.StartElementHandler = note, end
    # What is no XML is no SVG.
    with suppress(_Known, expat.ExpatError):
        reader.Parse(content, True)
    return bool(found)
