"""Charts read from their SVG, for the few forms that ours have.

Belongs here: what such a chart holds. An SVG with anything else is not read. How a chart is drawn is
``chart_drawing.py``; paths are ``chart_paths.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from xml.etree.ElementTree import Element

from tinycss2.color4 import Color, parse_color

from report_templates.chart_paths import path_operators

SVG = "{http://www.w3.org/2000/svg}"
_ROOT = {"class", "width", "height", "viewBox", "role", "font-family", "font-size"}
_PAINT = {"fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "fill-opacity"}
_KNOWN = {
    "path": {"d", *_PAINT},
    "rect": {"x", "y", "width", "height", *_PAINT},
    "text": {"x", "y", "fill", "font-size", "font-weight", "text-anchor"},
}
_CAPS = {"butt": 0, "round": 1, "square": 2}
_JOINS = {"miter": 0, "round": 1, "bevel": 2}
_SHARES = {"start": 0.0, "middle": 0.5, "end": 1.0}
_WEIGHTS: dict[str, str | int] = {"normal": 400, "bold": 700}


@dataclass(frozen=True)
class Shape:
    """A path as PDF's operators, with its paint."""

    operators: bytes
    fill: Color | None
    stroke: Color | None
    width: float
    dashes: tuple[float, ...]
    cap: int
    join: int


@dataclass(frozen=True)
class Words:
    """A text at a place; ``share`` of its width stands before the place."""

    text: str
    x: float
    y: float
    share: float
    size: float
    weight: int
    fill: Color


@dataclass(frozen=True)
class Chart:
    """A chart in the units of its view box, whose size is ``width`` times ``height``."""

    left: float
    top: float
    width: float
    height: float
    families: tuple[str, ...]
    marks: tuple[Shape | Words, ...]


def read_chart(tree: Element) -> Chart | None:
    """The chart of an SVG; None where it holds what is not drawn here."""
    try:
        return _chart(tree)
    except (KeyError, ValueError):
        return None


def _chart(tree: Element) -> Chart:
    if not tree.attrib.keys() <= _ROOT:
        raise ValueError(tree.attrib)
    left, top, width, height = map(float, tree.attrib["viewBox"].split())
    if width <= 0 or height <= 0:
        raise ValueError(tree.attrib)
    families = tuple(name.strip("\"' ") for name in tree.get("font-family", "sans-serif").split(","))
    marks = list[Shape | Words]()
    for node in tree:
        kind = node.tag.removeprefix(SVG)
        if kind == "title":
            continue
        if len(node) or not node.attrib.keys() <= _KNOWN[kind]:
            raise ValueError(node.attrib)
        marks.append(_words(node, tree) if kind == "text" else _shape(node, kind))
    return Chart(left, top, width, height, families, tuple(marks))


def _shape(node: Element, kind: str) -> Shape:
    operators = path_operators(node.attrib["d"] if kind == "path" else _rectangle(node))
    if operators is None:
        raise ValueError(node.attrib)
    return Shape(
        operators,
        _colour(node.get("fill", "black"), float(node.get("fill-opacity", "1"))),
        _colour(node.get("stroke", "none")),
        float(node.get("stroke-width", "1")),
        tuple(map(float, node.get("stroke-dasharray", "").replace(",", " ").split())),
        _CAPS[node.get("stroke-linecap", "butt")],
        _JOINS[node.get("stroke-linejoin", "miter")],
    )


def _rectangle(node: Element) -> str:
    x, y, width, height = (node.get(name, "0") for name in ("x", "y", "width", "height"))
    return f"M{x} {y}h{width}v{height}h-{width}z"


def _words(node: Element, tree: Element) -> Words:
    weight, fill = node.get("font-weight", "normal"), _colour(node.get("fill", "black"))
    if fill is None:
        raise ValueError(node.attrib)
    return Words(
        " ".join((node.text or "").split()),
        float(node.get("x", "0")),
        float(node.get("y", "0")),
        _SHARES[node.get("text-anchor", "start")],
        float(node.get("font-size") or tree.attrib["font-size"]),
        int(_WEIGHTS.get(weight, weight)),
        fill,
    )


@lru_cache(maxsize=256)
def _colour(name: str, opacity: float = 1) -> Color | None:
    if name == "none":
        return None
    found = parse_color(name)
    if not isinstance(found, Color):
        raise ValueError(name)
    found.alpha *= opacity
    return found
