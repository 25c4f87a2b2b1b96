"""A rule of small groups that is declared late holds for all that is shown from then on, closed months among it.

Two companies that differ only in figures which the rule withholds have a year that was computed, published and closed
without it. Whatever is shown since is the same in both, byte for byte; what was kept is not.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.steps.compute import compute_kpis, compute_measures
from pipelines.steps.editions import place_packs, publish
from pipelines.steps.setting import open_setting
from scorecards.periods import months_between, period_text
from tests.acceptance.conftest import Answer, Command
from tests.small_groups import SCORECARD, TIMES, files_in, quiet_company, told
from warehouse.analysts import PUBLISHED
from warehouse.closing import close
from warehouse.editions import editions, frozen, frozen_packs
from warehouse.frames import fetch
from warehouse.tables import KPI_VALUES

MONTHS = months_between(date(2025, 1, 1), date(2026, 2, 1))
CLOSED, OPEN = MONTHS[:12], MONTHS[12:]
FIRST, EARLY, LAST = (period_text(month) for month in (MONTHS[0], CLOSED[-1], OPEN[-1]))
RULE = "small_groups: {people: people, at_least: 5}\n"
UNITS = ("company", "works", "lab", "line", "p_1")
KPIS = ("absence", "absence_year", "pay_per_head", "pieces")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The two projects: a year without the rule, closed and its last month published, and two months with it."""
    found = []
    for other in (False, True):
        root = quiet_company(tmp_path_factory.mktemp("world") / "project", other, list(map(period_text, MONTHS)))
        scorecard, packs = root / "scorecard.yaml", root / "packs.yaml"
        layout = packs.read_text()
        scorecard.write_text(SCORECARD.replace(RULE, ""))
        packs.write_text("layouts:\n  standard: {pages: [data], formats: [pdf]}\n")
        _run(root, CLOSED)
        place_packs(open_setting(root), publish(open_setting(root), CLOSED[-1], "Ada"))
        home = open_setting(root).home
        for month in CLOSED:
            close(home, month, "Ada")
        scorecard.write_text(SCORECARD)
        packs.write_text(layout)
        _run(root, OPEN)
        publish(open_setting(root), OPEN[-1], "Ada")
        found.append(root)
    return found[0], found[1]


def _run(root: Path, months: Sequence[date]) -> None:
    materialise("month_end", root, None, None, list(months), "none", Steps(None))


def both(worlds: Sequence[Path], scorepack: Command, *words: str) -> tuple[Answer, Answer]:
    one, other = (scorepack(*words, project=root) for root in worlds)
    assert (one.code, other.code) == (0, 0), one.text
    return one, other


def test_what_was_kept_without_the_rule_does_differ(worlds: tuple[Path, Path]) -> None:
    kept = [frozen(home, editions(home, CLOSED[-1])[0].tables[KPI_VALUES.name]) for home in _homes(worlds)]
    lab = [frame.filter(unit="lab", kpi="absence", slice="", is_main=True)["value"].item() for frame in kept]
    assert lab[0] > lab[1] > 0


def _homes(worlds: Sequence[Path]) -> list[object]:
    return [open_setting(root).home for root in worlds]


@pytest.mark.parametrize("table", [*sorted(table.name for table in PUBLISHED), "deliveries"])
def test_every_exported_table_is_the_same(worlds: tuple[Path, Path], scorepack: Command, table: str) -> None:
    one, other = both(worlds, scorepack, "export", table, "--format", "csv")
    assert TIMES.sub("…", one.out) == TIMES.sub("…", other.out)


def test_the_analysts_copy_is_the_same(worlds: tuple[Path, Path]) -> None:
    for table in PUBLISHED:
        frames = []
        for root in worlds:
            with duckdb.connect(str(root / ".scorepack/analysts/current/scorepack.duckdb"), read_only=True) as copy:
                frames.append(fetch(copy, f"FROM {table.full_name}").drop("published_at", strict=False))
        one, other = frames
        assert one.sort(one.columns).equals(other.sort(one.columns)), table.name


@pytest.mark.parametrize("period", [FIRST, EARLY, period_text(OPEN[0]), LAST])
@pytest.mark.parametrize("unit", UNITS)
def test_show_is_the_same(worlds: tuple[Path, Path], scorepack: Command, unit: str, period: str) -> None:
    one, other = both(worlds, scorepack, "show", unit, period)
    assert told(one.text, worlds[0]) == told(other.text, worlds[1])


@pytest.mark.parametrize("words", [(FIRST,), (EARLY,), (EARLY, "--edition", "1"), (LAST,)], ids=" ".join)
@pytest.mark.parametrize("unit", UNITS)
def test_explain_is_the_same(worlds: tuple[Path, Path], scorepack: Command, unit: str, words: tuple[str, ...]) -> None:
    for kpi in KPIS:
        one, other = both(worlds, scorepack, "explain", kpi, unit, *words, "--json")
        assert told(one.text, worlds[0]) == told(other.text, worlds[1]), kpi


def test_the_site_of_all_months_is_the_same(worlds: tuple[Path, Path], scorepack: Command, tmp_path: Path) -> None:
    for number, root in enumerate(worlds):
        answer = scorepack("site", "--from", FIRST, "--to", str(tmp_path / str(number)), "--with-persons", project=root)
        assert answer.code == 0, answer.text
    one, other = (files_in(tmp_path / str(number)) for number in (0, 1))
    assert [name for name in one if one[name] != other[name]] == []
    assert one.keys() == other.keys()


def test_every_file_of_a_later_pack_is_the_same_byte_for_byte(worlds: tuple[Path, Path]) -> None:
    one, other = (frozen_packs(home, editions(home, OPEN[-1])[0]) for home in _homes(worlds))  # type: ignore[arg-type]
    assert one.height == 8 * 3
    assert one.select("unit", "format", "digest").equals(other.select("unit", "format", "digest"))


def test_what_tells_of_nobody_stays_in_closed_months(worlds: tuple[Path, Path], scorepack: Command) -> None:
    values = pl.read_json(
        scorepack("export", "kpi_values", "--format", "json", project=worlds[0]).out.encode(), infer_schema_length=None
    )
    closed = values.filter(pl.col("period") <= f"{EARLY}-01")
    assert closed.filter(kpi="pieces")["value"].null_count() == 0
    people = closed.filter(pl.col("kpi") != "pieces")
    assert people["value"].null_count() == people.height
    assert people["missing_reason"].unique().to_list() == ["small_group"]


def test_status_names_the_months_and_what_to_do(worlds: tuple[Path, Path], scorepack: Command) -> None:
    text = " ".join(scorepack("status", project=worlds[0]).text.split())
    assert f"{FIRST} to {EARLY}" in text
    assert "scorepack reopen" in text


def test_a_month_that_is_reopened_and_run_again_shows_what_is_left(
    worlds: tuple[Path, Path], scorepack: Command, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    shutil.copytree(worlds[0], root, symlinks=True)
    scorepack("reopen", EARLY, "--by", "Ada", "--reason", "the rule", project=root)
    # As after a run that was killed: what was made of the former values does not stand beside the new ones.
    setting = open_setting(root)
    compute_measures(setting, [CLOSED[-1]])
    compute_kpis(setting, [CLOSED[-1]])
    for table in ("scores", "signals", "score_changes", "packs", "edition_scores", "edition_packs"):
        rows = pl.read_csv(scorepack("export", table, project=root).out.encode(), infer_schema=False)
        assert rows.filter(period=f"{EARLY}-01").is_empty()
    assert scorepack("run", EARLY, "--packs", "none", project=root).code == 0
    for table in ("kpi_values", "edition_kpi_values"):
        values = pl.read_json(
            scorepack("export", table, "--format", "json", project=root).out.encode(), infer_schema_length=None
        )
        of = values.filter(pl.col("period") == f"{EARLY}-01", pl.col("slice") == "", kpi="absence", is_main=True)
        shown = dict(of.select("unit", "value").iter_rows())
        assert shown["works"] is not None
        assert (shown["lab"], shown["line"]) == (None, None)
