"""What an SVG may draw: elements that use others, which use others, are drawn as often as they are used.

Belongs here: counting while WeasyPrint draws. It measures and draws by the two methods that are counted here, whatever
an element is reached by: use, pattern, marker, mask, or an image in an image.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from weasyprint import images
from weasyprint.svg import SVG
from weasyprint.urls import FatalURLFetchingError

MOST_ELEMENTS = 25_000
"""As many elements one image draws at most, each as often as it is used."""


class TooMuch(FatalURLFetchingError):  # type: ignore[misc]
    """An image draws more elements than it may."""


class _Drawing:
    """The image that is drawn now, with those in it: how deep, and how many elements so far."""

    depth = 0
    elements = 0

    def count(self) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise TooMuch


_now = _Drawing()


def _counted(theirs: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*arguments: Any, **named: Any) -> Any:
        _now.count()
        return theirs(*arguments, **named)

    return counted


class BoundedImage(images.SVGImage):  # type: ignore[misc]
    """An SVG that raises ``TooMuch`` where it draws more than it may; WeasyPrint would leave it out in silence."""

    def draw(self, stream: Any, concrete_width: float, concrete_height: float, style: object) -> None:
        """Draw the image, which is as WeasyPrint draws it."""
        if not _now.depth:
            _now.elements = 0
        _now.depth += 1
        try:
            super().draw(stream, concrete_width, concrete_height, style)
        finally:
            _now.depth -= 1
        if _now.elements > MOST_ELEMENTS:
            name = self._base_url or ""
            told = "an SVG of a template" if name.endswith("/") else name
            raise TooMuch(f"{told} draws more than {MOST_ELEMENTS:,} elements, each counted as often as it is used")


def bound() -> None:
    """Have WeasyPrint draw every SVG within these bounds."""
    # At the class itself, from which patterns draw too.
    SVG.draw_node, SVG.calculate_bounding_box = _counted(SVG.draw_node), _counted(SVG.calculate_bounding_box)
    images.SVGImage = BoundedImage
