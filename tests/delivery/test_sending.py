"""Sending approved packs: to the outbox and to a real SMTP server, each once to each reader, whatever happens."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import pipelines.delivery.send as sending_module
from pipelines.cli.send_command import send
from pipelines.delivery.proofs import send_proofs
from pipelines.delivery.send import deliver
from scorecards.errors import CallError, DataRefused, HomeBusy
from tests.delivery.conftest import PERIOD, RETRIES
from tests.delivery.mail_server import Script
from tests.delivery.what_left import ADA, JOERG, ledger, outbox, states
from tests.disks import fill, small_disk
from tests.small_company import SmallCompany
from warehouse import journal
from warehouse.ledger import NO_READER, Key, last_records, sending, write
from warehouse.working import at_work


def test_a_second_send_sends_nothing(company: SmallCompany, server: Script) -> None:
    assert states(company) == ["accepted", "accepted"]
    again = deliver(company.setting(), PERIOD)
    assert [(one.state, one.is_new) for one in again] == [("accepted", False), ("accepted", False)]
    assert server.addresses == [ADA, JOERG]
    assert server.connections == 1


def test_every_message_is_in_the_ledger_before_and_after_each_step(company: SmallCompany, server: Script) -> None:
    server.scripts[ADA] = ["451 later", "DATA 452 full"]
    assert states(company) == ["accepted", "accepted"]
    assert ledger(company) == ["planned", "failed", "sending", "failed", "sending", "accepted"]
    last = last_records(company.setting().home)[Key(PERIOD, "company", 1, "company", ADA, "smtp")]
    assert (last.attempt, last.words, len(last.digest)) == (3, "250 taken", 64)


def test_one_refused_address_neither_stops_nor_repeats_the_others(company: SmallCompany, server: Script) -> None:
    server.scripts[ADA] = ["550 no such user"] * 9
    assert states(company) == ["refused", "accepted"]
    assert states(company) == ["refused", "accepted"]
    assert server.addresses == [JOERG]
    assert server.tried[ADA] == 1


def test_only_failed_tries_refused_ones_once_more_and_nobody_else(company: SmallCompany, server: Script) -> None:
    server.scripts[ADA] = ["550 mailbox full"]
    states(company)
    company.write(
        "recipients.yaml",
        (company.root / "recipients.yaml").read_text() + "  - {name: N, email: new@example.com, units: [north]}\n",
    )
    done = deliver(company.setting(), PERIOD, only_failed=True)
    assert [(one.planned.key.recipient, one.state, one.is_new) for one in done] == [
        (ADA, "accepted", True),
        ("new@example.com", None, False),
        (JOERG, "accepted", False),
    ]


def test_only_failed_reaches_whose_address_was_mended_and_the_wrong_one_is_nobodys_any_more(
    company: SmallCompany, server: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    server.scripts[ADA] = ["550 no such user"]
    assert states(company) == ["refused", "accepted"]
    people = (company.root / "recipients.yaml").read_text()
    joined = "  - {name: N, email: new@example.com, units: [north]}\n"
    company.write("recipients.yaml", people.replace(ADA, "ada.l@example.com") + joined)
    send("2025-06", company.root, only_failed=True)
    assert server.addresses == [JOERG, "ada.l@example.com"]
    last = last_records(company.setting().home)
    assert [(one.state, one.words) for key, one in last.items() if key.recipient == ADA] == [("skipped", NO_READER)]
    send("2025-06", company.root, only_failed=True)
    send("2025-06", company.root)
    assert server.addresses == [JOERG, "ada.l@example.com", "new@example.com"]


def test_a_server_that_refuses_everybody_alike_is_told_as_that_and_all_are_served_once_it_is_mended(
    company: SmallCompany, server: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    company.write("delivery.yaml", f"{RETRIES}owner: [office@example.com]\n")
    for address in (ADA, JOERG):
        server.scripts[address] = [f"554 5.7.1 <{address}>: Relay access denied"]
    with pytest.raises(DataRefused, match="scorepack send 2025-06 --only-failed"):
        send("2025-06", company.root)
    told = "It refused everybody in the same words: not the addresses are to be mended"
    assert told in " ".join(capsys.readouterr().out.split())
    (mail,) = (message for address, message in server.received if address == "office@example.com")
    assert told in " ".join(mail.get_content().split())
    send("2025-06", company.root, only_failed=True)
    assert server.addresses == ["office@example.com", ADA, JOERG]
    server.scripts[ADA] = ["550 no such user"]
    company.write("recipients.yaml", (company.root / "recipients.yaml").read_text().replace("[company]", "[north]"))
    with pytest.raises(DataRefused):
        send("2025-06", company.root)
    assert "everybody" not in capsys.readouterr().out


def test_what_somebody_has_to_mend_ends_in_an_error(company: SmallCompany, server: Script) -> None:
    company.write(
        "recipients.yaml",
        "recipients:\n  - {name: Ada, email: ada@example.com, units: [company]}\n"
        "  - {name: Jörg, email: joerg@example.com, units: [south], password: JOERG_PASSWORD}\n",
    )
    with pytest.raises(DataRefused, match="something stands in its way"):
        send("2025-06", company.root)
    assert states(company) == ["accepted", None]


def test_two_processes_never_send_at_once_but_a_run_goes_on_beside(
    company: SmallCompany, server: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCOREPACK_WAIT_SECONDS", "0")
    home = company.setting().home
    with sending(home), pytest.raises(HomeBusy, match="is sending from"):
        deliver(company.setting(), PERIOD)
    with at_work(home):
        assert states(company) == ["accepted", "accepted"]


def test_a_recipient_who_is_none_any_more_is_skipped(company: SmallCompany, server: Script) -> None:
    server.scripts[ADA] = ["451 later"] * 9
    states(company)
    company.write("recipients.yaml", "recipients: [{name: J, email: joerg@example.com, units: [south]}]\n")
    assert states(company) == ["accepted"]
    assert ledger(company)[-1] == "skipped"


def test_nothing_of_the_ledger_can_be_changed_unseen(company: SmallCompany, server: Script) -> None:
    states(company)
    assert journal.first_broken(company.setting().home) is None


def test_another_pack_under_the_same_edition_is_refused(company: SmallCompany, server: Script) -> None:

    states(company)
    home = company.setting().home
    key = Key(PERIOD, "company", 1, "company", ADA, "smtp")
    write(home, [replace(last_records(home)[key], state="planned", digest="0" * 64)])
    assert "another pack was planned" in deliver(company.setting(), PERIOD)[0].planned.held
    assert server.addresses == [ADA, JOERG]


def test_a_pack_whose_bytes_changed_in_the_archive_is_not_sent(company: SmallCompany) -> None:
    setting = company.setting()
    digest = next(one.planned.digest for one in deliver(setting, PERIOD) if one.planned.key.unit == "south")
    path = setting.home.landing / digest[:2] / digest
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"%tampered")
    company.write("recipients.yaml", "recipients: [{name: N, email: new@example.com, units: [south]}]\n")
    with pytest.raises(HomeBusy, match="is damaged"):
        deliver(company.setting(), PERIOD)
    assert "new@example.com" not in str(sorted(outbox(company)))


def test_no_proof_and_no_message_without_an_edition(company: SmallCompany) -> None:
    for sent in (lambda: deliver(company.setting(), date(2025, 5, 1)),
                 lambda: send_proofs(company.setting(), date(2025, 5, 1), "me@example.com")):  # fmt: skip
        with pytest.raises(CallError, match="is not published"):
            sent()


def test_nothing_that_sends_opens_the_warehouse() -> None:
    names = ("compose", "gate", "letters", "outbox", "plan", "proofs", "readers", "send", "smtp", "transport")
    folder = Path(sending_module.__file__).parent
    assert [name for name in names if "warehouse.store" in (folder / f"{name}.py").read_text()] == []


def test_a_full_disk_is_told_before_anything_is_sent(company: SmallCompany, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "20m") as disk:
        shutil.copytree(company.root / ".scorepack", disk / "home", symlinks=True)
        (disk / "home/sending.lock").unlink(missing_ok=True)
        fill(disk)
        with pytest.raises(HomeBusy, match=r"home cannot be written: no space is left on its disk. Make room"):
            deliver(company.setting(disk / "home"), PERIOD)
