"""Editions after editions: whoever has not had one of them still receives what it corrects, and is told what of."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.cli.send_command import send
from pipelines.delivery.compose import message_id
from pipelines.delivery.gate import approve
from pipelines.delivery.send import deliver
from pipelines.steps.editions import publish
from pipelines.steps.status import month_states
from scorecards.errors import CallError
from tests.delivery.conftest import PERIOD
from tests.delivery.mail_server import Script
from tests.delivery.what_left import ADA, JOERG, body, ledger, states
from tests.small_company import SmallCompany
from warehouse.ledger import Key


def restate(company: SmallCompany, day: str, reason: str, changes: dict[str, str], is_approved: bool = True) -> None:
    """A further edition, with other sales: ``changes`` gives by the beginning of a row what stands there now."""
    rows = (company.root / "extracts/sales_2025-06_20250703.csv").read_text().split("\n", 1)[1]
    for before, after in changes.items():
        assert before in rows
        rows = rows.replace(before, after)
    company.sales("2025-06", rows, day)
    materialise("month_end", company.root, None, None, [PERIOD], "none", Steps(None))
    publish(company.setting(), PERIOD, "Ada", reason)
    if is_approved:
        approve(company.setting(), PERIOD, "Grace")


SOUTH, NORTH = ("south,2025-06-02,47.50", "south,2025-06-02,7.50"), ("north,2025-06-01,46.50", "north,2025-06-01,1.50")


def words(server: Script, address: str) -> str:
    message = [message for to, message in server.received if to == address][-1]
    return " ".join(body(message, "plain").split())


def test_a_new_edition_is_a_correction_for_those_whose_pack_changed_and_nothing_for_the_others(
    company: SmallCompany, server: Script
) -> None:
    states(company)
    first = server.received[0][1]
    restate(company, "20250720", "a late invoice", dict([NORTH]))
    done = deliver(company.setting(), PERIOD)
    assert [(one.planned.key.edition, one.planned.key.recipient, one.state) for one in done] == [
        (2, ADA, "accepted"),
        (2, JOERG, "skipped"),
    ]
    assert "changes nothing" in done[1].words
    (address, message) = server.received[-1]
    assert address == ADA
    assert message["Subject"].startswith("Correction: ")
    assert message["In-Reply-To"] == first["Message-ID"] != message["Message-ID"]
    assert "This corrects edition 1 of the same scorecard." in " ".join(body(message, "plain").split())
    assert "a late invoice" in " ".join(body(message, "plain").split())
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "2025-06-company-company-edition-2.pdf"
    assert [one.state for one in deliver(company.setting(), PERIOD)] == ["accepted", "skipped"]
    assert len(server.received) == 3
    # What was skipped has not left, and what left of the first edition is none of the second.
    (month,) = (one for one in month_states(company.setting(), 1, date(2025, 7, 31)))
    assert (month.edition, month.delivered) == (2, 1)


def test_a_message_that_is_skipped_now_is_told_with_the_reason(
    company: SmallCompany, server: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    send("2025-06", project=company.root)
    restate(company, "20250720", "a late invoice", dict([NORTH]))
    capsys.readouterr()
    send("2025-06", project=company.root)
    told = [line.split(maxsplit=3)[-1].strip() for line in capsys.readouterr().out.splitlines()[1:]]
    assert told == ["accepted", "skipped: edition 2 changes nothing in it"]
    send("2025-06", project=company.root)
    assert capsys.readouterr().out == ""


def test_a_dry_run_before_the_approval_tells_whom_the_edition_will_not_reach_anyway(
    company: SmallCompany, server: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    send("2025-06", project=company.root)
    restate(company, "20250720", "a late invoice", dict([NORTH]), is_approved=False)
    capsys.readouterr()
    send("2025-06", project=company.root, dry_run=True)
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.count("not sent: it is not approved") == 2
    assert shown.count("not sent: it is not approved; edition 2 changes nothing in it") == 1
    assert len(server.received) == 2


def test_a_month_that_compares_with_a_corrected_one_is_published_again_for_whoever_compares(
    company: SmallCompany, server: Script
) -> None:
    """Else its pack would go on telling by how much it rose on figures that were taken back."""
    may = date(2025, 5, 1)

    def publish_both(reason: str) -> None:
        materialise("month_end", company.root, None, None, [may, PERIOD], "none", Steps(None))
        for month in (may, PERIOD):
            publish(company.setting(), month, "Ada", reason)

    publish_both("with May")
    approve(company.setting(), PERIOD, "Grace")
    assert states(company) == ["accepted", "accepted"]
    (delivered,) = (company.root / "extracts").glob("sales_2025-05_*.csv")
    rows = delivered.read_text().split("\n", 1)[1]
    assert "north,2025-05-01,45.50" in rows
    company.sales("2025-05", rows.replace("north,2025-05-01,45.50", "north,2025-05-01,1.50"), "20250720")
    publish_both("May was corrected")
    with pytest.raises(CallError, match="Nothing has changed in 2025-06 since edition 3"):
        publish(company.setting(), PERIOD, "Ada", "once more")
    approve(company.setting(), PERIOD, "Grace")
    done = deliver(company.setting(), PERIOD)
    assert [(one.planned.key.edition, one.state) for one in done] == [(3, "accepted"), (3, "skipped")]
    told = "Figures of earlier months, with which this pack compares, are other than in edition 2."
    assert told in words(server, ADA)


def test_another_pack_under_the_same_number_has_a_message_id_of_its_own() -> None:
    key = Key(PERIOD, "company", 1, "company", ADA, "file")
    ids = {message_id(key, digest, "packs@example.com") for digest in ("a", "b", "a")}
    assert len(ids) == 2


@pytest.mark.parametrize(("policy", "state", "arrived"), [("repeat", "accepted", 1), ("let be", "skipped", 0)])
def test_a_new_edition_that_says_the_same_waits_for_whoever_may_not_have_had_the_last_one(
    company: SmallCompany, server: Script, policy: str, state: str, arrived: int
) -> None:
    server.scripts[JOERG] = ["swallow"]
    assert states(company) == ["accepted", "unknown"]
    restate(company, "20250720", "a late invoice", dict([NORTH]))
    for _ in range(2):
        done = deliver(company.setting(), PERIOD)
        assert [(one.planned.key.recipient, one.state) for one in done] == [(ADA, "accepted"), (JOERG, None)]
        assert done[1].words == "nobody knows whether edition 1 arrived, which says the same: decide with --unknown"
    for _ in range(2):
        assert states(company, unknown=policy) == ["accepted", state]
    assert server.addresses.count(JOERG) == arrived


def test_who_has_not_had_the_first_edition_receives_the_second_as_it_is(company: SmallCompany, server: Script) -> None:
    server.scripts[JOERG] = ["451 later"] * 3
    assert states(company) == ["accepted", "failed"]
    restate(company, "20250720", "a late invoice", dict([NORTH]))
    assert states(company) == ["accepted", "accepted"]
    assert not server.received[-1][1]["Subject"].startswith("Correction")
    assert ledger(company, JOERG) == ["planned", *["failed"] * 3, "planned", "skipped", "sending", "accepted"]


def test_a_correction_of_an_edition_that_never_left_comes_with_the_next_one(
    company: SmallCompany, server: Script
) -> None:
    deliver(company.setting(), PERIOD)
    restate(company, "20250720", "a sale of the south", dict([SOUTH]), is_approved=False)
    restate(company, "20250721", "a sale of the north", dict([SOUTH, NORTH]))
    assert [(one.planned.key.recipient, one.state) for one in deliver(company.setting(), PERIOD)] == [
        (ADA, "accepted"),
        (JOERG, "accepted"),
    ]
    said = words(server, JOERG)
    assert "This corrects edition 1 of the same scorecard." in said
    assert "are other than in edition 1, " in said
    assert "Published again: a sale of the south." in said
    assert "No figure of this pack is other than in edition 2. Published again: a sale of the north." in said
    restate(company, "20250722", "another of the north", {**dict([SOUTH]), NORTH[0]: "north,2025-06-01,2.50"})
    assert [one.state for one in deliver(company.setting(), PERIOD)] == ["accepted", "skipped"]


def test_a_correction_of_what_was_repeated_and_failed_says_that_it_is_one(
    company: SmallCompany, server: Script
) -> None:
    server.scripts[JOERG] = ["take and hang up", "451 later", "451 later", "451 later"]
    assert [one.state for one in deliver(company.setting(), PERIOD)] == ["accepted", "unknown"]
    restate(company, "20250720", "a sale of the south", dict([SOUTH]))
    assert [one.state for one in deliver(company.setting(), PERIOD, unknown="repeat")] == ["accepted", "failed"]
    assert [one.state for one in deliver(company.setting(), PERIOD)] == ["accepted", "accepted"]
    assert "This corrects edition 1 of the same scorecard." in words(server, JOERG)


def test_figures_that_are_again_what_a_reader_has_are_no_correction_for_him(
    company: SmallCompany, server: Script
) -> None:
    deliver(company.setting(), PERIOD)
    restate(company, "20250720", "a sale of the south", dict([SOUTH]), is_approved=False)
    restate(company, "20250721", "of the north, not of the south", dict([NORTH]))
    one, other = deliver(company.setting(), PERIOD)
    assert (one.planned.key.recipient, one.state) == (ADA, "accepted")
    assert (other.planned.key.recipient, other.state) == (JOERG, "skipped")
    assert other.words == "edition 3, with the figures of edition 1, changes nothing in it"
    restate(company, "20250722", "both", dict([SOUTH, NORTH]))
    assert [one.state for one in deliver(company.setting(), PERIOD)] == ["accepted", "accepted"]
    restate(company, "20250723", "not the south", dict([NORTH]))
    assert [one.state for one in deliver(company.setting(), PERIOD)] == ["accepted", "accepted"]
