"""What is made, moved and kept: production batches, deliveries, incidents and stock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from examples.meridian.simulation import story
from examples.meridian.simulation.company import BATCHES_A_MONTH, GOODS, PRODUCT_LINES
from examples.meridian.simulation.dice import Choice, Dice
from examples.meridian.simulation.story import Curve, Month, level
from examples.meridian.simulation.table import Table
from examples.meridian.simulation.workforce import Employee

_DELIVERIES: dict[str, tuple[int, Curve, float]] = {
    "dc_rhine": (620, story.RHINE_ON_TIME, 1.0),
    "dc_lyon": (310, story.LYON_ON_TIME, 0.3),
    "transport": (210, story.TRANSPORT_ON_TIME, 0.1),
}
_DESTINATIONS = Choice({"stores": 0.34, "online": 0.41, "trade": 0.25})
_DANGER = {"plant": 2.1, "logistics": 2.0, "stores": 0.6, "service": 0.2, "sales": 0.2, "office": 0.15}
_STOCK = {"dc_rhine": 13.4e6, "dc_lyon": 6.1e6, "stores_north": 4.6e6, "stores_south": 5.2e6, "stores_west": 4.1e6}


def batches(month: Month) -> Table:
    """Production batches: pieces made, pieces found defective, hours worked and the value scrapped."""
    dice, rows = Dice("batches", month.text), []
    working = [day for day in month.days if day.weekday() < 5]
    rate = level(story.DEFECTS_PER_THOUSAND, month.index) / 1000
    for plant, number_of_batches in BATCHES_A_MONTH.items():
        products = list(GOODS[plant])
        bias = 1.15 if plant == "plant_fuessen" else 0.88
        for _ in range(dice.count(number_of_batches * month.working_days / 21)):
            pieces = int(dice.around(230, 0.5))
            # One batch in twelve goes wrong as a whole; the others have stray defects only.
            expected = pieces * rate * bias * (5.2 if dice.chance(1 / 12) else 0.62)
            defective = min(dice.count(expected), pieces)
            hours, scrapped = int(dice.around(pieces * 33, 0.2)), defective * int(dice.around(3_900, 0.4))
            rows.append([plant, dice.day(working), dice.day(products), pieces, defective, hours, scrapped])
    rows.sort(key=lambda row: (row[1], row[0], row[2], row[3]))
    for number, row in enumerate(rows, 1):
        row.insert(0, f"{month.first:%y%m}/{number:04d}")
    return Table.of("batch plant produced_on product pieces defective hours scrap_eur", rows, "hours scrap_eur")


def deliveries(month: Month) -> Table:
    """Deliveries due in the month: ordered, promised and delivered (none while under way), with their parcels."""
    dice, rows = Dice("deliveries", month.text), []
    extra, extract_on = level(story.EXTRA_LEAD_DAYS, month.index), month.delivery_day()
    for unit, (usual, curve, share) in _DELIVERIES.items():
        on_time = level(curve, month.index)
        for _ in range(dice.count(usual * month.season(story.RETAIL_SEASON))):
            due_on = dice.day(month.days)
            ordered_on = due_on - timedelta(days=dice.whole(dice.between(2.6, 6.0) + extra * share))
            late = not dice.chance(on_time)
            days = 1 + dice.count(1.4 + 1.6 * extra * share) if late else -int(dice.between(0, 2))
            delivered_on = max(due_on + timedelta(days=days), ordered_on + timedelta(days=1))
            arrived = delivered_on if delivered_on < extract_on else None
            rows.append([unit, _DESTINATIONS.pick(dice), ordered_on, due_on, arrived, int(dice.between(4, 90))])
    rows.sort(key=lambda row: (row[3], row[0], row[2], row[5]))
    for number, row in enumerate(rows, 1):
        row.insert(0, f"L{month.first:%y%m}-{number:05d}")
    return Table.of("delivery_id unit destination ordered_on due_on delivered_on parcels", rows)


def incidents(month: Month, staff: Sequence[Employee]) -> Table:
    """Incidents at work: near misses, first-aid cases and lost-time injuries with the days lost."""
    dice, rows = Dice("incidents", month.text), []
    lost = level(story.LOST_TIME_PER_THOUSAND_HEADS, month.index) / 1000
    near = level(story.NEAR_MISSES_PER_THOUSAND_HEADS, month.index) / 1000
    heads = Counter((one.workplace.unit, one.workplace.kind) for one in staff if one.id.startswith("E"))
    for (unit, kind), count in sorted(heads.items()):
        danger = count * _DANGER[kind]
        for what, rate in (("lost time", lost), ("first aid", lost * 1.8), ("near miss", near)):
            longest = 15 if what == "lost time" else 0
            rows += [
                [unit, dice.day(month.days), what, int(dice.between(longest and 1, longest))]
                for _ in range(dice.count(danger * rate))
            ]
    rows.sort(key=lambda row: (row[1], row[0], row[2], row[3]))
    for number, row in enumerate(rows, 1):
        row.insert(0, f"I{month.first:%y%m}-{number:03d}")
    return Table.of("incident_id unit occurred_on kind lost_days", rows)


def stock(month: Month) -> Table:
    """Stock at month end by unit and product line: value at cost, lines listed, and lines of those sold out."""
    dice, rows = Dice("stock", month.text), []
    out, over = level(story.OUT_OF_STOCK, month.index), level(story.OVERSTOCK, month.index)
    ahead = month.season(story.RETAIL_SEASON) * 0.25 + 0.75
    for unit, value in _STOCK.items():
        # The Rhine warehouse is where goods pile up and are not found.
        piled, lost = (over, 1.2) if unit == "dc_rhine" else ((over + 1) / 2, 0.95)
        expected = value * ahead * piled * month.growth(0.025)
        for line, share in PRODUCT_LINES.items():
            cents = int(dice.around(expected * share, 0.04) * 100)
            listed = int(1900 * share)
            missing = dice.whole(listed * dice.around(out * lost, 0.15))
            rows.append((month.last, unit, line, cents, listed, missing))
    return Table.of("counted_on unit product_line stock_eur lines_listed lines_out", rows, "stock_eur")
