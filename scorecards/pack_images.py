"""The images of a project's packs: whether each can be shown, within bounds of memory and time.

What cannot be read as an image WeasyPrint leaves out of a page without a word, and a few kilobytes can hold billions of
pixels. How much an SVG may draw is ``report_templates/bounded_svg.py``, which needs WeasyPrint.
"""

from __future__ import annotations

import io
import struct
import warnings
import xml.etree.ElementTree as ElementTree
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.parsers import expat

IMAGES = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp")
"""The endings of files that packs show as images."""

MOST_PIXELS = 25_000_000
"""As many pixels an image has at most: a page of A4 at 400 dots per inch has 15 million."""

ENTITIES = "declares entities, which may expand without end"
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_NO_IMAGES = (".css", ".ttf", ".otf", ".woff", ".woff2")
_AGAIN = "Save it again, as SVG, PNG, JPEG, GIF or WebP."


@dataclass(frozen=True)
class ImageFlaw:
    """Why a file is not shown, as the end of a sentence that begins with its name, and what to do about it."""

    what: str
    remedy: str


@lru_cache(maxsize=16)
def image_flaw(name: str, content: bytes) -> ImageFlaw | None:
    """Why a file of a project is not shown in a pack; None where it is, and of fonts and style sheets."""
    if declares_entities(content):
        return ImageFlaw(ENTITIES, "Save it without a DOCTYPE, as plain SVG.")
    ending = Path(name).suffix.lower()
    if ending in _NO_IMAGES:
        return None
    if ending not in IMAGES:
        return ImageFlaw("has the ending of no image", _AGAIN)
    return _flaw_of_svg(content) if ending == ".svg" else _flaw_of_pixels(content)


def _flaw_of_svg(content: bytes) -> ImageFlaw | None:
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        return ImageFlaw(f"is no SVG that can be read ({error})", _AGAIN)
    return None if root.tag.rpartition("}")[2] == "svg" else ImageFlaw("is no SVG: it begins otherwise", _AGAIN)


def _flaw_of_pixels(content: bytes) -> ImageFlaw | None:
    # Only projects with such images pay for Pillow here.
    from PIL import Image, ImageFile

    # WeasyPrint lets every process draw what is left of a file that is cut off.
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=_FORMATS)
            width, height = image.size
            if width * height <= MOST_PIXELS:
                image.load()
                return None
    except Image.DecompressionBombError:
        return ImageFlaw(f"has more than {MOST_PIXELS:,} pixels", "Save it smaller.")
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError, TypeError, struct.error):
        return ImageFlaw("cannot be read as an image: it is of another kind, cut off or damaged", _AGAIN)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
    told = f"has {width:,} times {height:,} pixels, more than {MOST_PIXELS:,} together"
    return ImageFlaw(told, "Save it smaller.")


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
