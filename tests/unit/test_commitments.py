"""transforms.commitments: which initiatives and actions a unit's pack shows, and when they are late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from scorecards.project import Project, load_project
from scorecards.strategy import Initiative
from scorecards.tables import Action
from tests.small_company import small_company
from transforms.commitments import actions, initiatives

PERIOD = date(2025, 6, 1)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return load_project(small_company(tmp_path / "small", ()).root)


def shown(project: Project, unit: str, *declared: Initiative) -> list[tuple[str, bool]]:
    named = {f"i{place}": one for place, one in enumerate(declared)}
    strategy = project.strategy.model_copy(update={"initiatives": named})
    card = strategy.scorecards["company"]
    found = initiatives(replace(project, strategy=strategy), project.tree(PERIOD), card, unit, PERIOD)
    return [(row.name, row.is_late) for row in found]


def initiative(**changes: object) -> Initiative:
    return Initiative.model_validate({"name": "New tills", "objectives": ["sell"], "unit": "north", **changes})


def test_a_unit_shows_its_own_and_those_of_units_below_named_with_their_unit(project: Project) -> None:
    assert shown(project, "north", initiative()) == [("New tills", False)]
    assert shown(project, "company", initiative()) == [("New tills (Shop North)", False)]
    assert shown(project, "south", initiative()) == []


@pytest.mark.parametrize(
    ("progress", "due", "status", "is_late"),
    [
        (0.5, "2025-12-31", "on track", False),
        (0.3, "2025-12-31", "on track", True),
        (0.9, "2025-05-31", "on track", True),
        (0.9, "2025-05-31", "done", False),
        (0.5, "2025-12-31", "late", True),
    ],
)
def test_an_initiative_is_late_when_it_trails_its_time(
    project: Project, progress: float, due: str, status: str, is_late: bool
) -> None:
    declared = initiative(start="2025-01-01", due=due, progress=progress, status=status)
    assert shown(project, "north", declared) == [("New tills", is_late)]


def test_an_initiative_that_has_not_begun_is_not_shown(project: Project) -> None:
    assert shown(project, "north", initiative(start="2025-07-01")) == []


def test_an_action_reappears_until_the_month_in_which_it_is_closed(project: Project) -> None:
    def action(closed: date | None) -> Action:
        return Action("a1", "Train the staff", "please", "south", "Head", date(2025, 5, 31), "open", closed, 2)

    tree, card = project.tree(PERIOD), project.strategy.scorecards["company"]
    states = [
        [
            (row.action, row.status, row.is_overdue)
            for row in actions(replace(project, actions=(one,)), tree, card, "south", PERIOD)
        ]
        for one in (action(None), action(date(2025, 6, 10)), action(date(2025, 5, 10)))
    ]
    assert states == [[("Train the staff", "open", True)], [("Train the staff", "closed", False)], []]


@pytest.mark.parametrize(
    ("declared", "closed", "shown"),
    [
        ("in progress", None, "in progress"),
        ("", None, "open"),
        ("done", date(2025, 6, 10), "done"),
        ("open", date(2025, 6, 10), "closed"),
        ("done", date(2025, 7, 10), "open"),
    ],
)
def test_an_action_has_its_declared_status_as_far_as_that_holds_for_the_month(
    project: Project, declared: str, closed: date | None, shown: str
) -> None:
    one = Action("a1", "Train the staff", "please", "south", "Head", date(2025, 7, 31), declared, closed, 2)
    card = project.strategy.scorecards["company"]
    (row,) = actions(replace(project, actions=(one,)), project.tree(PERIOD), card, "south", PERIOD)
    assert row.status == shown
