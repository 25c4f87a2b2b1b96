"""When the server fails: for now, in the middle, at the door or for long; each message is tried again on its own."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from aiosmtpd.smtp import AuthResult

from pipelines.cli.send_command import send
from pipelines.delivery.proofs import send_proofs
from pipelines.delivery.send import deliver
from pipelines.delivery.transport import NothingLeaves
from scorecards.errors import DataRefused
from tests.delivery.conftest import PERIOD, RETRIES
from tests.delivery.mail_server import Script, mail_server, raw_server
from tests.delivery.what_left import ADA, JOERG, ledger, states
from tests.small_company import SmallCompany


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


def test_an_outage_of_the_server_ends_the_sending_and_the_next_one_goes_on(
    company: SmallCompany, server: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("SCOREPACK_SMTP_URL", "smtp://127.0.0.1:9")
        done = deliver(company.setting(), PERIOD)
    assert {one.state for one in done} <= {"failed", "planned"}
    assert "refused" in done[0].words
    assert states(company) == ["accepted", "accepted"]


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


def test_no_more_messages_a_minute_leave_than_delivery_yaml_says(
    company: SmallCompany, server: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.write("delivery.yaml", RETRIES + "messages_a_minute: 6\n")
    waited: list[float] = []
    clock = SimpleNamespace(monotonic=time.monotonic, sleep=waited.append)
    monkeypatch.setattr("pipelines.delivery.smtp.time", clock)
    assert states(company) == ["accepted", "accepted"]
    assert waited[0] == 0
    assert 5 < waited[1] <= 10
    waited.clear()
    assert len(send_proofs(company.setting(), PERIOD, "lead@example.com")) == 2
    assert 5 < waited[1] <= 10
