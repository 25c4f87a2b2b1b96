"""Proof copies: to one address before any approval, each told, and none asks anybody for a decision."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf
import pytest

from pipelines.cli.deliveries_command import deliveries
from pipelines.cli.send_command import send
from pipelines.delivery.proofs import send_proofs
from pipelines.delivery.send import deliver
from scorecards.errors import CallError, DataRefused
from tests.delivery.conftest import PERIOD
from tests.delivery.mail_server import Script
from tests.delivery.what_left import body
from tests.small_company import SmallCompany
from warehouse.ledger import last_records, messages, records, write

ADA, ME = "ada@example.com", "me@example.com"


def test_a_proof_copy_goes_to_one_address_before_any_approval_and_counts_as_no_delivery(
    published: SmallCompany, server: Script
) -> None:
    done = send_proofs(published.setting(), PERIOD, "me@example.com", ["south"])
    assert [(one.planned.key.recipient, one.state) for one in done] == [("me@example.com", "accepted")]
    (_, message) = server.received[0]
    assert message["Subject"].startswith("Proof copy: ")
    assert "joerg@example.com would receive it" in " ".join(body(message, "plain").split())
    assert {key.edition for key in last_records(published.setting().home)} == {0}
    send_proofs(published.setting(), PERIOD, "me@example.com", ["south"])
    assert server.addresses == ["me@example.com"] * 2


def test_a_proof_copy_is_locked_where_its_recipients_is(
    published: SmallCompany, server: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOERG_PASSWORD", "s")
    published.write(
        "recipients.yaml",
        "recipients: [{name: J, email: joerg@example.com, units: [south], password: JOERG_PASSWORD}]\n",
    )
    send_proofs(published.setting(), PERIOD, "me@example.com")
    (_, message) = server.received[0]
    assert "target" not in body(message, "plain") + message["Subject"]
    (attached,) = message.iter_attachments()
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(attached.get_content()))


def test_a_proof_copy_goes_to_no_other_domain_than_packs_may(published: SmallCompany) -> None:
    published.write("delivery.yaml", "domains: [example.com]\n")
    with pytest.raises(CallError, match="domain that packs may not go to"):
        send_proofs(published.setting(), PERIOD, "me@elsewhere.example")
    with pytest.raises(CallError, match="is not an address"):
        send_proofs(published.setting(), PERIOD, "me")


def test_each_proof_says_whose_message_it_is(company: SmallCompany, capsys: pytest.CaptureFixture[str]) -> None:
    send("2025-06", project=company.root, to="me@example.com")
    out = capsys.readouterr().out
    assert f"me@example.com (as to {ADA})" in out
    assert "outbox/2025-06-proofs/index.html" in out.replace("\n", "")


def test_a_proof_of_which_nobody_knows_asks_for_no_decision_on_real_packs(
    company: SmallCompany, server: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    server.scripts["me@example.com"] = ["swallow"] * 2
    with pytest.raises(DataRefused):
        send("2025-06", company.root, to="me@example.com")
    assert "--unknown" not in capsys.readouterr().out


def proofs(company: SmallCompany) -> list[tuple[str, str]]:
    """State and words of every proof copy, in their order."""
    return [(one.state, one.words) for one in messages(company.setting().home) if not one.key.edition]


def test_every_proof_copy_has_its_line(
    company: SmallCompany, server: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    company.write(
        "recipients.yaml",
        f"recipients: [{{name: A, email: {ADA}, units: [south]}}, {{name: J, email: j@example.com, units: [south]}}]\n",
    )
    for _ in range(2):
        send("2025-06", project=company.root, to=ME)
    capsys.readouterr()
    deliveries("2025-06", project=company.root)
    told = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert told[::3] == [f"2025-06 south: company, proof copy {number}, to {ME}" for number in (1, 2, 3, 4)] + [
        "4 accepted"
    ]
    assert [line.split(": ")[0] for line in told[2::3]] == [f"as to {ADA}", "as to j@example.com"] * 2


def test_an_unknown_proof_copy_is_over_with_the_next_one(company: SmallCompany, server: Script) -> None:
    server.scripts[ME] = ["swallow"]
    send_proofs(company.setting(), PERIOD, ME, ["south"])
    send_proofs(company.setting(), PERIOD, ME, ["company"])
    assert [state for state, _ in proofs(company)] == ["unknown", "accepted"]
    send_proofs(company.setting(), PERIOD, ME, ["south"])
    assert [state for state, _ in proofs(company)] == ["skipped", "accepted", "accepted"]
    assert proofs(company)[0][1] == "a later proof copy took its place"


def test_a_proof_copy_that_was_cut_off_is_over_with_a_decision_and_not_repeated(
    company: SmallCompany, server: Script
) -> None:
    send_proofs(company.setting(), PERIOD, ME, ["south"])
    last = records(company.setting().home)[-1]
    write(company.setting().home, [replace(last, state="sending", words="as to joerg@example.com")])
    deliver(company.setting(), PERIOD)
    assert proofs(company) == [("unknown", "as to joerg@example.com: sending was cut off before the server's answer")]
    deliver(company.setting(), PERIOD, unknown="repeat")
    assert proofs(company) == [("skipped", "a proof copy is not repeated")]
    assert server.addresses.count(ME) == 1
