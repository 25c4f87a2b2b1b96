"""What counts for many months, found at once, is what counts for each of them."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pytest

from scorecards.sources import Source
from warehouse.selection import Load, View, counting, counting_by_month, refusals, refused_by_month

MONTHS = [date(2024, month, 1) for month in range(1, 9)]
CONTRACT: dict[str, Any] = {
    "source": "orders", "domain": "finance", "path": "orders_{file_date}.csv", "unit": "shop", "period": "day",
    "columns": {"shop": {"type": "string"}, "day": {"type": "date"}},
}  # fmt: skip


def some_loads(seed: int) -> list[Load]:
    """Loads of one month and of many, some of them refused, some for months that were closed before they came."""
    drawn = Random(seed)
    loads = []
    for place in range(1, 30):
        period = drawn.choice([None, *MONTHS])
        loads.append(
            Load(
                f"{place}",
                f"{place}",
                place,
                place,
                "",
                "orders",
                "",
                drawn.choice("abcd"),
                "",
                period,
                date(2024, 9, drawn.randint(1, 5)),
                1,
                0,
                tuple(sorted(drawn.sample(MONTHS, 2))),
                {},
                (),
                drawn.choice([None, None, "no"]),
                "",
            )
        )
    return loads


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    "rule",
    [{"replaces": "all"}, {"replaces": "months"}, {"replaces": "nothing"},
     {"replaces": "nothing", "late_rows": "next open month"}],
)  # fmt: skip
def test_what_counts_for_many_months_at_once_is_what_counts_for_each(seed: int, rule: dict[str, str]) -> None:
    source = Source.model_validate({**CONTRACT, **rule})
    loads, view = some_loads(seed), View(date(2024, 9, 4), closed={MONTHS[2]: 9, MONTHS[3]: 20})
    assert counting_by_month(source, loads, view, MONTHS) == {
        month: counting(source, loads, view, month) for month in MONTHS
    }
    assert refused_by_month(loads, view, MONTHS) == {
        month: refusals([load for load in loads if view.has_for(load, month)], view) for month in MONTHS
    }
