"""A unit's share of the unit above, where values add up and no other unit's value can be told from it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipelines.steps.compute import compute_kpis, compute_measures, compute_scores
from pipelines.steps.ingest import ingest
from pipelines.steps.packs import build_packs
from report_templates.page_messages import share_sentence
from tests.small_company import small_company
from transforms.pack import Pack

MARCH = date(2025, 3, 1)
THREE = "1,north,2025-03-01,60.00\n2,south,2025-03-02,30.00\n3,kiosk,2025-03-02,10.00\n"


def packs(root: Path, more_units: str, sales: str) -> dict[str, Pack]:
    company = small_company(root, ("2025-01", "2025-02", "2025-03"))
    company.write("units.csv", (company.root / "units.csv").read_text(encoding="utf-8") + more_units)
    company.sales("2025-03", sales, "20250403")
    setting = company.setting()
    months = [date(2025, 1, 1), date(2025, 2, 1), MARCH]
    for source in setting.project.sources:
        ingest(setting, source, months)
    compute_measures(setting, months)
    compute_kpis(setting, months)
    compute_scores(setting, months)
    return {pack.unit: pack for pack in build_packs(setting, MARCH)}


def test_sums_are_told_as_a_share_of_the_unit_above_and_means_are_not(tmp_path: Path) -> None:
    found = packs(tmp_path / "three", "kiosk,Kiosk,department,company\n", THREE)
    assert {unit: {line.id: line.share_above for line in pack.kpis} for unit, pack in found.items()} == {
        "company": {"revenue": None, "average_sale": None, "complaint_rate": None},
        "north": {"revenue": 0.6, "average_sale": None, "complaint_rate": None},
        "south": {"revenue": 0.3, "average_sale": None, "complaint_rate": None},
        "kiosk": {"revenue": 0.1, "average_sale": None, "complaint_rate": None},
    }
    assert share_sentence(found["south"]) == "Share of Small & Company: Revenue 30\u202f%."
    assert share_sentence(found["company"]) == ""


def test_of_two_units_none_is_told_its_share_since_it_would_tell_the_other_s_value(tmp_path: Path) -> None:
    found = packs(tmp_path / "two", "", "1,north,2025-03-01,60.00\n2,south,2025-03-02,30.00\n")
    assert all(line.share_above is None for pack in found.values() for line in pack.kpis)
