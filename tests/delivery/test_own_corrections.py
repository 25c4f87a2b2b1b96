"""A person's own figures, which nobody else is shown, are corrected for that person, and for nobody else."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.delivery.gate import approve
from pipelines.delivery.send import deliver
from pipelines.steps.editions import publish
from pipelines.steps.setting import open_setting
from scorecards.errors import CallError
from scorecards.periods import parse_period
from tests.small_groups import MONTHS, quiet_company
from warehouse.ledger import records

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


def test_a_change_of_own_figures_makes_an_edition_and_a_correction_for_that_person_alone(tmp_path: Path) -> None:
    root = quiet_company(tmp_path / "project")
    (root / "packs.yaml").write_text("layouts: {standard: {pages: [summary], formats: [pdf]}}\n")
    readers = root / "recipients.yaml"
    readers.write_text(readers.read_text().replace(", formats: [pdf, html, xlsx]", ""))
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
    text = correction.get_body(("plain",)).get_content()
    assert "Your own figures are other than in edition 1. Published again: Absence corrected." in " ".join(text.split())
