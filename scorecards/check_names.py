"""A rule about names: none holds a sign that makes what follows read otherwise than it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scorecards.errors import Problem
from scorecards.project import Project
from scorecards.words import TURNING

_TURNING = re.compile(f"[{TURNING}]")
_REMEDY = "Delete it: languages written from right to left need none."


def check_names(project: Project) -> Iterator[Problem]:
    """Names with signs that turn the direction of writing, in which a name can show as another."""
    for unit in project.units:
        for column, text in (("name", unit.name), ("head", unit.head)):
            if told := _told(text):
                yield Problem("units.csv", unit.line, column, told, _REMEDY)
    organisation = project.places["scorecard.yaml"]
    named: list[tuple[tuple[str | int, ...], str]] = [(("organisation",), project.organisation.organisation)]
    named += [(("perspectives", key, "name"), one.name) for key, one in project.organisation.perspectives.items()]
    named += [(("bands", place, "name"), band.name) for place, band in enumerate(project.organisation.bands)]
    for at, text in named:
        if told := _told(text):
            yield organisation.problem(at, told, _REMEDY)
    strategy = project.places["strategy.yaml"]
    for card_id, card in project.strategy.scorecards.items():
        objectives = [(("objectives", key, "name"), one.name) for key, one in card.objectives.items()]
        for keys, text in [(("name",), card.name), *objectives]:
            if told := _told(text):
                yield strategy.problem(("scorecards", card_id, *keys), told, _REMEDY)
    for kpi_id, kpi in project.kpis.items():
        for key, text in (("name", kpi.name), ("owner", kpi.owner)):
            if told := _told(text):
                yield project.places[f"kpis {kpi_id}"].problem(("kpis", kpi_id, key), told, _REMEDY)


def _told(text: str) -> str | None:
    found = _TURNING.search(text)
    return None if found is None else f"holds a sign that turns the direction of writing (U+{ord(found[0]):04X})."
