"""What it earns and costs: the ledger of every month, and the budget that was made without knowing the story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from examples.meridian.simulation import story
from examples.meridian.simulation.company import CHANNELS, PERSONS, SELLERS, WORKPLACES
from examples.meridian.simulation.dice import Dice
from examples.meridian.simulation.market import mean_order, planned_orders, planned_sales, team_of
from examples.meridian.simulation.story import Month, level
from examples.meridian.simulation.table import Table
from examples.meridian.simulation.workforce import Employee

ACCOUNTS = {
    "4000": "Revenue", "5000": "Goods", "6000": "Personnel", "6050": "Temporary staff", "6100": "Rent",
    "6200": "Freight", "6300": "Marketing", "6400": "Training", "6500": "IT",
    "6600": "Energy and maintenance", "6700": "Other",
}  # fmt: skip
_YEARLY: dict[str, dict[str, float]] = {
    "6050": {"dc_rhine": 0.52e6, "dc_lyon": 0.18e6, "plant_fuessen": 0.31e6},
    "6100": {"stores_north": 2.5e6, "stores_south": 2.8e6, "stores_west": 2.2e6, "dc_rhine": 0.74e6, "dc_lyon": 0.42e6,
             "plant_fuessen": 0.46e6, "plant_zlin": 0.28e6, "finance": 0.88e6},
    "6200": {"dc_rhine": 4.9e6, "dc_lyon": 2.3e6, "transport": 3.1e6},
    "6300": {"marketing": 5.9e6, "web_shop": 2.2e6},
    "6500": {"finance": 5.2e6, "web_shop": 0.9e6},
    "6600": {"plant_fuessen": 1.8e6, "plant_zlin": 1.3e6, "dc_rhine": 0.55e6, "dc_lyon": 0.3e6, "stores_north": 0.4e6,
             "stores_south": 0.45e6, "stores_west": 0.36e6},
}  # fmt: skip
_TRADE_TEAMS = ("accounts_central", "accounts_west", "export")
_Line = tuple[date, str, str, str, int]
_QUOTA = "4900"
_AMBITION = 1.004


def _goods_share(unit: str) -> float:
    return 0.572 if unit in _TRADE_TEAMS else 0.450 if unit.startswith("stores") else 0.476


def planned(month: Month) -> dict[tuple[str, str], float]:
    """EUR by unit and account as the plan has them: no story, a little ambition in revenue."""
    plan: dict[tuple[str, str], float] = defaultdict(float)
    for channel in CHANNELS:
        plan[channel.unit, "4000"] += planned_sales(channel, month) * _AMBITION
    for seller in SELLERS:
        plan[team_of(seller.unit), "4000"] += planned_orders(seller, month) * mean_order(seller, month) * _AMBITION
    for unit, revenue in [(unit, value) for (unit, _), value in plan.items()]:
        plan[unit, "5000"] = revenue * (_goods_share(unit) - 0.003)
    pay = month.growth(0.03)
    for place in WORKPLACES:
        plan[place.unit, "6000"] = place.heads * (1 - place.part_time * 0.34) * place.monthly_pay / 100 * pay
        plan[place.unit, "6400"] = place.heads * 52.0
        plan[place.unit, "6700"] = place.heads * 170.0
    plan["accounts_central", "6000"] = len(PERSONS) * 5_690 * pay
    plan["accounts_central", "6400"] = len(PERSONS) * 70.0
    for account, units in _YEARLY.items():
        for unit, yearly in units.items():
            trade = month.season(story.RETAIL_SEASON) * 0.6 + 0.4 if account in ("6200", "6300") else 1.0
            plan[unit, account] += yearly / 12 * trade * month.growth(0.02)
    return plan


def budget(month: Month) -> Table:
    """The month's budget by unit and account, and the quotas of those who sell to the trade, in hundreds of EUR."""
    quotas = {(seller.unit, _QUOTA): planned_orders(seller, month) * mean_order(seller, month) for seller in SELLERS}
    rows = [
        (month.first, unit, account, round(value / 100) * 10_000)
        for (unit, account), value in {**planned(month), **quotas}.items()
        if value
    ]
    return Table.of("month unit account budget_eur", sorted(rows, key=lambda row: (row[1], row[2])), "budget_eur")


def ledger(month: Month, sales: Table, orders: Table, staff: Sequence[Employee]) -> Table:
    """Ledger lines: revenue by week and product line exactly as sold, costs as the story changed the plan."""
    dice = Dice("ledger", month.text)
    lines: list[_Line] = []
    revenue: dict[tuple[date, str, str], int] = defaultdict(int)
    sold = (sales.columns[name] for name in ("sold_on", "unit", "product_line", "net_eur"))
    ordered = (orders.columns[name] for name in ("ordered_on", "unit", "product_line", "net_eur"))
    for day, unit, line, cents in [*zip(*sold, strict=True), *zip(*ordered, strict=True)]:
        week_end = min(day.replace(day=min((day.day + 6) // 7 * 7, 28)) if day.day <= 28 else month.last, month.last)
        revenue[week_end, team_of(unit), line] += cents
    markdowns = level(story.MARKDOWNS, month.index)
    for (week_end, unit, line), cents in revenue.items():
        lines.append((week_end, unit, "4000", f"Revenue {line}", cents))
        share = dice.around(_goods_share(unit) + markdowns + 0.0006 * -month.index / 12, 0.02)
        lines.append((week_end, unit, "5000", f"Goods {line}", int(cents * share)))
    pay: dict[str, int] = defaultdict(int)
    for employee in staff:
        pay[team_of(employee.workplace.unit)] += employee.workplace.monthly_pay * employee.fte // 100
    for unit, cents in pay.items():
        lines.append((month.last, unit, "6000", "Payroll", int(cents * month.growth(0.03))))
    for (unit, account), euros in planned(month).items():
        if account not in ("4000", "5000", "6000"):
            lines.extend(_documents(dice, month, unit, account, euros * _story_factor(month, unit, account)))
    lines.sort()
    rows = [(f"J{month.first:%y%m}-{number:05d}", *line) for number, line in enumerate(lines, 1)]
    return Table.of("entry_id posted_on unit account text amount_eur", rows, "amount_eur")


def _story_factor(month: Month, unit: str, account: str) -> float:
    freight = level(story.FREIGHT_COST, month.index) - 1
    if account == "6200":
        return 1 + freight * (1.0 if unit == "dc_rhine" else 0.45)
    if account == "6050" and unit == "dc_rhine":
        return 1 + freight * 4.5
    if account == "6400":
        return level(story.TRAINING, month.index)
    if account == "6500" and -12 <= month.index <= -6:
        return 1.14
    if account == "6300" and month.index >= -3:
        return 0.96
    return 1.0


def _documents(dice: Dice, month: Month, unit: str, account: str, euros: float) -> list[_Line]:
    """A cost as a handful of invoices spread over the month."""
    count = {"6100": 1, "6200": 9, "6300": 6, "6700": 3}.get(account, 2)
    text = ACCOUNTS[account]
    return [
        (dice.day(month.days), unit, account, f"{text} {number}", int(dice.around(euros / count, 0.10) * 100))
        for number in range(1, count + 1)
    ]
