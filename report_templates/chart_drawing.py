"""Charts drawn straight into the PDF: what WeasyPrint does with an inline SVG, for the few forms that ours have.

WeasyPrint sets each letter of a chart's text by itself, and each anchored text as an object of its own; a pack's charts
then take half of the time of painting. Here a text is set once, and a path is written as it is. A chart that holds
anything else (a project's own, a logo) is left to WeasyPrint as a whole.

Belongs here: drawing. Which charts these are is ``chart_reading.py``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

from weasyprint.css.properties import INITIAL_VALUES
from weasyprint.draw.text import draw_emojis, draw_first_line
from weasyprint.matrix import Matrix
from weasyprint.svg.text import Style, TextBox
from weasyprint.text.line_break import Layout, line_size

from report_templates.bounded_svg import BoundedImage
from report_templates.chart_reading import Shape, Words, read_chart

# SVG's own; PDF's is 10.
_MITER = 4


class ChartImage(BoundedImage):
    """An inline SVG that is drawn here where it can be, else by WeasyPrint."""

    def __init__(self, tree: Element, base_url: str, url_fetcher: object, context: Any) -> None:
        super().__init__(tree, base_url, url_fetcher, context)
        self._tree = tree

    def draw(self, stream: Any, concrete_width: float, concrete_height: float, _style: object) -> None:
        """Draw the chart into the stream, as large as it fits the given size, in its middle."""
        chart = read_chart(self._tree)
        if chart is None:
            super().draw(stream, concrete_width, concrete_height, _style)
            return
        scale = min(concrete_width / chart.width, concrete_height / chart.height)
        stream.push_state()
        stream.transform(
            a=scale,
            d=scale,
            e=(concrete_width - chart.width * scale) / 2 - chart.left * scale,
            f=(concrete_height - chart.height * scale) / 2 - chart.top * scale,
        )
        stream.set_miter_limit(_MITER)
        pen = _Pen(stream)
        for mark in chart.marks:
            if isinstance(mark, Shape):
                pen.draw(mark)
            else:
                _write(stream, mark, _text_style(self._context.font_config, chart.families, mark.size, mark.weight))
        stream.pop_state()


class _Pen:
    """Draws shapes, and sets only what differs from the shape before."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.width, self.dashes, self.cap, self.join = 1.0, tuple[float, ...](), 0, 0

    def draw(self, shape: Shape) -> None:
        stream = self.stream
        if shape.fill is not None:
            stream.set_color(shape.fill)
        if shape.stroke is not None:
            stream.set_color(shape.stroke, stroke=True)
            if shape.width != self.width:
                stream.set_line_width(shape.width)
            if shape.dashes != self.dashes:
                stream.set_dash(shape.dashes, 0)
            if shape.cap != self.cap:
                stream.set_line_cap(shape.cap)
            if shape.join != self.join:
                stream.set_line_join(shape.join)
            self.width, self.dashes, self.cap, self.join = shape.width, shape.dashes, shape.cap, shape.join
        stream.stream.append(shape.operators)
        if shape.fill is not None and shape.stroke is not None:
            stream.fill_and_stroke()
        elif shape.stroke is not None:
            stream.stroke()
        elif shape.fill is not None:
            stream.fill()
        else:
            stream.end()


def _write(stream: Any, words: Words, style: Any) -> None:
    layout = Layout(style)
    layout.set_text(words.text)
    width = line_size(layout.get_first_line()[0], style)[0] if words.share else 0.0
    stream.set_color(words.fill)
    stream.begin_text()
    x = words.x - width * words.share
    emojis = draw_first_line(stream, TextBox(layout, style), "none", "none", Matrix(d=-1, e=x, f=words.y))
    stream.end_text()
    draw_emojis(stream, style, x, words.y, emojis)


@lru_cache(maxsize=64)
def _text_style(font_config: object, families: tuple[str, ...], size: float, weight: int) -> Any:
    style = Style(INITIAL_VALUES)
    style.font_config = font_config
    style.update(font_family=list(families), font_style="normal", font_weight=weight, font_size=size)
    return style
