"""The colours of a pack. Colour means status or nothing.

Wherever one of these stands, a sign and a word stand with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scorecards.colours import tint
from scorecards.house_colours import (
    COLUMN,
    GREY,
    INK,
    LIGHT,
    MID,
    RULE,
    SOFT,
    STATUS_MARKS,
    STATUS_WORDS,
    STATUSES,
    StatusName,
)
from scorecards.house_colours import STATUS_TINTS as HOUSE_TINTS
from scorecards.packs import Colours
from transforms.pack import Status


def _of_statuses(shown: Mapping[StatusName, str], without: str) -> dict[Status | None, str]:
    return {status: without if status is None else shown[status] for status in (*STATUSES, None)}


STATUS_COLOURS = _of_statuses(STATUS_MARKS, GREY)
STATUS_TEXT = _of_statuses(STATUS_WORDS, GREY)
STATUS_TINTS = _of_statuses(HOUSE_TINTS, SOFT)
BAND_GREYS = ("#cdd4db", "#dde2e8", "#edf0f3")
# The same on a dark screen; paper never has them.
DARK = {
    "paper": "#12181f", "ink": "#e8edf2", "grey": "#a3afbc", "mid": "#6d7986", "rule": "#313b46", "soft": "#1d262f",
    "light": "#35404b", "column": "#667280", "band-1": "#3d4853", "band-2": "#303a45", "band-3": "#232c36",
    "good": "#54cebe", "good-line": "#2fa898", "good-tint": "#123430", "warning": "#ffd087", "warning-line": "#e0ad45",
    "warning-tint": "#3a2d10", "bad": "#f8776b", "bad-line": "#d2453a", "bad-tint": "#43211d",
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
    """Our colours with those that a layout declares; a status takes one colour, and a tint of it as its ground.

    Where one status is declared, the others' marks take the colour of their words too: the three are one set.
    """
    if colours is None:
        return Palette()
    grey, soft = colours.grey or GREY, colours.soft or SOFT
    said: dict[Status | None, str | None] = {
        "good": colours.good, "warning": colours.warning, "bad": colours.bad, None: colours.grey
    }  # fmt: skip
    marks = STATUS_TEXT if any(said[status] for status in STATUS_MARKS) else STATUS_COLOURS
    return Palette(
        INK=colours.ink or INK,
        GREY=grey,
        RULE=colours.rule or RULE,
        SOFT=soft,
        COLUMN=colours.column or COLUMN,
        STATUS_COLOURS={status: said[status] or ours for status, ours in marks.items()},
        STATUS_TEXT={status: said[status] or ours for status, ours in STATUS_TEXT.items()},
        STATUS_TINTS={
            status: soft if status is None else tint(own) if (own := said[status]) else ours
            for status, ours in STATUS_TINTS.items()
        },
    )


DRAWN = Palette().DRAWN
