"""What was computed or published by another rule of small groups than the one in force, and what to do about it.

So is a month that tells of people by a pattern which can be subtracted from another one that stands.

Belongs here: finding it, naming it, and clearing it away before it is computed anew. That it is not shown until then
is ``warehouse.obeying``'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from pipelines.steps.reading import INSIGHT, SIGNALS
from pipelines.steps.reading import SCORES as SCORES_STEP
from pipelines.steps.setting import Setting
from pipelines.steps.staleness import as_rows
from scorecards.periods import period_text
from scorecards.words import plural
from warehouse.editions import Edition, frozen
from warehouse.store import Warehouse, open_warehouse
from warehouse.tables import EDITIONS, KPI_DEFINITIONS, SCORES, TABLES

_MADE_OF_VALUES = tuple(
    table
    for table in TABLES
    if table.schema in ("scores", "signals", "insight", "packs", "editions") and table is not EDITIONS
)


def other_rules_told(setting: Setting) -> Iterator[str]:
    """That months were computed by another rule of small groups than the one in force, and what to do."""
    with open_warehouse(setting.home, telling=setting.telling) as warehouse:
        found = sorted({period for period, _ in warehouse.other_rules})
    closed = setting.closed()
    for is_closed, remedy in (
        (False, "Run them again: scorepack backfill {first} {last}"),
        (
            True,
            "They are closed. Open each, run it again and close it: scorepack reopen {first} --by NAME --reason WHY",
        ),
    ):
        months = [period for period in found if (period in closed) == is_closed]
        if months:
            first, last = period_text(months[0]), period_text(months[-1])
            span = first if first == last else f"{first} to {last}"
            yield (
                f"withheld: {span} ({plural(len(months), 'month')}), computed by another rule of small groups than the "
                "one declared, or when other people were counted: figures about people are not shown. "
                f"{remedy.format(first=first, last=last)}"
            )


def clear_other_rules(warehouse: Warehouse, months: Sequence[date]) -> None:
    """Clear what was made of the values of these months, where they are of another rule, before they are replaced.

    A run that ends in between, or renders no packs, must not leave it beside values that obey the rule. Later steps
    make it anew. ``warehouse`` is read by the rule in force.
    """
    other = sorted({period for period, _ in warehouse.other_rules} & set(months))
    if other:
        none = dict.fromkeys(other, "")
        computed = pl.concat([as_rows(step, none, other) for step in (SCORES_STEP, SIGNALS, INSIGHT)])
        warehouse.replace({table: warehouse.read(table, []) for table in _MADE_OF_VALUES}, other, computed)


def packs_by_another_rule(setting: Setting, edition: Edition) -> frozenset[tuple[str, str]]:
    """Scorecards and units whose packs in an edition may show what the rule in force withholds."""
    if not setting.telling.sources:
        return frozenset()
    kept = frozen(setting.home, edition.tables[KPI_DEFINITIONS.name]).select("kpi", "withheld_by").iter_rows()
    kpis = [kpi for kpi, rule in kept if not setting.telling.allows(rule)]
    scores = frozen(setting.home, edition.tables[SCORES.name])
    shown = scores.filter(pl.col("level") == "kpi", pl.col("node").is_in(kpis))
    return frozenset(shown.select("scorecard", "unit").iter_rows())
