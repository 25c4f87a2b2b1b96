"""The page that a layout asks for: paper, white space, and the room that is left for content, in millimetres.

Belongs here: lengths that follow from the layout alone. What fits into the room is planned by ``page_plan.py``,
``summary_plan.py`` and their neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

from scorecards.packs import PAPERS, Layout, Margins

POINTS = 0.3528
"""Millimetres."""
HEAD, FOOT = 9.0, 3.0
# The content of A4 landscape within margins of 12 mm: what widths of columns were drawn for.
DRAWN_FOR = 273.0
# The height of a page that takes whatever there is.
ENDLESS = 100_000.0
# The most width and height of a chart on a screen, which grows with the screen: on a phone its words can be read.
SCREEN_CHART = (74.0, 30.0)
_NARROW, _CHART_WIDTH = 225.0, 91.0


@dataclass(frozen=True)
class Page:
    """A page: the paper, its margins with the room of the running head and foot, and the content between them."""

    paper_width: float
    paper_height: float
    top: float
    right: float
    bottom: float
    left: float

    @property
    def width(self) -> float:
        """The width of the content."""
        return round(self.paper_width - self.left - self.right, 2)

    @property
    def height(self) -> float:
        """The height of the content."""
        return round(self.paper_height - self.top - self.bottom, 2)

    @property
    def is_narrow(self) -> bool:
        """Whether tables give up columns that say least."""
        return self.width < _NARROW

    def part(self, length: float) -> float:
        """A width that was drawn for A4 landscape, in proportion to this page."""
        return length * self.width / DRAWN_FOR

    def charts_across(self) -> tuple[int, int, int]:
        """How many charts stand side by side: as is best, then more where else they would be too low to read."""
        best = max(2, round(self.width / _CHART_WIDTH))
        return best, best + 1, best + 2


def page_of(layout: Layout) -> Page:
    """The page of a layout."""
    short, long = PAPERS[layout.paper or "A4"]
    margins = layout.margins or Margins()
    width, height = (long, short) if layout.orientation == "landscape" else (short, long)
    return Page(width, height, margins.top + HEAD, margins.right, margins.bottom + FOOT, margins.left)
