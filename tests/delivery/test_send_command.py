"""What ``send`` and ``deliveries`` tell of messages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.cli.deliveries_command import deliveries
from pipelines.cli.send_command import send
from pipelines.delivery.send import deliver
from tests.delivery.conftest import PERIOD
from tests.delivery.mail_server import Script
from tests.delivery.what_left import ADA
from tests.small_company import SmallCompany
from warehouse.ledger import last_records, write


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
