"""Personal values in a whole project: they reach nothing but the archive, and staging where that is declared."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.acceptance.conftest import Answer, Command
from tests.searching import places
from tests.small_company import SmallCompany

KEY = "0123456789abcdef0123456789abcdef-canary"
STAFF = """\
source: staff
domain: hr
path: staff_{period}.csv
key: [person]
unit: shop
period: "{period}"
columns:
  person: {personal: true, staged: hashed, matches: 'Q[x]zq\\w+'}
  name: {personal: true, staged: dropped}
  born_on: {type: date, personal: true, staged: dropped}
  shop: {}
  hours: {type: decimal}
rejects: {at_most: 70%}
"""
VISITS = """\
source: visits
domain: customer
path: visits_{period}.jsonl
unit: shop
period: "{period}"
columns:
  guest: {personal: true}
  host: {personal: true, staged: hashed}
  shop: {}
lookups:
  seller: {source: people, on: host}
"""
PEOPLE = """\
source: people
domain: hr
path: people.csv
key: [person]
period: none
columns:
  person: {personal: true, staged: hashed}
  grade: {}
"""
KPIS = """\
measures:
  staff: {source: staff, value: COUNT(DISTINCT person), over_time: last}
  hours: {source: staff, value: SUM(hours)}
  guests: {source: visits, value: COUNT(DISTINCT guest)}
  senior_visits: {source: visits, value: COUNT(*), where: seller_grade = 'senior'}
kpis:
  staff_now: {name: Staff, definition: d, owner: o, value: staff, measured_in: people, direction: higher, scored: false}
  hours_worked: {name: Hours, definition: d, owner: o, value: hours, measured_in: hours, direction: higher,
    scored: false}
  guests_seen: {name: Guests, definition: d, owner: o, value: guests, measured_in: guests, direction: higher,
    scored: false}
  senior: {name: Senior, definition: d, owner: o, value: senior_visits, measured_in: visits, direction: higher,
    scored: false}
"""
GOOD = (
    "QxzqAda,Qxzqlovelace,1815-12-10,north,10\n"
    "QxzqBob,Qxzqbobson,1990-01-01,north,20\n"
    "QxzqCem,Qxzqcemre,1991-02-02,south,30\n"
)
BAD = (
    "QxzqAda,Qxzqlovelace,1815-12-10,north,11\n"  # a key once more
    "QxzqDua,Qxzqduamutef,no day Qxzqday,north,10\n"  # a wrong personal value
    "Qxzq-Eve!,Qxzqeveline,1992-03-03,north,10\n"  # one that does not match
    "QxzqFay,Qxzqfayence,1993-04-04,nowhere,10\n"  # no unit
    "QxzqGus,Qxzqgustave,1994-05-05,north,10,Qxzqtoomuch\n"  # a broken row
    '"QxzqHal,Qxzqhalley,1995-06-06,north,10\n'  # one whose quote does not close
)
HEADER = "person,name,born_on,shop,hours\n"
BARE = ("--packs", "none")
CANARIES = ("Qxzq", "1815-12-10", "1992-03-03", "1995-06-06")


@pytest.fixture
def company(company: SmallCompany, monkeypatch: pytest.MonkeyPatch) -> SmallCompany:
    monkeypatch.setenv("SCOREPACK_HASH_KEY", KEY)
    company.write("sources/staff.yaml", STAFF)
    company.write("sources/visits.yaml", VISITS)
    company.write("sources/people.yaml", PEOPLE)
    company.write("kpis/people.yaml", KPIS)
    strategy = (company.root / "strategy.yaml").read_text()
    added = "kpis: [revenue, staff_now, hours_worked, guests_seen, senior, average_sale]"
    company.write("strategy.yaml", strategy.replace("kpis: [revenue, average_sale]", added))
    company.write("extracts/people.csv", "person,grade\nQxzqAda,senior\nQxzqBob,junior\n")
    company.write("extracts/staff_2025-01.csv", HEADER + GOOD + BAD)
    company.write("extracts/staff_2025-02.csv", HEADER + GOOD)
    lines = (
        '{"guest": "Qyguest1", "host": "QxzqAda", "shop": "north"}\n{"guest": "Qyguest2", "host": "QxzqBob", "shop": "'
    )
    for month in ("2025-01", "2025-02"):
        company.write(f"extracts/visits_{month}.jsonl", lines + 'south"}\n')
    return company


def value(company: SmallCompany, kpi: str, unit: str = "company") -> float:
    from warehouse.home import Home
    from warehouse.store import open_warehouse
    from warehouse.tables import KPI_VALUES

    with open_warehouse(Home(company.root / ".scorepack")) as warehouse:
        rows = warehouse.read(KPI_VALUES).filter(pl.col("kpi") == kpi, pl.col("unit") == unit)
    return float(rows.sort("period")["value"][0])


def told(answers: list[Answer]) -> str:
    return "\n".join(answer.text for answer in answers)


def test_personal_values_reach_nothing_but_the_archive(
    company: SmallCompany, scorepack: Command, tmp_path: Path
) -> None:
    # Files that are refused: without a header, with too many bad rows, with a header of another kind, no text at all.
    company.write("extracts/staff_2025-03.csv", GOOD)
    company.write("extracts/staff_2025-04.csv", HEADER + BAD)
    company.write("extracts/staff_2025-05.csv", HEADER.replace("name", "Name") + GOOD)
    (company.root / "extracts/staff_2025-06.csv").write_bytes(b"QxzqAda\xff" + GOOD.encode())
    company.write("extracts/visits_2025-03.jsonl", '{"guest": "Qxzqx", "guest": "Qxzqy"}\n["Qxzqz"]\n{"Qxzqkey": 1}\n')
    answers = [scorepack("check"), scorepack("backfill", "2025-01", "2025-06", *BARE), scorepack("run", "2025-01")]
    assert [answer.code for answer in answers] == [0, 1, 0], told(answers)
    assert all(f"2025-0{month}: staff: " in told(answers) for month in (3, 4, 5, 6)), told(answers)
    # Counted, and joined, by hashes: two different persons in the north, and one senior visit.
    assert (value(company, "staff_now", "north"), value(company, "senior")) == (2.0, 1.0)
    answers.append(scorepack("publish", "2025-01", "--by", "Ada"))
    answers += [
        scorepack("status"),
        scorepack("show", "north", "2025-01"),
        scorepack("rejects"),
        scorepack("audit", "log"),
    ]
    answers += [scorepack("export", table) for table in ("loads", "rejects", "kpi_values", "kpi_inputs")]
    assert [needle for needle in (*CANARIES, "Qyguest", KEY) if needle in told(answers)] == []
    home = company.root / ".scorepack"
    everywhere = places(home, *CANARIES, "Qyguest", KEY)
    # The archive, and what is staged and counted as it is because that is declared: the guests.
    assert all(place.startswith("landing/") or "Qyguest" in place for place in everywhere), everywhere
    held = {place.split("/")[0] for place in everywhere}
    assert held == {"landing", "staging", "states"}, everywhere
    # The search itself finds what is there.
    shutil.copytree(home / "landing", tmp_path / "landing")
    assert places(tmp_path / "landing", "Qxzqlovelace")


def test_without_its_key_nothing_is_staged_and_with_another_everything_is_again(
    company: SmallCompany, scorepack: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SCOREPACK_HASH_KEY")
    answer = scorepack("check")
    assert answer.code == 0
    assert "is staged hashed, and SCOREPACK_HASH_KEY is not set here" in " ".join(answer.err.split())
    answer = scorepack("run", "2025-01")
    assert (answer.code, "SCOREPACK_HASH_KEY is not set, and personal columns of" in answer.text) == (2, True)
    monkeypatch.setenv("SCOREPACK_HASH_KEY", "short")
    assert "it needs at least 32" in scorepack("run", "2025-01").text
    monkeypatch.delenv("SCOREPACK_HASH_KEY")
    secrets = tmp_path / "secrets"
    secrets.write_text(f"# keep this\nSCOREPACK_HASH_KEY={KEY}\n")
    secrets.chmod(0o644)
    monkeypatch.setenv("SCOREPACK_SECRETS", str(secrets))
    answer = scorepack("run", "2025-01")
    assert (answer.code, "can be read by others (mode 0644)" in answer.text) == (2, True)
    secrets.chmod(0o600)
    assert scorepack("run", "2025-01", "--packs", "none").code == 0
    staged = company.root / ".scorepack/staging/staff"
    (first,) = staged.iterdir()
    secrets.write_text(f"SCOREPACK_HASH_KEY={KEY.upper()}\n")
    assert scorepack("run", "2025-01", "--packs", "none").code == 0
    (second,) = [path for path in staged.iterdir() if path != first]
    assert set(pl.read_parquet(first)["person"]).isdisjoint(pl.read_parquet(second)["person"])
    assert value(company, "staff_now") == 3.0


def test_forget_says_what_it_does_and_where_the_person_still_is(company: SmallCompany, scorepack: Command) -> None:
    assert scorepack("run", "2025-01", *BARE).code == 0
    call = ("forget", "staff.person", "people.person", "--value", "QxzqAda", "--by", "Bea", "--reason", "a letter")
    answer = scorepack(*call, "--dry-run")
    assert (answer.code, "2 archived objects would be rewritten. Nothing was done." in answer.out) == (0, True)
    answer = scorepack(*call)
    assert answer.code == 0
    # Her row and its repetition are rewritten, the other source was not named.
    assert "staff: staff_2025-01.csv: 2 rows rewritten" in answer.out
    assert "2 archived objects rewritten, and everything computed again. The person's rows count as " in answer.out
    assert "still in the delivered file, which is yours to delete: people.csv" in answer.out
    assert "still in the archive, in a column that was not named: visits: visits_2025-01.jsonl" in answer.out
    assert "QxzqAda" not in answer.text + scorepack("audit", "log").text
    assert "No row holds the value" in scorepack(*call).out
    # Her visits were not among what was named, so that nobody is found for them any more: that is told.
    assert "1 KPI value changed by it." in answer.out or "KPI values changed by it." in answer.out
    assert scorepack("audit", "verify").code == 0
    answer = scorepack("forget", "staff.nobody", "--value", "x", "--by", "Bea", "--reason", "a letter")
    assert (answer.code, "'nobody' is not a column of staff" in answer.text) == (2, True)
