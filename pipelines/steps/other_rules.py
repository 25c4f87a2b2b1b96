"""What was computed or published by another rule of small groups than the one in force, and what to do about it.

Belongs here: finding and naming it. That it is not shown is ``warehouse.obeying``'s.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from pipelines.steps.setting import Setting
from scorecards.periods import period_text
from scorecards.words import plural
from warehouse.editions import Edition, frozen
from warehouse.store import open_warehouse
from warehouse.tables import KPI_DEFINITIONS, SCORES


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
                f"one declared: figures about people are not shown. {remedy.format(first=first, last=last)}"
            )


def packs_by_another_rule(setting: Setting, edition: Edition) -> frozenset[tuple[str, str]]:
    """Scorecards and units whose packs in an edition may show what the rule in force withholds."""
    if not setting.telling.sources:
        return frozenset()
    kept = frozen(setting.home, edition.tables[KPI_DEFINITIONS.name]).select("kpi", "withheld_by").iter_rows()
    kpis = [kpi for kpi, rule in kept if not setting.telling.allows(rule)]
    scores = frozen(setting.home, edition.tables[SCORES.name])
    shown = scores.filter(pl.col("level") == "kpi", pl.col("node").is_in(kpis))
    return frozenset(shown.select("scorecard", "unit").iter_rows())
