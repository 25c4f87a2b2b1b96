from itertools import combinations

import pytest

from report_templates.palette import GREY, INK, SOFT, STATUS_COLOURS, STATUS_TEXT, STATUS_TINTS
from transforms.pack import Status

STATUSES: tuple[Status, ...] = ("good", "warning", "bad")

# Machado, Oliveira, Fernandes (2009), severity 1.0, on linear RGB.
DEFICIENCIES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(colour: str) -> list[float]:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def luminance(colour: str) -> float:
    r, g, b = linear(colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: list[float]) -> list[float]:
    r, g, b = rgb
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
    )
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (max(v, 0.0) for v in xyz))
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


def seen(colour: str, deficiency: str) -> list[float]:
    rgb = linear(colour)
    return lab([sum(w * c for w, c in zip(row, rgb, strict=True)) for row in DEFICIENCIES[deficiency]])


@pytest.mark.parametrize("status", STATUSES)
def test_status_words_are_readable_on_white_and_on_their_tint(status: Status) -> None:
    assert contrast(STATUS_TEXT[status], "#ffffff") >= 4.5
    assert contrast(STATUS_TEXT[status], STATUS_TINTS[status]) >= 4.5


def test_ink_and_grey_are_readable_on_paper_and_on_soft_rows() -> None:
    for ground in ("#ffffff", SOFT):
        assert contrast(INK, ground) >= 7
        assert contrast(GREY, ground) >= 4.5


@pytest.mark.parametrize("status", STATUSES)
def test_marks_stand_out_from_paper(status: Status) -> None:
    assert contrast(STATUS_COLOURS[status], "#ffffff") >= 3


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_status_colours_are_told_apart_with_a_colour_vision_deficiency(deficiency: str) -> None:
    for a, b in combinations(STATUSES, 2):
        first, second = seen(STATUS_COLOURS[a], deficiency), seen(STATUS_COLOURS[b], deficiency)
        distance = sum((x - y) ** 2 for x, y in zip(first, second, strict=True)) ** 0.5
        assert distance > 10, (a, b, distance)
