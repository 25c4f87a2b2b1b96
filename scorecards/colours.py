"""Colours of a pack: how they are written, and whether two of them can be told apart.

Belongs here: arithmetic on colours. Contrast is that of the W3C's Web Content Accessibility Guidelines 2.2; how colours
look with a colour-vision deficiency follows Machado, Oliveira and Fernandes (2009), how far apart they look CIEDE2000
(CIE 142-2001). Which colours must pass is ``check_packs.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

WHITE = "#ffffff"
# Severity 1.0, on linear RGB.
DEFICIENCIES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""Colour-vision deficiencies, and what each makes of linear red, green and blue."""

LEAST_APART = 10.0
"""How far apart colours must look that stand for different things, by ``distance`` and by ``grey_distance``.

One is what an eye just sees of two large fields side by side. Marks of a millimetre or two that lie apart need several
times as much: by Stone, Szafir and Setlur (2014), 7 to 10 steps of lightness from a third to a seventh of a degree.
"""
_FULL_CIRCLE = 2 * math.pi


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours written ``#rrggbb``: from 1 (the same) to 21 (black on white)."""
    light, dark = sorted((_luminance(_linear(one)), _luminance(_linear(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tint(colour: str, share: float = 0.12) -> str:
    """The colour mixed into white: so much of it."""
    return "#" + "".join(f"{round(255 - (255 - channel) * share):02x}" for channel in _channels(colour))


def darkened(colour: str, grounds: Callable[[str], Sequence[str]], least: float) -> str:
    """The colour, or the lightest darker one of its hue with the ``least`` contrast to each of its grounds."""
    for step in range(101):
        found = "#" + "".join(f"{round(channel * (100 - step) / 100):02x}" for channel in _channels(colour))
        if all(contrast(found, ground) >= least for ground in grounds(found)):
            return found
    return "#000000"


def distance(one: str, other: str, deficiency: str = "") -> float:
    """How far apart two colours look (CIEDE2000), to all eyes or with one of ``DEFICIENCIES``."""
    return ciede2000(*(_lab(_seen(colour, deficiency)) for colour in (one, other)))


def grey_distance(one: str, other: str) -> float:
    """How far apart two colours are printed without colour: the difference of their lightness (CIE 1976 L*)."""
    first, second = (_lab(_linear(colour))[0] for colour in (one, other))
    return abs(first - second)


def ciede2000(one: Sequence[float], other: Sequence[float]) -> float:
    """The colour difference of two colours in CIELAB (CIE 142-2001, in the notation of Sharma, Wu and Dalal 2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    stretch = 1.5 - 0.5 * _saturation((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2)
    c1, c2 = math.hypot(a1 * stretch, b1), math.hypot(a2 * stretch, b2)
    h1, h2 = (math.atan2(b, a * stretch) % _FULL_CIRCLE for a, b in ((a1, b1), (a2, b2)))
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + math.pi) % _FULL_CIRCLE - math.pi
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    hue = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % _FULL_CIRCLE
    weight = (
        1
        - 0.17 * math.cos(hue - math.radians(30))
        + 0.24 * math.cos(2 * hue)
        + 0.32 * math.cos(3 * hue + math.radians(6))
        - 0.20 * math.cos(4 * hue - math.radians(63))
    )
    bluish = math.radians(60) * math.exp(-(((math.degrees(hue) - 275) / 25) ** 2))
    steps_of_lightness = (l2 - l1) / (1 + 0.015 * (lightness - 50) ** 2 / math.sqrt(20 + (lightness - 50) ** 2))
    steps_of_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    steps_of_hue = 2 * math.sqrt(c1 * c2) * math.sin(turn / 2) / (1 + 0.015 * chroma * weight)
    rotation = -2 * _saturation(chroma) * math.sin(bluish)
    return math.sqrt(
        steps_of_lightness**2 + steps_of_chroma**2 + steps_of_hue**2 + rotation * steps_of_chroma * steps_of_hue
    )


def _saturation(chroma: float) -> float:
    return math.sqrt(chroma**7 / (chroma**7 + 25**7))


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _linear(colour: str) -> list[float]:
    shares = [channel / 255 for channel in _channels(colour)]
    return [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]


def _luminance(linear: Sequence[float]) -> float:
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _seen(colour: str, deficiency: str) -> list[float]:
    linear = _linear(colour)
    if not deficiency:
        return linear
    rows = DEFICIENCIES[deficiency]
    return [min(max(sum(w * c for w, c in zip(row, linear, strict=True)), 0.0), 1.0) for row in rows]


def _lab(linear: Sequence[float]) -> tuple[float, float, float]:
    r, g, b = linear
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
    )
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (max(v, 0.0) for v in xyz))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)
