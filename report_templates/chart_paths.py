"""Paths of charts as PDF draws them: from the data of an SVG path to PDF's operators.

Belongs here: the path commands that the charts use. What they do not use is not drawn here but by WeasyPrint, much
slower: the page looks the same.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(r"([MmLlHhVvCcAaZz])|(-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?)|[\s,]+|(.)")
_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "A": 7}
# So far from the ends, in radii, a Bézier curve's handles make a quarter of a circle.
_QUARTER = 0.5522847498
_POINTS = 6


@lru_cache(maxsize=8192)
def path_operators(data: str) -> bytes | None:
    """PDF's operators for SVG path data; None where it holds a command or a form that charts do not use."""
    parts = _commands(data)
    if parts is None:
        return None
    drawn = list[str]()
    x = y = first_x = first_y = 0.0
    for letter, numbers in parts:
        kind, relative = letter.upper(), letter.islower()
        if kind == "Z":
            drawn.append("h")
            x, y = first_x, first_y
            continue
        size = _COUNTS[kind]
        if not numbers or len(numbers) % size:
            return None
        for start in range(0, len(numbers), size):
            own = numbers[start : start + size]
            from_x, from_y = (x, y) if relative else (0.0, 0.0)
            if kind == "A":
                half = _half_circle(own, x, y, from_x, from_y)
                if half is None:
                    return None
                drawn.append(half)
            elif kind == "C":
                curve = [v + (from_y if i % 2 else from_x) for i, v in enumerate(own)]
                drawn.append(f"{' '.join(map(_number, curve))} c")
            if kind == "H":
                x = own[0] + from_x
            elif kind == "V":
                y = own[0] + from_y
            else:
                x, y = own[-2] + from_x, own[-1] + from_y
            if kind == "M" and start == 0:
                first_x, first_y = x, y
                drawn.append(f"{_number(x)} {_number(y)} m")
            elif kind not in "AC":
                drawn.append(f"{_number(x)} {_number(y)} l")
    return "\n".join(drawn).encode()


def _commands(data: str) -> list[tuple[str, list[float]]] | None:
    found: list[tuple[str, list[float]]] = []
    for match in _TOKEN.finditer(data):
        letter, number, other = match.groups()
        if letter:
            found.append((letter, []))
        elif number is not None and found:
            found[-1][1].append(float(number))
        elif other or number is not None:
            return None
    return found


def _half_circle(arc: list[float], x: float, y: float, from_x: float, from_y: float) -> str | None:
    """Half a circle from one end of a level diameter to the other, as two curves; None for any other arc."""
    radius, other, turned, _, clockwise, end_x, end_y = arc
    end_x, end_y = end_x + from_x, end_y + from_y
    if radius != other or turned or end_y != y or abs(abs(end_x - x) - 2 * radius) > 0.02:
        return None
    right = 1 if end_x > x else -1
    side = (-1 if clockwise else 1) * right
    middle, r, k = (x + end_x) / 2, radius, radius * _QUARTER
    top = y + side * r
    curves = (
        (x, y + side * k, middle - right * k, top, middle, top),
        (middle + right * k, top, end_x, y + side * k, end_x, y),
    )
    return "\n".join(f"{' '.join(map(_number, curve))} c" for curve in curves)


def _number(value: float) -> str:
    return f"{value:.{_POINTS}f}".rstrip("0").rstrip(".") or "0"
