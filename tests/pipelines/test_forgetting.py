"""A person is forgotten: nothing in the home holds the value any more, and everything can still be computed."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import polars as pl
import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.delivery.send import deliver
from pipelines.steps.auditing import verify
from pipelines.steps.editions import publish
from pipelines.steps.forgetting import Forgot, difference_told, forget_person, request_of
from pipelines.steps.pack_messages import frozen_messages
from pipelines.steps.rebuilding import rebuild
from pipelines.steps.setting import open_setting
from pipelines.steps.withdrawing import Asked, withdraw
from scorecards.errors import CallError, DataRefused
from scorecards.periods import months_between, parse_period
from tests.searching import places
from tests.small_company import SmallCompany, small_company
from tests.small_groups import MONTHS as GROUP_MONTHS
from tests.small_groups import quiet_company
from warehouse import journal
from warehouse.editions import editions, frozen, frozen_packs
from warehouse.home import Home
from warehouse.landing import landed
from warehouse.selection import all_loads
from warehouse.store import open_warehouse
from warehouse.tables import EDITION_PACKS, TABLES

KEY = "0123456789abcdef0123456789abcdef"
CANARY, NAME, BORN = "Qxzq4711", "Qxzqlovelace", "1815-12-10"
STAFF = """\
source: staff
domain: hr
path: staff_{period}_{file_date}.csv.gz
known_on: "{file_date}"
key: [person]
unit: shop
period: "{period}"
columns:
  person: {personal: true, matches: '[A-Z][a-z]+\\d{4}'}
  name: {personal: true, staged: dropped}
  born_on: {type: date, personal: true, nullable: true}
  shop: {}
  hours: {type: decimal}
rejects: {at_most: 50%}
"""
VISITS = """\
source: visits
domain: customer
path: visits.jsonl
replaces: nothing
unit: shop
period: day
columns:
  host: {personal: true, staged: hashed}
  shop: {}
  day: {type: date}
"""
KPIS = """\
measures:
  staff: {source: staff, value: COUNT(DISTINCT person)}
  hours: {source: staff, value: SUM(hours)}
  hosts: {source: visits, value: COUNT(DISTINCT host)}
kpis:
  staff_now: {name: Staff, definition: d, owner: o, value: staff, measured_in: people, direction: higher, scored: false}
  hours_worked: {name: Hours, definition: d, owner: o, value: hours, measured_in: hours, direction: higher,
    scored: false}
  hosts_seen: {name: Hosts, definition: d, owner: o, value: hosts, window: trailing 2 months, min_months: 1,
    measured_in: people, direction: higher, scored: false}
"""
HEADER = "person,name,born_on,shop,hours\n"
ADA, BOB = f"{CANARY},{NAME},{BORN},north,10\n", "Qxzq4712,Bob,1990-01-01,south,20\n"
JANUARY = parse_period("2025-01")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SmallCompany:
    """Two months run and one published, with the person in good, doubled, rejected, broken and refused rows."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SCOREPACK_HASH_KEY", KEY)
        company = small_company(tmp_path_factory.mktemp("made") / "small", ("2025-01", "2025-02", "2025-03"))
        company.write("sources/staff.yaml", STAFF)
        company.write("sources/visits.yaml", VISITS)
        company.write("kpis/people.yaml", KPIS)
        strategy = (company.root / "strategy.yaml").read_text()
        added = "kpis: [revenue, staff_now, hours_worked, hosts_seen, average_sale]"
        company.write("strategy.yaml", strategy.replace("kpis: [revenue, average_sale]", added))
        staff(company, "2025-01_20250203", HEADER + ADA + BOB + ADA.replace("10", "11") + f"{CANARY},x\n")
        staff(company, "2025-02_20250303", HEADER + ADA.replace("north", "nowhere") + BOB + BOB.replace("4712", "4713"))
        staff(company, "2025-03_20250402", f"no header\n{CANARY};{NAME};{BORN}\n")
        visits = [
            f'{{"host": "{host}", "shop": "north", "day": "2025-0{m}-05"}}' for m in (1, 2) for host in (CANARY, "B")
        ]
        company.write("extracts/visits.jsonl", "\n".join(visits) + "\n")
        with pytest.raises(DataRefused, match="2025-03"):
            run(company, "2025-01", "2025-03")
        publish(open_setting(company.root), JANUARY, "Ada")
        return company


@pytest.fixture
def company(made: SmallCompany, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallCompany:
    monkeypatch.setenv("SCOREPACK_HASH_KEY", KEY)
    shutil.copytree(made.root, tmp_path / "small")
    return SmallCompany(tmp_path / "small")


def staff(company: SmallCompany, name: str, text: str) -> Path:
    path = company.root / f"extracts/staff_{name}.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    return path


def run(company: SmallCompany, first: str, last: str) -> None:
    periods = months_between(parse_period(first), parse_period(last))
    materialise("month_end", company.root, None, None, periods, "none", Steps(None))


def home(company: SmallCompany) -> Home:
    return Home(company.root / ".scorepack")


def tables(company: SmallCompany) -> dict[str, pl.DataFrame]:
    with open_warehouse(home(company)) as warehouse:
        return {table.name: warehouse.read(table) for table in TABLES}


def forget(company: SmallCompany, value: str = CANARY, *, is_trial: bool = False) -> Forgot:
    setting = open_setting(company.root)
    request = request_of(setting, ["staff.person", "visits.host"], [], value, "Bea", "asked by letter")
    return forget_person(setting, request, is_trial=is_trial)


def test_a_person_is_forgotten_in_withdrawn_deliveries_too_which_stay_withdrawn(company: SmallCompany) -> None:
    name = "staff_2025-01_20250203.csv.gz"
    withdraw(open_setting(company.root), Asked("staff", name, "", "Bea", "another company's"))
    forget(company)
    assert places(home(company).root, CANARY, NAME, BORN) == []
    run(company, "2025-01", "2025-01")
    assert places(home(company).root, CANARY, NAME, BORN) == []
    assert [load.name for load in all_loads(home(company), "staff")].count(name) == 1
    assert open_setting(company.root).counting("staff", [JANUARY]) == {JANUARY: []}


def test_a_forgotten_person_is_nowhere_in_the_home_and_still_counted(company: SmallCompany) -> None:
    before = tables(company)
    assert places(home(company).root, CANARY, NAME, BORN) != []
    trial = forget(company, is_trial=True)
    assert (len(trial.done.rewritten), journal.last(home(company), "forget")) == (4, 0)
    found = forget(company)
    assert places(home(company).root, CANARY, NAME, BORN) == []
    rows = {one.names[0]: (one.rows.rewritten, one.rows.left_out, one.rows.masked) for one in found.done.rewritten}
    assert rows == {
        "staff_2025-01_20250203.csv.gz": (2, 0, 1),
        "staff_2025-02_20250303.csv.gz": (1, 0, 0),
        "staff_2025-03_20250402.csv.gz": (0, 0, 1),
        "visits.jsonl": (2, 0, 0),
    }
    assert (found.changed, found.archived, len(found.delivered)) == (0, (), 4)
    after = tables(company)
    for name in ("kpi_values", "kpi_inputs", "scores", "editions", "edition_kpi_values"):
        assert after[name].equals(before[name]), name
    here = [found["rejects"].drop("load", "raw").sort("file", "line") for found in (before, after)]
    assert here[0].equals(here[1])
    assert set(after["loads"]["load"]).isdisjoint(set(before["loads"].filter(pl.col("source") == "staff")["load"][:2]))
    # The records are sound, and give the same once more.
    verify(home(company))
    rebuild(home(company), company.root / "extracts")
    assert [name for name, frame in tables(company).items() if not frame.equals(after[name])] == []
    (entry,) = journal.entries(home(company), "forget")
    assert (entry.body["by"], entry.body["rows"], len(entry.body["objects"])) == ("Bea", 5, 4)
    assert entry.body["token"] == found.done.token != CANARY


def test_bytes_that_were_forgotten_never_come_back(company: SmallCompany) -> None:
    forget(company)
    after, loads = tables(company), all_loads(home(company))
    # The same files lie among the extracts still, and one comes under another name.
    content = (company.root / "extracts/staff_2025-02_20250303.csv.gz").read_bytes()
    (company.root / "extracts/staff_2025-02_20250304.csv.gz").write_bytes(content)
    run(company, "2025-01", "2025-02")
    assert places(home(company).root, CANARY, NAME, BORN) == []
    again = [load for load in all_loads(home(company)) if load not in loads]
    assert [load.name for load in again] == ["staff_2025-02_20250304.csv.gz"]
    assert tables(company)["kpi_values"].equals(after["kpi_values"])
    verify(home(company))


def test_two_persons_are_forgotten_one_after_the_other(company: SmallCompany) -> None:
    first, values = forget(company), tables(company)["kpi_values"]
    second = forget(company, "Qxzq4712")
    assert len({CANARY, first.done.token, second.done.token}) == 3
    assert places(home(company).root, CANARY, "Qxzq4712", NAME) == []
    assert tables(company)["kpi_values"].equals(values)
    entries = journal.entries(home(company), "forget")
    old = [digest for entry in entries for digest in entry.body["objects"]]
    assert [digest for digest in old if landed(home(company), digest).exists()] == []
    verify(home(company))


def test_a_forgetting_that_was_killed_before_its_rebuild_is_finished_by_the_next(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = tables(company)["kpi_values"]
    with monkeypatch.context() as patched:
        patched.setattr("pipelines.steps.forgetting.rebuild", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            forget(company)
    assert places(home(company).root, CANARY) != []
    assert forget(company).done.rewritten == ()
    assert places(home(company).root, CANARY, NAME, BORN) == []
    assert tables(company)["kpi_values"].equals(values)


def test_frozen_editions_hold_no_personal_column(company: SmallCompany) -> None:
    (edition,) = editions(home(company))
    for name, digest in edition.tables.items():
        assert not {"person", "name", "born_on", "host"} & set(frozen(home(company), digest).columns), name


def test_what_cannot_be_forgotten_is_told(company: SmallCompany) -> None:
    setting = open_setting(company.root)
    for columns, value, by, told in (
        (["staf.person"], "x", "b", "'staf' is not a source; write SOURCE.COLUMN. Did you mean 'staff'?"),
        (
            ["staff.persons"],
            "x",
            "b",
            "'persons' is not a column of staff; write SOURCE.COLUMN. Did you mean 'person'?",
        ),
        (["staff.person"], " ", "b", "Give the value"),
        (["staff.person"], "x", "", "Say who forgets and why"),
    ):
        with pytest.raises(CallError) as raised:
            request_of(setting, columns, [], value, by, "why")
        assert told in str(raised.value)
    with pytest.raises(CallError, match="'shop' is not a personal column of staff"):
        forget_person(setting, request_of(setting, ["staff.shop"], [], "north", "b", "why"))


def test_the_packs_of_a_forgotten_person_go_from_editions_and_no_other_pack(tmp_path: Path) -> None:
    root, home = quiet_company(tmp_path / "quiet"), Home(tmp_path / "quiet/.scorepack")
    months = [parse_period(month) for month in GROUP_MONTHS]
    materialise("month_end", root, None, None, months, "none", Steps(None))
    publish(open_setting(root), months[-1], "Ada")
    (before,) = editions(home)
    packs, said = frozen_packs(home, before), frozen_messages(home, before)
    own = set(packs.filter(pl.col("unit") == "p_1")["digest"])
    assert set(packs.filter("is_private")["unit"]) == {"p_1", "p_2"}
    (employee,) = {
        line.split(",")[0] for line in (root / f"extracts/staff_{GROUP_MONTHS[-1]}.csv").read_text().splitlines()
        if ",p_1," in line
    }  # fmt: skip
    setting = open_setting(root)
    request = request_of(setting, ["staff.employee"], [], employee, "Bea", "asked by letter")
    assert forget_person(setting, request, is_trial=True).done.own == len(own) + 1
    assert [digest for digest in own if not landed(home, digest).exists()] == []
    found = forget_person(setting, request)
    assert (found.done.units, found.persons, found.done.own) == (("p_1",), ("p_1",), len(own) + 1)
    (after,) = editions(home)
    assert [digest for digest in {*own, before.messages} if landed(home, digest).exists()] == []
    assert frozen_packs(home, after).equals(packs.filter(pl.col("unit") != "p_1"))
    assert frozen_messages(home, after) == {key: one for key, one in said.items() if key[1] != "p_1"}
    with open_warehouse(home) as warehouse:
        assert "p_1" not in warehouse.read(EDITION_PACKS)["unit"].to_list()
    assert "p_1" not in {one.planned.key.unit for one in deliver(open_setting(root), months[-1])}, "it is not missed"
    verify(home)


def test_that_editions_tell_what_is_gone_of_a_persons_figures_is_said_where_small_groups_are_withheld(
    tmp_path: Path,
) -> None:
    root = quiet_company(tmp_path / "quiet", months=("2025-01",))
    contract = root / "sources/staff.yaml"
    personal = "pay: {type: decimal, scale: 2, personal: true, nullable: true}"
    contract.write_text(contract.read_text().replace("pay: {type: decimal, scale: 2}", personal))
    materialise("month_end", root, None, None, [JANUARY], "none", Steps(None))

    def forgot(employee: str, *, is_trial: bool) -> list[str]:
        setting = open_setting(root)
        request = request_of(setting, ["staff.employee"], [], employee, "Bea", "asked by letter")
        return difference_told(forget_person(setting, request, is_trial=is_trial), is_trial=is_trial)

    assert forgot("e1", is_trial=False) == [], "nothing is published beside which the new values could be put"
    publish(open_setting(root), JANUARY, "Ada")
    (told,) = forgot("e3", is_trial=True)
    assert told.startswith("Where values change by it, what editions show, less the new values, is the person's")
    assert forgot("nobody", is_trial=True) == []
    (told,) = forgot("e3", is_trial=False)
    assert told.startswith("What editions show, less the new values, is the person's figures")
    assert "publish again only what must be shown" in told
