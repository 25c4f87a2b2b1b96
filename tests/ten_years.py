"""Ten years of a part of Meridian: the people of two workplaces, three monthly sources, four KPIs.

The rows are those of the example's generator, written by it into the files that the example's contracts declare.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from examples.meridian import generate as meridian
from examples.meridian.simulation import dirt, learning
from examples.meridian.simulation.story import months_until
from examples.meridian.simulation.table import Table
from examples.meridian.simulation.workforce import Workforce
from tests.small_company import SmallCompany

FIRST, LAST, LAST_YEAR = "2016-01", "2025-12", "2025-01"
SOURCES = ("headcount", "leavers", "training")
WORKPLACES = ("plant_zlin", "transport")
EXAMPLE = Path(meridian.__file__).parent

_SCORECARD = f"""\
organisation: Two workplaces of Meridian
currency: EUR
first_period: {FIRST}
levels: [company, team]
scale: {{anchors: {{floor: 0, target: 100, stretch: 120}}, lowest: 0, highest: 120}}
perspectives:
  learning_and_growth: {{name: Learning and growth}}
"""
_STRATEGY = """\
scorecards:
  company:
    name: Scorecard
    objectives:
      be_well: {name: People are well, perspective: learning_and_growth, kpis: [absence_rate]}
      keep: {name: Good people stay, perspective: learning_and_growth, kpis: [voluntary_turnover, ready_successors]}
      learn: {name: People learn, perspective: learning_and_growth, kpis: [training_hours_per_head]}
"""
_UNITS = """\
id,name,level,parent
meridian,Both workplaces,company,
plant_zlin,Plant Zlín,team,meridian
transport,Transport,team,meridian
"""
_KPIS = ("absence_rate", "voluntary_turnover", "ready_successors", "training_hours_per_head")


def ten_years(root: Path) -> SmallCompany:
    """Write the project and its deliveries of 120 months."""
    company = SmallCompany(root)
    company.write("scorecard.yaml", _SCORECARD)
    company.write("strategy.yaml", _STRATEGY)
    company.write("units.csv", _UNITS)
    header, *targets = (EXAMPLE / "targets.csv").read_text(encoding="utf-8").splitlines()
    own = [line for line in targets if line.split(",")[1] in _KPIS and not line.split(",")[2]]
    moved = "\n".join([header, *own]).replace("2023-11-01", f"{FIRST}-01").replace("2026-01-01", "2021-07-01")
    company.write("targets.csv", moved + "\n")
    declared = yaml.safe_load((EXAMPLE / "kpis" / "learning_and_growth.yaml").read_text(encoding="utf-8"))
    measures = {name: measure for name, measure in declared["measures"].items() if measure["source"] in SOURCES}
    kpis = {name: declared["kpis"][name] for name in _KPIS}
    company.write("kpis/people.yaml", yaml.safe_dump({"measures": measures, "kpis": kpis}))
    for source in SOURCES:
        contract = (EXAMPLE / "sources" / f"{source}.yaml").read_text(encoding="utf-8")
        # The rows are fewer here, and those that are bad on purpose are not.
        company.write(f"sources/{source}.yaml", contract.split("rejects:")[0] + "rejects: {at_most: 50%}\n")
    _deliver(root)
    return company


def _deliver(root: Path) -> None:
    calendar = months_until(LAST, 120)
    workforce = Workforce(calendar[0])
    for month in calendar:
        headcount, leavers, _ = workforce.advance(month)
        staff = [employee for employee in workforce.staff if employee.workplace.unit in WORKPLACES]
        tables = {
            "headcount": _own(headcount),
            "leavers": _own(leavers),
            "training": learning.training(month, staff),
        }
        for source, table in tables.items():
            # A bad row is a good one that is damaged: where there is none, nothing is.
            soiled = dirt.soil(source, month, table) if len(table) else table
            meridian._write_month(root / "extracts", source, month, soiled)


def _own(table: Table) -> Table:
    kept = [row for row in table.rows if row[list(table.columns).index("unit")] in WORKPLACES]
    turned = zip(*kept, strict=True) if kept else ([] for _ in table.columns)
    return Table(dict(zip(table.columns, map(list, turned), strict=True)), table.hundredths)
