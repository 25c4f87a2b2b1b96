"""`scorepack infer` on the command line, and on the first file of every source of Meridian."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.meridian.generate import generate
from pipelines.steps.inferring import first_contract
from scorecards.project import Project, load_project
from tests.acceptance.conftest import Command
from tests.small_company import SmallCompany
from warehouse.deliveries import deliveries

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "meridian"
SOURCES = sorted(path.stem for path in (EXAMPLE / "sources").glob("*.yaml"))


@pytest.fixture(scope="module")
def meridian(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("meridian")
    generate(folder, "2026-10")
    return load_project(folder)


@pytest.mark.parametrize("source_id", SOURCES)
def test_the_first_contract_of_a_file_of_meridian_accepts_all_its_rows(meridian: Project, source_id: str) -> None:
    declared = meridian.sources[source_id]
    first = deliveries(declared, meridian.extracts)[0]
    found = first_contract(first.path, first.name, meridian.unit_ids, meridian.organisation.first_period)
    assert (found.staged.refused, found.staged.rejected) == (None, 0)
    assert found.staged.rows > 0
    guessed = found.draft.source
    assert (guessed.path, guessed.delimiter, guessed.decimal) == (declared.path, declared.delimiter, declared.decimal)
    for name, column in declared.columns.items():
        if column.type in ("date", "boolean"):
            assert (guessed.columns[name].type, guessed.columns[name].format) == (column.type, column.format)
        assert guessed.columns[name].personal >= column.personal


def test_a_contract_is_printed_or_written_and_runs(company: SmallCompany, scorepack: Command) -> None:
    rows = "".join(f"V{i},{('north', 'south')[i % 2]},2025-01-{i:02d},{i}\n" for i in range(1, 29))
    file = company.write("extracts/visits_2025-01.csv", "visit_id,shop,visited_on,minutes\n" + rows)
    printed = scorepack("infer", str(file))
    assert scorepack("infer", "visits_2025-01.csv").out == printed.out
    to = company.root / "sources" / "visits.yaml"
    written = scorepack("infer", str(file), "--to", str(to))
    assert (printed.code, written.code) == (0, 0)
    assert to.read_text() == printed.out
    assert written.out.splitlines() == [
        f"Wrote {to}: 4 columns, key visit_id, period visited_on.",
        "visits_2025-01.csv has 28 rows. It accepts all of them.",
    ]
    assert "unit: shop\n" in printed.out
    assert 'path: "visits_{period}.csv"' in printed.out
    assert scorepack("check").code == 0
    assert scorepack("backfill", "2025-01", "2025-02", "--packs", "none").code == 0
    assert "no row is rejected" in scorepack("rejects").out.lower()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("nothing.csv",), 2, "nothing.csv does not exist, or is no file, neither here nor below {root}/extracts."),
        (("{root}/scorecard.yaml",), 2, "is of no format that can be read"),
        (("{root}/units.csv", "--to", "{root}/sources/sales.yaml"), 2, "exists already"),
        (("{root}/units.csv", "--to", "{root}/sources/units.txt"), 2, "does not end in .yaml"),
    ],
)
def test_a_wrong_call_is_told(
    company: SmallCompany, scorepack: Command, words: tuple[str, ...], code: int, told: str
) -> None:
    found = scorepack("infer", *(word.format(root=company.root) for word in words))
    assert (found.code, told.format(root=company.root) in found.err) == (code, True), found.text


def test_a_file_is_looked_at_before_there_is_a_project(
    company: SmallCompany, scorepack: Command, tmp_path: Path
) -> None:
    found = scorepack("infer", str(company.root / "units.csv"), project=tmp_path / "nowhere")
    assert found.code == 0
    assert "source: units" in found.out
