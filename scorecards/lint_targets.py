"""Rules about targets as they are declared: that a KPI has one, that it makes a scale, for whom, and for when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlglot import exp

from scorecards.errors import Problem
from scorecards.expressions import parse
from scorecards.kpis import Kpi
from scorecards.lint_anchors import Anchors
from scorecards.lint_facts import Facts, listed
from scorecards.lint_rule import rule
from scorecards.organisation import SIDES, Scale
from scorecards.periods import Window, add_months
from scorecards.tables import Target

_SMART = "Doran, There's a S.M.A.R.T. way to write management's goals, Management Review 70/11 (1981)"
_FILE = "targets.csv"
_ALWAYS = date(1, 1, 1)


def _can_score(scale: Scale, kpi: Kpi, names: set[str]) -> bool:
    if kpi.direction != "within":
        return "target" in names and len(names & set(scale.anchors)) > 1
    return any(
        ("target" in names or f"{side}_target" in names)
        and any(f"{side}_{name}" in names for name in scale.anchors if name != "target")
        for side in SIDES
    )


@rule(
    "warning",
    "A KPI cannot be scored: it has no target, or no second anchor such as a floor.",
    remedy="Add them to targets.csv, or declare scored: false.",
    source="Kaplan and Norton, The Balanced Scorecard (1996), chapter 10; Doran (1981): measurable",
)
def kpi_without_target(facts: Facts) -> Iterator[Problem]:
    """Without a target a value is neither good nor bad.

    A score is the place between two anchors, so that the target needs a second one. KPIs that are scored by texts,
    steps, a formula or among others need none, nor do unscored ones.
    """
    anchors = Anchors(facts)
    for use in facts.uses:
        if not use.kpi.is_on_line:
            continue
        found = [anchors.as_written(use, unit) for unit in use.units] or [anchors.as_written(use, None)]
        if any(_can_score(facts.project.organisation.scale, use.kpi, names) for names in found):
            continue
        if use.kpi.direction == "within":
            message = (
                "needs a target and one more anchor on one side of its range, such as lower_target and lower_floor."
            )
        elif any("target" in names for names in found):
            message = "has a target but no second anchor, such as a floor, to be scored by."
        else:
            message = "needs a target and one more anchor, such as a floor, to be scored."
        yield facts.in_strategy(use.path, message)


@rule(
    "warning",
    "A KPI has a target for some of its units only.",
    remedy="Add a row for the unit above them all, or narrow applies_to.",
    source=f"{_SMART}: a goal belongs to somebody",
)
def target_for_some_units(facts: Facts) -> Iterator[Problem]:
    """For the other units the value stands in the pack without a score.

    Their coverage is lower for a reason that nobody chose. Targets are inherited down the tree, so that one row at
    the top is enough.
    """
    anchors = Anchors(facts)
    for use in facts.uses:
        if not use.kpi.is_on_line:
            continue
        without = [unit for unit in use.units if len(names := anchors.names(use, unit)) < 2 or "target" not in names]
        if without and len(without) < len(use.units):
            line = min((row.line for row in anchors.rows(use.kpi_id)), default=0)
            message = f"'{use.kpi_id}' on '{use.card_id}' has no target and floor for {listed(without)}."
            yield Problem(_FILE, line, "unit", message)


@rule(
    "error",
    "A target equals its floor, or lies on the wrong side of it.",
    remedy="Move one of them, so that there is a way to go between them.",
    source="Between two equal anchors there is no scale: a score would be a division by zero",
)
def target_equals_floor(facts: Facts) -> Iterator[Problem]:
    """Anchors that stand in one row each for the same unit and day are compared before anything runs.

    This rule also finds those that meet through inheritance: a unit's own target beside the floor of the unit
    above, a new target beside an old floor, a formula that repeats the target. Where they meet, the KPI has no
    score.
    """
    anchors = Anchors(facts)
    scores = facts.project.organisation.scale.anchors
    for kpi_id, kpi in facts.project.kpis.items():
        if not kpi.is_on_line:
            continue
        for anchor, text in kpi.anchors.items():
            if anchor != "target" and _is_target(text):
                yield facts.in_kpi(kpi_id, ("anchors", anchor), f"the formula of '{anchor}' is the target itself.")
        told: set[tuple[int, int]] = set()
        for row in anchors.rows(kpi_id):
            for other in anchors.beside(row):
                pair = (min(row.line, other.line), max(row.line, other.line))
                wrong = None if pair in told else _no_scale(row, other, scores, kpi.direction)
                if wrong:
                    told.add(pair)
                    yield Problem(_FILE, pair[1], "value", wrong)


def _no_scale(row: Target, other: Target, scores: dict[str, float], direction: str) -> str | None:
    low, high = sorted((row, other), key=lambda each: scores[each.anchor])
    where = f"for '{row.kpi}'{f' and {row.unit}' if row.unit else ''}"
    if low.value == high.value:
        return (
            f"'{high.anchor}' equals '{low.anchor}' (line {min(row.line, other.line)}) {where}: both are {low.value:g}."
        )
    if direction != "within" and (high.value > low.value) != (direction == "higher"):
        text = f"'{high.anchor}' ({high.value:g}) is worse than '{low.anchor}' ({low.value:g})"
        return f"{text} {where}, since {direction} is better."
    return None


def _is_target(text: str) -> bool:
    tree = parse(text)
    while isinstance(tree, exp.Paren):
        tree = tree.this
    return isinstance(tree, exp.Column) and tree.name == "target"


@rule(
    "note",
    "A KPI's targets have no date.",
    remedy="Write in effective_from from which day on the target counts.",
    source=f"{_SMART}: time-related",
)
def target_without_date(facts: Facts) -> Iterator[Problem]:
    """A target belongs to a time: by when it is to be reached, and until when it is worth reaching.

    Without a first day it counts for all of the past too, so that a change of mind rescores months that were judged
    already.
    """
    anchors = Anchors(facts)
    found = {kpi_id: [row for row in anchors.rows(kpi_id) if row.anchor == "target"] for kpi_id in _with_rows(facts)}
    undated = [rows[0] for rows in found.values() if rows and all(row.effective_from == _ALWAYS for row in rows)]
    if undated:
        message = f"no first day has the target of {listed([row.kpi for row in undated])}."
        yield Problem(_FILE, min(row.line for row in undated), "effective_from", message)


@rule(
    "note",
    "A KPI's targets are older than the last fiscal year.",
    remedy="Confirm the target with a row for this fiscal year, or set a new one.",
    source=f"{_SMART}: time-related; Kaplan and Norton, The Balanced Scorecard (1996), chapter 10: milestones",
    needs_history=True,
)
def target_out_of_date(facts: Facts) -> Iterator[Problem]:
    """A target that nobody has looked at for two budgets is a habit.

    Judged as of the newest computed month: the newest row in force then must begin in its fiscal year or in the one
    before.
    """
    if facts.history is None or facts.last_day is None:
        return
    start = facts.project.organisation.fiscal_year_starts
    since = add_months(Window("year to date").span(facts.history.period, start)[0], -12)
    anchors, stale = Anchors(facts), list[Target]()
    for kpi_id in _with_rows(facts):
        rows = [row for row in anchors.rows(kpi_id) if row.anchor == "target" and row.effective_from > _ALWAYS]
        known = [row for row in rows if row.effective_from <= facts.last_day]
        newest = max(known, key=lambda row: row.effective_from, default=None)
        if newest is not None and newest.effective_from < since:
            stale.append(newest)
    for day in sorted({row.effective_from for row in stale}):
        names, lines = zip(*((row.kpi, row.line) for row in stale if row.effective_from == day), strict=True)
        yield Problem(_FILE, min(lines), "effective_from", f"since {day} stands the target of {listed(names)}.")


def _with_rows(facts: Facts) -> list[str]:
    """KPIs in use that are scored by the rows of ``targets.csv``, not by a formula for the target."""
    used = dict.fromkeys(use.kpi_id for use in facts.uses if use.kpi.is_on_line)
    return [kpi_id for kpi_id in used if "target" not in facts.project.kpis[kpi_id].anchors]
