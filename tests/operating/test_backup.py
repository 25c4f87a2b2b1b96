"""Backup, restore and upgrade, as the operations page says, with the tables compared to the last digit."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.operating.doctor import examine
from pipelines.steps.auditing import verify
from pipelines.steps.rebuilding import rebuild
from tests.operating.test_operations_page import FILES
from tests.small_company import MONTHS, SmallCompany, small_company
from tests.torture.comparing import Left, left
from warehouse import journal, migrations
from warehouse.home import Home
from warehouse.migrations import MIGRATIONS

needs_sqlite = pytest.mark.skipif(shutil.which("sqlite3") is None, reason="needs the program sqlite3")
SCOREPACK = str(Path(sys.executable).with_name("scorepack"))


def backup(home: Path, target: Path) -> Path:
    done = subprocess.run([FILES / "backup", home, target], capture_output=True, text=True, check=True)
    return Path(done.stdout.strip())


def restored(company: SmallCompany, made: Path, place: Path) -> Path:
    """The backup in an empty folder, with everything else computed from it; the project is as it was."""
    place.mkdir(mode=0o700)
    subprocess.run(["cp", "-R", f"{made}/.", str(place)], check=True)
    verify(Home(place))
    rebuild(Home(place), company.root / "extracts")
    return place


def assert_same(found: Left, expected: Left) -> None:
    assert [name for name, frame in expected.tables.items() if not frame.equals(found.tables[name])] == []
    assert found.packs == expected.packs
    assert found.loads == expected.loads


@needs_sqlite
def test_a_backup_taken_while_a_run_is_at_work_is_whole_and_the_run_goes_on_from_it(tmp_path: Path) -> None:
    company, home = small_company(tmp_path / "small", MONTHS[:3]), tmp_path / "small" / ".scorepack"
    strategy = (company.root / "strategy.yaml").read_text()
    company.write(
        "strategy.yaml", strategy.replace("name: Scorecard\n", "name: Scorecard\n    units: {ids: [company]}\n")
    )
    command = [SCOREPACK, "backfill", MONTHS[0], MONTHS[2], "--packs", "last", "--project", str(company.root)]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    made: list[Path] = []
    while run.poll() is None:
        if (home / "journal.sqlite").exists() and journal.last(Home(home)):
            made.append(backup(home, tmp_path / f"backups{len(made)}"))
        time.sleep(0.3)
    assert run.returncode == 0
    assert made, "none was taken while the run was at work"
    for each in made:
        assert stat.S_IMODE(each.stat().st_mode) == 0o700
        assert sorted(path.name for path in each.iterdir()) == ["journal.sqlite", "landing"]
        verify(Home(each))
    middle = made[len(made) // 2]
    half = restored(company, middle, tmp_path / "half")
    subprocess.run([*command, "--home", str(half)], check=True, capture_output=True)
    complete = restored(company, backup(home, tmp_path / "last"), tmp_path / "complete")
    expected = left(home)
    assert_same(left(complete), expected)
    assert left(half).tables["scores"].equals(expected.tables["scores"])
    assert left(half).packs == expected.packs


@needs_sqlite
def test_a_restored_month_is_published_approved_and_delivered_as_it_was(company: SmallCompany, tmp_path: Path) -> None:
    home = company.root / ".scorepack"
    there = restored(company, backup(home, tmp_path / "backups"), tmp_path / "restored")
    assert_same(left(there), left(home))
    assert journal.digests(Home(there)) == journal.digests(Home(home))
    assert [one for one in examine(company.root, there) if one.state == "mend"] == []


@needs_sqlite
def test_a_backup_that_breaks_off_leaves_no_folder_that_looks_like_one(company: SmallCompany, tmp_path: Path) -> None:
    done = subprocess.run(
        [FILES / "backup", company.root / "nowhere", tmp_path / "backups"], capture_output=True, check=False
    )
    assert done.returncode != 0
    assert list((tmp_path / "backups").iterdir()) == []


def test_an_older_home_is_brought_to_a_newer_version_and_computed_anew(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb

    home = Home(company.root / ".scorepack")
    expected, entries = left(home.root), journal.digests(home)
    with duckdb.connect(home.warehouse) as connection:
        connection.execute("ALTER TABLE packs.packs DROP COLUMN inputs")
    newer = (*MIGRATIONS, "CREATE INDEX entries_by_time ON entries (at);")
    for module in (migrations, sys.modules["warehouse.examining"], sys.modules["pipelines.operating.of_home"]):
        monkeypatch.setattr(module, "MIGRATIONS", newer)
    told = {one.check: one for one in examine(company.root) if one.check in ("journal", "warehouse")}
    assert told["journal"].says == "Its schema is 1; the next command brings it to 2."
    assert told["warehouse"].remedy == "scorepack rebuild"
    rebuild(home, company.root / "extracts")
    assert_same(left(home.root), expected)
    assert journal.digests(home) == entries
    assert {one.state for one in examine(company.root) if one.check in ("journal", "warehouse")} == {"fine"}
