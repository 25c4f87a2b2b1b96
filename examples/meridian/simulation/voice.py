"""What customers say: answers to the satisfaction survey, and complaints."""

from __future__ import annotations

from datetime import timedelta

from examples.meridian.simulation import story
from examples.meridian.simulation.company import CHANNELS, NEWCOMER, NEWCOMER_STARTS, SELLERS
from examples.meridian.simulation.dice import Choice, Dice
from examples.meridian.simulation.market import is_online
from examples.meridian.simulation.story import Month, level
from examples.meridian.simulation.table import Table

_SLOW_REMARKS = ("Colis arrivé en retard.", "Lieferung kam eine Woche zu spät.", "No news about my parcel for days.")
_REMARKS = (
    "Très satisfaite, merci !",
    "Zelt wie beschrieben, gern wieder.",
    "Sehr nette Beratung im Geschäft.",
    "Fits as expected.",
    "Größe fällt klein aus.",
    *_SLOW_REMARKS,
)
_STEADY = {"damaged": 0.33, "wrong item": 0.28, "service": 0.22}


def satisfaction(month: Month) -> Table:
    """Survey answers: recommendation from 0 to 10, satisfaction from 1 to 5, and now and then a remark."""
    dice, rows = Dice("satisfaction", month.text), []
    shift = level(story.RECOMMENDATION, month.index)
    asked = [(c.unit, c.yearly_revenue / 300_000, c.recommendation, 0.62 if is_online(c) else 0.26) for c in CHANNELS]
    asked += [
        (s.unit, s.monthly_orders * 0.33, s.recommendation, 0.34)
        for s in SELLERS
        if s.unit != NEWCOMER or month.index >= NEWCOMER_STARTS
    ]
    for unit, answers, recommendation, sensitivity in asked:
        for _ in range(dice.count(answers)):
            centre = recommendation + shift * sensitivity
            recommends = min(max(dice.whole(dice.around(centre, 0.62)), 0), 10)
            satisfied = min(max(dice.whole(dice.around(centre * 0.5 + 0.05, 0.48)), 1), 5)
            remark = None
            if dice.chance(0.06):
                remark = dice.day(_SLOW_REMARKS if shift < -0.3 and dice.chance(0.5) else _REMARKS)
            rows.append([unit, dice.day(month.days), recommends, satisfied, remark])
    rows.sort(key=lambda row: (row[1], row[0]))
    for number, row in enumerate(rows, 1):
        row.insert(0, f"CS{month.first:%y%m}-{number:04d}")
    return Table.of("answer_id unit answered_on recommends satisfied remark", rows)


def complaints(month: Month, receipts: dict[str, int], orders: dict[str, int]) -> Table:
    """Complaints by category, with the day they were closed (none while open) and what was paid in compensation.

    ``receipts`` and ``orders`` count the month's purchases by unit.
    """
    dice, rows = Dice("complaints", month.text), []
    late, quality = level(story.LATE_COMPLAINTS, month.index), level(story.DEFECTS_PER_THOUSAND, month.index) / 9.6
    slow = level(story.SLOW_ANSWERS, month.index)
    delivered_on = month.delivery_day()
    for unit, purchases in {**receipts, **orders}.items():
        share = 0.45 if unit.startswith("stores") else 1.9 if unit in receipts else 10.0
        rates = {"late delivery": late * share, "quality": 0.62 * quality, **_STEADY}
        if unit in orders:
            rates = {name: rate if name == "late delivery" else rate * 9 for name, rate in rates.items()}
        categories = Choice(rates)
        for _ in range(dice.count(purchases / 1000 * sum(rates.values()))):
            category, received_on = categories.pick(dice), dice.day(month.days)
            days = int(dice.between(8, 22)) if dice.chance(0.10 + slow) else int(dice.between(0, 6))
            closed_on = received_on + timedelta(days=days)
            paid = int(dice.around(2_400, 0.9)) if dice.chance(0.4) else 0
            rows.append([unit, received_on, category, closed_on if closed_on < delivered_on else None, paid])
    rows.sort(key=lambda row: (row[1], row[0], row[2], row[4]))
    for number, row in enumerate(rows, 1):
        row.insert(0, f"B{month.first:%y%m}-{number:04d}")
    return Table.of("complaint_id unit received_on category closed_on compensation_eur", rows, "compensation_eur")
