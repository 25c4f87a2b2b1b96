"""Writes the extracts of Meridian Outdoor, an invented retailer and maker of outdoor equipment.

``python examples/meridian/generate.py --until 2026-10 --to DIR`` writes ``DIR/extracts/<domain>/…`` for 36 months, and
the project's declarations with every date in them moved to the same calendar. The same call writes the same bytes on
every machine.

The story (``simulation/story.py``) is told relative to the last month, so that its pack always shows it: a month's data
depends on its distance from ``until``, and on nothing that comes later. The dirt is on purpose, and all of it is listed
in ``simulation/dirt.py``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

# Run as a script, or loaded by its path, Python does not know the package that this file belongs to.
if str(Path(__file__).resolve().parents[2]) not in sys.path:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from examples.meridian.simulation import dirt, files, finance, learning, market, voice, works
from examples.meridian.simulation.declarations import write_declarations
from examples.meridian.simulation.story import Month, months_until, shift_months
from examples.meridian.simulation.table import Table
from examples.meridian.simulation.workforce import Workforce

_BURN_IN = 6
_Writer = Callable[[Path, Table], None]


def _csv(dialect: files.Dialect) -> _Writer:
    return partial(files.write_csv, dialect=dialect)


def _excel(sheet: str) -> _Writer:
    return partial(files.write_excel, sheet=sheet)


_MONTHLY: dict[str, tuple[str, str, _Writer]] = {
    "headcount": ("hr", "parquet", files.write_parquet),
    "leavers": ("hr", "csv", _csv(files.BRITISH)),
    "training": ("hr", "csv", files.write_csv),
    "engagement": ("hr", "jsonl", files.write_json_lines),
    "ledger": ("finance", "csv", files.write_csv),
    "sales": ("customer", "parquet", files.write_parquet),
    "orders": ("customer", "csv", files.write_csv),
    "satisfaction": ("customer", "jsonl", files.write_json_lines),
    "complaints": ("customer", "xlsx", _excel("Complaints")),
    "batches": ("process", "csv", _csv(files.PLANT)),
    "deliveries": ("process", "csv", files.write_csv),
}
_MANY_MONTHS: dict[str, tuple[str, str, _Writer]] = {
    "hires": ("hr", "xlsx", _excel("Hires")),
    "courses": ("hr", "jsonl", files.write_json_lines),
    "budget": ("finance", "xlsx", _excel("Budget")),
    "incidents": ("process", "csv", _csv(files.REGISTER)),
    "stock": ("process", "parquet", files.write_parquet),
}


def generate(to: Path, until: str, months: int = 36) -> None:
    """Write the extracts of the months up to and including ``until`` (such as ``2026-10``), and the declarations.

    ``to`` is the project folder, ``months`` how many months are written. Raises ``ValueError`` where ``until`` is not a
    month.
    """
    calendar = months_until(until, months + _BURN_IN)
    workforce = Workforce(calendar[0])
    collected: dict[str, Table] = {}
    for month in calendar:
        headcount, leavers, hires = workforce.advance(month)
        if month.index <= -months:
            continue
        sales, orders = market.sales(month), market.orders(month)
        monthly = {
            "headcount": headcount,
            "leavers": leavers,
            "training": learning.training(month, workforce.staff),
            "engagement": learning.engagement(month, workforce.staff),
            "ledger": finance.ledger(month, sales, orders, workforce.staff),
            "sales": sales,
            "orders": orders,
            "satisfaction": voice.satisfaction(month),
            "complaints": voice.complaints(month, _receipts(sales), _orders(orders)),
            "batches": works.batches(month),
            "deliveries": works.deliveries(month),
        }
        for source, table in monthly.items():
            _write_month(to / "extracts", source, month, dirt.soil(source, month, table))
        for source, table in {
            "hires": hires,
            "courses": learning.courses(month),
            "budget": finance.budget(month),
            "incidents": works.incidents(month, workforce.staff),
            "stock": works.stock(month),
        }.items():
            collected[source] = collected[source].extended(table) if source in collected else table
    for source, table in collected.items():
        # A budget is known before the first month that it is for; a register is as fresh as its last entry.
        known_on = shift_months(calendar[_BURN_IN].first, -1) if source == "budget" else calendar[-1].delivery_day()
        _write(to / "extracts", *_MANY_MONTHS[source], source, known_on, table)
    write_declarations(Path(__file__).parent, to, until)


def _write_month(extracts: Path, source: str, month: Month, table: Table) -> None:
    subject = (source, month.index)
    if subject in dirt.NEVER_DELIVERED:
        return
    domain, suffix, writer = _MONTHLY[source]
    known_on = month.delivery_day(dirt.LATE_DELIVERY.get(subject, 3 + (len(source) + month.first.month) % 3))
    name = f"{source}_{month.text}"
    if subject == dirt.DECIMAL_COMMA:
        _write(extracts, domain, suffix, _csv(files.DECIMAL_COMMA), name, known_on, table)
        known_on = month.delivery_day(dirt.CORRECTED_AFTER_DAYS)
    _write(extracts, domain, suffix, writer, name, known_on, table)


def _write(extracts: Path, domain: str, suffix: str, writer: _Writer, name: str, known_on: date, table: Table) -> None:
    folder = extracts / domain
    folder.mkdir(parents=True, exist_ok=True)
    writer(folder / f"{name}_{known_on:%Y%m%d}.{suffix}", table)


def _receipts(sales: Table) -> dict[str, int]:
    return _totals(sales.columns["unit"], sales.columns["receipts"])


def _orders(orders: Table) -> dict[str, int]:
    return _totals(orders.columns["unit"], [int(line == 1) for line in orders.columns["line_no"]])


def _totals(units: list[str], numbers: list[int]) -> dict[str, int]:
    totals: dict[str, int] = dict.fromkeys(sorted(set(units)), 0)
    for unit, number in zip(units, numbers, strict=True):
        totals[unit] += number
    return totals


def _last_complete_month() -> str:
    return f"{date.today().replace(day=1) - timedelta(days=1):%Y-%m}"


def _month(text: str) -> str:
    try:
        return months_until(text, 1)[0].text
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a month; write it as 2026-10") from None


def main() -> None:
    """The command line: ``--until``, ``--to`` and ``--months``."""
    parser = argparse.ArgumentParser(description="Writes the extracts of Meridian Outdoor, an invented company.")
    parser.add_argument(
        "--until", type=_month, default=_last_complete_month(), help="last month (default: the last complete one)"
    )
    parser.add_argument("--to", type=Path, required=True, help="folder that receives extracts/ and the declarations")
    parser.add_argument("--months", type=int, default=36, help="number of months (default: 36)")
    given = parser.parse_args()
    generate(given.to, given.until, given.months)


if __name__ == "__main__":
    main()
