"""Layouts in a run: which pack is rendered again, what an edition keeps, and a preview that records nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from python_calamine import CalamineWorkbook

from pipelines.steps.compute import compute_kpis, compute_measures, compute_scores
from pipelines.steps.ingest import ingest
from pipelines.steps.insight import compute_insight
from pipelines.steps.packs import build_packs, looks_of
from pipelines.steps.previewing import Preview, again, changes, preview_file, preview_pack, preview_tables
from pipelines.steps.rendering import fingerprint, render_packs
from pipelines.steps.setting import Setting, archive_declarations
from pipelines.steps.signals import compute_signals
from scorecards.errors import CallError, DeclarationError
from scorecards.periods import parse_period
from tests.small_company import MONTHS, SmallCompany, small_company
from warehouse.declarations import names_of, restored

ROOT = Path(__file__).resolve().parents[2]
LAST = parse_period(MONTHS[-1])
PACKS = """\
layouts:
  page: {pages: [one_page]}
use:
  - {layout: page, units: {levels: [department]}}
"""


def computed(folder: Path) -> tuple[SmallCompany, Setting]:
    company = small_company(folder)
    company.write("packs.yaml", PACKS)
    setting = company.setting()
    periods = [parse_period(month) for month in MONTHS]
    for source in setting.project.sources:
        ingest(setting, source, periods)
    compute_measures(setting, periods)
    compute_kpis(setting, periods)
    compute_scores(setting, periods)
    compute_signals(setting, periods)
    compute_insight(setting, periods)
    return company, setting


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallCompany, Setting]:
    return computed(tmp_path_factory.mktemp("shop"))


def files_of(setting: Setting) -> dict[str, bytes]:
    home = setting.home.root
    return {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_each_pack_of_a_run_has_its_layout_and_a_second_run_renders_none(tmp_path: Path) -> None:
    _, setting = computed(tmp_path)
    table = render_packs(setting, [LAST], workers=1)
    pages = dict(table.select("unit", "pages").iter_rows())
    assert pages["north"] == pages["south"] == 1 < pages["company"]
    before = {name: path.stat().st_mtime_ns for name in pages for path in setting.home.packs.glob(f"*/*-{name}.pdf")}
    assert render_packs(setting, [LAST], workers=1).equals(table)
    after = {name: path.stat().st_mtime_ns for name in pages for path in setting.home.packs.glob(f"*/*-{name}.pdf")}
    assert after == before


def test_the_fingerprint_of_a_pack_holds_its_layout_and_the_projects_templates(
    shop: tuple[SmallCompany, Setting],
) -> None:
    company, setting = shop
    packs = build_packs(setting, LAST)
    looks = looks_of(setting, packs)
    north = next(at for at, pack in enumerate(packs) if pack.unit == "north")
    whole = next(at for at, pack in enumerate(packs) if pack.unit == "company")
    prints = {fingerprint(packs[north], look) for look in (looks[north], looks[whole])}
    template = company.write("templates/pack/style.css", "p { color: #123456 }")
    try:
        prints.add(fingerprint(packs[north], looks_of(company.setting(), packs)[north]))
    finally:
        template.unlink()
    assert len(prints) == 3


def test_templates_and_assets_are_archived_with_the_declarations_and_come_back(tmp_path: Path) -> None:
    company = small_company(tmp_path / "project", months=())
    company.write("templates/pack/style.css", "p {}")
    company.write("assets/logo.svg", "<svg/>")
    setting = company.setting()
    snapshot = archive_declarations(setting)
    assert {"templates/pack/style.css", "assets/logo.svg"} <= set(names_of(setting.home, snapshot.digest))
    assert (restored(setting.home, snapshot.digest) / "assets" / "logo.svg").read_text() == "<svg/>"


def test_a_preview_is_the_pack_of_now_and_leaves_no_trace(shop: tuple[SmallCompany, Setting]) -> None:
    _, setting = shop
    before = files_of(setting)
    asked = Preview("north", LAST)
    printed = preview_pack(setting, preview_tables(setting, asked), asked)
    assert printed.pages == 1
    assert pikepdf.open(BytesIO(printed.content)).docinfo
    after = files_of(setting)
    assert {name: after[name] for name in before} == before
    assert not [name for name in after.keys() - before.keys() if "lock" not in name]


def test_a_preview_may_be_a_page_for_a_browser_or_a_workbook_with_the_same_figures(
    shop: tuple[SmallCompany, Setting],
) -> None:
    _, setting = shop
    asked = Preview("north", LAST)
    tables = preview_tables(setting, asked)
    page, _ = preview_file(setting, tables, asked, ".html")
    assert page.startswith(b"<!DOCTYPE html>")
    workbook, _ = preview_file(setting, tables, asked, ".xlsx")
    rows = CalamineWorkbook.from_filelike(BytesIO(workbook)).get_sheet_by_name("Scorecard").to_python()
    (pack,) = [pack for pack in build_packs(setting, LAST) if pack.unit == "north"]
    place = rows[0].index("Score")
    assert [row[place] or None for row in rows[1:]] == [pytest.approx(line.score) for line in pack.kpis]
    assert preview_file(setting, tables, asked, ".pdf")[0] == preview_pack(setting, tables, asked).content


def test_a_preview_may_be_in_another_layout_and_an_unknown_one_is_told(shop: tuple[SmallCompany, Setting]) -> None:
    _, setting = shop
    tables = preview_tables(setting, Preview("north", LAST))
    assert preview_pack(setting, tables, Preview("north", LAST, layout="standard")).pages > 1
    with pytest.raises(CallError, match="Did you mean 'page'"):
        preview_pack(setting, tables, Preview("north", LAST, layout="pge"))
    with pytest.raises(CallError, match="Did you mean 'north'"):
        preview_pack(setting, tables, Preview("nort", LAST))


def test_after_a_changed_comment_the_preview_shows_it_and_tables_are_not_read_again(tmp_path: Path) -> None:
    company, setting = computed(tmp_path)
    asked = Preview("north", LAST)
    tables = preview_tables(setting, asked)
    first = preview_pack(setting, tables, asked).content
    company.write(f"commentary/{MONTHS[-1]}.yaml", "comments:\n  - {unit: north, text: A good month}\n")
    now, fresh = again(setting, tables, asked, [f"commentary/{MONTHS[-1]}.yaml"])
    assert fresh.scores is tables.scores
    assert preview_pack(now, fresh, asked).content != first
    company.write(f"commentary/{MONTHS[-1]}.yaml", "comments:\n  - {unit: nort, text: A good month}\n")
    broken, fresh = again(now, fresh, asked, [f"commentary/{MONTHS[-1]}.yaml"])
    with pytest.raises(DeclarationError, match="'nort' is not a unit"):
        preview_pack(broken, fresh, asked)


def test_files_that_change_come_and_go_are_seen_and_nothing_else_is(tmp_path: Path) -> None:
    company = small_company(tmp_path, months=())
    company.write("commentary/2025-01.yaml", "comments: []\n")
    seen = changes(company.root)
    steps = [
        lambda: company.write("commentary/2025-01.yaml", "comments: [ ]\n"),
        lambda: company.write("templates/pack/style.css", "p {}"),
        (company.root / "templates/pack/style.css").unlink,
    ]
    found = []
    for step in steps:
        timer = threading.Timer(0.5, lambda step=step: (company.write("notes.txt", str(time.time())), step()))
        timer.start()
        found.append(next(seen))
        timer.join()
    assert found == [["commentary/2025-01.yaml"], ["templates/pack/style.css"], ["templates/pack/style.css"]]


def test_the_command_draws_again_after_a_change_and_tells_a_templates_error_with_its_line(tmp_path: Path) -> None:
    company, _ = computed(tmp_path / "project")
    target = tmp_path / "north.pdf"
    call = ["-m", "pipelines.cli.app", "preview", "north", MONTHS[-1], "--to", str(target)]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "SCOREPACK_PROJECT": str(company.root),
    }
    watching = subprocess.Popen(
        [sys.executable, *call, "--watch"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert watching.stdout is not None
    try:
        said = [watching.stdout.readline(), watching.stdout.readline()]
        assert "1 page" in said[0]
        assert "stop with Ctrl-C" in said[1]
        first = target.read_bytes()
        company.write("templates/pack/one_page.css", "h1 { color: #123456 }")
        assert "1 page" in watching.stdout.readline()
        assert target.read_bytes() != first
        company.write("templates/pack/one_page.html", "<p>\n{{ nothing }}</p>")
        assert "templates/pack/one_page.html:2" in watching.stdout.readline()
    finally:
        watching.kill()
        watching.wait()
    done = subprocess.run([sys.executable, *call], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "templates/pack/one_page.html:2: cannot be filled: 'nothing' is undefined" in done.stdout + done.stderr
