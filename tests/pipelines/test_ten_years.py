"""Ten years of Meridian: however the months are computed, the tables are equal, and only what is stale is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.steps import compute
from scorecards.errors import ScorepackError
from scorecards.periods import months_between, parse_period
from tests.pipelines.test_month_end import digest, read, run
from tests.pipelines.test_resuming import failing_at
from tests.small_company import SmallCompany
from tests.ten_years import FIRST, LAST, LAST_YEAR, SOURCES, ten_years
from tests.torture.commands import Command, warmed
from warehouse import taking_in
from warehouse.home import Home
from warehouse.selection import all_loads
from warehouse.tables import TABLES

MONTHS = months_between(parse_period(FIRST), parse_period(LAST))
BACKFILL = ("backfill", FIRST, LAST, "--packs", "none")
Done = dict[str, list[Any]]


@contextmanager
def noting() -> Iterator[Done]:
    """What is staged and computed while it lasts: files, months of sources, months of KPI values and of scores."""
    done: Done = {"staged": [], "measures": [], "kpis": [], "scores": []}
    with pytest.MonkeyPatch.context() as patched:

        def note(module: Any, name: str, tell: Callable[..., tuple[str, list[Any]]]) -> None:
            real = getattr(module, name)

            def noted(*arguments: Any) -> Any:
                step, found = tell(*arguments)
                done[step].extend(found)
                return real(*arguments)

            patched.setattr(module, name, noted)

        note(taking_in, "stage", lambda _, files, *__: ("staged", [file.shown for file in files]))
        note(
            compute,
            "_compute_source",
            lambda _, __, source, months, *___: ("measures", [(source, month) for month in months]),
        )
        note(compute, "as_rows", lambda step, _, months: (step, list(months)))
        yield done


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> SmallCompany:
    return ten_years(tmp_path_factory.mktemp("ten_years") / "meridian")


@pytest.fixture(scope="module")
def work(company: SmallCompany) -> Path:
    return company.root.parent


def digests(company: SmallCompany, home: Path) -> dict[str, str]:
    return {table.name: digest(company, table, home) for table in TABLES}


def loads(home: Path) -> set[str]:
    return {load.name for source in SOURCES for load in all_loads(Home(home), source)}


def test_ten_years_in_one_run_in_a_killed_one_and_month_by_month_leave_equal_tables(
    company: SmallCompany, work: Path
) -> None:
    with warmed() as warm:
        at_once = Command(warm, company.root, work / "at_once", work / "at_once.log")
        at_once.run(*BACKFILL, acts=0)
        killed = Command(warm, company.root, work / "killed", work / "killed.log")
        assert killed.killed_before(int(at_once.counted.read_text()) // 2, *BACKFILL)
    expected = digests(company, at_once.home)
    values = read(company, "kpi_values", at_once.home).drop_nulls("value")
    assert sorted(set(values["period"])) == MONTHS
    assert sorted(set(read(company, "scores", at_once.home).drop_nulls("score")["period"])) == MONTHS

    kept = loads(killed.home)
    assert 0 < len(kept) < len(SOURCES) * len(MONTHS)
    with noting() as done, pytest.MonkeyPatch.context() as patched:
        patched.setattr(compute, "kpi_definitions", failing_at(2, compute.kpi_definitions))
        with pytest.raises(ScorepackError):
            run(company, FIRST, LAST, killed.home)
    assert len(done["staged"]) == len(SOURCES) * len(MONTHS) - len(kept)
    assert kept.isdisjoint(done["staged"])
    committed = sorted(set(read(company, "kpi_values", killed.home)["period"]))
    assert 0 < len(committed) < len(MONTHS)
    with noting() as done:
        run(company, FIRST, LAST, killed.home)
    assert done == {"staged": [], "measures": [], "kpis": MONTHS[len(committed) :], "scores": MONTHS}
    assert digests(company, killed.home) == expected

    single = work / "single"
    for month in ("2021-06", "2017-01"):
        run(company, month, home=single)
    run(company, FIRST, "2025-10", single)
    for month in ("2025-11", LAST):
        run(company, month, home=single)
    assert digests(company, single) == expected


def test_a_second_run_computes_nothing_and_a_target_of_the_last_year_only_the_scores_of_that_year(
    company: SmallCompany, work: Path
) -> None:
    home = work / "at_once"
    if not home.exists():
        run(company, FIRST, LAST, home)
    before = digests(company, home)
    with noting() as done:
        run(company, FIRST, LAST, home)
    assert not any(done.values()), done
    assert digests(company, home) == before
    targets = (company.root / "targets.csv").read_text(encoding="utf-8")
    company.write("targets.csv", f"{targets},absence_rate,,{LAST_YEAR}-01,target,4.2%,window\n")
    scores = read(company, "scores", home)
    with noting() as done:
        run(company, FIRST, LAST, home)
    last_year: list[date] = MONTHS[-12:]
    assert done == {"staged": [], "measures": [], "kpis": [], "scores": last_year}
    after = read(company, "scores", home)
    changed = after.join(scores, on=scores.columns, how="anti", nulls_equal=True)
    assert sorted(set(changed["period"])) == last_year
