"""What happens at Meridian, month by month, told relative to the last month (month 0).

Belongs here: the calendar and every curve of the story, so that cause, effect and lag stand side by side. Does not
belong here: how rows are made of it. Each curve is a list of (month, level); between two months it runs straight,
before the first and after the last it is flat.

The story: in month −10 the Rhine distribution centre changes its warehouse system. Deliveries slip for six months
(−10 to −5) and recover in part. Complaints about lateness follow by two months, satisfaction by three, repeat purchases
and the revenue of Retail by four. Freight gets dearer at once. Engagement in Logistics and Stores slumps from −9 to −5,
absence with it, and people leave a quarter later (−6 to −2). Training is cut while revenue is short. Quality and safety
improve all the while.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

Curve = Sequence[tuple[int, float]]

# fmt: off
RHINE_ON_TIME: Curve = [
    (-11, 0.957), (-10, 0.925), (-9, 0.870), (-8, 0.832), (-7, 0.815), (-6, 0.820), (-5, 0.845), (-4, 0.876),
    (-3, 0.893), (-2, 0.903), (-1, 0.909), (0, 0.914),
]
LYON_ON_TIME: Curve = [(-10, 0.958), (-8, 0.938), (-6, 0.928), (-3, 0.942), (0, 0.951)]
TRANSPORT_ON_TIME: Curve = [(-35, 0.948), (0, 0.957)]
LATE_COMPLAINTS: Curve = [
    (-9, 0.55), (-8, 0.70), (-7, 1.05), (-6, 1.55), (-5, 1.90), (-4, 1.85), (-3, 1.60), (-2, 1.35), (-1, 1.20),
    (0, 1.12),
]
RECOMMENDATION: Curve = [
    (-8, 0.0), (-7, -0.30), (-6, -0.65), (-5, -0.95), (-4, -1.05), (-3, -0.95), (-1, -0.70), (0, -0.58),
]
REPEAT_SHARE: Curve = [(-35, 0.452), (-8, 0.474), (-6, 0.466), (-4, 0.444), (-3, 0.437), (-2, 0.438), (0, 0.449)]
ONLINE_DEMAND: Curve = [
    (-8, 1.0), (-7, 0.985), (-6, 0.962), (-5, 0.93), (-4, 0.905), (-3, 0.895), (-2, 0.905), (-1, 0.922),
    (0, 0.938),
]
STORES_DEMAND: Curve = [(-8, 1.0), (-6, 0.988), (-4, 0.962), (-3, 0.955), (-2, 0.958), (0, 0.973)]
WHOLESALE_DEMAND: Curve = [(-7, 1.0), (-5, 0.97), (-3, 0.955), (-1, 0.975), (0, 0.985)]
FREIGHT_COST: Curve = [(-11, 1.0), (-9, 1.14), (-7, 1.30), (-5, 1.28), (-3, 1.21), (0, 1.14)]
MARKDOWNS: Curve = [(-6, 0.0), (-4, 0.007), (-2, 0.009), (0, 0.005)]
OUT_OF_STOCK: Curve = [(-11, 0.042), (-9, 0.068), (-7, 0.086), (-5, 0.080), (-3, 0.064), (0, 0.052)]
OVERSTOCK: Curve = [(-9, 1.0), (-5, 1.10), (-3, 1.13), (0, 1.07)]
EXTRA_LEAD_DAYS: Curve = [(-11, 0.0), (-9, 0.7), (-7, 1.25), (-5, 1.0), (-3, 0.55), (0, 0.35)]
SLOW_ANSWERS: Curve = [(-9, 0.0), (-6, 0.16), (-4, 0.19), (-2, 0.12), (0, 0.07)]

ENGAGEMENT_LOGISTICS: Curve = [(-10, 7.15), (-9, 6.75), (-7, 5.75), (-6, 5.45), (-5, 5.50), (-3, 5.95), (0, 6.40)]
ENGAGEMENT_STORES: Curve = [(-10, 7.30), (-9, 7.05), (-7, 6.35), (-6, 6.15), (-5, 6.20), (-3, 6.55), (0, 6.85)]
ENGAGEMENT_ELSEWHERE: Curve = [(-35, 7.35), (0, 7.55)]
LEAVERS_LOGISTICS: Curve = [
    (-8, 1.0), (-7, 1.5), (-6, 2.7), (-5, 3.4), (-4, 3.3), (-3, 2.6), (-2, 1.9), (-1, 1.2), (0, 1.0),
]
LEAVERS_STORES: Curve = [
    (-8, 1.0), (-7, 1.1), (-6, 1.5), (-5, 1.8), (-4, 1.8), (-3, 1.5), (-2, 1.2), (-1, 1.0), (0, 0.9),
]
ABSENCE_LOGISTICS: Curve = [(-10, 0.056), (-8, 0.080), (-6, 0.096), (-4, 0.088), (0, 0.066)]
TRAINING: Curve = [(-6, 1.0), (-5, 0.62), (-4, 0.55), (-2, 0.55), (-1, 0.72), (0, 0.88)]
HIRING_DAYS: Curve = [(-8, 48.0), (-5, 58.0), (-3, 66.0), (0, 57.0)]
READY_SUCCESSORS: Curve = [(-35, 0.52), (-18, 0.55), (0, 0.70)]

DEFECTS_PER_THOUSAND: Curve = [(-35, 9.6), (-20, 9.2), (-12, 7.3), (-5, 5.6), (0, 4.6)]
LOST_TIME_PER_THOUSAND_HEADS: Curve = [(-35, 5.2), (-24, 4.8), (-10, 3.0), (0, 1.9)]
NEAR_MISSES_PER_THOUSAND_HEADS: Curve = [(-35, 14.0), (-18, 16.0), (-8, 27.0), (0, 33.0)]
# fmt: on

RETAIL_SEASON = (0.78, 0.80, 0.99, 1.11, 1.09, 1.01, 0.94, 0.91, 1.04, 1.07, 1.01, 1.25)
WHOLESALE_SEASON = (1.15, 1.20, 1.10, 0.92, 0.82, 0.82, 1.08, 1.22, 1.12, 0.93, 0.86, 0.78)


def level(curve: Curve, month: int) -> float:
    """The curve's level in a month, counted from the last one (0, −1, …)."""
    if month <= curve[0][0]:
        return curve[0][1]
    for (left, low), (right, high) in pairwise(curve):
        if month <= right:
            return low + (high - low) * (month - left) / (right - left)
    return curve[-1][1]


@dataclass(frozen=True)
class Month:
    """One simulated month: its first day, and its distance from the last month (0 for the last, negative before)."""

    first: date
    index: int

    @cached_property
    def days(self) -> list[date]:
        """Every day of the month."""
        _, length = calendar.monthrange(self.first.year, self.first.month)
        return [self.first + timedelta(days=n) for n in range(length)]

    @cached_property
    def last(self) -> date:
        """The last day of the month."""
        return self.days[-1]

    @property
    def text(self) -> str:
        """The month as file names have it, such as 2025-09."""
        return f"{self.first.year:04d}-{self.first.month:02d}"

    @cached_property
    def working_days(self) -> int:
        """Days from Monday to Friday."""
        return sum(day.weekday() < 5 for day in self.days)

    def season(self, factors: Sequence[float]) -> float:
        """The month's share of a year's trade, where the mean month is 1."""
        return factors[self.first.month - 1] * 12 / sum(factors)

    def growth(self, yearly: float) -> float:
        """Size relative to the last month for something that grows steadily by ``yearly`` a year."""
        # Linear rather than compound: no power function, whose last digit may differ between machines.
        return max(1 + yearly * self.index / 12, 0.2)

    def delivery_day(self, lag: int = 4) -> date:
        """The day in the following month on which an extract is usually delivered."""
        return self.last + timedelta(days=lag)


def shift_months(first: date, months: int) -> date:
    """The first day of the month ``months`` later (earlier when negative)."""
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def months_until(until: str, count: int) -> list[Month]:
    """The ``count`` months that end with ``until`` (such as 2026-10), the oldest first. Raises ``ValueError``."""
    last = date.fromisoformat(f"{until}-01")
    return [Month(shift_months(last, index), index) for index in range(1 - count, 1)]
