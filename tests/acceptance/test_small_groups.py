"""Figures of small groups reach nobody: not by a page, a file, a table, a message or an answer, and not by subtraction.

Two companies that differ only in withheld figures publish the same, byte for byte. Whatever could tell these figures
would tell the two apart.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.delivery.gate import approve, newest_edition
from pipelines.delivery.plan import plan
from pipelines.delivery.proofs import send_proofs
from pipelines.delivery.send import deliver
from pipelines.steps.editions import publish
from pipelines.steps.packs import build_packs
from pipelines.steps.setting import open_setting
from report_templates.first_page_notes import own_score_note
from scorecards.periods import parse_period
from tests.acceptance.conftest import Answer, Command
from tests.small_groups import DIGESTS, MONTHS, TIMES, files_in, quiet_company, told
from warehouse.analysts import PUBLISHED
from warehouse.editions import frozen_packs
from warehouse.frames import fetch
from warehouse.landing import landed
from warehouse.ledger import records
from warehouse.tables import Table

LAST = MONTHS[-1]
PERIOD = parse_period(LAST)
UNITS = ("company", "works", "lab", "line", "p_1")
HIDDEN = ("lab", "line", "p_1", "p_2")
KPIS = ("absence", "absence_year", "pay_per_head", "pieces")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The two projects, run, published and sent to the outbox."""
    found = []
    for other in (False, True):
        root = quiet_company(tmp_path_factory.mktemp("world") / "project", other)
        materialise("month_end", root, None, None, list(map(parse_period, MONTHS)), "none", Steps(None))
        setting = open_setting(root)
        publish(setting, PERIOD, "Ada")
        approve(setting, PERIOD, "Grace")
        deliver(open_setting(root), PERIOD)
        found.append(root)
    return found[0], found[1]


def both(worlds: Sequence[Path], scorepack: Command, *words: str) -> tuple[Answer, Answer]:
    one, other = (scorepack(*words, project=root) for root in worlds)
    return one, other


def test_the_two_worlds_do_differ(worlds: tuple[Path, Path]) -> None:
    one, other = ((root / f"extracts/staff_{LAST}.csv").read_text() for root in worlds)
    assert one != other


def test_small_groups_and_those_that_would_tell_them_are_missing_with_their_reason(
    worlds: tuple[Path, Path], scorepack: Command
) -> None:
    answer = scorepack("export", "kpi_values", "--format", "json", project=worlds[0])
    values = pl.read_json(answer.out.encode()).filter(pl.col("kpi") != "pieces")
    withheld = values.filter(pl.col("missing_reason") == "small_group")
    assert set(withheld["unit"]) == set(HIDDEN)
    assert withheld.select("value", "numerator", "denominator").null_count().row(0) == (withheld.height,) * 3
    assert values.filter(pl.col("unit").is_in(HIDDEN), pl.col("missing_reason") != "small_group").is_empty()
    shown = values.filter(pl.col("slice") != "")
    assert set(shown["unit"]) <= {"company", "north", "south", "works"}


def test_a_withheld_kpi_has_no_score_and_its_objective_is_scored_without_it(
    worlds: tuple[Path, Path], scorepack: Command
) -> None:
    scores = pl.read_json(scorepack("export", "scores", "--format", "json", project=worlds[0]).out.encode())
    lab = scores.filter(pl.col("unit") == "lab", pl.col("period") == f"{LAST}-01")
    by_node = {row["node"]: row for row in lab.iter_rows(named=True)}
    assert by_node["absence"]["score"] is None
    assert by_node["health"]["score"] is None
    assert by_node["output"]["score"] is not None


@pytest.mark.parametrize("table", [*sorted(table.name for table in PUBLISHED), "deliveries"])
def test_every_exported_table_is_the_same_in_both_worlds(
    worlds: tuple[Path, Path], scorepack: Command, table: str
) -> None:
    one, other = both(worlds, scorepack, "export", table, "--format", "csv")
    assert (one.code, other.code) == (0, 0)
    assert TIMES.sub("…", one.out) == TIMES.sub("…", other.out)


@pytest.mark.parametrize("unit", UNITS)
def test_every_answer_of_the_commands_is_the_same_in_both_worlds(
    worlds: tuple[Path, Path], scorepack: Command, unit: str
) -> None:
    shown = both(worlds, scorepack, "show", unit, LAST)
    assert told(shown[0].text, worlds[0]) == told(shown[1].text, worlds[1])
    for kpi in KPIS:
        one, other = both(worlds, scorepack, "explain", kpi, unit, LAST, "--json")
        assert one.code == 0
        assert told(one.text, worlds[0]) == told(other.text, worlds[1])


def test_explain_names_the_reason_and_lists_neither_units_nor_statements_of_a_withheld_figure(
    worlds: tuple[Path, Path], scorepack: Command
) -> None:
    answer = scorepack("explain", "absence", "lab", LAST, project=worlds[0])
    assert "it is withheld, so that no small group of people can be identified" in " ".join(answer.out.split())
    # Only what is copied is longer: the path of the warehouse.
    assert max(len(line) for line in answer.out.splitlines() if "duckdb" not in line) <= 80
    assert "by unit" not in answer.out
    assert "SELECT" not in answer.out


def test_the_analysts_copy_is_the_same_in_both_worlds(worlds: tuple[Path, Path]) -> None:
    for table in PUBLISHED:
        one, other = (_copied(root, table) for root in worlds)
        assert one.sort(one.columns).equals(other.sort(one.columns)), table.name


def _copied(root: Path, table: Table) -> pl.DataFrame:
    with duckdb.connect(str(root / ".scorepack/analysts/current/scorepack.duckdb"), read_only=True) as copy:
        return fetch(copy, f"FROM {table.full_name}").drop("published_at", strict=False)


def packs(root: Path) -> pl.DataFrame:
    """The files of the published packs, by unit and format."""
    with duckdb.connect(str(root / ".scorepack/analysts/current/scorepack.duckdb"), read_only=True) as copy:
        return fetch(copy, "FROM editions.edition_packs ORDER BY unit, format")


def test_every_pack_of_every_unit_is_the_same_byte_for_byte(worlds: tuple[Path, Path]) -> None:
    one, other = (packs(root).filter(~pl.col("unit").str.starts_with("p_")) for root in worlds)
    assert one.height == 6 * 3
    assert one["digest"].to_list() == other["digest"].to_list()


def test_a_pack_with_a_persons_own_figures_is_sent_to_that_person_and_nobody_else(worlds: tuple[Path, Path]) -> None:
    setting = open_setting(worlds[0])
    written = {(one.key.unit, one.key.recipient) for one in records(setting.home) if one.state == "written"}
    everyone = {"company", "north", "south", "works", "lab", "line"}
    assert written == {(unit, "ada@example.com") for unit in everyone} | {("p_1", "kim@example.com")}
    planned = plan(setting, PERIOD, newest_edition(setting, PERIOD), "file", date.today())
    # Nothing is held back from her: what is never hers would make every month late.
    assert {(one.key.unit, one.key.recipient) for one in planned} == written


def test_no_proof_copy_is_made_of_a_persons_own_figures(worlds: tuple[Path, Path]) -> None:
    for root in worlds:
        sent = send_proofs(open_setting(root), PERIOD, "lead@example.com")
        assert {one.planned.key.unit for one in sent} == {"company", "north", "south", "works", "lab", "line"}


def test_proofs_say_that_own_packs_are_never_among_them(worlds: tuple[Path, Path], scorepack: Command) -> None:
    told = "Packs with a person's own figures are for that person alone: they are never sent as proofs."
    answer = scorepack("send", LAST, "--to", "lead@example.com", project=worlds[0])
    assert told in " ".join(answer.text.split())
    alone = scorepack("send", LAST, "--to", "lead@example.com", "--unit", "p_1", project=worlds[0])
    assert (alone.code, told in " ".join(alone.text.split())) == (2, True)
    other = scorepack("send", LAST, "--to", "lead@example.com", "--unit", "lab", project=worlds[0])
    assert told not in " ".join(other.text.split())


def test_nobody_but_the_person_is_listed_as_a_recipient_of_an_own_pack(
    worlds: tuple[Path, Path], scorepack: Command
) -> None:
    answer = scorepack("recipients", "--period", LAST, "--json", project=worlds[0])
    listed = {(one["unit"], one["email"]) for one in json.loads(answer.out)}
    others = {(unit, "ada@example.com") for unit in ("company", "north", "south", "works", "lab", "line")}
    assert listed == others | {("p_1", "kim@example.com")}
    assert "nobody receives: company of p_2" in scorepack("recipients", "--period", LAST, project=worlds[0]).text


def test_no_table_that_is_exported_says_which_address_is_whose_own_pack(
    worlds: tuple[Path, Path], scorepack: Command, tmp_path: Path
) -> None:
    root = tmp_path / "project"
    shutil.copytree(worlds[0], root, symlinks=True)
    kept = json.loads(scorepack("deliveries", LAST, "--json", project=root).out)
    assert ("p_1", "kim@example.com") in {(one["unit"], one["recipient"]) for one in kept}, "for who keeps the home"

    def exported() -> pl.DataFrame:
        answer = scorepack("export", "deliveries", "--format", "json", project=root).out
        assert "kim@" not in answer
        assert "ada@example.com" in answer
        return pl.read_json(answer.encode()).filter(pl.col("unit") == "p_1")

    assert set(exported()["state"]) == {"planned", "sending", "written"}
    # Nor once the person is no unit any more, or the rule is not declared.
    units = (root / "units.csv").read_text()
    (root / "units.csv").write_text(units.replace("p_1,Person 1,person,line\n", ""))
    (root / "recipients.yaml").unlink()
    assert exported().height == 3
    (root / "units.csv").write_text(units)
    (root / "scorecard.yaml").write_text("organisation: Quiet Ltd\nfirst_period: 2025-01\n")
    assert exported().height == 3


def test_every_message_is_the_same(worlds: tuple[Path, Path]) -> None:
    def messages(root: Path) -> dict[str, str]:
        found = {}
        for path in sorted((root / ".scorepack/outbox").rglob("*")):
            if path.is_file() and "kim" not in path.read_text(errors="surrogateescape"):
                text = path.read_text(errors="surrogateescape")
                found[path.name] = DIGESTS.sub("…", re.sub(r"={10,}\d+==|Message-ID: .*|Date: .*", "…", text))
        return found

    one, other = map(messages, worlds)
    assert len(one) > 1
    assert one == other


def test_the_site_is_the_same_even_with_the_scorecards_of_persons(
    worlds: tuple[Path, Path], scorepack: Command, tmp_path: Path
) -> None:
    for number, root in enumerate(worlds):
        answer = scorepack("site", "--from", LAST, "--to", str(tmp_path / str(number)), "--with-persons", project=root)
        assert answer.code == 0, answer.text
    one, other = (files_in(tmp_path / str(number)) for number in (0, 1))
    assert one == other


def _text(root: Path, unit: str) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext: poppler-utils is not installed")
    setting = open_setting(root)
    kept = frozen_packs(setting.home, newest_edition(setting, PERIOD))
    [digest] = kept.filter(pl.col("unit") == unit, pl.col("format") == "pdf")["digest"]
    file = landed(setting.home, digest)
    done = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


def test_the_page_says_why_there_is_no_figure(worlds: tuple[Path, Path]) -> None:
    assert "withheld" in _text(worlds[0], "lab")


WITHHELD = {
    "company": "",
    "works": "6 figures, here and directly below, are withheld, so that no small group of people can be identified:",
    "lab": "3 figures are withheld, so that no small group of people can be identified:",
    "line": "9 figures, here and directly below, are withheld, so that no small group of people can be identified:",
    "p_1": "",
}
NAMED = " Absence, Pay per head and Absence of the quarter."


@pytest.mark.parametrize("unit", WITHHELD)
def test_the_page_of_data_counts_what_is_withheld_and_names_its_kpis(worlds: tuple[Path, Path], unit: str) -> None:
    text = _text(worlds[0], unit)
    told = WITHHELD[unit]
    assert (told + NAMED in text) if told else ("no small group of people can be identified:" not in text)


def test_persons_see_their_own_figures_in_their_own_pack_and_nowhere_else(worlds: tuple[Path, Path]) -> None:
    text = _text(worlds[0], "p_1")
    told = "This score is yours alone: others see one without what is withheld from them, or none."
    assert told in text
    assert "withheld" not in text.replace(told, "")
    assert "for this person alone" in text


def test_a_person_is_told_of_another_score_only_where_there_is_one(worlds: tuple[Path, Path]) -> None:
    setting = open_setting(worlds[0])
    shared = {pack.unit: pack for pack in build_packs(setting, PERIOD)}
    own = {pack.unit: pack for pack in build_packs(setting, PERIOD, for_persons=True)}
    assert shared["p_1"].node.score != own["p_1"].node.score
    assert {unit for unit, pack in own.items() if pack.is_score_own} == {"p_1", "p_2"}
    assert not any(pack.is_score_own for pack in shared.values())
    assert own_score_note(own["p_1"])
    assert own_score_note(own["line"]) == ""
