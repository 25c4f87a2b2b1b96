"""Sending approved packs: to the outbox and to a real SMTP server, each once to each reader, whatever happens."""

from __future__ import annotations

import email
import email.policy
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult

import pipelines.delivery.send as sending_module
from pipelines.cli.deliveries_command import deliveries
from pipelines.cli.send_command import send
from pipelines.delivery.compose import Parts, compose, message_id
from pipelines.delivery.proofs import send_proofs
from pipelines.delivery.send import deliver
from pipelines.delivery.transport import NothingLeaves
from pipelines.steps.editions import publish
from pipelines.steps.packs import build_packs
from pipelines.steps.status import month_states
from report_templates.email import Letter
from report_templates.pack_message import message_of
from scorecards.errors import CallError, DataRefused, HomeBusy
from tests.delivery.conftest import PERIOD, RETRIES
from tests.delivery.mail_server import Script, mail_server, raw_server
from tests.disks import fill, small_disk
from tests.small_company import SmallCompany
from warehouse import journal
from warehouse.editions import editions
from warehouse.ledger import Key, last_records, records, sending, write
from warehouse.working import at_work

NOON = datetime(2025, 7, 5, 12, tzinfo=UTC)
ADA, JOERG = "ada@example.com", "joerg@example.com"


def states(company: SmallCompany, **named: object) -> list[str | None]:
    return [one.state for one in deliver(company.setting(), PERIOD, **named)]  # type: ignore[arg-type]


def ledger(company: SmallCompany, address: str = ADA) -> list[str]:
    return [one.state for one in records(company.setting().home) if one.key.recipient == address]


def outbox(company: SmallCompany, folder: str = "2025-06") -> dict[str, EmailMessage]:
    files = sorted((company.setting().home.outbox / folder).glob("*.eml"))
    return {path.name: email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files}  # type: ignore[misc]


def body(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert isinstance(found, EmailMessage)
    return str(found.get_content())


# What a message is


@pytest.mark.parametrize(
    "subject",
    [
        "Sales team scorecard October 2026: Accounts Central Europe 97, on target",
        "Korrektur: Vertrieb für Österreich und die Schweiz, Oktober 2026: Großkunden Süd 71, Ziel verfehlt",
        "Short",
    ],
)
def test_a_subject_begins_on_its_first_line_and_survives(company: SmallCompany, subject: str) -> None:
    said = replace(message_of(build_packs(company.setting(), PERIOD)[0]), unit="", standing="")
    said = replace(said, scorecard=subject, month="")
    key = Key(PERIOD, "company", 1, "company", ADA, "file")
    made = compose(key, "Ada", ADA, Parts(said, Letter("Ada")), "packs@example.com", datetime.now(UTC))
    raw = made.as_bytes()
    line = next(line for line in raw.split(b"\r\n") if line.startswith(b"Subject:"))
    assert re.match(rb"Subject: \S+ ?", line)
    assert max(map(len, raw.split(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78
    assert str(email.message_from_bytes(raw, policy=email.policy.default)["Subject"]).startswith(subject)


def test_without_a_server_every_message_is_a_file_with_text_html_and_the_approved_pdf(company: SmallCompany) -> None:
    setting = company.setting()
    done = deliver(setting, PERIOD)
    assert [(one.planned.key.unit, one.planned.key.recipient, one.state, one.is_new) for one in done] == [
        ("company", ADA, "written", True),
        ("south", JOERG, "written", True),
    ]
    messages = outbox(company)
    assert sorted(messages) == ["company-company-ada@example.com.eml", "company-south-joerg@example.com.eml"]
    message = messages["company-south-joerg@example.com.eml"]
    assert message["To"].addresses[0].display_name == "Jörg Groß"
    assert "June 2025" in message["Subject"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Shop Süd" in body(message, "plain")
    assert "<table" in body(message, "html")
    (attached,) = message.iter_attachments()
    (edition,) = editions(setting.home)
    assert attached.get_filename() == "2025-06-company-south.pdf"
    assert attached.get_content_type() == "application/pdf"
    digest = next(one.planned.digest for one in done if one.planned.key.unit == "south")
    assert attached.get_content() == (setting.home.landing / digest[:2] / digest).read_bytes()
    assert edition.number == 1


def test_the_messages_of_the_outbox_stand_on_a_page_in_frames_that_run_nothing(company: SmallCompany) -> None:
    deliver(company.setting(), PERIOD)
    page = (company.root / ".scorepack/outbox/2025-06/index.html").read_text()
    assert page.count("<iframe sandbox") == 2
    assert "Jörg Groß" in page
    assert "<script" not in page
    assert 'href="company-south-joerg%40example.com.eml"' in page


def test_text_and_html_bodies_show_the_same_scores(company: SmallCompany) -> None:
    deliver(company.setting(), PERIOD)
    pack = next(one for one in build_packs(company.setting(), PERIOD) if one.unit == "company")
    assert pack.node.score is not None
    message = outbox(company)["company-company-ada@example.com.eml"]
    for kind in ("plain", "html"):
        assert str(round(pack.node.score)) in body(message, kind)


def test_text_of_the_project_is_escaped_in_the_html_body(company: SmallCompany) -> None:
    deliver(company.setting(), PERIOD)
    html = body(outbox(company)["company-company-ada@example.com.eml"], "html")
    assert "Small &amp; Company" in html
    assert "Small & Company" not in html


def test_messages_say_what_their_edition_says_whatever_was_computed_since(company: SmallCompany) -> None:
    before = message_of(next(one for one in build_packs(company.setting(), PERIOD) if one.unit == "company"))
    company.write("delivery.yaml", RETRIES + "freshness: any\n")
    company.sales("2025-06", "1,north,2025-06-01,1.00\n", "20250720")
    from pipelines.cli.printing import Steps
    from pipelines.cli.running import materialise

    materialise("month_end", company.root, None, None, [PERIOD], "none", Steps(None))
    now = message_of(next(one for one in build_packs(company.setting(), PERIOD) if one.unit == "company"))
    assert now.standing != before.standing
    deliver(company.setting(), PERIOD)
    text = body(outbox(company)["company-company-ada@example.com.eml"], "plain")
    assert " ".join(before.headline.split()[:6]) in " ".join(text.split())


def test_a_line_break_in_a_name_cannot_add_a_header(company: SmallCompany) -> None:
    pack = build_packs(company.setting(), PERIOD)[0]
    parts = Parts(message_of(pack), Letter("x", ("x.pdf",)), (("x.pdf", b"%PDF-"),))
    key = Key(PERIOD, "company", 1, "company", "eve@example.com", "smtp")
    message = compose(
        key,
        'Eve"\r\nBcc: all@example.com',
        "eve@example.com",
        parts,
        "packs@example.com",
        datetime(2025, 7, 5, tzinfo=UTC),
    )
    parsed = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert parsed["Bcc"] is None
    assert [address.addr_spec for address in parsed["To"].addresses] == ["eve@example.com"]


def test_the_same_message_has_the_same_id_and_all_months_of_a_scorecard_one_thread(company: SmallCompany) -> None:
    pack = build_packs(company.setting(), PERIOD)[0]
    made = [
        compose(
            Key(period, "company", 1, "company", address, "smtp"), "Ada", address,
            Parts(message_of(pack), Letter("Ada")), "Packs <packs@bücher.example>", NOON.replace(minute=number),
        )
        for number, (period, address) in enumerate([(PERIOD, ADA)] * 2 + [(date(2025, 5, 1), ADA), (PERIOD, JOERG)])
    ]  # fmt: skip
    ids = [message["Message-ID"] for message in made]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert ids[0].endswith("@xn--bcher-kva.example>")
    assert made[0]["References"] == made[2]["References"] != made[3]["References"]
    assert made[0].as_bytes().isascii()


def test_two_addresses_never_become_one_file_of_the_outbox(company: SmallCompany) -> None:
    addresses = ("a+b@x.example", "a_b@x.example", "a!b@x.example")
    lines = "".join(f"  - {{name: X, email: '{one}', units: [south]}}\n" for one in addresses)
    company.write("recipients.yaml", "recipients:\n" + lines)
    deliver(company.setting(), PERIOD)
    assert len(outbox(company)) == 3
    send_proofs(company.setting(), PERIOD, "me@example.com")
    assert len(outbox(company, "2025-06-proofs")) == 3
    assert len({message["Message-ID"] for message in outbox(company, "2025-06-proofs").values()}) == 3


# Once to each, and never twice


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


def test_a_temporary_failure_is_tried_again_for_its_recipient_only_and_by_the_next_send(
    company: SmallCompany, server: Script
) -> None:
    server.scripts[ADA] = ["451 try later"] * 4
    assert states(company) == ["failed", "accepted"]
    assert server.tried[ADA] == 3
    again = deliver(company.setting(), PERIOD)
    assert [(one.state, one.is_new) for one in again] == [("accepted", True), ("accepted", False)]
    assert server.addresses == [JOERG, ADA]


def test_pauses_between_attempts_grow_and_differ(company: SmallCompany, server: Script) -> None:
    company.write("delivery.yaml", "retries: {attempts: 5, first_after_seconds: 10, at_most_seconds: 100}\n")
    server.scripts[ADA] = ["451 later"] * 9
    waited: list[float] = []
    deliver(company.setting(), PERIOD, wait=waited.append)
    assert len(waited) == 4
    assert all(low / 2 - 1 <= pause <= low for low, pause in zip((10, 30, 90, 100), waited, strict=True))
    assert len({round(pause / low, 4) for low, pause in zip((10, 30, 90, 100), waited, strict=True)}) == 4


def test_a_connection_lost_before_the_message_is_whole_is_a_failure_and_tried_again(
    company: SmallCompany, server: Script
) -> None:
    server.scripts[ADA] = ["hang up"]
    assert states(company) == ["accepted", "accepted"]
    assert ledger(company) == ["planned", "failed", "sending", "accepted"]


@pytest.mark.parametrize(("script", "arrived"), [("swallow", 0), ("take and hang up", 1)])
def test_a_connection_lost_after_the_message_is_an_unknown_that_is_never_repeated_by_itself(
    company: SmallCompany, server: Script, script: str, arrived: int
) -> None:
    server.scripts[ADA] = [script]
    assert states(company) == ["unknown", "accepted"]
    assert states(company) == ["unknown", "accepted"]
    assert server.addresses.count(ADA) == arrived


def test_a_server_that_never_answers_is_left_alone_and_the_rest_waits(company: SmallCompany, server: Script) -> None:
    readers = [f"r{number}@example.com" for number in range(8)]
    server.scripts = {reader: ["swallow"] for reader in readers}
    lines = [f"  - {{name: R, email: {reader}, units: [company]}}" for reader in readers]
    company.write("recipients.yaml", "\n".join(["recipients:", *lines]) + "\n")
    assert states(company) == ["unknown"] * 5 + ["planned"] * 3
    server.scripts = {}
    with pytest.raises(DataRefused, match="Of some messages nobody knows"):
        send("2025-06", company.root)
    assert states(company) == ["unknown"] * 5 + ["accepted"] * 3


def test_what_somebody_has_to_mend_ends_in_an_error(company: SmallCompany, server: Script) -> None:
    company.write(
        "recipients.yaml",
        "recipients:\n  - {name: Ada, email: ada@example.com, units: [company]}\n"
        "  - {name: Jörg, email: joerg@example.com, units: [south], password: JOERG_PASSWORD}\n",
    )
    with pytest.raises(DataRefused, match="something stands in its way"):
        send("2025-06", company.root)
    assert states(company) == ["accepted", None]


@pytest.mark.parametrize(
    ("policy", "state", "arrived"), [("repeat", "accepted", 1), ("let be", "skipped", 0), ("", "unknown", 0)]
)
def test_an_unknown_is_settled_as_somebody_decides(
    company: SmallCompany, server: Script, policy: str, state: str, arrived: int
) -> None:
    server.scripts[ADA] = ["swallow"]
    states(company)
    assert states(company, unknown=policy) == [state, "accepted"]
    assert server.addresses.count(ADA) == arrived
    assert states(company) == [state, "accepted"]


def test_an_unknown_is_settled_as_the_project_declares(company: SmallCompany, server: Script) -> None:
    company.write("delivery.yaml", RETRIES + "unknown: repeat\n")
    server.scripts[ADA] = ["swallow"]
    assert states(company) == ["unknown", "accepted"]
    assert states(company) == ["accepted", "accepted"]


def test_what_was_cut_off_while_sending_is_unknown_on_restart(
    company: SmallCompany, server: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(self: object, message: object, to: str, name: str, before_the_end: Callable[[], object]) -> None:
        before_the_end()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("pipelines.delivery.smtp.Smtp.send", cut_off)
        with pytest.raises(KeyboardInterrupt):
            deliver(company.setting(), PERIOD)
    assert ledger(company)[-1] == "sending"
    assert states(company) == ["unknown", "accepted"]


def test_what_was_cut_off_before_the_message_was_whole_is_sent(
    company: SmallCompany, server: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("pipelines.delivery.smtp.Smtp.send", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            deliver(company.setting(), PERIOD)
    assert ledger(company) == ["planned"]
    assert states(company) == ["accepted", "accepted"]


def test_two_processes_never_send_at_once_but_a_run_goes_on_beside(
    company: SmallCompany, server: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCOREPACK_WAIT_SECONDS", "0")
    home = company.setting().home
    with sending(home), pytest.raises(HomeBusy, match="is sending from"):
        deliver(company.setting(), PERIOD)
    with at_work(home):
        assert states(company) == ["accepted", "accepted"]


def test_an_outage_of_the_server_ends_the_sending_and_the_next_one_goes_on(
    company: SmallCompany, server: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("SCOREPACK_SMTP_URL", "smtp://127.0.0.1:9")
        done = deliver(company.setting(), PERIOD)
    assert {one.state for one in done} <= {"failed", "planned"}
    assert "refused" in done[0].words
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


# Editions


def restated(company: SmallCompany) -> None:
    """A second edition: sales of the north are corrected, those of the south stay."""
    from pipelines.cli.printing import Steps
    from pipelines.cli.running import materialise
    from pipelines.delivery.gate import approve

    rows = (company.root / "extracts/sales_2025-06_20250703.csv").read_text().split("\n", 1)[1]
    company.sales("2025-06", rows.replace("north,2025-06-01,46.50", "north,2025-06-01,1.50"), "20250720")
    materialise("month_end", company.root, None, None, [PERIOD], "none", Steps(None))
    publish(company.setting(), PERIOD, "Ada", "a late invoice")
    approve(company.setting(), PERIOD, "Grace")


def test_a_new_edition_is_a_correction_for_those_whose_pack_changed_and_nothing_for_the_others(
    company: SmallCompany, server: Script
) -> None:
    states(company)
    first = server.received[0][1]
    restated(company)
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
    # Both readers have what holds now: it is not the messages of all editions that are counted.
    (month,) = (one for one in month_states(company.setting(), 1, date(2025, 7, 31)))
    assert (month.edition, month.delivered) == (2, 2)


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
    restated(company)
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
    restated(company)
    assert states(company) == ["accepted", "accepted"]
    assert not server.received[-1][1]["Subject"].startswith("Correction")
    assert ledger(company, JOERG) == ["planned", *["failed"] * 3, "planned", "skipped", "sending", "accepted"]


def test_another_pack_under_the_same_edition_is_refused(company: SmallCompany, server: Script) -> None:
    from dataclasses import replace

    from warehouse.ledger import write

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


# Templates of the project


def test_a_project_writes_its_own_subject_in_the_sandbox(company: SmallCompany) -> None:
    company.write("templates/email_message/subject.txt", "{{ message.unit }} & co: {{ message.standing }}\n")
    deliver(company.setting(), PERIOD)
    message = outbox(company)["company-company-ada@example.com.eml"]
    assert message["Subject"].startswith("Small & Company & co: ")


def test_a_template_that_fails_is_told_with_its_line_and_nothing_is_sent(company: SmallCompany, server: Script) -> None:
    from scorecards.errors import DeclarationError

    company.write("templates/email_message/message.txt", "\n{{ message.nothing }}\n")
    with pytest.raises(DeclarationError, match=r"templates/email_message/message.txt:2: cannot be filled"):
        deliver(company.setting(), PERIOD)
    assert server.received == []


def test_a_server_that_lets_nobody_in_leaves_everything_planned(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    with raw_server(b"554 no service\r\n") as port:
        monkeypatch.setenv("SCOREPACK_SMTP_URL", f"smtp://127.0.0.1:{port}")
        monkeypatch.setenv("SCOREPACK_MAIL_FROM", "packs@example.com")
        with pytest.raises(NothingLeaves, match="does not let us in: 554 no service"):
            deliver(company.setting(), PERIOD)
    assert set(ledger(company)) == {"planned"}


def test_a_server_that_shuts_us_out_in_the_middle_is_told_beside_what_it_had_taken(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, logins = Script({JOERG: ["hang up"]}), iter([True])

    def once(*_: object) -> AuthResult:
        is_right = next(logins, False)
        return AuthResult(success=is_right, handled=is_right)

    monkeypatch.setenv("SCOREPACK_MAIL_FROM", "packs@example.com")
    with mail_server(script, authenticator=once, auth_require_tls=False, auth_required=True) as port:
        monkeypatch.setenv("SCOREPACK_SMTP_URL", f"smtp://user:password@127.0.0.1:{port}")
        done = deliver(company.setting(), PERIOD, wait=lambda _: None)
    assert [(one.planned.key.recipient, one.state) for one in done] == [(ADA, "accepted"), (JOERG, "failed")]
    assert "does not let us in: 535" in done[1].words
    assert script.addresses == [ADA]
    assert ledger(company, JOERG)[-1] == "failed"


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


def test_deliveries_show_addresses_and_answers_whole(
    company: SmallCompany, server: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "550 no such user here, " + "and this is a long answer " * 8 + "that ends"
    server.scripts = {ADA: [words]}
    deliver(company.setting(), PERIOD)
    deliveries("2025-06", project=company.root)
    first, second, third, *_ = capsys.readouterr().out.splitlines()
    assert first == f"2025-06 company: company, edition 1, to {ADA}"
    assert second.startswith("    refused by smtp, attempt 1, ")
    assert third.strip() == words


def test_a_server_that_is_not_set_any_more_is_warned_of(
    company: SmallCompany, server: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    send("2025-06", project=company.root)
    assert "warning" not in capsys.readouterr().out
    send("2025-06", project=company.root)
    assert capsys.readouterr() == ("", "")
    monkeypatch.delenv("SCOREPACK_SMTP_URL")
    for is_dry in (True, False):
        send("2025-06", project=company.root, dry_run=is_dry)
        assert "have left by smtp, and SCOREPACK_SMTP_URL is not set now" in capsys.readouterr().out


def test_a_dry_run_asks_for_a_decision_about_a_message_that_was_cut_off(
    company: SmallCompany, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(company.setting(), PERIOD)
    last = next(iter(last_records(company.setting().home).values()))
    write(company.setting().home, [replace(last, state="sending")])
    send("2025-06", project=company.root, dry_run=True)
    assert "decide with --unknown" in capsys.readouterr().out


def test_no_more_messages_a_minute_leave_than_delivery_yaml_says(company: SmallCompany, server: Script) -> None:
    company.write("delivery.yaml", RETRIES + "messages_a_minute: 60\n")
    begun = time.monotonic()
    assert states(company) == ["accepted", "accepted"]
    assert time.monotonic() - begun >= 1
