"""Rules about how KPIs are scored: SQL that can be computed, bands that exist, and keys that fit together."""

from __future__ import annotations

from collections.abc import Iterator

from scorecards.errors import Problem, did_you_mean
from scorecards.expression_types import Kind
from scorecards.expressions import check
from scorecards.kpis import Kpi
from scorecards.organisation import FORMULA_COLUMNS
from scorecards.project import Place, Project
from scorecards.yaml_reader import KeyPath


def check_scoring(project: Project) -> Iterator[Problem]:
    """Problems of the KPIs' ``scoring``, and of what has to agree with it."""
    for kpi_id, kpi in project.kpis.items():
        place, at = project.places[f"kpis {kpi_id}"], ("kpis", kpi_id)
        yield from _fits_together(kpi, place, at)
        yield from _expressions(project, kpi, place, at)
        if kpi.target_roll_up == "sum" and kpi.measured_in == "percent":
            message = "is sum, but percentages of units do not add up."
            yield place.problem((*at, "target_roll_up"), message, "Write inherit, or give each unit its own target.")


def _fits_together(kpi: Kpi, place: Place, at: KeyPath) -> Iterator[Problem]:
    scoring = kpi.scoring
    ways = [name for name in ("texts", "relative") if getattr(scoring, name)]
    if kpi.direction == "within" and (ways or kpi.is_yes_or_no):
        told = f"'scoring.{ways[0]}'" if ways else "'measured_in: yes/no'"
        message = f"is within, which {told} has no range for."
        yield place.problem((*at, "direction"), message, "Write higher or lower.")
    if kpi.is_yes_or_no and (scoring.texts or scoring.scale == "log"):
        message = "is yes/no: such a value has its two scores already."
        yield place.problem((*at, "measured_in"), message, "Take out 'scoring', or give it another word.")
    worths = list(scoring.texts.values())
    if worths != sorted(worths, reverse=kpi.direction == "lower"):
        better, last = ("rise", "best last") if kpi.direction == "higher" else ("fall", "best first")
        message = f"must {better} from one text to the next, since {kpi.direction} is better: its texts stand {last}."
        yield place.problem((*at, "scoring", "texts"), message, "Turn their order round, or write the other direction.")
    if not kpi.scored and (ways or scoring.steps or scoring.formula):
        yield place.problem((*at, "scored"), "is false, but 'scoring' says how it is scored.", "Take one of them out.")


def _expressions(project: Project, kpi: Kpi, place: Place, at: KeyPath) -> Iterator[Problem]:
    names = [*FORMULA_COLUMNS, *project.organisation.scale.names_for(kpi.direction)]
    known: dict[str, Kind] = dict.fromkeys(names, "number")
    what = "column of a scoring rule"
    if kpi.scoring.formula is not None:
        wrong = check(kpi.scoring.formula, known, wanted="number", aggregate=False, what=what)
        if wrong:
            yield place.problem((*at, "scoring", "formula"), _sentence(wrong))
    bands = [band.id for band in project.organisation.bands]
    for index, step in enumerate(kpi.scoring.steps):
        here = (*at, "scoring", "steps", index)
        wrong = check(step.when, known, wanted="truth", aggregate=False, what=what) if step.when is not None else None
        if wrong:
            yield place.problem((*here, "when"), _sentence(wrong))
        if step.band is not None and step.band not in bands:
            yield place.problem((*here, "band"), f"'{step.band}' is not a band.", did_you_mean(step.band, bands))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."
