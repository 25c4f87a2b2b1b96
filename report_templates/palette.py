"""The colours of a pack. Colour means status or nothing.

Wherever one of these stands, a sign and a word stand with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scorecards.colours import tint
from scorecards.packs import Colours
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
# The same on a dark screen; paper never has them.
DARK = {
    "paper": "#12181f", "ink": "#e8edf2", "grey": "#a3afbc", "mid": "#6d7986", "rule": "#313b46", "soft": "#1d262f",
    "light": "#35404b", "column": "#7d8997", "band-1": "#3d4853", "band-2": "#303a45", "band-3": "#232c36",
    "good": "#5cc9bb", "good-line": "#3fb3a4", "good-tint": "#123430", "warning": "#e5b04a", "warning-line": "#d39c2f",
    "warning-tint": "#3a2d10", "bad": "#ff9484", "bad-line": "#f0715f", "bad-tint": "#43211d",
}  # fmt: skip


@dataclass(frozen=True)
class Palette:
    """The colours of one layout, named as the constants whose place they take."""

    INK: str = INK
    GREY: str = GREY
    RULE: str = RULE
    SOFT: str = SOFT
    MID: str = MID
    LIGHT: str = LIGHT
    COLUMN: str = COLUMN
    BAND_GREYS: tuple[str, ...] = BAND_GREYS
    STATUS_COLOURS: Mapping[Status | None, str] = field(default_factory=lambda: STATUS_COLOURS)
    STATUS_TEXT: Mapping[Status | None, str] = field(default_factory=lambda: STATUS_TEXT)
    STATUS_TINTS: Mapping[Status | None, str] = field(default_factory=lambda: STATUS_TINTS)

    @property
    def DRAWN(self) -> dict[str, str]:  # noqa: N802 (named as the constant)
        """Names of the colours that charts are drawn in, for a style sheet that shows them in others."""
        return {
            "paper": "white", "ink": self.INK, "grey": self.GREY, "mid": self.MID, "rule": self.RULE,
            "soft": self.SOFT, "light": self.LIGHT, "column": self.COLUMN,
            **{f"band-{place}": grey for place, grey in enumerate(self.BAND_GREYS, start=1)},
            **{f"{status}-line": colour for status, colour in self.STATUS_COLOURS.items() if status},
            **{f"{status}": colour for status, colour in self.STATUS_TEXT.items() if status},
        }  # fmt: skip

    @property
    def DARK(self) -> dict[str, str]:  # noqa: N802
        """The same on a dark screen, where a layout's own colours do not hold."""
        return DARK


def palette_of(colours: Colours | None) -> Palette:
    """Our colours with those that a layout declares; a status takes one colour, and a tint of it as its ground."""
    if colours is None:
        return Palette()
    grey, soft = colours.grey or GREY, colours.soft or SOFT
    said: dict[Status | None, str | None] = {
        "good": colours.good, "warning": colours.warning, "bad": colours.bad, None: colours.grey
    }  # fmt: skip
    return Palette(
        INK=colours.ink or INK,
        GREY=grey,
        RULE=colours.rule or RULE,
        SOFT=soft,
        COLUMN=colours.column or COLUMN,
        STATUS_COLOURS={status: said[status] or ours for status, ours in STATUS_COLOURS.items()},
        STATUS_TEXT={status: said[status] or ours for status, ours in STATUS_TEXT.items()},
        STATUS_TINTS={
            status: soft if status is None else tint(own) if (own := said[status]) else ours
            for status, ours in STATUS_TINTS.items()
        },
    )


DRAWN = Palette().DRAWN
