"""A company with a staff file, in two worlds that differ only in what must be withheld."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

MONTHS = ("2025-01", "2025-02", "2025-03")
UNITS = """\
id,name,level,parent
company,Company,company,
north,North,department,company
south,South,department,company
works,Works,department,company
lab,Laboratory,team,works
line,Line,team,works
p_1,Person 1,person,line
p_2,Person 2,person,line
"""
SCORECARD = """\
organisation: Quiet Ltd
first_period: 2025-01
small_groups: {people: people, at_least: 5}
"""
STRATEGY = """\
scorecards:
  company:
    name: Scorecard
    objectives:
      health: {name: Stay well, perspective: learning_and_growth, kpis: [absence, pay_per_head, absence_year]}
      output: {name: Make more, perspective: internal_process, kpis: [pieces]}
"""
STAFF = """\
source: staff
domain: hr
path: staff_{period}.csv
key: [employee]
unit: unit
period: month_end
columns:
  employee: {personal: true}
  unit: {}
  month_end: {type: date}
  gender: {}
  working_days: {type: integer}
  absent_days: {type: integer, minimum: 0}
  pay: {type: decimal, scale: 2}
rejects: {at_most: 10%}
"""
OUTPUT = """\
source: output
domain: process
path: output_{period}.csv
key: [unit, month_end]
unit: unit
period: month_end
columns:
  unit: {}
  month_end: {type: date}
  pieces: {type: integer}
"""
KPIS = """\
measures:
  people: {source: staff, value: COUNT(*), over_time: average}
  working_days: {source: staff, value: SUM(working_days)}
  absent_days: {source: staff, value: SUM(absent_days)}
  pay: {source: staff, value: SUM(pay)}
  pieces: {source: output, value: SUM(pieces)}
kpis:
  absence:
    name: Absence
    definition: Days absent over working days.
    owner: Head of People
    value: absent_days / working_days
    measured_in: percent
    direction: lower
    by: [gender]
    also_over: [year to date]
  absence_year:
    name: Absence of the quarter
    definition: Days absent over working days, last three months.
    owner: Head of People
    value: absent_days / working_days
    window: trailing 3 months
    min_months: 1
    measured_in: percent
    direction: lower
  pay_per_head:
    name: Pay per head
    definition: Pay over people.
    owner: Head of People
    value: pay / people
    measured_in: EUR
    direction: lower
  pieces:
    name: Pieces
    definition: Pieces made.
    owner: Head of Works
    value: pieces
    measured_in: pieces
    direction: higher
"""
TARGETS = """\
kpi,anchor,value
absence,floor,50%
absence,target,5%
absence_year,floor,50%
absence_year,target,5%
pay_per_head,floor,9000
pay_per_head,target,2000
pieces,floor,0
pieces,target,100
"""
PACKS = """\
layouts:
  standard:
    pages: [summary, scorecard, exceptions, perspectives, cascade, definitions, data]
    formats: [pdf, html, xlsx]
    archive: true
"""
RECIPIENTS = """\
recipients:
  - {name: Ada Lovelace, email: ada@example.com, units: [company], scope: subtree, formats: [pdf, html, xlsx]}
  - {name: Kim Sample, email: kim@example.com, units: [p_1], scope: only themselves}
"""
PEOPLE: Mapping[str, int] = {"north": 12, "south": 9, "lab": 3, "line": 6, "p_1": 1, "p_2": 1}
# When something was done is no figure, nor, for whoever keeps the home, which bytes were delivered.
TIMES = re.compile(r"(\b\d{4}-\d\d-\d\dT|\b)\d\d:\d\d(:\d\d[.\d]*)?(\+00:00|Z)?")
DIGESTS = re.compile(rf"\b[0-9a-f]{{12,64}}\b|{TIMES.pattern}")
SECRET_DAYS = {"lab": 17, "line": 5}


def quiet_company(root: Path, other_world: bool = False, months: Sequence[str] = MONTHS) -> Path:
    """Write the project. In the other world the two teams of the works have changed their withheld figures about.

    The works together, and so everything that is shown, are the same in both; rows stand in the same places.
    """
    files = {
        "scorecard.yaml": SCORECARD, "strategy.yaml": STRATEGY, "units.csv": UNITS,
        "sources/staff.yaml": STAFF, "sources/output.yaml": OUTPUT, "kpis/kpis.yaml": KPIS, "targets.csv": TARGETS,
        "recipients.yaml": RECIPIENTS, "packs.yaml": PACKS,
    }  # fmt: skip
    for number, month in enumerate(months):
        files[f"extracts/staff_{month}.csv"] = _staff(month, number, other_world)
        rows = "".join(f"{unit},{month}-28,{60 + 7 * place + number}\n" for place, unit in enumerate(PEOPLE))
        files[f"extracts/output_{month}.csv"] = "unit,month_end,pieces\n" + rows
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def files_in(folder: Path) -> dict[str, bytes]:
    """The bytes of all files below a folder, by their names there."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def told(text: str, root: Path) -> str:
    """What a command answers, but for the place of the project, times and digests."""
    return DIGESTS.sub("…", text.replace(str(root), "ROOT"))


def _staff(month: str, number: int, other_world: bool) -> str:
    lines = ["employee,unit,month_end,gender,working_days,absent_days,pay"]
    employee = 0
    for unit, count in PEOPLE.items():
        for place in range(count):
            employee += 1
            absent = SECRET_DAYS.get(unit, 0) + number if place == 0 else place % 3
            pay = 3000 + 10 * employee
            if other_world and unit in SECRET_DAYS and place == 0:
                absent += 4 if unit == "line" else -4
                pay += 777 if unit == "line" else -777
            gender = "female" if place % 2 else "male"
            lines.append(f"e{employee},{unit},{month}-28,{gender},20,{absent},{pay}")
    # A row that is refused: of it nobody may read anything.
    lines.append(f"e99,lab,{month}-28,female,twenty{'-one' if other_world else '-two'},3,9876")
    return "\n".join(lines) + "\n"
