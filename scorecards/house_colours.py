"""The colours that a pack has where none are declared, and which of them must be told apart.

Belongs here: the colours themselves, since rules about declared ones compare them with these. Where each is drawn is
``report_templates/palette.py`` and the templates.
"""

from __future__ import annotations

from typing import Literal

StatusName = Literal["good", "warning", "bad"]
INK = "#1b2430"
GREY = "#5d6875"
RULE = "#d6dce2"
SOFT = "#eef1f4"
MID = "#808c99"
LIGHT = "#d9dee4"
COLUMN = "#7b8795"
# The three differ in lightness too, bad the darkest, so that they differ in black and white and to every eye.
STATUS_MARKS: dict[StatusName, str] = {"good": "#0b786d", "warning": "#b67d00", "bad": "#9f1f1a"}
STATUS_WORDS: dict[StatusName, str] = {"good": "#095d54", "warning": "#8f6300", "bad": "#760b09"}
STATUS_TINTS: dict[StatusName, str] = {"good": "#e3f1ef", "warning": "#fbf1dc", "bad": "#fae6e3"}
STATUSES: tuple[StatusName, ...] = ("good", "warning", "bad")
