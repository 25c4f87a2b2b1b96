"""Being at work: temporary files lie in the home, what killed processes left is swept, a lost journal is told."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from scorecards.errors import HomeBusy
from warehouse import journal
from warehouse.checking import staging_connection
from warehouse.home import Home
from warehouse.landing import land_bytes
from warehouse.store import connected
from warehouse.sweeping import sweep
from warehouse.working import at_work

_KILLED = """
import os, signal, sys, tempfile
from pathlib import Path
from warehouse.home import Home
from warehouse.working import at_work
with at_work(Home(Path(sys.argv[1])).create()):
    tempfile.mkdtemp()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the system has temporary files."""
    folder = tmp_path / "outside"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def hidden(home: Home) -> list[str]:
    return [path.name for path in home.root.iterdir() if path.name.startswith(".")]


def test_temporary_files_of_libraries_and_child_processes_lie_in_the_home_while_it_is_held(
    home: Home, outside: Path
) -> None:
    child = [sys.executable, "-c", "import tempfile; print(tempfile.mkdtemp())"]
    with at_work(home):
        mine = Path(tempfile.mkdtemp())
        theirs = Path(subprocess.run(child, capture_output=True, text=True, check=True).stdout.strip())
        assert mine.parent == theirs.parent
        assert mine.parent.parent == home.root
        with at_work(home):
            assert Path(tempfile.gettempdir()) == mine.parent
    assert hidden(home) == []
    assert tempfile.gettempdir() == os.environ["TMPDIR"] == str(outside)
    assert list(outside.iterdir()) == []


def test_what_a_killed_process_left_there_is_swept_by_the_next(home: Home, outside: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(home.root)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(hidden(home)) == 1
    with at_work(home):
        assert len(hidden(home)) == 1
    assert hidden(home) == []
    assert list(outside.iterdir()) == []


def test_rows_that_do_not_fit_into_memory_lie_in_the_home_and_not_where_the_command_was_started(home: Home) -> None:
    asked = "SELECT current_setting('temp_directory')"
    with at_work(home), staging_connection() as staging, connected(home) as warehouse:
        for connection in (staging, warehouse):
            [(folder,)] = connection.execute(asked).fetchall()
            assert Path(folder).is_relative_to(home.root)
            assert Path(folder).parent == Path(tempfile.gettempdir())


def test_sweeping_waits_for_a_worker_that_has_not_noticed_yet(home: Home) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = home.root / f".work-abc.{gone.pid}.tmp"
    left.mkdir()

    def work() -> None:
        end = time.monotonic() + 0.4
        while time.monotonic() < end:
            for number in range(20):
                try:
                    (left / str(number)).mkdir(parents=True, exist_ok=True)
                    (left / str(number) / "x").write_bytes(b"x")
                    shutil.rmtree(left / str(number), ignore_errors=True)
                except OSError:
                    return

    worker = Thread(target=work)
    worker.start()
    for _ in range(5):
        sweep(home)
    worker.join()
    sweep(home)
    assert hidden(home) == []


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"")])
def test_a_home_whose_journal_is_gone_is_told_and_no_new_one_is_begun(
    home: Home, harm: Callable[[Path], object]
) -> None:
    with at_work(home):
        land_bytes(home, b"a delivery")
        journal.append(home, "load", "orders", {"n": 1})
    harm(home.journal)
    with pytest.raises(
        HomeBusy, match=r"journal .* is missing or empty, while the archive .* Bring it back from a backup"
    ):
        home.create()
    assert not home.journal.exists() or home.journal.read_bytes() == b""


def test_a_run_that_is_killed_after_its_first_delivery_was_landed_is_no_loss(home: Home) -> None:
    with at_work(home):
        # Asked for in the middle: nothing more has been written into the journal by then.
        land_bytes(home, b"a delivery")
        assert home.create() == home
    assert home.create() == home
    assert journal.first_broken(home) is None
