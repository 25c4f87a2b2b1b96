"""What a chart's figures mean for a KPI, row by row. Worked out by hand."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from scorecards.kpis import Kpi
from transforms.pack import Point
from transforms.pack_signals import pack_signal
from transforms.signal_meaning import assurance, variation
from transforms.signal_series import CHANGE, VALUE

NUMBERS = ("mean", "last", "lower", "upper", "target", "lower_target", "upper_target")


def chart(**figures: object) -> pl.DataFrame:
    """One chart: of a KPI that is better higher, drawn of its value, with nothing but what is given."""
    row = {"direction": "higher", "basis": VALUE, "label": "outside", "side": 1, **dict.fromkeys(NUMBERS), **figures}
    return pl.DataFrame([row], schema_overrides={**dict.fromkeys(NUMBERS, pl.Float64), "side": pl.Int8})


def varies(**figures: object) -> str:
    return str(chart(**figures).select(variation()).item())


def assures(**figures: object) -> str | None:
    found = chart(**figures).select(assurance()).item()
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("direction", "side", "expected"),
    [
        ("higher", 1, "improvement"), ("higher", -1, "concern"), ("higher", 0, "special cause"),
        ("lower", 1, "concern"), ("lower", -1, "improvement"), ("lower", 0, "special cause"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("label", ["outside", "trend", "two of three", "shift"])
def test_a_flagged_point_is_good_or_bad_by_its_side_and_the_kpis_direction(
    direction: str, side: int, expected: str, label: str
) -> None:
    for basis in (VALUE, CHANGE):
        assert varies(direction=direction, side=side, label=label, basis=basis) == expected
        assert varies(direction=direction, side=side, label="common cause", basis=basis) == "common cause"


@pytest.mark.parametrize(
    ("mean", "last", "expected"),
    [
        (50, 55, "special cause"),  # both inside
        (40, 60, "special cause"),  # both on a bound
        (50, 61, "concern"), (50, 39, "concern"), (61, 50, "improvement"), (39, 50, "improvement"),
        (70, 65, "improvement"), (65, 70, "concern"), (30, 25, "concern"), (25, 30, "improvement"),
        (35, 65, "special cause"), (34, 65, "improvement"), (35, 66, "concern"),  # as far, nearer, further beyond
    ],
)  # fmt: skip
def test_within_bounds_the_distance_to_the_nearer_bound_decides_and_not_the_side(
    mean: float, last: float, expected: str
) -> None:
    for side in (1, -1, 0):
        figures = {"direction": "within", "side": side, "mean": mean, "last": last}
        assert varies(**figures, lower_target=40, upper_target=60) == expected
        assert varies(**figures, lower_target=40, upper_target=60, basis=CHANGE) == "special cause"
        assert varies(**figures) == "special cause"


def test_one_bound_is_enough_to_be_further_from_or_nearer_to_it() -> None:
    figures = {"direction": "within", "mean": 50, "last": 70}
    assert varies(**figures, upper_target=60) == "concern"
    assert varies(**figures, lower_target=60) == "improvement"
    assert varies(**figures, upper_target=80) == "special cause"


@pytest.mark.parametrize(
    ("direction", "figures", "expected"),
    [
        ("higher", {"target": 40}, "consistently passes"), ("higher", {"target": 39}, "consistently passes"),
        ("higher", {"target": 41}, "hit and miss"), ("higher", {"target": 60}, "hit and miss"),
        ("higher", {"target": 61}, "consistently fails"),
        ("lower", {"target": 60}, "consistently passes"), ("lower", {"target": 61}, "consistently passes"),
        ("lower", {"target": 59}, "hit and miss"), ("lower", {"target": 40}, "hit and miss"),
        ("lower", {"target": 39}, "consistently fails"),
        ("within", {"lower_target": 40, "upper_target": 60}, "consistently passes"),
        ("within", {"lower_target": 41, "upper_target": 60}, "hit and miss"),
        ("within", {"lower_target": 40, "upper_target": 59}, "hit and miss"),
        ("within", {"lower_target": 60, "upper_target": 90}, "hit and miss"),
        ("within", {"lower_target": 61, "upper_target": 90}, "consistently fails"),
        ("within", {"lower_target": 10, "upper_target": 40}, "hit and miss"),
        ("within", {"lower_target": 10, "upper_target": 39}, "consistently fails"),
        ("within", {"lower_target": 40}, "consistently passes"), ("within", {"lower_target": 41}, "hit and miss"),
        ("within", {"lower_target": 61}, "consistently fails"),
        ("within", {"upper_target": 60}, "consistently passes"), ("within", {"upper_target": 59}, "hit and miss"),
        ("within", {"upper_target": 39}, "consistently fails"),
    ],
)  # fmt: skip
def test_limits_from_40_to_60_meet_a_target_always_never_or_at_times(
    direction: str, figures: dict[str, float], expected: str
) -> None:
    assert assures(direction=direction, lower=40, upper=60, **figures) == expected
    assert assures(direction=direction, lower=40, upper=60, basis=CHANGE, **figures) is None
    assert assures(direction=direction, **figures) is None


def test_without_the_target_of_its_direction_nothing_is_assured() -> None:
    others = {"lower_target": 1, "upper_target": 99, "lower": 40, "upper": 60}
    assert assures(direction="higher", **others) is None
    assert assures(direction="lower", **others) is None
    assert assures(direction="within", target=50, lower=40, upper=60) is None


@pytest.mark.parametrize("scale", [1.0, 0.01, -1.0, 0.0])
def test_a_target_is_met_or_failed_to_within_a_billionth_of_it(scale: float) -> None:
    target = 50 * scale
    hair, more = abs(target) * 5e-10 + 5e-13, abs(target) * 2e-9 + 2e-12
    for direction, sign in (("higher", -1), ("lower", 1)):
        for short_by, always, never in (
            (hair, "consistently passes", "hit and miss"),
            (more, "hit and miss", "consistently fails"),
        ):
            edge, good, bad = target + sign * short_by, target - sign, target + sign
            for far, expected in ((good, always), (bad, never)):
                limits = {"lower": min(edge, far), "upper": max(edge, far)}
                assert assures(direction=direction, target=target, **limits) == expected


def test_a_limit_exactly_so_far_from_the_target_meets_it() -> None:
    assert assures(direction="higher", target=0, lower=-1e-12, upper=-1e-12) == "consistently passes"
    assert assures(direction="lower", target=0, lower=1e-12, upper=1e-12) == "consistently passes"


@pytest.mark.parametrize(
    ("bounds", "shown"),
    [
        ({}, (-0.02, 1.04)),
        ({"at_least": 0}, (0.0, 1.04)),
        ({"at_least": "0%", "at_most": "100%"}, (0.0, 1.0)),
        ({"at_most": "150%"}, (-0.02, 1.04)),
    ],
)
def test_limits_are_shown_no_further_than_the_kpi_can_be_and_its_signal_stays(
    bounds: dict[str, Any], shown: tuple[float, float]
) -> None:
    month = date(2025, 6, 1)
    kpi = Kpi(name="k", value="a / b", direction="lower", measured_in="percent", **bounds)
    drawn = {"mean": 0.51, "lower": -0.02, "upper": 1.04, "label": "outside", "side": -1}
    row = drawn | {
        "variation": "improvement", "assurance": "hit and miss", "basis": "value", "points": 24, "flagged": 1,
        "is_trial": False, "is_overlapping": False,
    }  # fmt: skip
    tables = SimpleNamespace(
        period=month, signal_rows={("c", "u", "k"): row}, signal_point_rows={("u", "k"): {month: drawn}}, value_rows={}
    )
    found = pack_signal(tables, "c", "u", "k", kpi, [Point(month, 0.0, None, None)])  # type: ignore[arg-type]
    assert found is not None
    assert (found.lower, found.upper) == shown
    assert found.history[0] is not None
    assert (found.history[0].lower, found.history[0].upper) == shown
    assert (found.label, found.mean, found.variation) == ("outside", 0.51, "improvement")
