"""A small project that tests write into a folder: two shops, two monthly sources, three KPIs, six months."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.steps.setting import Setting, open_setting

MONTHS = ("2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06")

_SCORECARD = """\
organisation: Small & Company <Ltd>
currency: EUR
first_period: 2025-01
perspectives:
  financial: {name: Financial}
  customer: {name: Customer}
"""
_STRATEGY = """\
scorecards:
  company:
    name: Scorecard
    objectives:
      sell: {name: Sell more, perspective: financial, kpis: [revenue, average_sale]}
      please: {name: Please customers, perspective: customer, kpis: [complaint_rate]}
"""
_UNITS = """\
id,name,level,parent
company,Small & Company,company,
north,Shop North,department,company
south,Shop Süd,department,company
"""
_SALES = """\
source: sales
domain: finance
path: sales_{period}_{file_date}.csv
known_on: "{file_date}"
key: [id]
unit: shop
period: sold_on
columns:
  id: {type: integer}
  shop: {}
  sold_on: {type: date}
  amount: {type: decimal, scale: 2}
rejects: {at_most: 10%}
"""
_COMPLAINTS = """\
source: complaints
domain: customer
path: complaints_{period}.csv
key: [id]
unit: shop
period: raised_on
columns:
  id: {type: integer}
  shop: {}
  raised_on: {type: date}
rejects: {at_most: 0}
"""
_KPIS = """\
measures:
  revenue: {source: sales, value: SUM(amount)}
  sales: {source: sales, value: COUNT(*)}
  sale_size: {source: sales, value: AVG(amount)}
  complaints: {source: complaints, value: COUNT(*)}
kpis:
  revenue:
    name: Revenue
    definition: Sales of the month.
    owner: Chief Financial Officer
    value: revenue
    measured_in: currency
    direction: higher
  average_sale:
    name: Average sale
    definition: Mean amount of a sale in the last three months.
    owner: Chief Financial Officer
    value: sale_size
    window: trailing 3 months
    measured_in: currency
    direction: higher
  complaint_rate:
    name: Complaints per sale
    definition: Complaints over sales.
    owner: Head of Service
    value: complaints / sales
    measured_in: percent
    direction: lower
"""
_TARGETS = """\
kpi,anchor,value
revenue,floor,0
revenue,target,400
average_sale,floor,0
average_sale,target,50
complaint_rate,floor,100%
complaint_rate,target,10%
"""
_RECIPIENTS = """\
recipients:
  - {name: Ada Lovelace, email: ada@example.com, units: [company]}
  - {name: Jörg Groß, email: joerg@example.com, units: [south]}
"""


@dataclass(frozen=True)
class SmallCompany:
    """The project's folder, and the few things that tests do to it."""

    root: Path

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def sales(self, month: str, rows: str = "", delivered: str = "") -> Path:
        """Deliver a month's sales: three sales in each shop unless rows are given."""
        number = int(month[5:])
        usual = "".join(
            f"{10 * number + i},{('north', 'south')[i % 2]},{month}-0{i + 1},{40 + number + i}.50\n" for i in range(6)
        )
        name = f"extracts/sales_{month}_{delivered or f'2025{number + 1:02d}03'}.csv"
        return self.write(name, "id,shop,sold_on,amount\n" + (rows or usual))

    def complaints(self, month: str) -> Path:
        """Deliver a month's complaints: one, in the north."""
        return self.write(f"extracts/complaints_{month}.csv", f"id,shop,raised_on\n{int(month[5:])},north,{month}-11\n")

    def setting(self, home: Path | None = None) -> Setting:
        """The project opened, with its home inside it unless another is named."""
        return open_setting(self.root, home)


def small_company(root: Path, months: tuple[str, ...] = MONTHS) -> SmallCompany:
    """Write the project and its deliveries for these months."""
    company = SmallCompany(root)
    files = {
        "scorecard.yaml": _SCORECARD,
        "strategy.yaml": _STRATEGY,
        "units.csv": _UNITS,
        "sources/sales.yaml": _SALES,
        "sources/complaints.yaml": _COMPLAINTS,
        "kpis/kpis.yaml": _KPIS,
        "targets.csv": _TARGETS,
        "recipients.yaml": _RECIPIENTS,
    }
    for name, text in files.items():
        company.write(name, text)
    for month in months:
        company.sales(month)
        company.complaints(month)
    return company
