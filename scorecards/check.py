"""Rules across files: that every name refers to something declared, and that the tree and formulas are sound.

Belongs here: errors that stop a run, and warnings about what will go wrong in one. Does not belong here: rules inside
one model (the models themselves), and the judgement of declarations that run but could be better (``lint.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scorecards.calendar import MONTHS
from scorecards.check_calendar import check_calendar
from scorecards.check_connections import check_connections
from scorecards.check_contracts import check_contracts
from scorecards.check_currencies import check_currencies
from scorecards.check_data import check_kpis, check_measures, check_sources
from scorecards.check_delivery import check_delivery
from scorecards.check_derived import check_derived
from scorecards.check_names import check_names
from scorecards.check_packs import check_packs
from scorecards.check_personal import check_personal
from scorecards.check_scoring import check_scoring
from scorecards.check_small_groups import check_small_groups
from scorecards.check_strategy import check_strategy
from scorecards.check_targets import check_targets
from scorecards.check_units import check_units
from scorecards.check_weights import check_weights
from scorecards.errors import Problem, did_you_mean
from scorecards.forecasts import check_forecasts
from scorecards.project import Project


def check_project(project: Project) -> Iterator[Problem]:
    """Every problem of a project whose files could all be read."""
    if not project.units:
        yield Problem("units.csv", 0, "", "declares no unit.", "Give at least the top unit: id,name,level,parent.")
        return
    calendar = list(check_calendar(project))
    yield from calendar
    if any(problem.severity == "error" for problem in calendar):
        project = replace(project, calendar=MONTHS)
    yield from check_units(project)
    yield from check_names(project)
    yield from check_sources(project)
    yield from check_contracts(project)
    yield from check_connections(project)
    yield from check_measures(project)
    yield from check_currencies(project)
    yield from check_kpis(project)
    yield from check_derived(project)
    yield from check_personal(project)
    yield from check_small_groups(project)
    yield from check_strategy(project)
    yield from check_scoring(project)
    yield from check_targets(project)
    yield from check_weights(project)
    yield from check_forecasts(project)
    yield from check_packs(project)
    yield from check_delivery(project)
    yield from _comments(project)


def _comments(project: Project) -> Iterator[Problem]:
    known, cards = project.unit_ids, list(project.strategy.scorecards)
    objectives = sorted({name for card in project.strategy.scorecards.values() for name in card.objectives})
    for period, comments in project.comments.items():
        file = f"commentary/{period:%Y-%m}.yaml"
        for index, comment in enumerate(comments):
            for key, value, names, what in (
                ("unit", comment.unit, known, "unit"),
                ("scorecard", comment.scorecard, cards, "scorecard"),
                ("kpi", comment.kpi, list(project.kpis), "KPI"),
                ("objective", comment.objective, objectives, "objective"),
            ):
                if value is not None and value not in names:
                    message = f"'{value}' is not a {what}."
                    yield project.places[file].problem(("comments", index, key), message, did_you_mean(value, names))
