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
# Names of the colours that charts are drawn in, for a style sheet that shows them in others.
DRAWN = {
    "paper": "white", "ink": INK, "grey": GREY, "mid": MID, "rule": RULE, "soft": SOFT, "light": LIGHT,
    "column": COLUMN,
    **{f"band-{place}": grey for place, grey in enumerate(BAND_GREYS, start=1)},
    **{f"{status}-line": colour for status, colour in STATUS_COLOURS.items() if status},
    **{f"{status}": colour for status, colour in STATUS_TEXT.items() if status},
}  # fmt: skip
# The same on a dark screen; paper never has them.
DARK = {
    "paper": "#12181f", "ink": "#e8edf2", "grey": "#a3afbc", "mid": "#6d7986", "rule": "#313b46", "soft": "#1d262f",
    "light": "#35404b", "column": "#7d8997", "band-1": "#3d4853", "band-2": "#303a45", "band-3": "#232c36",
    "good": "#5cc9bb", "good-line": "#3fb3a4", "good-tint": "#123430", "warning": "#e5b04a", "warning-line": "#d39c2f",
    "warning-tint": "#3a2d10", "bad": "#ff9484", "bad-line": "#f0715f", "bad-tint": "#43211d",
}  # fmt: skip
