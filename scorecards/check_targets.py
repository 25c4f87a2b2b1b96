"""Rules about targets: that they name what exists, in its own unit of measurement, and give a scale that can score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from scorecards.errors import Problem, did_you_mean
from scorecards.project import Project
from scorecards.tables import Target

_FILE = "targets.csv"


def check_targets(project: Project) -> Iterator[Problem]:
    """Problems of ``targets.csv``, and a warning for every KPI in use that cannot be scored."""
    units = project.unit_ids
    cards, anchors = list(project.strategy.scorecards), list(project.organisation.scale.anchors)
    seen: dict[tuple[object, ...], int] = {}
    for target in project.targets:
        for column, value, known, what in (
            ("kpi", target.kpi, list(project.kpis), "KPI"),
            ("unit", target.unit, units, "unit"),
            ("scorecard", target.scorecard, cards, "scorecard"),
            ("anchor", target.anchor, anchors, "anchor of the scale"),
        ):
            if value is not None and value not in known:
                article = "an" if what.startswith("a") else "a"
                yield Problem(
                    _FILE, target.line, column, f"'{value}' is not {article} {what}.", did_you_mean(value, known)
                )
        yield from _in_its_own_terms(project, target)
        same = (target.scorecard, target.kpi, target.unit, target.effective_from, target.anchor)
        if same in seen:
            yield Problem(_FILE, target.line, "anchor", f"repeats line {seen[same]}.", "Keep one of them.")
        seen.setdefault(same, target.line)
    yield from _order_of_anchors(project)
    yield from _without_target(project)


def _in_its_own_terms(project: Project, target: Target) -> Iterator[Problem]:
    kpi = project.kpis.get(target.kpi)
    if kpi is None:
        return
    if kpi.measured_in == "percent" and not target.is_percent:
        message = f"{target.value:g} is a bare number, but '{target.kpi}' is measured in percent."
        yield Problem(_FILE, target.line, "value", message, f"Write {target.value:g}%.")
    elif kpi.measured_in == "percent" and target.per_month:
        message = f"'{target.kpi}' is measured in percent, which does not add up over months."
        yield Problem(_FILE, target.line, "per", message, "Write window.")
    elif kpi.measured_in != "percent" and target.is_percent:
        message = f"{target.value * 100:g}% is a percentage, but '{target.kpi}' is measured in {kpi.measured_in}."
        yield Problem(_FILE, target.line, "value", message, "Write the number without %.")


def _order_of_anchors(project: Project) -> Iterator[Problem]:
    """Anchors declared for the same place and day must run one way, and that way must be the KPI's direction."""
    groups: dict[tuple[object, ...], dict[str, Target]] = defaultdict(dict)
    for target in project.targets:
        groups[target.scorecard, target.kpi, target.unit, target.effective_from][target.anchor] = target
    scores = project.organisation.scale.anchors
    for (_, kpi_id, _, _), found in groups.items():
        kpi = project.kpis.get(str(kpi_id))
        points = sorted((t for name, t in found.items() if name in scores), key=lambda t: scores[t.anchor])
        if kpi is None:
            continue
        for low, high in pairwise(points):
            rises = high.value > low.value
            if high.value == low.value or rises != (kpi.direction == "higher"):
                side = "above" if kpi.direction == "higher" else "below"
                message = f"'{high.anchor}' ({high.value:g}) must be {side} '{low.anchor}' ({low.value:g})"
                yield Problem(
                    _FILE, high.line, "value", f"{message}, since {kpi.direction} is better.", "Swap or change them."
                )


def _without_target(project: Project) -> Iterator[Problem]:
    anchored = {(target.kpi, target.anchor) for target in project.targets}
    for card_id, card in project.strategy.scorecards.items():
        for objective_id, objective in card.objectives.items():
            for kpi_id in objective.kpis:
                kpi = project.kpis.get(kpi_id)
                names = {anchor for name, anchor in anchored if name == kpi_id} | set(kpi.anchors if kpi else ())
                if kpi is not None and ("target" not in names or len(names) < 2):
                    message = "needs a target and one more anchor, such as a floor, to be scored."
                    path = ("scorecards", card_id, "objectives", objective_id, "kpis", kpi_id)
                    yield project.places["strategy.yaml"].problem(path, message, "Add them to targets.csv.", "warning")
