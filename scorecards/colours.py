"""Colours of a pack: how they are written, and whether two of them can be told apart.

Belongs here: arithmetic on colours (W3C, Web Content Accessibility Guidelines 2.2, relative luminance and contrast
ratio; Machado, Oliveira and Fernandes 2009 for colour-vision deficiencies). Which colours must pass is
``check_packs.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

WHITE = "#ffffff"
# Severity 1.0, on linear RGB.
DEFICIENCIES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


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


def distance(one: str, other: str, deficiency: str) -> float:
    """How far apart two colours look with a colour-vision deficiency (CIE 1976 colour difference)."""
    first, second = (_lab(_seen(colour, deficiency)) for colour in (one, other))
    return float(sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5)


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _linear(colour: str) -> list[float]:
    shares = [channel / 255 for channel in _channels(colour)]
    return [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]


def _luminance(linear: Sequence[float]) -> float:
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _seen(colour: str, deficiency: str) -> list[float]:
    linear = _linear(colour)
    return [sum(w * c for w, c in zip(row, linear, strict=True)) for row in DEFICIENCIES[deficiency]]


def _lab(linear: Sequence[float]) -> tuple[float, float, float]:
    r, g, b = linear
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
    )
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (max(v, 0.0) for v in xyz))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)
