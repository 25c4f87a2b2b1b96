"""A past that can be asked: as of a day, closed months, editions, and everything computed again from the records."""

from __future__ import annotations

import shutil
from datetime import date, datetime, tzinfo
from pathlib import Path

import polars as pl
import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.steps.auditing import verify
from pipelines.steps.edition_comparing import changes_since, compare
from pipelines.steps.editions import publish
from pipelines.steps.rebuilding import rebuild
from pipelines.steps.setting import good_periods, open_setting
from pipelines.steps.standing import stale_months
from scorecards.errors import CallError, DataRefused
from scorecards.periods import months_between, parse_period
from tests.small_company import SmallCompany, small_company
from warehouse import declarations, journal
from warehouse.closing import close, reopen
from warehouse.editions import FROZEN
from warehouse.home import Home
from warehouse.landing import land_bytes, landed
from warehouse.store import open_warehouse
from warehouse.tables import COVERAGE, TABLES

MARCH = date(2025, 3, 1)
CORRECTED = "31,north,2025-03-01,1000.00\n32,south,2025-03-02,500.00\n"


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    return small_company(tmp_path / "small")


def run(company: SmallCompany, first: str, last: str | None = None, packs: str = "none", as_of: str = "") -> None:
    periods = months_between(parse_period(first), parse_period(last or first))
    materialise("month_end", company.root, None, None, periods, packs, Steps(None), as_of)


def home(company: SmallCompany, as_of: date | None = None) -> Home:
    return Home(company.root / ".scorepack", as_of)


def tables(company: SmallCompany, as_of: date | None = None) -> dict[str, pl.DataFrame]:
    """Every table of the warehouse, sorted by its key."""
    with open_warehouse(home(company, as_of)) as warehouse:
        return {table.name: warehouse.read(table) for table in TABLES}


def revenue(company: SmallCompany, month: date, as_of: date | None = None) -> float:
    values = tables(company, as_of)["kpi_values"].filter(pl.col("kpi") == "revenue", pl.col("unit") == "company")
    return float(values.filter(pl.col("period") == month)["value"].item())


def date_complaints(company: SmallCompany) -> None:
    """Give the complaints a day of delivery: without one they become known when they are loaded, today."""
    text = (company.root / "sources/complaints.yaml").read_text()
    dated = "path: complaints_{period}_{file_date}.csv\nknown_on: '{file_date}'"
    company.write("sources/complaints.yaml", text.replace("path: complaints_{period}.csv", dated))
    for path in (company.root / "extracts").glob("complaints_*.csv"):
        path.rename(path.with_name(f"{path.stem}_2025{int(path.stem[-2:]) + 1:02d}05.csv"))


def set_day(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """Let declarations that are archived from now on become known on this day."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Clock:
            return cls(day.year, day.month, day.day, tzinfo=tz)

    monkeypatch.setattr(declarations, "datetime", Clock)


def differing(found: dict[str, pl.DataFrame], expected: dict[str, pl.DataFrame]) -> list[str]:
    return [name for name, frame in expected.items() if not frame.equals(found[name])]


def test_as_of_a_day_a_correction_that_came_later_does_not_count(company: SmallCompany) -> None:
    company.sales("2025-03", CORRECTED, "20250510")
    run(company, "2025-01", "2025-03")
    assert revenue(company, MARCH) == 1500.0
    run(company, "2025-01", "2025-03", as_of="2025-05-09")
    # Six sales of 43.50 to 48.50, as they were first delivered.
    assert revenue(company, MARCH, date(2025, 5, 9)) == 276.0
    assert revenue(company, MARCH) == 1500.0
    run(company, "2025-01", "2025-03", as_of="2025-05-10")
    assert revenue(company, MARCH, date(2025, 5, 10)) == 1500.0


def test_as_of_gives_what_a_run_gave_before_the_correction_came(company: SmallCompany) -> None:
    date_complaints(company)
    run(company, "2025-01", "2025-04")
    before = tables(company)
    company.sales("2025-03", CORRECTED, "20250510")
    run(company, "2025-03", "2025-04")
    run(company, "2025-01", "2025-04", as_of="2025-05-09")
    then = tables(company, date(2025, 5, 9))
    assert differing(then, before) == ["loads"]  # Which lists what has come since, without counting it.
    assert differing(tables(company), before) != []


def test_as_of_uses_targets_and_units_of_the_day(company: SmallCompany) -> None:
    run(company, "2025-01", "2025-03")
    (first,) = declarations.snapshots(home(company))
    text = (company.root / "targets.csv").read_text().replace("revenue,target,400", "revenue,target,100")
    company.write("targets.csv", text)
    run(company, "2025-03")
    assert len(declarations.snapshots(home(company))) == 2
    assert (declarations.restored(home(company), first.digest) / "targets.csv").read_text() != text
    setting = open_setting(company.root, as_of=date(2025, 4, 10))
    assert {t.value for t in setting.project.targets if (t.kpi, t.anchor) == ("revenue", "target")} == {400.0}


def test_as_of_computes_with_the_tree_the_targets_and_the_definitions_of_the_day(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    date_complaints(company)
    targets = (company.root / "targets.csv").read_text()
    kpis = (company.root / "kpis/kpis.yaml").read_text()
    units = (company.root / "units.csv").read_text()
    then: dict[date, dict[str, pl.DataFrame]] = {}
    # April as the project began; in May every file is another; in June what May changed is changed once more.
    for day, target, measure, tree in (
        (date(2025, 4, 8), 400, "SUM(amount)", units),
        (date(2025, 5, 6), 300, "SUM(amount) * 2", f"{units}kiosk,Kiosk,team,south\n"),
        (date(2025, 6, 6), 200, "SUM(amount) * 3", f"{units}kiosk,Kiosk,team,north\n"),
    ):
        set_day(monkeypatch, day)
        company.write("targets.csv", targets.replace("revenue,target,400", f"revenue,target,{target}"))
        company.write("kpis/kpis.yaml", kpis.replace("value: SUM(amount)", f"value: {measure}"))
        company.write("units.csv", tree)
        run(company, "2025-01", "2025-03")
        then[day] = tables(company)
    april, may, june = then
    assert [one.known_on for one in declarations.snapshots(home(company))] == [april, may, june]
    for one, other in ((april, may), (may, june)):
        assert {"kpi_values", "scores", "anchors"} <= set(differing(then[one], then[other]))
    # The first day of a snapshot and the last one before the next count for it.
    for asked, known in ((date(2025, 5, 5), april), (may, may), (date(2025, 6, 5), may), (june, june)):
        run(company, "2025-01", "2025-03", as_of=asked.isoformat())
        assert differing(tables(company, asked), then[known]) == [], asked


def test_what_is_delivered_for_a_closed_month_waits_until_it_is_reopened(company: SmallCompany) -> None:
    run(company, "2025-01", "2025-03")
    close(home(company), MARCH, "Ada")
    before = tables(company)
    company.sales("2025-03", CORRECTED, "20250510")
    run(company, "2025-02", "2025-04")
    after = tables(company)
    march = [name for name, frame in before.items() if "period" in frame.columns and name not in ("loads", "rejects")]
    for name in march:
        assert after[name].filter(pl.col("period") == MARCH).equals(before[name].filter(pl.col("period") == MARCH)), (
            name
        )
    # April's trailing three months look at March as it was closed.
    april = after["kpi_inputs"].filter(
        pl.col("period") == date(2025, 4, 1), pl.col("kpi") == "average_sale", pl.col("unit") == "company"
    )
    assert april["value"].item() == pytest.approx(
        sum(40 + month + i + 0.5 for month in (2, 3, 4) for i in range(6)) / 18
    )
    with pytest.raises(CallError, match="Say why"):
        reopen(home(company), MARCH, "Ada", " ")
    reopen(home(company), MARCH, "Ada", "the auditor found a sale")
    run(company, "2025-03")
    assert revenue(company, MARCH) == 1500.0


def test_a_closed_month_is_neither_closed_twice_nor_computed_nor_reopened_twice(company: SmallCompany) -> None:
    run(company, "2025-03")
    close(home(company), MARCH, "Ada")
    with pytest.raises(CallError, match="closed already: by Ada"):
        close(home(company), MARCH, "Bob")
    assert good_periods(company.setting(), [date(2025, 2, 1), MARCH]) == [date(2025, 2, 1)]
    reopen(home(company), MARCH, "Ada", "why not")
    with pytest.raises(CallError, match="is not closed"):
        reopen(home(company), MARCH, "Ada", "why not")


def test_a_refused_correction_of_a_closed_month_blocks_nothing(company: SmallCompany) -> None:
    run(company, "2025-01", "2025-03")
    close(home(company), MARCH, "Ada")
    company.sales("2025-03", "x,north,2025-03-01,1\n", "20250510")
    run(company, "2025-02", "2025-04")
    reopen(home(company), MARCH, "Ada", "let us see")
    with pytest.raises(DataRefused, match="2025-03"):
        run(company, "2025-03")


def test_an_edition_keeps_its_numbers_and_the_next_says_what_changed_and_why(company: SmallCompany) -> None:
    run(company, "2025-01", "2025-03")
    first = publish(company.setting(), MARCH, "Ada")
    company.sales("2025-03", CORRECTED, "20250510")
    run(company, "2025-03")
    with pytest.raises(CallError, match="--reason"):
        publish(company.setting(), MARCH, "Ada")
    second = publish(company.setting(), MARCH, "Ada", "sales were corrected")
    assert (first.number, second.number) == (1, 2)
    found = tables(company)
    kept = found["edition_kpi_values"].filter(pl.col("kpi") == "revenue", pl.col("unit") == "company")
    assert dict(kept.select("edition", "value").iter_rows()) == {1: 276.0, 2: 1500.0}
    changed = compare(company.setting(), MARCH, 1, 2)
    row = changed.filter(pl.col("level") == "value", pl.col("node") == "revenue", pl.col("unit") == "company")
    assert row.select("before", "after", "because", "loads").row(0) == (
        276.0, 1500.0, "data", "sales_2025-03_20250510.csv (2025-05-10)"
    )  # fmt: skip
    # Complaints per sale: one complaint over six sales, then over two; a score moved for it too.
    rate = changed.filter(pl.col("node") == "complaint_rate", pl.col("unit") == "company")
    assert set(rate["level"]) == {"value", "kpi"}
    assert (
        found["edition_changes"].drop("period", "edition").sort(changed.columns).equals(changed.sort(changed.columns))
    )
    with pytest.raises(CallError, match="Nothing has changed in 2025-03 since edition 2"):
        publish(company.setting(), MARCH, "Ada", "again")


def test_a_changed_target_restates_scores_because_of_the_target_and_no_value(company: SmallCompany) -> None:
    run(company, "2025-01", "2025-03")
    publish(company.setting(), MARCH, "Ada")
    company.write(
        "targets.csv", (company.root / "targets.csv").read_text().replace("revenue,target,400", "revenue,target,300")
    )
    with pytest.raises(CallError, match=r"2025-03 was computed from other declarations\. Run it first"):
        publish(company.setting(), MARCH, "Ada", "the target was agreed anew")
    run(company, "2025-03")
    publish(company.setting(), MARCH, "Ada", "the target was agreed anew")
    changed = compare(company.setting(), MARCH, 1, 2)
    assert "value" not in set(changed["level"])
    assert set(changed.filter(pl.col("level") == "kpi")["node"]) == {"revenue"}
    assert set(changed["because"]) == {"target"}
    assert set(changed["level"]) == {"kpi", "objective", "perspective", "scorecard"}


def test_method_is_told_where_a_measure_or_a_formula_changed_and_nowhere_else(company: SmallCompany) -> None:
    declared = (company.root / "kpis/kpis.yaml").read_text()
    run(company, "2025-03")
    first = publish(company.setting(), MARCH, "Ada")

    def causes_with(before: str, after: str) -> dict[str, tuple[str, str]]:
        """By level and node of the company the causes, in the alphabet's order, and files of what is other now."""
        assert declared.count(before) == 1
        company.write("kpis/kpis.yaml", declared.replace(before, after))
        run(company, "2025-03")
        found = tables(company)
        now = {table.name: found[table.name].filter(pl.col("period") == MARCH) for table in FROZEN}
        changed = changes_since(company.setting(), first, now).filter(pl.col("unit") == "company")
        return {
            f"{level} {node}": (", ".join(sorted(causes.split(", "))), files)
            for level, node, causes, files in changed.select("level", "node", "because", "loads").iter_rows()
        }

    measure, formula = "value: SUM(amount)", "value: revenue\n"
    way_up = ("value revenue", "kpi revenue", "objective sell", "perspective financial", "scorecard company")
    assert causes_with(measure, "value: SUM(amount) / 2") == dict.fromkeys(way_up, ("method", ""))
    assert causes_with(formula, "value: revenue / 2\n") == dict.fromkeys(way_up, ("method", ""))

    company.sales("2025-03", CORRECTED.replace("1000", "100"), "20250510")
    files = "sales_2025-03_20250510.csv (2025-05-10)"
    both = causes_with(formula, "value: revenue / 4\n")
    assert {node: causes for node, causes in both.items() if "method" in causes[0]} == dict.fromkeys(
        way_up, ("data, method", files)
    )
    assert both["value complaint_rate"] == both["perspective customer"] == ("data", files)
    only_data = causes_with(formula, formula)
    assert set(way_up) < set(only_data)
    assert set(only_data.values()) == {("data", files)}


def test_a_unit_that_is_declared_under_another_is_told_as_a_change_of_the_tree(company: SmallCompany) -> None:
    run(company, "2025-01", "2025-03")
    publish(company.setting(), MARCH, "Ada")
    company.write("units.csv", (company.root / "units.csv").read_text() + "kiosk,Kiosk,team,south\n")
    company.write("extracts/sales_2025-03_20250510.csv", "id,shop,sold_on,amount\n1,kiosk,2025-03-02,7.00\n")
    run(company, "2025-03")
    publish(company.setting(), MARCH, "Ada", "the kiosk was forgotten")
    changed = compare(company.setting(), MARCH, 1, 2).filter(pl.col("level") == "value", pl.col("node") == "revenue")
    causes = dict(changed.select("unit", "because").iter_rows())
    assert causes["south"] == causes["company"] == "data, unit tree"
    assert causes["north"] == "data"


def test_a_unit_that_moves_or_ends_after_a_month_is_no_change_of_its_tree(company: SmallCompany) -> None:
    run(company, "2025-01", "2025-03")
    publish(company.setting(), MARCH, "Ada")
    header, *rows = (company.root / "units.csv").read_text().splitlines()
    ended = [f"{row},,2025-04-14" if row.startswith("south,") else f"{row},," for row in rows]
    company.write("units.csv", "\n".join([f"{header},valid_from,valid_to", *ended, ""]))
    company.sales("2025-03", CORRECTED, "20250510")
    run(company, "2025-03")
    publish(company.setting(), MARCH, "Ada", "sales were corrected")
    assert set(compare(company.setting(), MARCH, 1, 2)["because"]) == {"data"}


def test_what_had_waited_for_a_closed_month_is_told_as_data_and_as_its_reopening(company: SmallCompany) -> None:
    text = (company.root / "kpis/kpis.yaml").read_text()
    company.write("kpis/kpis.yaml", text.replace("value: revenue\n", "value: revenue\n    window: year to date\n"))
    run(company, "2025-01", "2025-03")
    close(home(company), date(2025, 2, 1), "Ada")
    company.sales("2025-02", "21,north,2025-02-01,10.00\n", "20250420")
    run(company, "2025-03")
    publish(company.setting(), MARCH, "Ada")
    reopen(home(company), date(2025, 2, 1), "Ada", "a correction is right")
    run(company, "2025-02", "2025-03")
    publish(company.setting(), MARCH, "Ada", "February was corrected")
    changed = compare(company.setting(), MARCH, 1, 2).filter(pl.col("node") == "revenue")
    assert set(changed["because"]) == {"data"}
    (told,) = set(changed["loads"])
    assert "2025-02 reopened" in told


def test_everything_comes_back_from_the_records_after_corrections_and_changed_targets(company: SmallCompany) -> None:
    run(company, "2025-01", "2025-03")
    publish(company.setting(), MARCH, "Ada")
    company.sales("2025-02", "21,north,2025-02-01,10.00\n", "20250420")
    run(company, "2025-02")
    text = (company.root / "targets.csv").read_text().replace("revenue,target,400", "revenue,target,300")
    company.write("targets.csv", text)
    company.write("packs.yaml", "style: {formats: [pdf, html, xlsx], archive: true}\n")
    run(company, "2025-03", "2025-04", packs="last")
    close(home(company), MARCH, "Ada")
    company.sales("2025-03", CORRECTED, "20250510")
    company.sales("2025-05", "x,north,2025-05-01,1\n", "20250611")
    with pytest.raises(DataRefused):
        run(company, "2025-05", "2025-06")
    before, entries = tables(company), journal.entries(home(company))
    packs = {path.name: path.read_bytes() for path in home(company).packs.rglob("*.*")}
    shutil.rmtree(company.root / "extracts")
    for name in ("warehouse.duckdb", "staging", "packs"):
        path = company.root / ".scorepack" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    rebuild(home(company), company.root / "extracts")
    assert differing(tables(company), before) == []
    assert journal.entries(home(company)) == entries
    assert {path.name: path.read_bytes() for path in home(company).packs.rglob("*.*")} == packs
    assert packs


def test_a_changed_journal_and_a_changed_object_show(company: SmallCompany) -> None:
    import sqlite3

    run(company, "2025-01")
    sound = verify(home(company))
    assert sound.entries == len(journal.entries(home(company)))
    (load,) = [e for e in journal.entries(home(company), "load") if "sales" in e.body["name"]]
    path = landed(home(company), load.body["digest"])
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content + b" ")
    with pytest.raises(DataRefused, match="does not have its bytes"):
        verify(home(company))
    path.unlink()
    with pytest.raises(DataRefused, match=rf"{path.name} \({load.body['name']}\) is missing"):
        verify(home(company))
    path.write_bytes(content)
    assert verify(home(company)) == sound
    assert sound.unnamed == 0
    land_bytes(home(company), b"named by no entry")
    assert verify(home(company)).unnamed == 1
    with sqlite3.connect(home(company).journal) as connection:
        connection.execute("DROP TRIGGER entries_stay")
        connection.execute("DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)")
    connection.close()
    with pytest.raises(DataRefused, match="cut off"):
        verify(home(company), sound.head)
    with sqlite3.connect(home(company).journal) as connection:
        connection.execute("DROP TRIGGER entries_are_final")
        connection.execute("UPDATE entries SET body = replace(body, '6', '7') WHERE seq = 1")
    connection.close()
    with pytest.raises(DataRefused, match="entry 1 does not fit the chain"):
        verify(home(company))


def test_a_changed_target_computes_scores_anew_and_no_value(company: SmallCompany) -> None:
    run(company, "2025-01", "2025-03")
    before = tables(company)["computed_months"]
    run(company, "2025-01", "2025-03")
    assert tables(company)["computed_months"].equals(before)
    company.write(
        "targets.csv",
        "kpi,anchor,value,effective_from\nrevenue,floor,0,\nrevenue,target,400,\naverage_sale,floor,0,\n"
        "average_sale,target,50,\ncomplaint_rate,floor,100%,\ncomplaint_rate,target,10%,\n"
        "revenue,target,100,2025-02-01\n",
    )
    run(company, "2025-01", "2025-03")
    both = before.join(tables(company)["computed_months"], on=["step", "period"], suffix="_now")
    both = both.filter(pl.col("step").is_in(["kpis", "scores"]))
    changed = both.filter(pl.col("fingerprint") != pl.col("fingerprint_now"))
    assert set(changed.select("step", "period").iter_rows()) == {("scores", date(2025, 2, 1)), ("scores", MARCH)}
    scores = tables(company)["scores"].filter(pl.col("node") == "revenue", pl.col("unit") == "company")
    assert scores.sort("period")["score"].to_list() == [66.0, 100.0, 100.0]


def test_other_names_owners_and_links_compute_no_value_and_no_score_anew(company: SmallCompany) -> None:
    run(company, "2025-01", "2025-03")
    before = tables(company)["computed_months"]
    for file, old, new in (
        ("strategy.yaml", "name: Sell more, ", "name: Sell much more, owner: Ada, leads_to: [please], "),
        ("units.csv", "Shop North", "Shop in the North"),
        ("kpis/kpis.yaml", "owner: Head of Service", "owner: Grace"),
        ("kpis/kpis.yaml", "Sales of the month.", "All that was sold."),
        ("sources/sales.yaml", "domain: finance", "domain: finance\ndescription: Tills."),
    ):
        company.write(file, (company.root / file).read_text(encoding="utf-8").replace(old, new))
    run(company, "2025-01", "2025-03")
    anew = tables(company)["computed_months"].join(before, on=before.columns, how="anti")
    assert set(anew["step"]) == {"signals"}


def test_a_month_that_nothing_has_touched_is_left_as_it_lies(company: SmallCompany) -> None:
    """Tampering shows what a second run writes: nothing of January, since only February's data came again."""
    run(company, "2025-01", "2025-02")
    with open_warehouse(home(company)) as warehouse:
        warehouse._connection.execute("UPDATE kpis.kpi_values SET value = -1 WHERE kpi = 'revenue'")
    company.sales("2025-02", CORRECTED.replace("2025-03", "2025-02"), "20250510")
    run(company, "2025-01", "2025-02")
    assert (revenue(company, date(2025, 1, 1)), revenue(company, date(2025, 2, 1))) == (-1.0, 1500.0)


def test_nothing_stands_of_a_kpi_that_is_taken_out_and_all_of_it_once_it_is_declared_again(
    company: SmallCompany,
) -> None:
    text, plan = ((company.root / name).read_text() for name in ("kpis/kpis.yaml", "strategy.yaml"))
    text = text.replace("COUNT(*)}\nkpis:", "COUNT(DISTINCT id)}\nkpis:")
    targets = (company.root / "targets.csv").read_text()
    without = {
        "kpis/kpis.yaml": text.partition("  complaint_rate:")[0].replace("  complaints: {source: complaints", "#"),
        "strategy.yaml": plan.replace("[complaint_rate]", "[average_sale]").replace("revenue, average_sale", "revenue"),
        "targets.csv": "".join(line for line in targets.splitlines(True) if not line.startswith("complaint_rate")),
    }
    company.write("kpis/kpis.yaml", text)
    run(company, "2025-01", "2025-03")
    stood, states = tables(company), sorted(home(company).states.rglob("*.parquet"))
    assert len(states) == 3
    for name, content in without.items():
        company.write(name, content)
    # Of later months there is still what their values were computed from.
    run(company, "2025-01")
    assert sorted(home(company).states.rglob("*.parquet")) == states[1:]
    for name, content in {"kpis/kpis.yaml": text, "strategy.yaml": plan, "targets.csv": targets}.items():
        company.write(name, content)
    run(company, "2025-01", "2025-03")
    assert differing(tables(company), stood) == []
    for name, content in without.items():
        company.write(name, content)
    run(company, "2025-01", "2025-03")
    found = tables(company)
    assert "complaints" not in {*found["measure_cells"]["measure"], *found[COVERAGE.name]["source"]}
    assert list(home(company).states.rglob("*.parquet")) == []
    rebuild(home(company), company.root / "extracts")
    assert differing(found, tables(company)) == []
    home(company).warehouse.unlink()
    run(company, "2025-01", "2025-03")
    assert differing(found, tables(company)) == []


def test_a_month_is_stale_once_its_data_or_its_declarations_are_newer_than_it(company: SmallCompany) -> None:
    run(company, "2025-01", "2025-04")
    months = months_between(date(2025, 1, 1), date(2025, 6, 1))

    def stale() -> dict[str, str]:
        setting = company.setting()
        with open_warehouse(setting.home) as warehouse:
            return {
                f"{period:%m}": " and ".join(why) for period, why in stale_months(setting, warehouse, months).items()
            }

    assert stale() == {}
    company.write(
        "targets.csv", (company.root / "targets.csv").read_text().replace("revenue,target,400", "revenue,target,500")
    )
    assert stale() == dict.fromkeys(("01", "02", "03", "04"), "declarations")
    run(company, "2025-01", "2025-04")
    assert stale() == {}
    company.sales("2025-02", CORRECTED.replace("2025-03", "2025-02"), "20250510")
    run(company, "2025-02")
    # The average sale of March and April looks at February.
    assert stale() == {"03": "data", "04": "data"}
