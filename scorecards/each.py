"""``each``: one declaration of a KPI that stands for one KPI per value of a column, such as one per product line.

Belongs here: writing such KPIs out, wherever they are named. Afterwards nothing else needs to know of them: margin with
the values bikes and tents is margin_bikes and margin_tents, each with a condition of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from scorecards.kpis import Kpi
from scorecards.strategy import Objective, Scorecard, Strategy
from scorecards.tables import Target


def written_out(kpis: Mapping[str, Kpi]) -> dict[str, list[str]]:
    """Ids of the KPIs that each KPI stands for: itself, or those of its values."""
    return {
        kpi_id: [kpi_id] if kpi.each is None else [f"{kpi_id}_{value}" for value in kpi.each.values]
        for kpi_id, kpi in kpis.items()
    }


def each_kpi(kpi: Kpi) -> Iterable[Kpi]:
    """The KPIs of one declaration, in the order of its values, each with its condition and name."""
    if kpi.each is None:
        yield kpi
        return
    for value_id, text in kpi.each.values.items():
        quoted = text.replace("'", "''")
        condition = f"{kpi.each.column} = '{quoted}'"
        where = f"({kpi.where}) AND {condition}" if kpi.where else condition
        name = f"{kpi.name}: {kpi.each.names.get(value_id, text)}"
        yield kpi.model_copy(update={"each": None, "where": where, "name": name})


def each_use(strategy: Strategy, ids: Mapping[str, list[str]]) -> Strategy:
    """The strategy with a declared KPI's name standing for all that it is written out to."""

    def objective(declared: Objective) -> Objective:
        kpis = {one: use for name, use in declared.kpis.items() for one in ids.get(name, [name])}
        return declared.model_copy(update={"kpis": kpis})

    def scorecard(declared: Scorecard) -> Scorecard:
        objectives = {name: objective(one) for name, one in declared.objectives.items()}
        return declared.model_copy(update={"objectives": objectives})

    return strategy.model_copy(
        update={"scorecards": {name: scorecard(one) for name, one in strategy.scorecards.items()}}
    )


def each_target(targets: tuple[Target, ...], ids: Mapping[str, list[str]]) -> tuple[Target, ...]:
    """The targets with a row for a declared KPI standing for all its values, but those that have a row of their own."""

    def place(target: Target) -> tuple[object, ...]:
        return target.scorecard, target.kpi, target.unit, target.effective_from, target.anchor

    own = {place(target) for target in targets}
    found: list[Target] = []
    for target in targets:
        names = ids.get(target.kpi, [target.kpi])
        if names == [target.kpi]:
            found.append(target)
            continue
        written = [replace(target, kpi=name) for name in names]
        found += [one for one in written if place(one) not in own]
    return tuple(found)
