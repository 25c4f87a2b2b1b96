"""Meridian's fixed facts: workplaces, shops, product lines, goods and accounts.

Belongs here: what does not change with the story. The organisation tree itself is ``units.csv``.
"""

from __future__ import annotations

from dataclasses import dataclass

PRODUCT_LINES = {"equipment": 0.38, "apparel": 0.40, "footwear": 0.22}
PERSONS = ("p_4f2a91", "p_8c03d7", "p_1be65f", "p_d97a20", "p_63f4ce", "p_a05b18")
NEWCOMER, NEWCOMER_STARTS = "p_a05b18", -13


@dataclass(frozen=True)
class Workplace:
    """A unit with people in it: how many, how many of a hundred part-time, and what one costs a month in cents."""

    unit: str
    kind: str
    heads: int
    part_time: float
    monthly_pay: int
    yearly_leavers: float


WORKPLACES = (
    Workplace("stores_north", "stores", 158, 0.46, 321_000, 0.125),
    Workplace("stores_south", "stores", 171, 0.44, 318_000, 0.115),
    Workplace("stores_west", "stores", 149, 0.48, 314_000, 0.130),
    Workplace("web_shop", "office", 41, 0.18, 479_000, 0.080),
    Workplace("marketplaces", "office", 19, 0.15, 463_000, 0.075),
    Workplace("customer_service", "service", 62, 0.34, 346_000, 0.105),
    Workplace("accounts_west", "sales", 13, 0.08, 563_000, 0.060),
    Workplace("export", "sales", 11, 0.10, 549_000, 0.060),
    Workplace("plant_fuessen", "plant", 152, 0.10, 402_000, 0.060),
    Workplace("plant_zlin", "plant", 134, 0.08, 266_000, 0.070),
    Workplace("dc_rhine", "logistics", 92, 0.20, 324_000, 0.095),
    Workplace("dc_lyon", "logistics", 47, 0.18, 327_000, 0.090),
    Workplace("transport", "logistics", 33, 0.06, 339_000, 0.090),
    Workplace("recruiting", "office", 9, 0.25, 460_000, 0.060),
    Workplace("development", "office", 11, 0.30, 454_000, 0.055),
    Workplace("people", "office", 8, 0.20, 595_000, 0.050),
    Workplace("finance", "office", 52, 0.17, 535_000, 0.055),
    Workplace("marketing", "office", 37, 0.20, 491_000, 0.080),
)


@dataclass(frozen=True)
class Channel:
    """A unit that sells to consumers; yearly revenue in EUR is that at the last month, the basket is in EUR."""

    unit: str
    yearly_revenue: float
    growth: float
    basket: float
    shops: tuple[str, ...]
    recommendation: float


CHANNELS = (
    Channel("stores_north", 29.4e6, 0.012, 79.0, tuple(f"N{n:02d}" for n in range(1, 9)), 8.55),
    Channel("stores_south", 33.2e6, 0.020, 84.0, tuple(f"S{n:02d}" for n in range(1, 9)), 8.70),
    Channel("stores_west", 26.6e6, 0.008, 77.0, tuple(f"W{n:02d}" for n in range(1, 8)), 8.50),
    Channel("web_shop", 44.5e6, 0.085, 112.0, ("DE", "AT", "CH", "FR", "NL"), 8.50),
    Channel("marketplaces", 17.5e6, 0.070, 91.0, ("MP1", "MP2"), 8.10),
)


@dataclass(frozen=True)
class Seller:
    """A person or unit that sells to the trade; orders and EUR an order are those at the last month.

    ``attainment`` is the share of the plan that is reached, ``quote_days`` the days from quote to order.
    """

    unit: str
    monthly_orders: float
    mean_order: float
    growth: float
    accounts: int
    recommendation: float
    discount: float
    quote_days: float
    attainment: float


SELLERS = (
    Seller("p_4f2a91", 44, 9_900, 0.07, 44, 9.00, 0.062, 3.2, 1.04),
    Seller("p_8c03d7", 38, 9_300, 0.03, 40, 8.70, 0.078, 4.4, 1.01),
    Seller("p_1be65f", 36, 8_500, 0.02, 41, 8.3, 0.112, 6.4, 0.89),
    Seller("p_d97a20", 41, 9_600, 0.05, 42, 8.80, 0.071, 3.9, 1.02),
    Seller("p_63f4ce", 33, 8_800, 0.02, 38, 8.55, 0.086, 5.1, 1.0),
    Seller("p_a05b18", 31, 8_600, 0.45, 36, 8.75, 0.090, 4.6, 1.05),
    Seller("accounts_west", 168, 9_100, 0.03, 150, 8.55, 0.084, 4.8, 1.0),
    Seller("export", 58, 13_400, 0.05, 46, 8.60, 0.120, 6.0, 1.0),
)

GOODS = {
    "plant_fuessen": {
        "Zelt Höhenwind 2": "equipment", "Zelt Höhenwind 3": "equipment", "Rucksack Grünten 32": "equipment",
        "Rucksack Grünten 55": "equipment", "Schlafsack Bärenfell": "equipment",
    },
    "plant_zlin": {
        "Jacke Šumava": "apparel", "Hose Krkonoše": "apparel", "Fleece Pálava": "apparel", "Stiefel Beskyd": "footwear",
        "Weste Lužnice": "apparel",
    },
}  # fmt: skip
BATCHES_A_MONTH = {"plant_fuessen": 118, "plant_zlin": 146}

_ACCOUNT_WORDS = (
    ("Bergsport", "Cordée", "Höhenweg", "Sentier", "Gipfelglück", "Trekking", "Kletterhaus", "Rando", "Hütte", "Vía"),
    ("Müller", "Lefèvre", "Dvořák", "Jansen", "Béranger", "Söderström", "Núñez", "Weiß", "Čapek", "Grünwald", "Ferré"),
    ("Köln", "Genève", "Zürich", "Liège", "Brno", "Graz", "Besançon", "Malmö", "Lübeck", "Kraków", "Chambéry", "Düren"),
)


def account_name(number: int) -> str:
    """The invented name of a trade customer."""
    first, second, third = _ACCOUNT_WORDS
    return f"{first[number % 10]} {second[number * 7 % 11]} {third[number * 5 % 12]}"
