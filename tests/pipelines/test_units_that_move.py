"""Units that move, from the declarations of a project to what the packs of the units around them say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.steps.compute import compute_kpis, compute_measures, compute_scores
from pipelines.steps.ingest import ingest
from pipelines.steps.insight import compute_insight
from pipelines.steps.packs import build_packs
from pipelines.steps.signals import compute_signals
from tests.small_company import MONTHS, small_company
from transforms.pack import Pack

UNITS = """\
id,name,level,parent,valid_from,valid_to
company,Small & Company,company,,,
east,East,department,company,,
west,West,department,company,,
north,Shop North,department,east,,2025-06-09
north,Shop North,department,west,2025-06-10,
south,Shop Süd,department,east,,
"""
TARGETS = """\
kpi,unit,anchor,value
revenue,,floor,0
revenue,north,target,400
revenue,south,target,300
average_sale,,floor,0
average_sale,,target,50
complaint_rate,,floor,100%
complaint_rate,,target,10%
"""


def packs(root: Path, units: str = UNITS) -> dict[str, Pack]:
    company = small_company(root)
    company.write("units.csv", units)
    company.write("targets.csv", TARGETS)
    kpis = (company.root / "kpis/kpis.yaml").read_text(encoding="utf-8")
    company.write(
        "kpis/kpis.yaml", kpis.replace("  revenue:\n    name", "  revenue:\n    target_roll_up: sum\n    name")
    )
    setting, months = company.setting(), [date(2025, month, 1) for month in range(1, len(MONTHS) + 1)]
    for source in setting.project.sources:
        ingest(setting, source, months)
    for compute in (compute_measures, compute_kpis, compute_scores, compute_insight, compute_signals):
        compute(setting, months)
    return {pack.unit: pack for pack in build_packs(setting, months[-1])}


def test_the_units_around_a_move_are_told_of_it_and_nobody_else(tmp_path: Path) -> None:
    found = packs(tmp_path)
    told = {unit: [(move.name, move.has_joined, move.period) for move in pack.moves] for unit, pack in found.items()}
    june = date(2025, 6, 1)
    assert told == {
        "company": [], "north": [], "south": [], "east": [("Shop North", False, june)],
        "west": [("Shop North", True, june)],
    }  # fmt: skip
    lines = {line.id: line for line in found["east"].kpis}
    assert [move.name for move in lines["revenue"].moves] == ["Shop North"]


def test_what_the_move_did_to_the_score_is_told_apart_and_all_parts_are_the_change(tmp_path: Path) -> None:
    pack = packs(tmp_path)["east"]
    parts = {(part.kpi, part.part): part.points for part in pack.contributions}
    assert sum(parts.values()) == pytest.approx(pack.node.change, abs=1e-9)
    assert (None, "units") in parts
    assert (None, "target") not in parts


def test_where_no_unit_moves_nothing_is_said(tmp_path: Path) -> None:
    still = "\n".join(line for line in UNITS.splitlines() if "2025-06-10" not in line).replace("2025-06-09", "")
    found = packs(tmp_path, still + "\n")
    assert not any(pack.moves or line.moves for pack in found.values() for line in pack.kpis)
    assert not any(part.part == "units" for pack in found.values() for part in pack.contributions)
