"""What a changed declaration makes stale: just what is computed from it, and it then is as if computed anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.steps.compute import compute_kpis, compute_measures, compute_scores
from pipelines.steps.ingest import ingest
from pipelines.steps.insight import compute_insight
from pipelines.steps.reading import CELLS, ELSEWHERE, INSIGHT, KPIS, READ_BY, SCORES, SIGNALS, fields_of, read_by
from pipelines.steps.signals import compute_signals
from pipelines.steps.staleness import kpi_prints, score_prints
from scorecards.periods import months_between
from tests.small_company import SmallCompany, small_company
from warehouse.home import Home
from warehouse.store import open_warehouse
from warehouse.tables import COMPUTED, COVERAGE, TABLES

MONTHS = months_between(date(2025, 1, 1), date(2025, 4, 1))
STALE = {
    CELLS: {CELLS, KPIS, SCORES, SIGNALS, INSIGHT},
    KPIS: {KPIS, SCORES, SIGNALS, INSIGHT},
    SCORES: {SCORES, SIGNALS, INSIGHT},
    SIGNALS: {SIGNALS},
    INSIGHT: {INSIGHT},
    ELSEWHERE: set(),
}
FILES = {
    "scorecard.yaml": """\
organisation: Small & Company <Ltd>
currency: EUR
first_period: 2025-01
fiscal_year_starts: january
levels: [company, department]
rates: {source: rates, currency: code, average: mean, end: close}
perspectives:
  financial: {name: Financial, question: How do owners see us?}
  customer: {name: Customer}
bands:
  - {id: red, name: off target, status: bad}
  - {id: amber, name: near target, at_least: 50, status: warning}
  - {id: green, name: on target, at_least: 80, status: good}
""",
    "strategy.yaml": """\
themes:
  growth: {name: Growth}
scorecards:
  company:
    name: Scorecard
    weights: {financial: 2, customer: 1}
    objectives:
      sell: {name: Sell more, perspective: financial, leads_to: [please], kpis: [revenue, average_sale, growth]}
      price: {name: Sell dear, perspective: financial, kpis: {trend: {weight: 2}, best: {}, graded: {}}}
      please:
        name: Please customers
        perspective: customer
        kpis: {complaint_rate: {weight: 1}, voice: {}}
  shops:
    name: Shops
    parent: company
    units: {levels: [department]}
    objectives:
      serve: {name: Serve, perspective: customer, kpis: [complaint_rate]}
initiatives:
  shop: {name: New shop, objectives: [sell]}
""",
    "units.csv": """\
id,name,level,parent,valid_from,valid_to,head
company,Small & Company,company,,,,Ada
north,Shop North,department,company,,,
south,Shop Süd,department,company,,,
west,Shop West,department,north,,2025-03-31,
""",
    "calendar.csv": """\
period,first_day,last_day
2025-01,2025-01-01,2025-01-31
2025-02,2025-02-01,2025-02-28
2025-03,2025-03-01,2025-03-31
2025-04,2025-04-01,2025-04-30
""",
    "weights.csv": """\
scorecard,level,node,unit,effective_from,weight
company,kpi,revenue,north,2025-02-01,2
company,objective,sell,north,2025-02-01,3
""",
    "targets.csv": """\
scorecard,kpi,unit,effective_from,anchor,value,per
,revenue,,,floor,1,
,revenue,,,target,400,
,average_sale,,,floor,0,
,average_sale,,,target,50,
,complaint_rate,,,floor,100%,
,complaint_rate,,,target,10%,
,revenue,north,2025-03-01,target,300,month
""",
    "sources/rates.yaml": """\
source: rates
domain: finance
description: Rates of the bank.
path: rates_{period}.csv
key: [code]
period: day
columns: {code: {}, day: {type: date}, mean: {type: decimal, scale: 4}, close: {type: decimal, scale: 4}}
""",
    "sources/sales.yaml": """\
source: sales
domain: finance
description: What was sold.
owner: Chief Financial Officer
path: sales_{period}_{file_date}.csv
known_on: "{file_date}"
key: [id]
unit: shop
period: sold_on
columns:
  id: {type: integer}
  shop: {}
  sold_on: {type: date}
  paid_on: {type: date}
  code: {}
  word: {}
  amount: {type: decimal, scale: 2}
""",
    "kpis/kpis.yaml": """\
measures:
  revenue: {source: sales, value: SUM(amount), currency: code}
  sales: {source: sales, value: COUNT(*)}
  sale_size: {source: sales, value: AVG(amount)}
  stock: {source: sales, value: SUM(amount), over_time: last}
  words: {source: sales, value: ANY_VALUE(word)}
  complaints: {source: complaints, value: COUNT(*)}
  cases: {source: complaints, value: COUNT(*)}
kpis:
  revenue:
    name: Revenue
    definition: Sales of the month.
    owner: Chief Financial Officer
    value: revenue
    measured_in: currency
    direction: higher
  average_sale:
    {name: Average sale, definition: d, owner: o, value: sale_size, window: trailing 2 months, measured_in: currency,
     direction: higher}
  growth:
    name: Growth
    definition: d
    owner: o
    inputs: {before: {measure: sales, offset: 1 month}, now: {measure: sales}}
    value: now / before
    measured_in: points
    direction: higher
    anchors: {target: now, floor: now - 5}
  trend:
    {name: Trend, definition: d, owner: o, value: stock, measured_in: points, direction: higher,
     scoring: {formula: value / 10}}
  best:
    {name: Best, definition: d, owner: o, value: sales, measured_in: points, direction: higher,
     scoring: {relative: {to: siblings, by: min-max, at_least: 2}}}
  graded:
    {name: Graded, definition: d, owner: o, value: cases, measured_in: points, direction: higher,
     scoring: {steps: [{when: value > 3, score: 99}, {score: 9}]}}
  voice:
    {name: Voice, definition: d, owner: o, value: words, direction: higher, scoring: {texts: {bad: 0, good: 100}}}
  complaint_rate:
    {name: Complaints per sale, definition: d, owner: o, value: complaints / sales, measured_in: percent,
     direction: lower}
""",
}
CARD, PLAN, UNITS, DAYS = "scorecard.yaml", "strategy.yaml", "units.csv", "calendar.csv"
KPIS_FILE, WEIGHTS, SALES = "kpis/kpis.yaml", "weights.csv", "sources/sales.yaml"
REVENUE, LAST = "value: revenue\n", "    {name: Trend, definition: d, owner: o, value: stock,"

# By field what is written elsewhere in its file: (file, text, its replacement), or a file that is new.
CHANGES: dict[str, tuple[str, str, str]] = {
    "Project.measures": (KPIS_FILE, "COUNT(*)}\nkpis", "COUNT(*)}\n  unused: {source: sales, value: COUNT(*)}\nkpis"),
    "Project.kpis": (
        KPIS_FILE,
        "kpis:\n  revenue",
        f"kpis:\n  more: {{name: M, {REVENUE[:-1]}, direction: lower}}\n  revenue",
    ),
    "Project.actions": ("actions.csv", "", "id,action,objective,unit,owner,due,status\na,Do,sell,north,Ada,,open\n"),
    "Project.comments": ("commentary/2025-03.yaml", "", "comments: [{unit: north, text: Snow.}]\n"),
    "Project.packs": ("packs.yaml", "", "style: {paper: A5}\n"),
    "Project.delivery": ("delivery.yaml", "", "coverage: 50%\n"),
    "Project.recipients": ("recipients.yaml", "Lovelace", "Byron"),
    "Project.alerts": ("recipients.yaml", "recipients:", "alerts: [ada@example.com]\nrecipients:"),
    "Project.forecasts": ("forecasts.csv", "", "kpi,unit,period,value\nrevenue,north,2025-06,9\n"),
    "Organisation.fiscal_year_starts": (CARD, "january", "april"),
    "Organisation.units_that_move": (CARD, "levels:", "units_that_move: leave their past behind\nlevels:"),
    "Organisation.small_groups": (CARD, "levels:", "small_groups: {people: sales}\nlevels:"),
    "Organisation.levels": (CARD, "department]", "department, person]"),
    "Organisation.perspectives": (CARD, "name: Financial,", "name: Financial, roll_up: {missing: strict},"),
    "Organisation.scale": (CARD, "levels:", "scale: {lowest: 10}\nlevels:"),
    "Organisation.bands": (CARD, "at_least: 80", "at_least: 90"),
    "Organisation.roll_up": (CARD, "levels:", "roll_up: {method: worst}\nlevels:"),
    "Organisation.balance": (CARD, "levels:", "balance: {most_spread: 3}\nlevels:"),
    "Organisation.sensitivity": (CARD, "levels:", "sensitivity: {seed: 7}\nlevels:"),
    "Organisation.organisation": (CARD, "Small & Company <Ltd>", "Large"),
    "Organisation.locale": (CARD, "levels:", "locale: de_DE\nlevels:"),
    "Organisation.close_day": (CARD, "levels:", "close_day: 9\nlevels:"),
    "Organisation.time_zone": (CARD, "levels:", "time_zone: Europe/Berlin\nlevels:"),
    "Organisation.required_commentary": (CARD, "levels:", "required_commentary: {statuses: [bad]}\nlevels:"),
    "Organisation.connections": (CARD, "levels:", "connections: {books: {driver: sqlite, address: b.db}}\nlevels:"),
    "Organisation.locations": (CARD, "levels:", "locations: {store: {kind: s3, bucket: b}}\nlevels:"),
    "Organisation.rules_off": (CARD, "levels:", "rules_off: {many_kpis: We need them.}\nlevels:"),
    "Perspective.roll_up": (CARD, "name: Customer", "name: Customer, roll_up: {missing: strict}"),
    "Perspective.name": (CARD, "name: Customer", "name: Guests"),
    "Perspective.question": (CARD, "owners", "they"),
    "Band.id": (CARD, "id: green", "id: fine"),
    "Band.at_least": (CARD, "at_least: 50", "at_least: 40"),
    "Band.status": (CARD, "at_least: 50, status: warning", "at_least: 50, status: bad"),
    "Band.name": (CARD, "on target", "there"),
    "Strategy.scorecards": (PLAN, "  shops:\n", "  branches:\n"),
    "Strategy.themes": (PLAN, "name: Growth}", "name: Growth}\n  more: {name: More}"),
    "Strategy.initiatives": (PLAN, "New shop", "Old shop"),
    "Scorecard.perspectives": (
        PLAN,
        "    weights:",
        "    perspectives: {customer: {name: C}, financial: {name: F}}\n    weights:",
    ),
    "Scorecard.weights": (PLAN, "customer: 1}", "customer: 5}"),
    "Scorecard.objectives": (PLAN, "      price: {name", "      dear: {name"),
    "Scorecard.roll_up": (PLAN, "    weights:", "    roll_up: {method: worst}\n    weights:"),
    "Scorecard.name": (PLAN, "name: Scorecard", "name: Our goals"),
    "Objective.perspective": (PLAN, "Sell dear, perspective: financial", "Sell dear, perspective: customer"),
    "Objective.weight": (PLAN, "Sell dear,", "Sell dear, weight: 3,"),
    "Objective.part_of": (PLAN, "Sell dear,", "Sell dear, part_of: sell,"),
    "Objective.roll_up": (PLAN, "Sell dear,", "Sell dear, roll_up: {method: worst},"),
    "Objective.kpis": (PLAN, "weight: 2", "weight: 3"),
    "Objective.leads_to": (PLAN, "leads_to: [please]", "leads_to: {please: 2}"),
    "Objective.name": (PLAN, "Sell more", "Sell much"),
    "Objective.description": (PLAN, "leads_to:", "description: As much as we can., leads_to:"),
    "Objective.owner": (PLAN, "leads_to:", "owner: Ada, leads_to:"),
    "Objective.supports": (PLAN, "name: Serve", "supports: please, name: Serve"),
    "Objective.theme": (PLAN, "leads_to:", "theme: growth, leads_to:"),
    "Measure.source": (KPIS_FILE, "complaints: {source: complaints", "complaints: {source: sales"),
    "Measure.value": (KPIS_FILE, "SUM(amount), over", "SUM(2 * amount), over"),
    "Measure.where": (KPIS_FILE, "SUM(amount), over", "SUM(amount), where: amount > 42, over"),
    "Measure.over_time": (KPIS_FILE, "over_time: last", "over_time: average"),
    "Measure.currency": (KPIS_FILE, "SUM(amount), over", "SUM(amount), currency: code, over"),
    "Measure.convert": (KPIS_FILE, "currency: code}", "currency: code, convert: end}"),
    "Measure.empty": (KPIS_FILE, "value: AVG(amount)", "value: AVG(amount), empty: zero"),
    "Measure.late": (KPIS_FILE, "over_time: last", "over_time: last, late: last known for 2 months"),
    "Measure.description": (KPIS_FILE, "over_time: last", "over_time: last, description: What lies there."),
    "Kpi.value": (KPIS_FILE, "complaints / sales", "2 * complaints / sales"),
    "Kpi.inputs": (KPIS_FILE, "offset: 1 month", "offset: 2 months"),
    "Kpi.window": (KPIS_FILE, "trailing 2", "trailing 3"),
    "Kpi.frequency": (KPIS_FILE, "window: trailing 2", "frequency: quarter, window: trailing 2"),
    "Kpi.also_over": (KPIS_FILE, REVENUE, f"{REVENUE}    also_over: [year to date]\n"),
    "Kpi.compare_with": (KPIS_FILE, REVENUE, f"{REVENUE}    compare_with: [2 months]\n"),
    "Kpi.where": (KPIS_FILE, REVENUE, f"{REVENUE}    where: amount > 42\n"),
    "Kpi.by": (KPIS_FILE, REVENUE, f"{REVENUE}    by: code\n"),
    "Kpi.min_months": (KPIS_FILE, "window: trailing 2", "min_months: 1, window: trailing 2"),
    "Kpi.anchors": (KPIS_FILE, "floor: now - 5", "floor: now - 9"),
    "Kpi.scoring": (KPIS_FILE, "bad: 0, good: 100", "poor: 0, good: 100"),
    "Kpi.measured_in": (KPIS_FILE, "value: stock, measured_in: points", "value: stock, measured_in: days"),
    "Kpi.direction": (KPIS_FILE, "higher,\n     scoring: {formula", "lower,\n     scoring: {formula"),
    "Kpi.leading": (KPIS_FILE, REVENUE, f"{REVENUE}    leading: true\n"),
    "Kpi.target_roll_up": (KPIS_FILE, REVENUE, f"{REVENUE}    target_roll_up: sum\n"),
    "Kpi.scored": (KPIS_FILE, REVENUE, f"{REVENUE}    scored: false\n"),
    "Kpi.signals": (KPIS_FILE, REVENUE, f"{REVENUE}    signals: {{rebase: [2025-03]}}\n"),
    "Kpi.name": (KPIS_FILE, "name: Revenue", "name: Income"),
    "Kpi.definition": (KPIS_FILE, "Sales of the month", "What we sell"),
    "Kpi.owner": (KPIS_FILE, "owner: Chief Financial", "owner: Chief Executive"),
    "Kpi.decimals": (KPIS_FILE, REVENUE, f"{REVENUE}    decimals: 3\n"),
    "Kpi.at_least": (KPIS_FILE, REVENUE, f"{REVENUE}    at_least: 0\n"),
    "Kpi.at_most": (KPIS_FILE, REVENUE, f"{REVENUE}    at_most: 1000000\n"),
    "Unit.id": (UNITS, "\nwest,", "\neast,Shop East,department,company,,,\nwest,"),
    "Unit.level": (UNITS, "Shop West,department", "Shop West,company"),
    "Unit.parent": (UNITS, "department,north", "department,south"),
    "Unit.valid_from": (UNITS, "north,,2025-03-31", "north,2025-02-01,2025-03-31"),
    "Unit.valid_to": (UNITS, "2025-03-31", "2025-02-28"),
    "Unit.name": (UNITS, "Shop North", "Shop in the North"),
    "Unit.head": (UNITS, "Ada", "Augusta"),
    "Unit.line": (UNITS, "head\n", "head\n\n"),
    "Calendar.rows": (DAYS, "2025-04-30", "2025-05-02"),
    "CalendarPeriod.last_day": (DAYS, "2025-04-30", "2025-05-02"),
    "CalendarPeriod.line": (DAYS, "last_day\n", "last_day\n\n"),
    "DatedWeight.scorecard": (WEIGHTS, "company,objective", ",objective"),
    "DatedWeight.level": (WEIGHTS, "company,kpi,revenue", "company,objective,please"),
    "DatedWeight.node": (WEIGHTS, "company,kpi,revenue", "company,kpi,trend"),
    "DatedWeight.unit": (WEIGHTS, "sell,north", "sell,south"),
    "DatedWeight.effective_from": (WEIGHTS, "north,2025-02-01,3", "north,2025-03-01,3"),
    "DatedWeight.weight": (WEIGHTS, "2025-02-01,3", "2025-02-01,4"),
    "DatedWeight.line": (WEIGHTS, "weight\n", "weight\n\n"),
}
# What else makes which step stale.
MORE: dict[str, tuple[str, str, str, str]] = {
    "what a source is called": (SALES, "What was sold", "Sales", ELSEWHERE),
    "who delivers a source": (SALES, "Chief Financial Officer", "Ada", ELSEWHERE),
    "a rule for rows": (SALES, "scale: 2", "scale: 2, maximum: 99", CELLS),
    "the domain, by which rows tell of people": (SALES, "domain: finance", "domain: hr", KPIS),
    "the own currency": (CARD, "currency: EUR", "currency: USD", CELLS),
    "the column of rates": (CARD, "average: mean", "average: close", CELLS),
    "the units that have a scorecard": (PLAN, "levels: [department]", "ids: [north]", KPIS),
    "the units that a KPI applies to": (PLAN, "voice: {}", "voice: {applies_to: {ids: [north]}}", KPIS),
    "a KPI on no scorecard": (PLAN, "average_sale, growth]", "average_sale]", KPIS),
    "a KPI of another objective": (PLAN, "best: {}, graded: {}}}", "graded: {}}}\n      first: {name: F, "
                                   "perspective: financial, kpis: [best]}", SCORES),
    "an objective's id": (PLAN, "price:", "dear:", SCORES),
    "a rule of scoring": (KPIS_FILE, "score: 99", "score: 90", KPIS),
    "a formula of scoring": (KPIS_FILE, "value / 10", "value / 9", KPIS),
    "a place among others": (KPIS_FILE, "by: min-max", "by: percentile rank", KPIS),
    "a percentage": (KPIS_FILE, "value: stock, measured_in: points", "value: stock, measured_in: percent", KPIS),
    "a target": ("targets.csv", "target,300,month", "target,310,month", SCORES),
    "a target's line": ("targets.csv", "per\n", "per\n\n", SCORES),
}  # fmt: skip

# Of these no change alone leaves a sound project, or they are no declarations, or are read by other steps as well.
UNTRIED = {
    "Project.root", "Project.extracts", "Project.places", "Project.warnings", "Project.flaws", "Project.roles",
    "Project.organisation", "Project.strategy", "Project.sources", "Project.units", "Project.targets",
    "Project.weights", "Project.calendar", "Organisation.first_period", "Organisation.currency", "Organisation.rates",
    "Scorecard.units", "Scorecard.parent", "Kpi.each", "Measure.period", "Measure.people", "CalendarPeriod.period",
    "CalendarPeriod.first_day",
}  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> SmallCompany:
    """A company that declares something of nearly every kind, computed."""
    company = small_company(tmp_path_factory.mktemp("base") / "small")
    for name, text in FILES.items():
        company.write(name, text)
    for month in MONTHS:
        rows = [
            f"{10 * month.month + i},{('north', 'south', 'west')[i % 3]},{month:%Y-%m}-0{i + 1},"
            f"{month:%Y}-0{month.month // 2 + 1}-11,{('EUR', 'USD')[i % 2]},{('bad', 'good')[i % 2]},{40 + i}.50\n"
            for i in range(7)
        ]
        company.write(
            f"extracts/sales_{month:%Y-%m}_20250{month.month + 1}03.csv",
            "id,shop,sold_on,paid_on,code,word,amount\n" + "".join(rows),
        )
        company.write(
            f"extracts/rates_{month:%Y-%m}.csv", f"code,day,mean,close\nUSD,{month:%Y-%m}-28,0.9,0.{month.month}\n"
        )
    compute(company)
    return company


@pytest.fixture
def company(base: SmallCompany, tmp_path: Path) -> SmallCompany:
    shutil.copytree(base.root, tmp_path / "small")
    return SmallCompany(tmp_path / "small")


def compute(company: SmallCompany, home: Path | None = None) -> None:
    setting = company.setting(home)
    for source in sorted(setting.project.sources):
        ingest(setting, source, MONTHS)
    for step in (compute_measures, compute_kpis, compute_scores, compute_signals, compute_insight):
        step(setting, MONTHS)


def tables(home: Path) -> dict[str, pl.DataFrame]:
    with open_warehouse(Home(home)) as warehouse:
        return {table.name: warehouse.read(table) for table in TABLES}


def change(company: SmallCompany, file: str, before: str, after: str) -> None:
    path = company.root / file
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    company.write(file, text.replace(before, after) if before else after)


def declared(company: SmallCompany) -> dict[str, object]:
    """What is declared for each step, of all its months; of the data nothing."""
    setting = company.setting()
    measures, sources = (one.values() for one in (setting.project.measures, setting.project.sources))
    return {
        CELLS: (
            *(setting.contract(source) for source in sources),
            *(read_by(CELLS, measure) for measure in measures),
            sorted(setting.plan.variants),
            setting.project.organisation.currency,
            setting.project.organisation.rates,
        ),
        KPIS: kpi_prints(setting, MONTHS, {}),
        SCORES: score_prints(setting, MONTHS, {}),
        SIGNALS: read_by(SIGNALS, setting.project),
        INSIGHT: read_by(INSIGHT, setting.project),
    }


def stale(before: dict[str, pl.DataFrame], after: dict[str, pl.DataFrame]) -> set[str]:
    """The steps that were computed anew, for any month."""
    changed = {
        table.name: after[table.name].join(before[table.name], on=before[table.name].columns, how="anti")
        for table in (COVERAGE, COMPUTED)
    }
    cells = {CELLS} if changed[COVERAGE.name].height else set()
    return cells | set(changed[COMPUTED.name]["step"])


def listed(models: Iterable[type]) -> set[str]:
    return {f"{model.__name__}.{name}" for model in models for name in fields_of(model)}


def readers(field: str) -> list[str]:
    model, name = field.split(".")
    (read_by,) = (by for one, by in READ_BY.items() if one.__name__ == model)
    return [step for step, names in read_by.items() if name in names.split()]


EVERYTHING = {field: (*edit, readers(field)[0]) for field, edit in CHANGES.items()} | MORE


@pytest.mark.parametrize("what", EVERYTHING)
def test_a_changed_declaration_makes_stale_what_reads_it_and_nothing_else(company: SmallCompany, what: str) -> None:
    before = declared(company)
    file, old, new, first = EVERYTHING[what]
    change(company, file, old, new)
    after = declared(company)
    changed = {step for step in before if before[step] != after[step]}
    # New variants of measures and other days are computed from the rows.
    cells = {CELLS} & changed if first == KPIS else set()
    assert set[str]().union(*(STALE[step] for step in changed)) == STALE[first] | cells
    assert changed or first == ELSEWHERE


# Changes that the same step reads first, many at once; in parts where some exclude each other.
PARTS = [
    (step, [edit for edit in EVERYTHING.values() if edit[3] == step][part::parts])
    for step, parts in {CELLS: 3, KPIS: 3, SCORES: 3, SIGNALS: 1, INSIGHT: 1, ELSEWHERE: 1}.items()
    for part in range(parts)
]


@pytest.mark.parametrize(("first", "changes"), PARTS, ids=[step for step, _ in PARTS])
def test_what_is_not_computed_anew_is_as_if_it_were(
    company: SmallCompany, first: str, changes: list[tuple[str, str, str, str]]
) -> None:
    home, fresh = company.root / ".scorepack", company.root / "fresh"
    stood = tables(home)
    shutil.copytree(home, fresh)
    (fresh / "warehouse.duckdb").unlink()
    for file, old, new, _ in changes:
        change(company, file, old, new)
    compute(company)
    compute(company, fresh)
    found, expected = tables(home), tables(fresh)
    assert [name for name, frame in expected.items() if not frame.equals(found[name])] == []
    assert stale(stood, found) - {CELLS} == STALE[first] - {CELLS}


def test_of_every_field_it_is_told_which_step_reads_it_and_tried() -> None:
    told = {
        f"{model.__name__}.{name}" for model, by in READ_BY.items() for names in by.values() for name in names.split()
    }
    assert told == listed(READ_BY)
    assert set(CHANGES) | UNTRIED == told
    assert not set(CHANGES) & UNTRIED
