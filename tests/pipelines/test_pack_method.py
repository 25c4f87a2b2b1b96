"""What packs carry of the method, from the declarations of a project to the sentences of its page."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipelines.steps.compute import compute_kpis, compute_measures, compute_scores
from pipelines.steps.ingest import ingest
from pipelines.steps.packs import build_packs
from pipelines.steps.setting import Setting
from pipelines.steps.signals import compute_signals
from report_templates.method import method_lines
from tests.small_company import MONTHS, small_company
from transforms.pack import Pack

JUNE = date(2025, 6, 1)


def packs(setting: Setting, months: tuple[date, ...]) -> dict[str, Pack]:
    for source in setting.project.sources:
        ingest(setting, source, list(months))
    for compute in (compute_measures, compute_kpis, compute_scores, compute_signals):
        compute(setting, list(months))
    return {pack.unit: pack for pack in build_packs(setting, months[-1])}


def test_a_project_that_declares_another_method_is_told_of_that_alone(tmp_path: Path) -> None:
    company = small_company(tmp_path)
    scorecard = (company.root / "scorecard.yaml").read_text(encoding="utf-8")
    company.write("scorecard.yaml", scorecard + "roll_up: {method: worst, missing: strict}\n")
    kpis = (company.root / "kpis/kpis.yaml").read_text(encoding="utf-8")
    own = (
        "    direction: lower\n    scoring: {formula: 100 - 100 * value}\n"
        "    signals: {screen: false, baseline: 12, rebase: [2025-03, 2025-09]}\n"
    )
    company.write("kpis/kpis.yaml", kpis.replace("    direction: lower\n", own))
    pack = packs(company.setting(), tuple(date(2025, month, 1) for month in range(1, len(MONTHS) + 1)))["north"]
    text = " ".join(method_lines(pack))
    assert "a score is the lowest score of its parts, however little they weigh." in text
    assert "where a part has no score, there is none." in text
    assert "data for 50\u202f% of the weight (the whole scorecard and all perspectives)" in text
    assert "mean of its parts" not in text
    assert "by a formula (Complaints per sale)" in text
    assert "of at most the first 12 values since March 2025 (Complaints per sale)" in text
    assert "do not count, but for Complaints per sale." in text
    lines = {line.id: line for line in pack.kpis}
    assert lines["revenue"].anchors == (("floor", 0.0), ("target", 400.0))


def test_a_target_says_whether_it_is_a_line_of_the_file_a_formula_or_a_sum(tmp_path: Path) -> None:
    company = small_company(tmp_path)
    kpis = (company.root / "kpis/kpis.yaml").read_text(encoding="utf-8")
    kpis = kpis.replace("  revenue:\n", "  revenue:\n    target_roll_up: sum\n", 1)
    kpis = kpis.replace(
        "    direction: lower\n", "    direction: lower\n    anchors: {target: 0.5 * 0.1, floor: '0.5'}\n", 1
    )
    company.write("kpis/kpis.yaml", kpis)
    lines = "revenue,north,,target,400,\nrevenue,south,,target,300,\nrevenue,,,floor,0,\n"
    company.write("targets.csv", f"kpi,unit,effective_from,anchor,value,per\n{lines}")
    found = packs(company.setting(), (JUNE,))
    origins = {unit: {line.id: line.target_origins for line in pack.kpis} for unit, pack in found.items()}
    rate = {"average_sale": (), "complaint_rate": ("0.5 * 0.1",)}
    assert origins == {
        "company": {"revenue": ("sum of the units below",), **rate},
        "north": {"revenue": ("targets.csv",), **rate},
        "south": {"revenue": ("targets.csv",), **rate},
    }
