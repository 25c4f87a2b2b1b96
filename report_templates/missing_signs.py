"""Signs that no typeface here has: a pack shows a box in the place of each.

Belongs here: asking WeasyPrint, which looks through the fonts of the machine where ours lack a sign.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterable
from html import escape
from pathlib import Path

from report_templates.fonts import FAMILY, font_face_css, font_files, own_font_face_css
from scorecards.packs import Font

# Joiners and selectors change the sign before them and have no look of their own.
_WITHOUT_LOOK = {"Cc", "Cf", "Mn", "Me", "Zl", "Zp"}


def missing_signs(texts: Iterable[str], root: Path, font: Font | None) -> dict[str, str]:
    """The signs of these texts that would be printed as boxes, each with the first text that has it.

    ``font`` is the project's own typeface, whose files lie below ``root``. Raises ``OSError`` where the fonts cannot be
    made.
    """
    known, wanted = _ours(), dict[str, str]()
    for text in texts:
        for sign in text:
            if ord(sign) not in known and unicodedata.category(sign) not in _WITHOUT_LOOK:
                wanted.setdefault(sign, text)
    lacking = _lacking("".join(wanted), root, font) if wanted else set()
    return {sign: text for sign, text in wanted.items() if sign in lacking}


def _ours() -> set[int]:
    from fontTools.ttLib import TTFont

    with TTFont(next(iter(font_files().values()))) as font:
        return set(font.getBestCmap())


def _lacking(signs: str, root: Path, font: Font | None) -> set[str]:
    """The signs of which WeasyPrint says that no font has them."""
    from weasyprint import HTML
    from weasyprint.logger import LOGGER

    told = _Told()
    own = "" if font is None else own_font_face_css("own", font)
    page = f'<style>{font_face_css()}{own} p {{ font-family: "own", "{FAMILY}" }}</style>'
    page += "".join(f"<p>{escape(sign)}</p>" for sign in signs)
    LOGGER.addHandler(told)
    try:
        HTML(string=page, base_url=f"{root.resolve().as_uri()}/").write_pdf()
    finally:
        LOGGER.removeHandler(told)
    return told.signs


class _Told(logging.Handler):
    """Keeps the signs that WeasyPrint warns of: the first of what its message is filled with."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.signs: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple) and ".notdef" in str(record.msg):
            self.signs.add(str(record.args[0]))
