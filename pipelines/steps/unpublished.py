"""Published months of which something newer is computed, that nobody has published yet.

Belongs here: finding and telling them, for those who look at the warehouse. What came since an edition is said without
it by ``edition_comparing.came_since``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from pipelines.steps.edition_comparing import came_since, says_the_same, withdrawn_since
from pipelines.steps.late_rows import first_of
from pipelines.steps.setting import Setting
from scorecards.periods import period_text
from warehouse.editions import Edition, editions
from warehouse.store import open_warehouse
from warehouse.tables import KPI_VALUES, SCORES

_FIGURES = (KPI_VALUES, SCORES)


def unpublished_told(setting: Setting, periods: Sequence[date]) -> Iterator[str]:
    """One line where what is computed of these months is newer than their newest editions; none of them is stale."""
    found = sorted(unpublished(setting, periods).items())
    if not found:
        return
    first, edition = period_text(found[0][0]), found[0][1]
    what, which, each = first, f"edition {edition.number}", "it"
    if len(found) > 1:
        what, which, each = first_of([period_text(period) for period, _ in found]), "their editions", "each"
    yield (
        f"not published: what is computed of {what} is newer than {which}. "
        f"Publish {each}: scorepack publish {first} --by NAME --reason WHY"
    )


def unpublished(setting: Setting, periods: Sequence[date]) -> dict[date, Edition]:
    """The newest editions, by month, that hold other figures than those that are computed.

    What a person's own pack shows besides is nowhere but in that pack: where an edition has such packs, it is enough
    that anything came since. Publishing tells whether they differ.
    """
    newest = {one.period: one for one in editions(setting.home) if one.period in periods}
    if not newest:
        return {}
    with open_warehouse(setting.home, telling=setting.telling) as warehouse:
        # What another rule withholds has to be run again first, and is told as that.
        asked = sorted(set(newest) - {period for period, _ in warehouse.other_rules})
        now = {table: warehouse.read(table, asked) for table in _FIGURES}
    found = {}
    for period in asked:
        here = {table.name: frame.filter(pl.col("period") == period) for table, frame in now.items()}
        is_computed = not here[SCORES.name].is_empty()
        if is_computed and (
            _is_other_for_persons(setting, newest[period]) or not says_the_same(setting, newest[period], here)
        ):
            found[period] = newest[period]
    return found


def _is_other_for_persons(setting: Setting, edition: Edition) -> bool:
    return bool(edition.own) and bool(came_since(setting, edition) or withdrawn_since(setting, edition))
