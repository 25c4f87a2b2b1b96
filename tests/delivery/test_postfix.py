"""A second opinion: packs through Postfix as Debian has it, encrypted, and read from the mailbox that it fills."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.delivery.send import deliver
from tests.delivery.conftest import PERIOD, RETRIES
from tests.delivery.mail_server import certificate
from tests.delivery.postfix import IS_HERE, postfix
from tests.small_company import SmallCompany

pytestmark = pytest.mark.skipif(not IS_HERE, reason="Postfix is not installed, or may not be started")


def test_postfix_takes_what_is_for_its_users_and_its_no_is_understood(
    company: SmallCompany, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = ("ada@example.com", "refused@example.com", "later@example.com")
    lines = "".join(f"  - {{name: Jörg Groß, email: {one}, units: [south]}}\n" for one in addresses)
    company.write("recipients.yaml", "recipients:\n" + lines)
    company.write("delivery.yaml", RETRIES)
    chain, _ = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    monkeypatch.setenv("SCOREPACK_MAIL_FROM", "Scorepack <packs@example.org>")
    with postfix(chain, chain.with_name("key30.pem")) as server:
        monkeypatch.setenv("SCOREPACK_SMTP_URL", f"smtp+starttls://127.0.0.1:{server.port}")
        done = deliver(company.setting(), PERIOD)
        (message,) = server.messages(1)
    assert [one.state for one in done] == ["accepted", "refused", "failed"]
    assert "550 5.1.1" in done[1].words
    assert "450 4.2.0" in done[2].words
    assert message["Return-Path"] == "<packs@example.org>"
    assert message["To"].addresses[0].display_name == "Jörg Groß"
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "2025-06-company-south.pdf"
    digest = done[0].planned.digest
    kept = company.root / ".scorepack/landing" / digest[:2] / digest
    assert attached.get_content() == kept.read_bytes()
