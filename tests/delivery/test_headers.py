"""Headers of messages: whatever stands in a name or a subject stays words, and adds no header, address or text."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest

from pipelines.delivery.compose import new_message

NOON = datetime(2025, 7, 5, 12, tzinfo=UTC)
ADA = "ada@example.com"
ENCODED = "=?utf-8?q?X=0D=0ABcc=3A_evil=40example.org=0D=0AReply-To=3A_evil=40example.org=0D=0A=0D=0AHello?="
HOSTILE = (
    ENCODED,
    f"Zoë {ENCODED}",
    "ü =?utf-8?q?=FF?= ü",
    f"Department of {'x' * 70}, <evil@example.org>, y",
    f'"{"x" * 90}", evil@example.org, "',
    f"Ada (Head of {'x' * 80})",
    f"{'L' * 80}, <evil@example.org>",
    f"{ENCODED[:-2]}{'x' * 80}=22=2C=3Cevil=40example.org=3E=2C?=",
    "Eve\r\nBcc: evil@example.org\u2028X: y",
    "evil@example.org, ", "a <evil@example.org>;", "\\", "ü" * 400, "x" * 1200,
)  # fmt: skip


def written(name: str, subject: str, sender: str = "Packs <packs@example.com>") -> bytes:
    return new_message(name, ADA, subject, sender, NOON, "<1@example.com>").as_bytes()


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("is_name", [True, False])
def test_whatever_stands_in_a_header_adds_no_header_no_address_and_no_text(words: str, is_name: bool) -> None:
    raw = written(words if is_name else "Ada", "June" if is_name else words)
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    # As a program on the way reads and writes it.
    again = email.message_from_bytes(parsed.as_bytes(), policy=email.policy.default)
    for read in (parsed, again):
        assert [name for name in read if not name.startswith("X-")] == [
            "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
        ]  # fmt: skip
        assert [one.addr_spec for one in read["From"].addresses] == ["packs@example.com"]
        assert read.get_payload().strip() == ""
    assert [one.addr_spec for one in parsed["To"].addresses] == [ADA]
    assert max(map(len, raw.splitlines())) <= 78


@pytest.mark.parametrize(
    "name", ["Ada", "Lovelace, Ada", "Jörg Groß", f"Lovelace, Ada ({'Countess ' * 9}of Lovelace)", "Zoë " * 40]
)
def test_a_name_and_a_subject_are_read_as_they_were_written(name: str) -> None:
    parsed = email.message_from_bytes(written(name, name))
    # The newer parser of the library leaves the space between two encoded words of a name.
    shown, address = parseaddr(parsed["To"])
    assert (str(make_header(decode_header(shown))), address) == (name.strip(), ADA)
    assert str(make_header(decode_header(" ".join(parsed["Subject"].split())))) == name.strip()


def test_the_date_of_a_message_is_that_of_its_making() -> None:
    assert b"\r\nDate: Sat, 05 Jul 2025 12:00:00 +0000\r\n" in written("Ada", "June")
