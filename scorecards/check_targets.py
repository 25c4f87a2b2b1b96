"""Rules about targets: that they name what exists, in its own unit of measurement, and give a scale that can score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from scorecards.errors import OR_DECLARE_IT, Problem, did_you_mean
from scorecards.organisation import SIDES, Scale
from scorecards.project import Project
from scorecards.tables import Target

_FILE = "targets.csv"


def check_targets(project: Project) -> Iterator[Problem]:
    """Problems of ``targets.csv``, and a warning for every KPI in use that cannot be scored."""
    names: dict[str, Collection[str]] = {
        "kpi": project.kpis,
        "unit": dict.fromkeys(project.unit_ids),
        "scorecard": project.strategy.scorecards,
    }
    seen: dict[tuple[object, ...], int] = {}
    for target in project.targets:
        for column, value, what in (
            ("kpi", target.kpi, "KPI"),
            ("unit", target.unit, "unit"),
            ("scorecard", target.scorecard, "scorecard"),
        ):
            if value is not None and value not in names[column]:
                remedy = did_you_mean(value, list(names[column]))
                yield Problem(_FILE, target.line, column, f"'{value}' is not a {what}.", remedy)
        yield from _name_of_anchor(project, target)
        yield from _in_its_own_terms(project, target)
        same = (target.scorecard, target.kpi, target.unit, target.effective_from, target.anchor)
        if same in seen:
            yield Problem(_FILE, target.line, "anchor", f"repeats line {seen[same]}.", "Keep one of them.")
        seen.setdefault(same, target.line)
    yield from _order_of_anchors(project)


def _name_of_anchor(project: Project, target: Target) -> Iterator[Problem]:
    scale, kpi = project.organisation.scale, project.kpis.get(target.kpi)
    directions = ("higher", "within") if kpi is None else (kpi.direction,)
    known = [name for direction in directions for name in scale.names_for(direction)]
    if target.anchor in known:
        return
    if kpi is not None and kpi.direction == "within" and target.anchor in scale.anchors:
        message = f"'{target.anchor}' does not say which side of the range it is on; '{target.kpi}' is better within."
        remedy = f"Write {' or '.join(f'{side}_{target.anchor}' for side in SIDES)}."
        if scale.anchors[target.anchor] > scale.target_score:
            remedy = "Inside its range a value is on target, and cannot be better."
    else:
        message = f"'{target.anchor}' is not an anchor of the scale."
        remedy = did_you_mean(target.anchor, known) + OR_DECLARE_IT
        if kpi is not None and target.anchor in scale.names_for("within"):
            remedy = f"It belongs to KPIs with 'direction: within'; for {kpi.direction}, {remedy}"
    yield Problem(_FILE, target.line, "anchor", message, remedy)


def _in_its_own_terms(project: Project, target: Target) -> Iterator[Problem]:
    kpi = project.kpis.get(target.kpi)
    if kpi is None:
        return
    if kpi.measured_in == "percent" and not target.is_percent:
        message = f"{target.value:g} is a bare number, but '{target.kpi}' is measured in percent."
        yield Problem(_FILE, target.line, "value", message, _as_percent(target.value))
    elif kpi.measured_in == "percent" and target.per_month:
        message = f"'{target.kpi}' is measured in percent, which does not add up over months."
        yield Problem(_FILE, target.line, "per", message, "Write window.")
    elif kpi.measured_in != "percent" and target.is_percent:
        terms = f"is measured in {kpi.measured_in}" if kpi.measured_in else "does not say what it is measured in"
        message = f"{target.value * 100:g}% is a percentage, but '{target.kpi}' {terms}."
        yield Problem(_FILE, target.line, "value", message, "Write the number without %.")


def _as_percent(value: float) -> str:
    """How a percentage is written; a number that may well be a share is told both ways."""
    if -1 <= value <= 1 and value != 0:
        shared = {0.5: "a half", 1.0: "the whole"}.get(value, f"a share of {value:g}")
        return f"Write {value * 100:g}% if you mean {shared}, {value:g}% if you mean {value:g} percent."
    return f"Write {value:g}%."


def _order_of_anchors(project: Project) -> Iterator[Problem]:
    """Anchors declared for the same place and day must run one way, and that way must be the KPI's direction."""
    groups: dict[tuple[object, ...], dict[str, Target]] = defaultdict(dict)
    for target in project.targets:
        groups[target.scorecard, target.kpi, target.unit, target.effective_from][target.anchor] = target
    for (_, kpi_id, _, _), found in groups.items():
        kpi = project.kpis.get(str(kpi_id))
        if kpi is None or not kpi.is_on_line:
            continue
        if kpi.direction == "within":
            yield from _order_of_range(project, found)
        else:
            yield from _one_way(project.organisation.scale, found, kpi.direction, f"since {kpi.direction} is better")
        if kpi.scoring.scale == "log":
            yield from _logarithms(project, found)


def _one_way(scale: Scale, found: Mapping[str, Target], direction: str, why: str) -> Iterator[Problem]:
    points = sorted((name for name in found if name in scale.anchors), key=scale.anchors.__getitem__)
    for low, high in pairwise(found[name] for name in points):
        rises = high.value > low.value
        if high.value == low.value or rises != (direction == "higher"):
            side = "above" if direction == "higher" else "below"
            message = f"'{high.anchor}' ({high.value:g}) must be {side} '{low.anchor}' ({low.value:g}), {why}."
            yield Problem(_FILE, high.line, "value", message, "Swap or change them.")


def _order_of_range(project: Project, found: Mapping[str, Target]) -> Iterator[Problem]:
    scale = project.organisation.scale
    for side, direction in zip(SIDES, ("higher", "lower"), strict=True):
        own = {name: found[f"{side}_{name}"] for name in scale.anchors if f"{side}_{name}" in found}
        if own and "target" in found:
            own.setdefault("target", found["target"])
        yield from _one_way(scale, own, direction, f"on the {side} side of a range")
    low, high = found.get("lower_target"), found.get("upper_target")
    if low is not None and high is not None and low.value > high.value:
        message = f"'upper_target' ({high.value:g}) must not be below 'lower_target' ({low.value:g})."
        yield Problem(_FILE, high.line, "value", message, "Swap them.")


def _logarithms(project: Project, found: Mapping[str, Target]) -> Iterator[Problem]:
    for name, target in found.items():
        if name not in project.organisation.scale.references and target.value <= 0:
            message = f"{target.value:g} has no logarithm, but '{target.kpi}' is scored with 'scale: log'."
            yield Problem(_FILE, target.line, "value", message, "Write a value above 0.")
