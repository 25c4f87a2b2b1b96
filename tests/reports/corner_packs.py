"""Packs that reach the sentences which the ordinary ones do not: drawn with a seed, each the same every time.

They need not be consistent in themselves: what they are for is that every word of the reports is said somewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any, get_args

from report_templates.reasons import REASONS
from scorecards.roll_up import Method, Missing
from tests.reports.pack_factory import company_pack
from transforms.pack import (
    Assurance,
    Balance,
    Breakdown,
    Certainty,
    Comparison,
    Contribution,
    EditionNote,
    EditionRow,
    Finding,
    KpiLine,
    Label,
    NodeScore,
    Operand,
    Pack,
    PerspectivePage,
    ScoreStep,
    ScoringRule,
    Signal,
    SignalPoint,
    SliceRow,
    Status,
    UnitChange,
    WithheldKpi,
)
from transforms.pack_insight import FindingKind
from transforms.pack_method import Among, Place, Way

WINDOWS = ("month", "quarter", "quarter to date", "year", "year to date", "trailing 12 months")
REJECTIONS = (
    "required: c1: is empty", "enum: c2: … is not one of 1, 2", "type: c3: … is not a date (%d/%m/%Y)",
    "unit: c4: … is not a declared unit", "duplicate: c5: repeats an earlier row",
    "period: c6: belongs to …, the file is for 2026-10", "minimum: c7: … is below 0",
)  # fmt: skip


def corner_packs(count: int = 60) -> Iterator[Pack]:
    """So many packs."""
    for seed in range(count):
        yield _corner(Random(seed))


def _corner(rng: Random) -> Pack:
    base = company_pack()
    pages = tuple(_page(rng, page) for page in base.perspectives)
    pack = replace(base, perspectives=pages, node=_overall(rng, base, pages), contributions=_parts(rng, base))
    pack = replace(pack, contributions_on_year=pack.contributions[: rng.choice([0, 4, 40])])
    return replace(pack, **_insight(rng, pack), **_rest(rng, pack))


def _page(rng: Random, page: PerspectivePage) -> PerspectivePage:
    if rng.random() < 0.1:
        node = replace(page.node, score=None, band=None, missing_reason="not_applicable", applicable=0, by_status={})
        return replace(page, kpis=(), objectives=(), node=node)
    return replace(
        page, kpis=tuple(_line(rng, line) for line in page.kpis), node=replace(page.node, coverage=rng.choice([1, 0.7]))
    )


def _line(rng: Random, line: KpiLine) -> KpiLine:
    value = line.value or 0.0
    changes: list[dict[str, Any]] = [
        {"value": None, "score": None, "band": None, "missing_reason": rng.choice(list(REASONS))},
        {"score": None, "band": None, "missing_reason": rng.choice(["no_target", "unscored", None])},
        {"direction": "within", "target": None, "lower_target": value * 0.8, "upper_target": value * 1.2},
        {"direction": "within", "target": None, "lower_target": value * 1.05, "upper_target": value * 1.2},
        {"direction": "within", "target": value, "lower_target": value * 0.9, "upper_target": value * 0.95},
        {"previous": value}, {"target": value}, {"previous": None}, {"value_period": date(2026, 7, 1)},
        {"measured_in": "yes/no", "value": 1.0, "target": 1.0},
        *[{} for _ in range(10)],
    ]  # fmt: skip
    changed = replace(
        line,
        **rng.choice(changes),
        months_in_status=rng.choice([0, 1, 2, 5, 10, 11, 12, 23, 25]),
        window=rng.choice(WINDOWS),
        frequency=rng.choice(["month", "quarter", "year"]),
        scoring=_scoring(rng) if rng.random() < 0.3 else line.scoring,
        inputs=(Operand("x", "SUM(x)", "orders", ("region = 'n'",), rng.choice(WINDOWS), rng.choice([0, 1, 12])),),
    )
    if changed.value is not None and rng.random() < 0.8:
        changed = replace(changed, signal=_signal(rng, changed))
    if rng.random() < 0.1:
        rows = (SliceRow("A", 0.2, None, None, None, 0.1, 0.3), SliceRow("", None, "no_rows", None, None, None, None))
        changed = replace(changed, breakdowns=(Breakdown("grade", rows),))
    return changed


def _scoring(rng: Random) -> ScoringRule:
    way = rng.choice(get_args(Way))
    steps = (ScoreStep("value > 7", 100.0, rng.choice(["", "green"])), ScoreStep("", 0.0))
    compared = Comparison(rng.choice(get_args(Among)), rng.choice(get_args(Place)), rng.choice([1, 12]), 3)
    return ScoringRule(
        way,
        is_logarithmic=way in ("line", "range") and rng.random() < 0.5,
        steps=steps if way in ("texts", "steps") else (),
        formula="value * 7" if way == "formula" else "",
        comparison=compared if way == "relative" else None,
    )


def _signal(rng: Random, line: KpiLine) -> Signal:
    value = line.value or 0.0
    label: Label = rng.choice(get_args(Label))
    variation: Any = "common cause"
    if label != "common cause":
        variation = rng.choice(["improvement", "concern", "special cause"])
    lower, upper = rng.choice([(None, None), (value * 0.9, value * 1.1), (value * 1.01, value * 1.2), (value, value)])
    point = None if lower is None else SignalPoint(value, lower, upper, label, variation, 1)
    return Signal(
        label=label, variation=variation, assurance=rng.choice([*get_args(Assurance), None]), mean=value * 0.98,
        lower=lower, upper=upper, points=rng.choice([1, 8, 24]), every=rng.choice(["month", "quarter", "year"]),
        flagged=rng.randint(0, 3), is_trial=rng.random() < 0.3, is_overlapping=rng.random() < 0.15,
        is_seasonal=rng.random() < 0.3, side=rng.choice([-1, 0, 1]), running=rng.choice([7, 9]),
        is_rising=rng.random() < 0.5, history=tuple(point for _ in line.history),
        is_screened=rng.random() < 0.8, baseline=rng.choice([None, None, 24]),
        since=rng.choice([None, None, date(2025, 4, 1)]),
    )  # fmt: skip


def _overall(rng: Random, base: Pack, pages: tuple[PerspectivePage, ...]) -> NodeScore:
    lines = [line for page in pages for line in page.kpis]
    counted: dict[Status, int] = {}
    for line in lines:
        if line.band is not None:
            counted[line.band.status] = counted.get(line.band.status, 0) + 1
    counts = rng.choice([counted, counted, {"good": len(lines)}, {"good": 3}, {"warning": 2, "good": 3}, {}])
    applicable = rng.choice([len(lines), len(lines), 1, 0])
    node = replace(base.node, coverage=rng.choice([1.0, 0.85]), by_status=counts, applicable=applicable)
    changes: list[dict[str, Any]] = [
        {"score": None, "band": None, "missing_reason": "coverage_below_minimum"}, {"previous": None},
        {"previous": node.score}, {"last_year": node.score}, {"last_year": None}, *[{} for _ in range(4)],
    ]  # fmt: skip
    return replace(node, **rng.choice(changes))


def _parts(rng: Random, base: Pack) -> tuple[Contribution, ...]:
    kinds: Any = ["value", "against target", "came", "went", "definition"]
    parts = [
        replace(part, points=part.points * rng.choice([1, -1, 0, 3]), part=rng.choice(kinds))
        for part in base.contributions
    ]
    if rng.random() < 0.5:
        parts += [Contribution(None, "", "", rng.uniform(-2, 2), kind) for kind in ("target", "weights", "definition")]
    return tuple(parts)


def _insight(rng: Random, pack: Pack) -> dict[str, Any]:
    if rng.random() < 0.3:
        return {}
    names = [page.name for page in pack.perspectives]
    return {
        "balance": Balance(70.1, rng.choice([None, 66.2]), 3.9, 22.4, names[0], names[1], names[2], 0.42),
        "findings": tuple(
            Finding(
                kind,
                rng.choice(names),
                *rng.choice([(rng.choice(names), "perspective"), ("7", "kpi"), ("8", "objective")]),
            )
            for kind in get_args(FindingKind) * 2
            if rng.random() < 0.4
        ),
        "certainty": (
            Certainty("Overall", 70, 66, 74, rng.choice([0.001, 0.4, 0.999]), 2, 4, 1, rng.choice([1, 2])),
            Certainty(names[0], 70, 70, 70, 0.2),
        ),
        "weights_off": rng.choice([0.1, 0.2, 0.25, 0.5, 0.3]),
        "unit_level": rng.choice(["company", "division", "department", "team", "person"]),
        "unit_changes": tuple(
            UnitChange(line.id, unit, 0.02 * rng.choice([1, -1]), 0.01, rng.choice([None, 0.01]))
            for line in pack.kpis[:4]
            if line.value is not None
            for unit in ("North", "South", None)
        ),
    }


def _rest(rng: Random, pack: Pack) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if pack.kpis and rng.random() < 0.4:
        rows = tuple(
            EditionRow(level, node, 70.0, rng.choice([None, 71.2]), ("data", "method", "unit tree"), ("a",) * 6)
            for level, node in (("scorecard", "company"), ("kpi", pack.kpis[0].id), ("value", pack.kpis[0].id))
        )
        found["edition"] = EditionNote(2, rng.choice(["", "7"]), rows if rng.random() < 0.8 else ())
    if rng.random() < 0.5:
        found["rules"] = tuple(
            replace(
                rule,
                method=rng.choice(get_args(Method)),
                missing=rng.choice(get_args(Missing)),
                own_kpi="7",
                minimum_coverage=rng.choice([0.0, 0.5, 0.625]),
                minimum_parts=rng.choice([1, 2]),
            )
            for rule in pack.rules
        )
        found["withheld"] = rng.choice([(), (WithheldKpi("7", 1),), (WithheldKpi("7", 1), WithheldKpi("8", 2))])
    if rng.random() < 0.3:
        found["days"] = (date(2026, 9, 28), date(2026, 10, 31))
    choice = rng.random()
    if choice < 0.3:
        found["children"] = pack.children * 3
    elif choice < 0.6:
        found |= {"children": (), "line_of_sight": (("7", ("8", "9")), ("10", ()))}
    if rng.random() < 0.3:
        found["initiatives"] = tuple(replace(each, elapsed=None, expected="", owner="") for each in pack.initiatives)
    if rng.random() < 0.3:
        found["remarks"] = ()
    states: Any = ("loaded", "missing", "refused")
    found["sources"] = tuple(
        replace(source, state=rng.choice(states), reasons=((rng.choice(REJECTIONS), 3),), description="")
        for source in pack.sources
    )
    return found
