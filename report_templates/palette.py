"""The colours of a pack. Colour means status or nothing.

Wherever one of these stands, a sign and a word stand with it.
"""

from __future__ import annotations

from transforms.pack import Status

INK = "#1b2430"
GREY = "#5d6875"
RULE = "#d6dce2"
SOFT = "#eef1f4"
MID = "#9aa5b1"
STATUS_COLOURS: dict[Status | None, str] = {"good": "#0b7a6f", "warning": "#b97900", "bad": "#c0392b", None: GREY}
STATUS_TEXT: dict[Status | None, str] = {"good": "#0a6b61", "warning": "#8a5a00", "bad": "#b03023", None: GREY}
STATUS_TINTS: dict[Status | None, str] = {"good": "#e3f1ef", "warning": "#fbf1dc", "bad": "#fae6e3", None: SOFT}
LIGHT = "#d9dee4"
COLUMN = "#8591a0"
BAND_GREYS = ("#cdd4db", "#dde2e8", "#edf0f3")
