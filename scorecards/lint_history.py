"""Rules that compare the declarations with computed months: targets with what was reached, red with what is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from scorecards.errors import Problem
from scorecards.kpis import Kpi
from scorecards.lint_anchors import Anchors
from scorecards.lint_facts import ENOUGH_MONTHS, HISTORY_MONTHS, Facts, History, Use, listed
from scorecards.lint_rule import rule

Holds = Callable[[Sequence[float], float, int], bool]
_SMART = "Doran, There's a S.M.A.R.T. way to write management's goals, Management Review 70/11 (1981)"
_LIMIT = 2.66
_LEAST_SHARE = 0.05


@rule(
    "warning",
    "A KPI has had no value for two years.",
    remedy="Connect its source, or take it off the scorecard until there is one.",
    source=f"{_SMART}: measurable",
    needs_history=True,
)
def kpi_without_data(facts: Facts) -> Iterator[Problem]:
    """It is declared, weighed and printed, and says nothing.

    Readers learn to pass over the empty line, and its weight silently goes to the others. Judged by the 24 months
    up to the newest computed one, over all units.
    """
    if facts.history is None:
        return
    measured = {kpi_id for kpi_id, _ in facts.history.values}
    for kpi_id in dict.fromkeys(use.kpi_id for use in facts.uses):
        if kpi_id not in measured:
            yield facts.in_kpi(kpi_id, (), f"has had no value in {HISTORY_MONTHS} months.")


@rule(
    "warning",
    "A target lies far beyond anything that was ever reached.",
    remedy="Set a step on the way as the target, and the far one as a stretch; or say what will change the system.",
    source=f"{_SMART}: realistic; Wheeler, Understanding Variation (1993): a target does not change a process",
    needs_history=True,
)
def target_out_of_reach(facts: Facts) -> Iterator[Problem]:
    """The process as it is will not get there, however hard people try.

    The target lies beyond the limits of the KPI's own XmR chart (mean ± 2.66 mean moving ranges), and further from
    the best of up to 24 months than that is from the worst. Needs twelve months with a value; targets that move
    with the month (formulas, windows to date) are left out.
    """
    yield from _compared(facts, _is_out_of_reach, every=False, told="lies far beyond anything reached by")


@rule(
    "note",
    "A target has been met in every month.",
    remedy="Raise it, or ask whether the KPI still needs a place on the scorecard.",
    source=f"{_SMART}: a goal asks for improvement; Locke and Latham, American Psychologist 57/9 (2002)",
    needs_history=True,
)
def target_without_challenge(facts: Facts) -> Iterator[Problem]:
    """What is always green asks nothing of anybody and lifts the overall score.

    Told where every unit with twelve months of values has met today's target in each of up to 24 months.
    """
    yield from _compared(facts, _is_always_met, every=True, told="was met in every month by")


def _is_out_of_reach(values: Sequence[float], target: float, sign: int) -> bool:
    best, worst = max(sign * value for value in values), min(sign * value for value in values)
    mean = sign * sum(values) / len(values)
    moving = sum(abs(b - a) for a, b in pairwise(values)) / (len(values) - 1)
    beyond = sign * target - best
    return beyond > max(best - worst, _LEAST_SHARE * abs(best)) and sign * target > mean + _LIMIT * moving


def _is_always_met(values: Sequence[float], target: float, sign: int) -> bool:
    return all(sign * value >= sign * target for value in values)


def _compared(facts: Facts, holds: Holds, *, every: bool, told: str) -> Iterator[Problem]:
    """A finding for each KPI on a scorecard where ``holds`` is true for a unit, or for ``every`` one that is judged."""
    if facts.history is None:
        return
    anchors = Anchors(facts)
    for use in facts.uses:
        sign = {"higher": 1, "lower": -1}.get(use.kpi.direction)
        if sign is None or not use.kpi.is_on_line or _moves_with_the_month(use.kpi):
            continue
        judged = list(_with_target(facts.history, use))
        found = [each for each in judged if holds(each[1], each[2], sign)]
        if found and (not every or len(found) == len(judged)):
            _, values, target = found[0]
            day = facts.project.target_day(facts.history.period, use.kpi.frequency)
            row = anchors.in_force(use.kpi_id, "target", use.card_id, found[0][0], day)
            best = _shown(max(values) if sign > 0 else min(values), use.kpi)
            who = listed([unit for unit, _, _ in found])
            message = f"the target {_shown(target, use.kpi)} of '{use.kpi_id}' {told} {who}; the best was {best}."
            yield Problem("targets.csv", row.line if row else 0, "value", message)


def _with_target(history: History, use: Use) -> Iterator[tuple[str, Sequence[float], float]]:
    for unit in use.units:
        values, target = (
            history.values.get((use.kpi_id, unit), ()),
            history.targets.get((use.card_id, use.kpi_id, unit)),
        )
        if target is not None and len(values) >= ENOUGH_MONTHS:
            yield unit, values, target


def _moves_with_the_month(kpi: Kpi) -> bool:
    return kpi.window.kind.endswith("to date") or "target" in kpi.anchors


def _shown(value: float, kpi: Kpi) -> str:
    return f"{value:.1%}" if kpi.measured_in == "percent" else f"{value:,.5g}"


@rule(
    "warning",
    "An objective is red and no initiative is to move it.",
    remedy="Name it in the objectives: of an initiative, or explain in the commentary why none is needed.",
    source="Kaplan and Norton, The Execution Premium (2008), chapter 4: initiatives close gaps",
    needs_history=True,
)
def red_objective_without_initiative(facts: Facts) -> Iterator[Problem]:
    """Red means that what is being done is not enough.

    Judged at the highest units of each scorecard in the newest computed month; an initiative that is done does not
    count.
    """
    if facts.history is None:
        return
    helped = {
        name
        for initiative in facts.project.strategy.initiatives.values()
        if initiative.status != "done"
        for name in initiative.objectives
    }
    bad = {band.id: band.name for band in facts.project.organisation.bands if band.status == "bad"}
    for card_id, card in facts.cards.items():
        units = facts.tree.select(card.units)
        tops = [unit for unit in units if facts.tree.units[unit].parent not in units]
        for objective_id in card.objectives:
            red = [unit for unit in tops if facts.history.bands.get((card_id, objective_id, unit)) in bad]
            if red and objective_id not in helped:
                path = ("scorecards", card_id, "objectives", objective_id)
                message = f"is {next(iter(bad.values()))} for {listed(red)} in {facts.history.period:%Y-%m}."
                yield facts.in_strategy(path, message)
