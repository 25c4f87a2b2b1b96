"""The files of packs in every format: made by a run, made again only where they must, frozen, sent and told as one."""

from __future__ import annotations

import csv
import email
import email.policy
import hashlib
import io
import shutil
from datetime import date
from pathlib import Path

import pikepdf
import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from pipelines.cli.printing import Steps
from pipelines.cli.run_commands import summary
from pipelines.cli.running import materialise
from pipelines.delivery.gate import approve
from pipelines.delivery.send import deliver
from pipelines.steps.auditing import verify
from pipelines.steps.editions import publish
from pipelines.steps.rendering import render_packs
from pipelines.steps.status import month_states
from scorecards.errors import DataRefused
from scorecards.periods import months_between
from tests.small_company import SmallCompany, small_company
from warehouse.editions import editions, frozen_packs
from warehouse.home import Home
from warehouse.landing import landed
from warehouse.store import open_warehouse
from warehouse.tables import BY_NAME

JUNE = date(2025, 6, 1)
UNITS = ("company", "north", "south")
PACKS = """\
style: {formats: [pdf, html, xlsx], archive: true}
layouts:
  bare: {pages: [one_page], formats: [pdf], archive: false}
use:
  - {layout: bare, units: {ids: [south]}}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SmallCompany:
    company = small_company(tmp_path_factory.mktemp("formats") / "small")
    company.write("packs.yaml", PACKS)
    materialise("month_end", company.root, None, None, months_between(date(2025, 4, 1), JUNE), "last", Steps(None))
    return company


@pytest.fixture
def company(made: SmallCompany, tmp_path: Path) -> SmallCompany:
    """The run's project and home, to be changed."""
    shutil.copytree(made.root, tmp_path / "small", symlinks=True)
    return SmallCompany(tmp_path / "small")


def table(company: SmallCompany, name: str = "packs") -> pl.DataFrame:
    with open_warehouse(Home(company.root / ".scorepack")) as warehouse:
        return warehouse.read(BY_NAME[name])


def files(company: SmallCompany) -> dict[str, int]:
    """When each file of the packs was written, by its name."""
    folder = company.root / ".scorepack" / "packs" / "2025-06"
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def changed(company: SmallCompany, before: dict[str, int]) -> set[str]:
    return {name for name, at in files(company).items() if before.get(name) != at}


def test_a_run_makes_the_declared_files_of_every_pack_and_the_table_has_a_row_for_each(made: SmallCompany) -> None:
    rows = table(made)
    wanted = {("company", "pdf"), ("company", "html"), ("company", "xlsx"), ("south", "pdf")}
    wanted |= {("north", form) for form in ("pdf", "html", "xlsx")}
    assert set(rows.select("unit", "format").iter_rows()) == wanted
    assert set(files(made)) == {f"company-{unit}.{form}" for unit, form in wanted}
    home = Home(made.root / ".scorepack")
    for row in rows.iter_rows(named=True):
        content = (home.root / row["file"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (row["digest"], row["bytes"])
        assert (row["pages"] is not None) == (row["format"] == "pdf")
    page = (home.packs / "2025-06" / "company-north.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "Shop North" in page
    book = CalamineWorkbook.from_path(str(home.packs / "2025-06" / "company-north.xlsx"))
    assert book.sheet_names[:2] == ["Summary", "Scorecard"]


def test_a_run_tells_packs_and_not_files(made: SmallCompany) -> None:
    assert month_states(made.setting(), 1, date.today())[0].packs == 3
    told = summary(made.setting(), [JUNE], "last")[-1]
    assert told.startswith("3 packs, ")
    assert ", 4 other files: " in told


def test_nothing_is_made_again_when_nothing_changed_and_only_what_is_gone_comes_back(company: SmallCompany) -> None:
    before = files(company)
    render_packs(company.setting(), [JUNE], workers=1)
    assert changed(company, before) == set()
    (company.root / ".scorepack/packs/2025-06/company-north.html").unlink()
    (company.root / ".scorepack/packs/2025-06/company-company.xlsx").write_bytes(b"touched by somebody")
    render_packs(company.setting(), [JUNE], workers=1)
    assert changed(company, before) == {"company-north.html", "company-company.xlsx"}


def test_a_format_that_is_not_declared_any_more_takes_its_files_along(company: SmallCompany) -> None:
    company.write("packs.yaml", PACKS.replace("[pdf, html, xlsx]", "[pdf, xlsx]"))
    render_packs(company.setting(), [JUNE], workers=1)
    assert not [name for name in files(company) if name.endswith("html")]
    assert set(table(company).select("unit", "format").iter_rows()) == {
        ("company", "pdf"), ("company", "xlsx"), ("north", "pdf"), ("north", "xlsx"), ("south", "pdf"),
    }  # fmt: skip


def test_a_file_that_no_row_names_is_swept_whatever_its_format(company: SmallCompany) -> None:
    before = files(company)
    for name in ("company-gone.html", "company-gone.xlsx", "company-gone.pdf"):
        company.write(f".scorepack/packs/2025-06/{name}", "left by a killed run")
    render_packs(company.setting(), [JUNE], workers=1)
    assert set(files(company)) == set(before)


def test_two_workers_make_the_same_files_as_one(made: SmallCompany, tmp_path: Path) -> None:
    for workers in (1, 2):
        copy = SmallCompany(tmp_path / f"{workers}")
        shutil.copytree(made.root, copy.root, symlinks=True)
        shutil.rmtree(copy.root / ".scorepack" / "packs")
        render_packs(copy.setting(), [JUNE], workers=workers)
        assert table(copy).equals(table(made))


def test_an_edition_freezes_every_file_and_an_audit_misses_one_that_is_gone(company: SmallCompany) -> None:
    setting = company.setting()
    publish(setting, JUNE, "Ada")
    (edition,) = editions(setting.home, JUNE)
    frozen = frozen_packs(setting.home, edition)
    assert frozen.height == 7
    assert table(company, "editions")["packs"].to_list() == [3]
    assert table(company, "edition_packs").height == 7
    verify(setting.home)
    (digest,) = frozen.filter(pl.col("format") == "xlsx", pl.col("unit") == "north")["digest"]
    content = landed(setting.home, digest).read_bytes()
    assert content.startswith(b"PK")
    landed(setting.home, digest).unlink()
    with pytest.raises(DataRefused, match=f"{digest}.*edition 1 of 2025-06.*is missing"):
        verify(setting.home)


def test_a_reader_gets_the_files_of_the_edition_that_they_ask_for_and_no_other(company: SmallCompany) -> None:
    company.write(
        "recipients.yaml",
        "recipients:\n"
        "  - {name: Ada, email: ada@example.com, units: [company], formats: [pdf, xlsx]}\n"
        "  - {name: Bob, email: bob@example.com, units: [north]}\n",
    )
    setting = company.setting()
    publish(setting, JUNE, "Ada")
    approve(setting, JUNE, "Ada")
    assert {one.state for one in deliver(setting, JUNE)} == {"written"}
    (edition,) = editions(setting.home, JUNE)
    kept = set(frozen_packs(setting.home, edition)["digest"])
    names = {}
    for path in setting.home.outbox.rglob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        parts = list(message.iter_attachments())
        assert all(hashlib.sha256(part.get_content()).hexdigest() in kept for part in parts)
        names[str(message["To"])] = sorted(Path(str(part.get_filename())).suffix for part in parts)
    assert sorted(names.values()) == [[".pdf"], [".pdf", ".xlsx"]]


def attached(path: Path, name: str) -> list[dict[str, str]]:
    with pikepdf.open(path) as pdf:
        text = pdf.attachments[name].get_file().read_bytes().decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_attached_numbers_are_those_of_the_published_tables_to_the_last_digit(company: SmallCompany) -> None:
    setting = company.setting()
    publish(setting, JUNE, "Ada")
    (edition,) = editions(setting.home, JUNE)
    scores, values = table(company, "scores"), table(company, "kpi_values").filter(pl.col("slice") == "")
    twins = table(company, "edition_scores"), table(company, "edition_kpi_values").filter(pl.col("slice") == "")
    (digest,) = frozen_packs(setting.home, edition).filter(pl.col("format") == "pdf", pl.col("unit") == "north")[
        "digest"
    ]
    current = setting.home.packs / "2025-06" / "company-north.pdf"
    for path, published, told in ((current, scores, values), (landed(setting.home, digest), *twins)):
        own = published.filter(pl.col("unit") == "north", pl.col("period") == JUNE)
        by_node = {(row["level"], row["node"]): row for row in own.to_dicts()}
        found = attached(path, "scores.csv")
        assert {(row["level"], row["node"]) for row in found} == set(by_node)
        for row in found:
            expected = by_node[row["level"], row["node"]]
            for name in ("score", "share", *(("coverage",) if row["level"] != "kpi" else ("raw_score",))):
                assert (float(row[name]) if row[name] else None) == expected[name], (row["node"], name)
            assert (row["band"] or None) == expected["band"]
        kpis = {row["kpi"]: row for row in told.filter(pl.col("unit") == "north", pl.col("period") == JUNE).to_dicts()}
        for row in attached(path, "kpis.csv"):
            for name in ("value", "numerator", "denominator"):
                assert (float(row[name]) if row[name] else None) == kpis[row["kpi"]][name], (row["kpi"], name)
        months = {
            (row["kpi"], row["period"]): row["value"] for row in values.filter(pl.col("unit") == "north").to_dicts()
        }
        for row in attached(path, "history.csv"):
            shown = float(row["value"]) if row["value"] else None
            assert shown == months.get((row["kpi"], date.fromisoformat(row["period"]))), row


def test_a_pack_that_is_not_for_archives_has_nothing_attached(made: SmallCompany) -> None:
    with pikepdf.open(made.root / ".scorepack/packs/2025-06/company-south.pdf") as pdf:
        assert len(pdf.attachments) == 0
    with pikepdf.open(made.root / ".scorepack/packs/2025-06/company-north.pdf") as pdf:
        assert len(pdf.attachments) == 4
