"""What customers buy: day totals of shops, and the trade orders of wholesale."""

from __future__ import annotations

from datetime import timedelta

from examples.meridian.simulation import story
from examples.meridian.simulation.company import (
    CHANNELS,
    NEWCOMER,
    NEWCOMER_STARTS,
    PERSONS,
    PRODUCT_LINES,
    SELLERS,
    Channel,
    Seller,
    account_name,
)  # fmt: skip
from examples.meridian.simulation.dice import Choice, Dice
from examples.meridian.simulation.story import Month, level
from examples.meridian.simulation.table import Table

_SHOP_DAYS = (0.84, 0.84, 0.90, 1.00, 1.16, 1.55, 0.0)
_ONLINE_DAYS = (1.08, 0.98, 0.95, 0.95, 0.92, 0.95, 1.20)
_LINES = Choice(PRODUCT_LINES)


def is_online(channel: Channel) -> bool:
    """Whether the channel sells over the net, and so depends on parcels."""
    return not channel.unit.startswith("stores")


def planned_sales(channel: Channel, month: Month) -> float:
    """Revenue in EUR that the channel would have had without the story."""
    return channel.yearly_revenue / 12 * month.growth(channel.growth) * month.season(story.RETAIL_SEASON)


def planned_orders(seller: Seller, month: Month) -> float:
    """Number of orders that the seller would have had without the story; a newcomer needs eight months to get there."""
    if seller.unit == NEWCOMER and month.index < NEWCOMER_STARTS:
        return 0.0
    settled = min((month.index - NEWCOMER_STARTS + 3) / 10, 1.0) if seller.unit == NEWCOMER else 1.0
    growth = 1.0 if seller.unit == NEWCOMER else month.growth(seller.growth)
    return seller.monthly_orders * growth * settled * month.season(story.WHOLESALE_SEASON)


def mean_order(seller: Seller, month: Month) -> float:
    """EUR of the seller's average order: only export partners order more each time, the others more often."""
    return seller.mean_order * (month.growth(seller.growth) if seller.unit == "export" else 1.0)


def sales(month: Month) -> Table:
    """Totals by day, shop and product line: receipts, those of returning customers, pieces and net revenue."""
    dice, rows = Dice("sales", month.text), []
    for channel in CHANNELS:
        online = is_online(channel)
        demand = level(story.ONLINE_DEMAND if online else story.STORES_DEMAND, month.index)
        weights = [(_ONLINE_DAYS if online else _SHOP_DAYS)[day.weekday()] for day in month.days]
        loyal = level(story.REPEAT_SHARE, month.index) * (0.95 if online else 1.03)
        expected = planned_sales(channel, month) * dice.around(demand, 0.02) / sum(weights) / len(channel.shops)
        for day, weight in zip(month.days, weights, strict=True):
            if not weight:
                continue
            for number, shop in enumerate(channel.shops):
                size = 1.0 + 0.25 * (number % 4 - 1.5) / 1.5 if len(channel.shops) % 4 == 0 else 1.0
                for line, share in PRODUCT_LINES.items():
                    revenue = dice.around(expected * weight * share * size, 0.45)
                    receipts = max(1, dice.whole(revenue / channel.basket))
                    repeat = min(dice.whole(dice.around(receipts * loyal, 0.15)), receipts)
                    cents = int(revenue * 100)
                    rows.append((day, channel.unit, shop, line, receipts, repeat, dice.whole(receipts * 1.7), cents))
    return Table.of("sold_on unit shop product_line receipts repeat_receipts pieces net_eur", rows, "net_eur")


def orders(month: Month) -> Table:
    """Lines of trade orders, with their quote, list and net price, and whether they had to be amended."""
    dice, rows, number = Dice("trade orders", month.text), [], 0
    working = [day for day in month.days if day.weekday() < 5]
    for seller_number, seller in enumerate(SELLERS):
        first_account = 1000 + 200 * seller_number
        mean = mean_order(seller, month)
        expected = planned_orders(seller, month) * seller.attainment * level(story.WHOLESALE_DEMAND, month.index)
        for _ in range(dice.whole(dice.around(expected, 0.18))):
            number += 1
            # Squaring favours the first accounts: a few customers order most.
            account = first_account + int(dice.roll() * dice.roll() * seller.accounts)
            ordered_on = dice.day(working)
            quoted_on = ordered_on - timedelta(days=dice.count(seller.quote_days))
            amended = dice.chance(0.05 + seller.discount * 0.5)
            parts = 1 + int(dice.between(0, 2.6))
            for part in range(1, parts + 1):
                listed = int(dice.around(mean / (1 - seller.discount), 0.75) * 100 / parts)
                net = int(listed * (1 - dice.around(seller.discount, 0.6)))
                rows.append((
                    f"W{month.first:%y%m}-{number:04d}", part, seller.unit, f"K{account}", account_name(account),
                    quoted_on, ordered_on, _LINES.pick(dice), max(1, listed // 9_000), listed, net, amended,
                ))  # fmt: skip
    names = "order_id line_no unit account_id account quoted_on ordered_on product_line pieces list_eur net_eur amended"
    return Table.of(names, rows, "list_eur net_eur")


def team_of(unit: str) -> str:
    """The unit on which accounting books a seller's revenue: no ledger line names a person."""
    return "accounts_central" if unit in PERSONS else unit
