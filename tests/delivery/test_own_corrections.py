"""A person's own figures, which nobody else is shown, are corrected for that person, and for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import polars as pl
import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.delivery.gate import approve
from pipelines.delivery.send import deliver
from pipelines.steps import editions
from pipelines.steps.editions import publish
from pipelines.steps.rendering import Job
from pipelines.steps.setting import open_setting
from report_templates.pack_files import PackFile
from scorecards.errors import CallError
from scorecards.periods import parse_period
from tests.small_groups import MONTHS, quiet_company
from warehouse.ledger import records
from warehouse.store import open_warehouse
from warehouse.tables import EDITION_CHANGES, EDITION_KPI_VALUES, EDITION_SCORES, KPI_VALUES

PERIOD = parse_period(MONTHS[-1])


def corrected(root: Path) -> None:
    """Two days of absence of the last month were another's of the line: of all that others see, nothing changes."""
    path = root / f"extracts/staff_{MONTHS[-1]}.csv"
    rows = [line.split(",") for line in path.read_text().splitlines()]
    (own,) = (row for row in rows if row[1] == "p_1")
    other = next(row for row in rows if row[1] == "line" and row[5] == "2" and row[3] == own[3])
    own[5], other[5] = str(int(own[5]) + 2), "0"
    path.write_text("\n".join(map(",".join, rows)) + "\n")


def sent(root: Path) -> list[tuple[int, str, str, str]]:
    """Edition, unit, reader and state of all messages that left."""
    found = {one.key: one.state for one in records(open_setting(root).home)}
    return sorted((key.edition, key.unit, key.recipient, state) for key, state in found.items() if state == "written")


def run(root: Path) -> None:
    materialise("month_end", root, None, None, list(map(parse_period, MONTHS)), "none", Steps(None))


def slim(root: Path) -> Path:
    """The company with packs of one page in one format."""
    (root / "packs.yaml").write_text("layouts: {standard: {pages: [summary], formats: [pdf]}}\n")
    readers = root / "recipients.yaml"
    readers.write_text(readers.read_text().replace(", formats: [pdf, html, xlsx]", ""))
    return root


def test_a_change_of_own_figures_makes_an_edition_and_a_correction_for_that_person_alone(tmp_path: Path) -> None:
    root = slim(quiet_company(tmp_path / "project"))
    run(root)
    publish(open_setting(root), PERIOD, "Ada")
    approve(open_setting(root), PERIOD, "Grace")
    deliver(open_setting(root), PERIOD)
    before = sent(root)
    assert {reader for *_, reader, _ in before} == {"ada@example.com", "kim@example.com"}
    with pytest.raises(CallError, match="Nothing has changed"):
        publish(open_setting(root), PERIOD, "Ada", "Absence corrected")

    corrected(root)
    run(root)
    edition = publish(open_setting(root), PERIOD, "Ada", "Absence corrected")
    assert edition.number == 2
    approve(open_setting(root), PERIOD, "Grace")
    deliver(open_setting(root), PERIOD)
    after = [one for one in sent(root) if one not in before]
    assert after == [(2, "p_1", "kim@example.com", "written")]
    read = [
        message_from_bytes(path.read_bytes(), policy=default) for path in open_setting(root).home.outbox.rglob("*.eml")
    ]
    (correction,) = [message for message in read if str(message["Subject"]).startswith("Correction")]
    assert correction["To"].addresses[0].addr_spec == "kim@example.com"
    # A subject shows on locked screens.
    assert "target" not in correction["Subject"]
    text = correction.get_body(("plain",)).get_content()
    assert "Your own figures are other than in edition 1. Published again: Absence corrected." in " ".join(text.split())


def changes_printed(root: Path, number: int) -> dict[str, list[tuple[str, str, float | None, float | None]]]:
    """What the packs of an edition were printed to have changed, by unit: level, node, before, after."""
    printed: dict[str, list[tuple[str, str, float | None, float | None]]] = {}

    def printing(jobs: list[Job], workers: int | None = None) -> Iterator[tuple[Job, PackFile]]:
        for job in jobs:
            note = job.pack.edition
            assert note is not None
            printed[job.pack.unit] = [(row.level, row.node, row.before, row.after) for row in note.rows]
            yield job, PackFile(b"", 1)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(editions, "rendered_files", printing)
        assert publish(open_setting(root), PERIOD, "Ada", "The rule was declared").number == number
    return printed


def test_what_is_withheld_since_is_no_change_of_own_figures_and_is_printed_nowhere_else(tmp_path: Path) -> None:
    root = slim(quiet_company(tmp_path / "project"))
    scorecard = root / "scorecard.yaml"
    with_rule = scorecard.read_text()
    scorecard.write_text(with_rule.replace("small_groups: {people: people, at_least: 5}\n", ""))
    (root / "recipients.yaml").unlink()
    run(root)
    changes_printed(root, 1)
    scorecard.write_text(with_rule)
    run(root)
    printed = changes_printed(root, 2)
    assert printed["p_1"] == []
    told = [row for unit in ("lab", "line") for row in printed[unit]]
    assert [row for row in told if row[2] is not None] == []
    assert not {"absence", "pay_per_head", "absence_year"} & {node for _, node, *_ in told}

    with open_warehouse(open_setting(root).home) as warehouse:
        hidden = warehouse.read(KPI_VALUES, [PERIOD]).filter(pl.col("missing_reason") == "small_group")
        places = hidden.select("unit", "kpi").unique()
        kept = warehouse.read(EDITION_KPI_VALUES, [PERIOD]).join(places, on=["unit", "kpi"], how="semi")
        assert kept["edition"].unique().sort().to_list() == [1, 2]
        assert kept.select("value", "numerator", "denominator").drop_nulls().is_empty()
        scored = warehouse.read(EDITION_SCORES, [PERIOD]).filter(pl.col("unit").is_in(["lab", "line", "p_1"]))
        first = scored.filter(pl.col("edition") == 1, pl.col("node").is_in(["absence", "health", "company"]))
        assert first["score"].drop_nulls().is_empty()
        changed = warehouse.read(EDITION_CHANGES, [PERIOD]).filter(pl.col("unit").is_in(["lab", "line", "p_1"]))
        assert changed["before"].drop_nulls().is_empty()


def test_own_figures_that_are_again_what_the_person_has_are_no_correction(tmp_path: Path) -> None:
    root = slim(quiet_company(tmp_path / "project"))
    staff = root / f"extracts/staff_{MONTHS[-1]}.csv"
    at_first = staff.read_text()
    run(root)
    publish(open_setting(root), PERIOD, "Ada")
    approve(open_setting(root), PERIOD, "Grace")
    deliver(open_setting(root), PERIOD)
    before = sent(root)
    for number in (2, 3, 4):
        staff.write_text(at_first)
        if number != 3:
            corrected(root)
        run(root)
        assert publish(open_setting(root), PERIOD, "Ada", "Absence corrected").number == number
        if number > 2:
            approve(open_setting(root), PERIOD, "Grace")
            deliver(open_setting(root), PERIOD)
        after = [one for one in sent(root) if one not in before]
        assert after == ([(4, "p_1", "kim@example.com", "written")] if number == 4 else [])
