"""All that steps ask about loads, in one place: what was delivered, taking it in, and which loads count."""

from warehouse.deliveries import Delivery, deliveries, passed_over
from warehouse.selection import (
    Load,
    accepted_file,
    all_loads,
    current,
    newest,
    refusals,
    rejected_rows,
    rejects_file,
    scan,
)
from warehouse.taking_in import Desk, take_in

__all__ = [
    "Delivery",
    "Desk",
    "Load",
    "accepted_file",
    "all_loads",
    "current",
    "deliveries",
    "newest",
    "passed_over",
    "refusals",
    "rejected_rows",
    "rejects_file",
    "scan",
    "take_in",
]
