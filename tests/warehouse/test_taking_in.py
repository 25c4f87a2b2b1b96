"""Taking in: what changes when files are delivered again, late, broken, corrected, and what a killed run leaves."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from scorecards.errors import DataRefused, HomeBusy
from scorecards.sources import Source
from tests.warehouse.conftest import contract
from warehouse import journal, landing, taking_in
from warehouse.deliveries import Delivery, deliveries, passed_over
from warehouse.home import Home
from warehouse.landing import landed
from warehouse.selection import TODAY, Load, accepted_file, all_loads, current, refusals, rejects_file, scan, under
from warehouse.taking_in import Desk, take_in

DATED = {"path": "orders_{period}_{file_date}.csv", "known_on": "{file_date}", "rejects": {"at_most": 1}}


@dataclass
class Office:
    """A home, an extracts folder, and one source whose deliveries are taken in."""

    home: Home
    extracts: Path
    connection: duckdb.DuckDBPyConnection
    contract: str = "c1"
    declared: dict[str, Any] = field(default_factory=lambda: dict(DATED))

    @property
    def source(self) -> Source:
        return contract(**self.declared)

    def deliver(self, name: str, *amounts: str) -> Path:
        rows = "".join(f"{i},2024-01-05,north,{amount}\n" for i, amount in enumerate(amounts))
        path = self.extracts / name
        path.write_text("id,day,unit,amount\n" + rows)
        return path

    def take_in(self) -> None:
        found = deliveries(self.source, self.extracts)
        desk = Desk(self.home, self.source, self.contract, date(2024, 1, 1), ["north"])
        take_in(desk, found)

    def amounts(self) -> list[float]:
        frame = scan(self.home, self.source, current(self.loads())).collect()
        return [float(amount) for amount in frame["amount"]]

    def loads(self) -> list[Load]:
        """The loads under the contract of the day."""
        return under(all_loads(self.home), self.contract)

    def bytes(self) -> dict[str, str]:
        """Digests of every file of the home but the lock and the journal's own working files."""
        return {
            str(path.relative_to(self.home.root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.home.root.rglob("*"))
            if path.is_file() and path.name not in ("at_work.lock", "journal.sqlite-wal", "journal.sqlite-shm")
        }


@pytest.fixture
def office(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> Office:
    extracts = tmp_path / "extracts"
    extracts.mkdir()
    return Office(Home(tmp_path / "home").create(), extracts, connection)


def test_the_same_file_twice_changes_no_byte(office: Office) -> None:
    office.deliver("orders_2024-01_20240203.csv", "1", "x")
    office.take_in()
    before = office.bytes()
    office.take_in()
    assert office.bytes() == before
    assert len(all_loads(office.home)) == 1


def counting_after(office: Office, day: int, amount: str) -> list[float]:
    """The amounts that count once January's orders, delivered on this day of February, were taken in."""
    office.deliver(f"orders_2024-01_202402{day:02d}.csv", amount)
    office.take_in()
    return office.amounts()


def test_a_later_delivery_replaces_and_an_earlier_one_that_comes_late_does_not(office: Office) -> None:
    found = [counting_after(office, day, amount) for day, amount in ((5, "5"), (3, "3"), (7, "7"))]
    assert found == [[5], [5], [7]]
    assert [load.known_on.day for load in all_loads(office.home)] == [5, 3, 7]


def test_an_old_delivery_that_turns_up_late_does_not_count_however_its_day_is_told(office: Office) -> None:
    """Also where a delivery is known from the day on which it is taken in."""
    office.declared |= {"known_on": "load"}
    found = [counting_after(office, day, amount) for day, amount in ((5, "5"), (3, "3"), (5, "6"), (7, "7"))]
    assert found == [[5], [5], [6], [7]]


def test_a_file_replaced_and_put_back_counts_as_it_lies_there_now(office: Office) -> None:
    office.declared |= {"path": "orders_{period}.csv", "known_on": "load"}
    for amount in ("1", "2", "1"):
        office.deliver("orders_2024-01.csv", amount)
        office.take_in()
        assert office.amounts() == [float(amount)]
    loads = all_loads(office.home)
    assert len({load.id for load in loads}) == len(loads) == 3
    before = office.bytes()
    office.take_in()
    assert office.bytes() == before


def test_a_refused_file_blocks_until_a_corrected_one_comes(office: Office) -> None:
    office.deliver("orders_2024-01_20240203.csv", "1")
    office.take_in()
    office.deliver("orders_2024-01_20240204.csv", "x", "y")
    office.take_in()
    assert [load.known_on.day for load in refusals(office.loads(), TODAY)] == [4]
    assert office.amounts() == [1]
    office.deliver("orders_2024-01_20240205.csv", "2")
    office.take_in()
    assert refusals(office.loads(), TODAY) == []
    assert office.amounts() == [2]


def test_a_refused_load_keeps_its_rejected_rows_and_has_no_accepted_ones(office: Office) -> None:
    office.deliver("orders_2024-01_20240204.csv", "x", "y", "3")
    office.take_in()
    (load,) = all_loads(office.home)
    assert (load.rows, load.rejected) == (3, 2)
    assert rejects_file(office.home, load).exists()
    assert not accepted_file(office.home, load).exists()


def test_another_contract_checks_again_from_the_archive_and_back_again(office: Office) -> None:
    office.deliver("orders_2024-01_20240203.csv", "5", "500").rename(office.extracts / "orders_2024-01_20240203.csv")
    office.take_in()
    (office.extracts / "orders_2024-01_20240203.csv").unlink()
    plain = dict(office.declared)
    limited = {**contract().model_dump()["columns"]["amount"], "maximum": 100, "values": ()}
    for name, declared, amounts in (
        ("c2", {**plain, "columns": {**_columns(), "amount": limited}}, [5.0]),
        ("c1", plain, [5.0, 500.0]),
        ("c2", {**plain, "columns": {**_columns(), "amount": limited}}, [5.0]),
    ):
        office.contract, office.declared = name, declared
        office.take_in()
        assert office.amounts() == amounts
    assert {load.known_on for load in all_loads(office.home)} == {date(2024, 2, 3)}
    assert len({load.delivery for load in all_loads(office.home)}) == 1
    assert [load.contract for load in all_loads(office.home)] == ["c1", "c2"]


def _columns() -> dict[str, Any]:
    return {"id": {}, "day": {"type": "date"}, "unit": {}}


def test_a_refused_file_that_is_gone_is_checked_again_when_the_contract_is_widened(office: Office) -> None:
    path = office.deliver("orders_2024-01_20240203.csv", "1", "x", "y")
    office.take_in()
    path.unlink()
    office.contract, office.declared = "c2", {**office.declared, "rejects": {"at_most": 2}}
    office.take_in()
    assert refusals(office.loads(), TODAY) == []
    assert office.amounts() == [1]


def test_a_refusal_stays_the_newest_when_both_are_checked_again(office: Office) -> None:
    office.declared |= {"path": "orders_{period}.csv", "known_on": "load"}
    office.deliver("orders_2024-01.csv", "1")
    office.take_in()
    office.deliver("orders_2024-01.csv", "x", "y")
    office.take_in()
    office.contract = "c2"
    office.take_in()
    assert len(refusals(office.loads(), TODAY)) == 1


def test_staged_files_that_were_deleted_come_back_without_a_new_entry(office: Office) -> None:
    office.deliver("orders_2024-01_20240203.csv", "1", "x").rename(office.extracts / "orders_2024-01_20240203.csv")
    office.take_in()
    before = office.bytes()
    (load,) = all_loads(office.home)
    (office.extracts / "orders_2024-01_20240203.csv").unlink()
    accepted_file(office.home, load).unlink()
    rejects_file(office.home, load).unlink()
    office.take_in()
    assert office.bytes() == before


def test_a_run_killed_before_the_journal_leaves_no_load(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.deliver("orders_2024-01_20240203.csv", "1")

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(taking_in.journal, "append_all", killed)
        with pytest.raises(KeyboardInterrupt):
            office.take_in()
    assert all_loads(office.home) == []
    office.take_in()
    assert office.amounts() == [1]


def test_landed_bytes_are_never_overwritten_and_damage_to_them_is_found(office: Office) -> None:
    path = office.deliver("orders_2024-01_20240203.csv", "1")
    office.take_in()
    (load,) = all_loads(office.home)
    target = landed(office.home, load.digest)
    assert (target.stat().st_mode & 0o777, target.read_bytes()) == (0o400, path.read_bytes())
    before = target.stat().st_mtime_ns
    path.unlink()
    office.take_in()
    assert target.stat().st_mtime_ns == before
    target.chmod(0o600)
    target.write_text("other bytes")
    office.contract = "c2"
    with pytest.raises(HomeBusy, match=r"archived delivery .* is damaged"):
        office.take_in()


def test_a_damaged_object_is_mended_where_its_bytes_come_once_more(office: Office) -> None:
    path = office.deliver("orders_2024-01_20240203.csv", "1")
    office.take_in()
    (load,) = all_loads(office.home)
    target, content = landed(office.home, load.digest), path.read_bytes()
    target.chmod(0o600)
    target.write_text("other bytes")
    (path.parent / "orders_2024-01_20240204.csv").write_bytes(content)
    office.take_in()
    assert (target.stat().st_mode & 0o777, target.read_bytes()) == (0o400, content)
    assert office.amounts() == [1]


def test_a_delivery_that_changes_while_it_is_copied_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    path = office.deliver("orders_2024-01_20240203.csv", "1")
    copy = landing._copy

    def copy_and_change(delivered: Path, *handles: Any) -> tuple[str, int]:
        found = copy(delivered, *handles)
        with delivered.open("a") as handle:
            handle.write("more")
        return found

    monkeypatch.setattr("warehouse.landing._copy", copy_and_change)
    with pytest.raises(DataRefused, match="changed while it was read"):
        office.take_in()
    assert path.exists()
    assert not any(path.is_file() for path in office.home.landing.rglob("*"))


def test_a_clock_that_was_set_back_does_not_make_a_correction_old(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.declared |= {"path": "orders_{period}.csv", "known_on": "load"}
    days = iter((date(2024, 3, 9), date(2024, 3, 1)))

    class Clock:
        @staticmethod
        def now(_: Any) -> Any:
            day = next(days)
            return type("Moment", (), {"date": staticmethod(lambda: day)})

    monkeypatch.setattr(taking_in, "datetime", Clock)
    for amount in ("1", "2"):
        office.deliver("orders_2024-01.csv", amount)
        office.take_in()
    assert office.amounts() == [2]


@pytest.mark.parametrize("name", ["it's 100%", 'say "so"', "Müller & Söhne", "[a]{b}?", " lead", "a;b"])
def test_any_file_name_and_home_works(office: Office, tmp_path: Path, name: str) -> None:
    office.home = Home(tmp_path / f"home {name}").create()
    office.declared |= {"path": "orders *.csv", "known_on": "load"}
    office.deliver(f"orders {name}.csv", "1", "x")
    office.take_in()
    assert office.amounts() == [1]
    (load,) = all_loads(office.home)
    assert load.name == f"orders {name}.csv"


@pytest.mark.parametrize("sign", ["\n", "\r", "\x1b", "\u2028", "\u202e", "\udcff"])
def test_a_file_name_that_could_begin_a_line_or_steer_a_terminal_is_passed_over_and_told(
    office: Office, sign: str
) -> None:
    office.declared |= {"path": "orders*.csv", "known_on": "load"}
    office.deliver(f"orders{sign}.csv", "1")
    assert deliveries(office.source, office.extracts) == []
    assert passed_over(office.source, office.extracts) == [(f"orders{sign}.csv", "its name holds control characters")]


def test_links_out_of_the_folder_folders_and_strange_names_are_passed_over_and_told(
    office: Office, tmp_path: Path
) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_text("id,day,unit,amount\n1,2024-01-05,north,1\n")
    (office.extracts / "orders_2024-01_20240201.csv").symlink_to(outside)
    (office.extracts / "orders_2024-02_20240301.csv").symlink_to(tmp_path / "nowhere")
    (office.extracts / "orders_2024-03_20240401.csv").mkdir()
    (office.extracts / "orders_2024-07_20240801.csv").symlink_to("orders_2024-07_20240801.csv")
    office.deliver("orders_2024_04_20240501.csv", "1")
    office.deliver("orders_2024-05_20240601.csv", "1")
    (office.extracts / "orders_2024-06_20240701.csv").symlink_to("orders_2024-05_20240601.csv")
    assert [each.name for each in deliveries(office.source, office.extracts)] == [
        "orders_2024-05_20240601.csv",
        "orders_2024-06_20240701.csv",
    ]
    assert passed_over(office.source, office.extracts) == [
        ("orders_2024-01_20240201.csv", "it is a link that leads out of the extracts folder"),
        ("orders_2024-02_20240301.csv", "it is no file"),
        ("orders_2024-03_20240401.csv", "it is no file"),
        ("orders_2024-07_20240801.csv", "it is no file"),
        ("orders_2024_04_20240501.csv", "its name does not fit orders_{period}_{file_date}.csv"),
    ]


def test_a_name_with_a_day_that_does_not_exist_is_told_and_keeps_no_other_file_out(office: Office) -> None:
    office.deliver("orders_2024-01_20240231.csv", "1")
    office.deliver("orders_2024-13_20240203.csv", "1")
    office.deliver("orders_2024-01_20240203.csv", "1")
    office.take_in()
    assert [load.name for load in all_loads(office.home)] == ["orders_2024-01_20240203.csv"]
    assert passed_over(office.source, office.extracts) == [
        ("orders_2024-01_20240231.csv", "its name holds no real date: 2024-02-31 is no day. Rename it"),
        ("orders_2024-13_20240203.csv", "its name holds no real date: 2024-13 is no month. Rename it"),
    ]


def test_a_file_that_may_not_be_read_is_told(office: Office) -> None:
    path = office.deliver("orders_2024-01_20240203.csv", "1")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read every file")
    with pytest.raises(DataRefused, match="cannot be read: Permission denied"):
        office.take_in()


def test_a_second_process_waits_and_then_names_the_one_that_holds_the_home(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCOREPACK_WAIT_SECONDS", "0.3")
    office.deliver("orders_2024-01_20240203.csv", "1")
    held = (
        "import sys; from pathlib import Path; from warehouse.home import Home; from warehouse.working import at_work\n"
        "with at_work(Home(Path(sys.argv[1]))): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", held, str(office.home.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(HomeBusy, match=f"by process {holder.pid}\\."):
            office.take_in()
        holder.kill()
        holder.wait()
    office.take_in()
    assert office.amounts() == [1]


def test_the_journal_holds_one_entry_per_delivery_with_counts_that_add_up(office: Office) -> None:
    office.deliver("orders_2024-01_20240203.csv", "1", "x", "2")
    office.take_in()
    (entry,) = journal.entries(office.home, "load")
    assert (entry.body["rows"], entry.body["rejected"]) == (3, 1)
    assert entry.body["reasons"] == {"type: amount: … is not a number": 1}
    assert isinstance(deliveries(office.source, office.extracts)[0], Delivery)


def test_names_in_other_forms_are_taken_in_by_the_moment_they_tell(office: Office) -> None:
    office.declared |= {"path": "orders_{period:%Y%m}_{file_date:%d-%m-%Y %H%M}.csv"}
    for name, amount in (("05-02-2024 0900", "5"), ("05-02-2024 1730", "6"), ("06-01-2024 2359", "1")):
        office.deliver(f"orders_202401_{name}.csv", amount)
    office.take_in()
    assert [load.name[-19:-4] for load in all_loads(office.home)] == [
        "06-01-2024 2359",
        "05-02-2024 0900",
        "05-02-2024 1730",
    ]
    assert {load.period for load in all_loads(office.home)} == {date(2024, 1, 1)}
    assert office.amounts() == [6]


def test_of_two_files_of_one_delivery_the_last_by_name_counts_and_the_other_is_told(office: Office) -> None:
    office.deliver("orders_2024-01_2024-02-03.csv", "1")
    office.deliver("orders_2024-01_20240203.csv", "2")
    office.take_in()
    assert office.amounts() == [2]
    told = "orders_2024-01_20240203.csv is the same delivery, and counts"
    assert passed_over(office.source, office.extracts) == [("orders_2024-01_2024-02-03.csv", told)]


def test_a_packed_delivery_replaces_the_plain_one(office: Office) -> None:
    office.declared |= {"path": "orders_{period}.csv*", "format": "csv", "known_on": "load"}
    office.deliver("orders_2024-01.csv", "1")
    office.take_in()
    plain = (office.extracts / "orders_2024-01.csv").read_bytes()
    (office.extracts / "orders_2024-01.csv.gz").write_bytes(gzip.compress(plain.replace(b",1\n", b",2\n")))
    office.take_in()
    assert office.amounts() == [2]
    told = [("orders_2024-01.csv", "orders_2024-01.csv.gz is the same delivery, and counts")]
    assert passed_over(office.source, office.extracts) == told


def test_what_is_no_row_is_kept_with_the_load(office: Office) -> None:
    (office.extracts / "orders_2024-01_20240203.csv").write_text("id,day,unit,amount\n1,2024-01-05,north,1\n,,,\n")
    office.take_in()
    assert [load.notes for load in all_loads(office.home)] == [("1 row without any value is passed over",)]


def test_homes_of_one_relative_path_in_two_folders_are_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = {
        "id": "1", "delivery": "1", "source": "orders", "logical": "", "digest": "", "period": None, "rows": 1,
        "known_on": "2025-01-31", "rejected": 0, "periods": [], "reasons": {}, "extra_columns": [], "refused": None,
        "contract": "",
    }  # fmt: skip
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        home = Home(Path(".scorepack")).create()
        journal.append(home, "load", "orders", {**loaded, "name": f"{name}.csv"})
        assert [load.name for load in all_loads(home)] == [f"{name}.csv"]


def test_no_load_is_recorded_before_its_bytes_are_on_the_disk(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    office.deliver("orders_2024-01_20240203.csv", "10")
    with monkeypatch.context() as patched:
        patched.setattr("warehouse.landing._synced", failing)
        with pytest.raises(HomeBusy, match="cannot be written: No space left on device"):
            office.take_in()
    assert office.loads() == []
    office.take_in()
    assert office.amounts() == [10.0]
