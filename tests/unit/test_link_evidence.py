"""What is said of links of the strategy map, from scores whose secret is known."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from scorecards.periods import add_months, months_between
from scorecards.project import Project
from tests.declared import declare
from transforms.lagged_ranks import lagged
from transforms.link_evidence import FALSE_DISCOVERIES, link_evidence, months_of_evidence

FIRST = date(2023, 1, 1)
STRATEGY = {
    "scorecards": {
        "main": {
            "name": "Main",
            "objectives": {
                "learn": {"name": "Learn", "perspective": "learning_and_growth", "leads_to": ["deliver"], "kpis": []},
                "deliver": {"name": "Deliver", "perspective": "internal_process", "leads_to": {"earn": 3}, "kpis": []},
                "earn": {"name": "Earn", "perspective": "financial", "kpis": ["revenue_kpi"]},
            },
        }
    }
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return declare(tmp_path, strategy=STRATEGY)


def walk(seed: int, months: int) -> list[float]:
    rng, level, found = random.Random(seed), 60.0, []
    for _ in range(months):
        level += rng.gauss(0, 5)
        found.append(level)
    return found


def followed(driver: Sequence[float], lag: int, sign: int, seed: int) -> list[float]:
    """A series that moves as the driver did so many months before, and a little by itself."""
    rng, level, found = random.Random(seed), 50.0, []
    for month in range(len(driver)):
        if month > lag:
            level += sign * (driver[month - lag] - driver[month - lag - 1])
        level += rng.gauss(0, 1)
        found.append(level)
    return found


def scores(series: dict[str, Sequence[float | None]], unit: str = "company") -> pl.DataFrame:
    rows = [
        ("main", add_months(FIRST, at), unit, "objective", node, score)
        for node, found in series.items()
        for at, score in enumerate(found)
    ]
    names = ("scorecard", "period", "unit", "level", "node", "score")
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("score").cast(pl.Float64))


def told(project: Project, frame: pl.DataFrame, months: int) -> dict[tuple[str, str], dict[str, object]]:
    found = link_evidence(project, frame, [add_months(FIRST, months - 1)])
    return {(row["driver"], row["outcome"]): row for row in found.iter_rows(named=True)}


def test_a_driver_whose_changes_come_back_in_the_outcome_is_supported_at_their_lag(project: Project) -> None:
    learn = walk(1, 36)
    deliver = followed(learn, 2, 1, 2)
    found = told(project, scores({"learn": learn, "deliver": deliver, "earn": walk(3, 36)}), 36)
    link = found["learn", "deliver"]
    assert (link["status"], link["lag"], link["months"]) == ("supported", 2, 36)
    assert link["correlation"] > 0.8  # type: ignore[operator]
    assert link["chance"] < 0.001  # type: ignore[operator]


def test_a_driver_after_whose_rises_the_outcome_falls_is_contradicted(project: Project) -> None:
    learn = walk(1, 36)
    found = told(project, scores({"learn": learn, "deliver": followed(learn, 4, -1, 2), "earn": walk(3, 36)}), 36)
    assert (found["learn", "deliver"]["status"], found["learn", "deliver"]["lag"]) == ("contradicted", 4)


def test_a_declared_lag_is_the_only_one_tried(project: Project) -> None:
    deliver = walk(4, 36)
    too_early = told(
        project, scores({"learn": walk(5, 36), "deliver": deliver, "earn": followed(deliver, 1, 1, 6)}), 36
    )
    in_time = told(project, scores({"learn": walk(5, 36), "deliver": deliver, "earn": followed(deliver, 3, 1, 6)}), 36)
    assert (too_early["deliver", "earn"]["status"], too_early["deliver", "earn"]["lag"]) == ("undecided", 3)
    assert (in_time["deliver", "earn"]["status"], in_time["deliver", "earn"]["lag"]) == ("supported", 3)


def test_under_24_months_nothing_is_said_however_well_it_fits(project: Project) -> None:
    learn = walk(1, 24)
    whole = {"learn": learn, "deliver": followed(learn, 1, 1, 2), "earn": walk(3, 24)}
    assert told(project, scores(whole), 24)["learn", "deliver"]["status"] == "supported"
    short = told(project, scores({node: found[:23] for node, found in whole.items()}), 23)["learn", "deliver"]
    assert (short["status"], short["lag"], short["correlation"], short["chance"]) == ("untested", None, None, None)


def test_a_missing_month_ends_what_counts(project: Project) -> None:
    learn: list[float | None] = [*walk(1, 36)]
    deliver = followed(walk(1, 36), 1, 1, 2)
    learn[11] = None
    found = told(project, scores({"learn": learn, "deliver": deliver, "earn": walk(3, 36)}), 36)["learn", "deliver"]
    assert (found["months"], found["status"]) == (24, "supported")
    learn[-1] = None
    found = told(project, scores({"learn": learn, "deliver": deliver, "earn": walk(3, 36)}), 36)["learn", "deliver"]
    assert (found["months"], found["status"]) == (0, "untested")


def test_a_score_that_moves_once_a_quarter_is_untested(project: Project) -> None:
    quarterly = [value for value in walk(1, 20) for _ in range(3)]
    found = told(project, scores({"learn": quarterly, "deliver": quarterly, "earn": walk(3, 60)}), 60)
    assert found["learn", "deliver"]["status"] == "untested"


def test_later_months_change_nothing(project: Project) -> None:
    learn = walk(1, 48)
    series = {"learn": learn, "deliver": followed(learn, 2, 1, 2), "earn": walk(3, 48)}
    until = {node: found[:30] for node, found in series.items()}
    assert told(project, scores(series), 30) == told(project, scores(until), 30)


def test_months_together_say_what_each_says_alone(project: Project) -> None:
    learn = walk(1, 40)
    frame = pl.concat(
        [
            scores({"learn": learn, "deliver": followed(learn, 2, 1, 2), "earn": walk(3, 40)}),
            scores({"learn": walk(7, 33), "deliver": walk(8, 33)}, unit="north"),
        ]
    )
    months = [add_months(FIRST, at) for at in (20, 31, 32, 39)]
    together = link_evidence(project, frame, months)
    assert together.equals(pl.concat([link_evidence(project, frame, [month]) for month in months]).sort(
        "scorecard", "period", "unit", "driver", "outcome"))  # fmt: skip


def test_only_units_where_both_objectives_apply_have_the_link(project: Project) -> None:
    frame = pl.concat(
        [scores({"learn": walk(1, 30)}, unit="north"), scores({"learn": walk(1, 30), "deliver": walk(2, 30)})]
    )
    found = link_evidence(project, frame, [add_months(FIRST, 29)])
    assert found.select("unit", "driver", "outcome").rows() == [("company", "learn", "deliver")]


def test_no_score_at_all_is_no_row(project: Project) -> None:
    assert link_evidence(project, scores({}), [FIRST]).is_empty()


def test_at_most_five_years_count(project: Project) -> None:
    assert months_of_evidence(project, date(2030, 6, 1)) == months_between(date(2025, 7, 1), date(2030, 6, 1))
    assert months_of_evidence(project, date(2023, 3, 1)) == months_between(FIRST, date(2023, 3, 1))


def ranks(values: Sequence[float]) -> list[float]:
    return [sum(o < v for o in values) + (sum(o == v for o in values) + 1) / 2 for v in values]


def test_the_correlation_is_spearman_s_ties_included() -> None:
    rng = random.Random(9)
    x, y = ([float(rng.randint(0, 6)) for _ in range(31)] for _ in range(2))
    (one,) = lagged(np.array([x]).T, np.array([y]).T, [2])
    before = ranks([b - a for a, b in pairwise(x)][:-2])
    after = ranks([b - a for a, b in pairwise(y)][2:])
    assert one.correlation[0] == pytest.approx(np.corrcoef(before, after)[0, 1])


@pytest.mark.parametrize("kind", ["noise", "walk", "trailing year", "season"])
def test_series_that_have_nothing_to_do_with_each_other_are_told_to_go_together_no_oftener_than_said(kind: str) -> None:
    """At 5 % no more than about 5 % of 2,000 unrelated pairs pass, whatever memory or common season they have."""
    rng = np.random.default_rng(20)
    months, pairs = 36, 2000

    def series() -> np.ndarray:
        noise = rng.normal(size=(months + 12, pairs))
        total = np.cumsum(noise, axis=0)
        year = 3 * np.sin(2 * np.pi * np.arange(months)[:, None] / 12)
        found = {
            "noise": noise[12:],
            "walk": total[12:],
            "trailing year": total[12:] - total[:-12],
            "season": year + noise[12:],
        }
        return found[kind]

    chances = np.array([one.chance for one in lagged(series(), series(), range(1, 7))])
    best = 1 - (1 - chances.min(axis=0)) ** len(chances)
    assert (best <= 0.05).mean() <= 0.06
    assert (best <= 0.01).mean() <= 0.015


def test_of_a_map_full_of_chance_hardly_a_link_is_called_anything(tmp_path: Path) -> None:
    """In maps of 20 unrelated links the rule calls one in fewer than one map of ten, as it promises."""
    names = [f"o{i}" for i in range(21)]
    objectives = {
        name: {"name": name, "perspective": "financial", "leads_to": names[i + 1 : i + 2], "kpis": []}
        for i, name in enumerate(names)
    }
    objectives["o0"]["kpis"] = ["revenue_kpi"]
    project = declare(tmp_path, strategy={"scorecards": {"main": {"name": "Main", "objectives": objectives}}})
    frame = pl.concat(
        [scores({name: walk(1000 * u + i, 36) for i, name in enumerate(names)}, unit=f"u{u}") for u in range(60)]
    )
    found = link_evidence(project, frame, [add_months(FIRST, 35)])
    assert found.height == 60 * 20
    called = found.filter(pl.col("status").is_in(["supported", "contradicted"]))["unit"].n_unique()
    assert called / 60 <= FALSE_DISCOVERIES
