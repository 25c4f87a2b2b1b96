"""The pack's typeface: static cuts of Inter, made once from the pinned font package and kept with the installation.

What belongs here: which signs and weights the packs can set, making the cuts, and finding them again. Sizes, colours
and where a weight is used belong in the style sheets.

Static cuts, because the time to write a PDF grows with the font that is embedded, and the variable Inter is ten times
the size of a cut. A family name of our own, because a font of the same name on the machine would be mixed in: the same
inputs would then no longer give the same bytes.
"""

import os
import sys
import tempfile
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import as_file, files
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from scorecards.packs import Font

FAMILY: Final = "Scorepack Inter"
"""The CSS family name of the cuts."""

WEIGHTS: Final = {400: "normal", 650: "bold"}
"""Weights that are cut, and the CSS ``font-weight`` that selects each: WeasyPrint knows full hundreds only."""

SIGNS: Final = (
    range(0x0020, 0x007F),  # Basic Latin
    range(0x00A0, 0x0180),  # Latin-1, Latin Extended-A
    range(0x0218, 0x021C),  # the Romanian letters with comma below
    range(0x0384, 0x03CF),  # Greek
    range(0x0400, 0x0460),  # Cyrillic
    range(0x2009, 0x2028),  # thin space, dashes, quotation marks, bullet, ellipsis
    (0x2007, 0x202F, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x2044),  # figure and narrow spaces, ‰ ′ ″ ‹ › ⁄
    range(0x2070, 0x208F),  # superior and inferior figures
    (0x20AC, 0x2116, 0x2122),  # € № ™
    range(0x2190, 0x219A),  # arrows
    (0x2206, 0x2211, 0x2212, 0x221A, 0x221E, 0x2248, 0x2260, 0x2264, 0x2265),  # ∆ ∑ − √ ∞ ≈ ≠ ≤ ≥
    range(0x25A0, 0x25D0),  # geometric shapes
    (0x2605, 0x2606, 0x26A0, 0x2713, 0x2717),  # ★ ☆ ⚠ ✓ ✗
)
"""Code points that the cuts hold as far as the typeface draws them; anything else falls back to a system font."""

# Contextual alternates stay out: they show "->" as an arrow and the x of "3x4" as ×, which is not what was written.
_FEATURES: Final = (
    *("kern", "mark", "mkmk", "ccmp", "locl", "case"),
    *("tnum", "pnum", "zero", "frac", "numr", "dnom", "sups", "subs"),
)
_PACKAGE: Final = "fontpkg-inter"
_SOURCE: Final = ("fontpkg_inter", "files", "Inter[opsz,wght].ttf")
_OPTICAL_SIZE: Final = 14
_RECIPE: Final = 1  # to be raised when making a cut changes below without a change in the constants above


def font_face_css() -> str:
    """Give the ``@font-face`` rules that declare the cuts as the family ``FAMILY``, by file address.

    Raises ``OSError`` when the cuts are missing and neither the installation nor the user's cache can be written.
    """
    rule = '@font-face {{ font-family: "{}"; font-weight: {}; font-style: normal; src: url("{}"); }}'
    return "\n".join(rule.format(FAMILY, WEIGHTS[weight], path.as_uri()) for weight, path in font_files().items())


def own_font_face_css(family: str, font: Font) -> str:
    """Give the ``@font-face`` rules of a project's own typeface; addresses are below the project."""
    rule = '@font-face {{ font-family: "{}"; font-weight: {}; font-style: normal; src: url("{}"); }}'
    return "\n".join(
        rule.format(family, WEIGHTS[weight], quote(name)) for weight, name in ((400, font.regular), (650, font.bold))
    )


def font_files() -> dict[int, Path]:
    """Give the font file of each weight in ``WEIGHTS``; made first where missing. Raises as ``font_folder`` does."""
    folder = font_folder()
    return {weight: folder / _file_name(weight) for weight in WEIGHTS}


@cache
def font_folder() -> Path:
    """Give the folder that holds the cuts, and make them where they are missing (some seconds, once).

    The folder belongs to the installation (``sys.prefix``), or to the user's cache where that cannot be written. Its
    name changes with the font package, with fontTools and with what is cut, so that an old cut is never taken for a
    new one. Raises ``OSError`` when neither place can be written.
    """
    homes = (Path(sys.prefix, "share"), _user_cache())
    places = [home / "scorepack" / "fonts" / _edition() for home in homes]
    for place in places:
        if _is_complete(place):
            return place
    try:
        return _build(places[0])
    except OSError:
        return _build(places[1])


def cut(weight: int) -> bytes:
    """Make the static TrueType font of one weight (100 to 900); the same bytes at every call.

    The optical size is the one for text, at every size on the page: titles and figures then match the tables.
    """
    from fontTools import subset, ttLib
    from fontTools.varLib import instancer

    options = subset.Options(
        layout_features=list(_FEATURES),
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        name_languages=[0x409],
        hinting=False,
        notdef_outline=True,
        recalc_timestamp=False,
    )
    with as_file(files(_SOURCE[0]).joinpath(*_SOURCE[1:])) as source, ttLib.TTFont(source) as font:
        font.recalcTimestamp = False
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=[sign for group in SIGNS for sign in group])
        subsetter.subset(font)
        instancer.instantiateVariableFont(font, {"wght": weight, "opsz": _OPTICAL_SIZE}, inplace=True)
        del font["STAT"]
        _rename(font, weight)
        target = BytesIO()
        font.save(target)
    return target.getvalue()


def _rename(font: Any, weight: int) -> None:
    """Name the cut after our family; copyright and licence (names 0, 13, 14) stay as their owners wrote them."""
    style = f"W{weight}"
    postscript_name = f"{FAMILY.replace(' ', '')}-{style}"
    names = {1: FAMILY, 2: style, 3: f"{postscript_name};{_edition()}", 4: f"{FAMILY} {style}", 6: postscript_name}
    for name_id, text in names.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)


@cache
def _edition() -> str:
    """Name what determines the bytes of the cuts: ``4.1-0f3a…``."""
    recipe = (FAMILY, sorted(WEIGHTS), [list(group) for group in SIGNS], _FEATURES, _OPTICAL_SIZE, _RECIPE)
    made_with = (version(_PACKAGE), version("fonttools"))
    return f"{made_with[0]}-{sha256(repr((recipe, made_with)).encode()).hexdigest()[:12]}"


def _file_name(weight: int) -> str:
    return f"inter-{weight}.ttf"


def _is_complete(folder: Path) -> bool:
    return all((folder / _file_name(weight)).is_file() for weight in WEIGHTS)


def _build(folder: Path) -> Path:
    """Make all cuts beside ``folder`` and put them in place as a whole, so that a reader never meets half of them."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=folder.parent, ignore_cleanup_errors=True) as draft:
        ready = Path(draft, "ready")
        ready.mkdir()
        for weight in WEIGHTS:
            (ready / _file_name(weight)).write_bytes(cut(weight))
        try:
            ready.rename(folder)
        except OSError:
            # Another process was quicker, and a folder that holds files is not replaced.
            if not _is_complete(folder):
                raise
    return folder


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


if __name__ == "__main__":
    print("\n".join(f"{path}  {path.stat().st_size / 1000:.0f} kB" for path in font_files().values()))
