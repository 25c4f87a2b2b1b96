"""The dirt of real life: bad rows, a late file, a decimal comma, and a survey that never came.

Belongs here: everything that is wrong on purpose, as one list that tests and readers can check. A bad row is always an
extra row, a damaged copy of a good one, so that the sound rows still add up.
"""

from __future__ import annotations

from typing import Any

from examples.meridian.simulation.story import Month
from examples.meridian.simulation.table import Table

# (source, month) → which cell of the copied row is damaged, and how. None: the row simply comes twice.
BAD_ROWS: dict[tuple[str, int], tuple[tuple[str, Any] | None, ...]] = {
    ("satisfaction", -33): (("recommends", 11),),
    ("training", -30): (("unit", "stores_nord"),),
    ("orders", -28): (None,),
    ("leavers", -25): (("left_on", "31/02/2024"),),
    ("deliveries", -22): (("due_on", "0000-00-00"),),
    ("engagement", -21): (("engagement", 77),),
    ("headcount", -20): (("unit", "plant_fuesen"),),
    ("batches", -18): (("defective", -3),),
    ("orders", -16): (("pieces", -12),),
    ("ledger", -15): (("unit", "stores_east"),),
    ("training", -14): (("completed_on", "2025-13-04"),),
    ("complaints", -12): (("received_on", "gestern"),),
    ("sales", -10): (("receipts", -4),),
    ("leavers", -7): (("unit", "dc_rhein"),),
    ("satisfaction", -6): (("recommends", 12), ("satisfied", "gut")),
    ("orders", -5): (None, None),
    ("complaints", -4): (("category", "???"),),
    ("training", -3): (("hours", "n/a"),),
    ("orders", -2): (("pieces", -1),),
    ("deliveries", -1): (("unit", "dc_rhein"), ("delivered_on", "in Kürze")),
    ("batches", -1): (("produced_on", "31.09.2026"),),
    ("orders", 0): (None, ("pieces", -6)),
    ("satisfaction", 0): (("unit", ""),),
    ("ledger", 0): (("account", "9999"),),
}
LATE_DELIVERY = {("complaints", -7): 26}
NEVER_DELIVERED = {("satisfaction", -19)}
DECIMAL_COMMA = ("ledger", -8)
CORRECTED_AFTER_DAYS = 9


def soil(source: str, month: Month, table: Table) -> Table:
    """The table with the month's bad rows among its good ones."""
    columns = {name: list(cells) for name, cells in table.columns.items()}
    key = next(iter(columns))
    for number, damage in enumerate(BAD_ROWS.get((source, month.index), ()), 1):
        place = (len(table) * number * 2) // 7
        for cells in columns.values():
            cells.insert(place + 1, cells[place])
        if damage is not None:
            column, value = damage
            columns[column][place + 1] = value
            if column != key and isinstance(columns[key][place], str):
                columns[key][place + 1] = f"{columns[key][place]}x"
    return Table(columns, table.hundredths)
