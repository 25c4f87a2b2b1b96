"""The arithmetic on colours, against figures that others have published."""

from itertools import permutations

import pytest

from scorecards.colours import DEFICIENCIES, ciede2000, contrast, distance, grey_distance

# Sharma, Wu, Dalal: The CIEDE2000 color-difference formula (2005), table 1: pairs that wrong implementations fail.
PUBLISHED = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, -0.001, 2.49), (50, 0.0011, -2.49), 4.7461),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (61, -5, 29), 22.8977),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("one", "other", "published"), PUBLISHED)
def test_colour_differences_are_those_of_the_published_table(
    one: tuple[float, ...], other: tuple[float, ...], published: float
) -> None:
    for pair in permutations((one, other)):
        assert ciede2000(*pair) == pytest.approx(published, abs=5e-5)


def test_the_contrast_of_black_and_white_is_21_and_that_of_the_lightest_readable_grey_just_passes() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.005)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_greys_look_the_same_to_every_eye(deficiency: str) -> None:
    assert distance("#444444", "#999999", deficiency) == pytest.approx(distance("#444444", "#999999"), abs=0.1)


def test_red_and_green_of_one_lightness_are_far_apart_but_not_without_red_or_green_receptors_or_without_colour() -> (
    None
):
    red, green = "#b0554a", "#5d8147"
    assert distance(red, green) > 35
    assert distance(red, green, "deuteranopia") < 10
    assert distance(red, green, "tritanopia") > 35
    assert grey_distance(red, green) < 3
