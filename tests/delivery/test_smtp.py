"""The dialogue with a mail server: encryption, login, reuse, rate, and what each kind of fault means."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import quote

import pytest

from pipelines.delivery.compose import new_message
from pipelines.delivery.greeting import greet
from pipelines.delivery.outbox import Outbox
from pipelines.delivery.smtp import Smtp
from pipelines.delivery.transport import Answer, NothingLeaves, transport_from_environment
from scorecards.errors import CallError
from tests.delivery.mail_server import Script, authenticate, certificate, mail_server, raw_server
from warehouse.home import Home

GREETING = (b"220 x\r\n", b"250 x\r\n")
GREETS_AND_ASKS = (b"220 x\r\n", b"250-x\r\n250 AUTH PLAIN\r\n")
PASSWORD = "s3cret/ü"
PLAIN = b64encode(f"\0user\0{PASSWORD}".encode()).decode()
LOGIN = b64encode(PASSWORD.encode()).decode()


def message(text: str = "Guten Tag, Jörg\n.\n..x\nFrom me\n") -> EmailMessage:
    made = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    made["From"], made["To"], made["Subject"] = "packs@example.com", "ada@example.com", "Größe – Ω"
    made.set_content(text)
    made.add_attachment(b"%PDF-\x00\xff\r\n.\r\n", maintype="application", subtype="pdf", filename="Übersicht.pdf")
    return made


def transport(port: int, scheme: str = "smtp", timeout: float = 20, **named: object) -> Smtp:
    given = {"user": None, "password": None, "sender": "Packs <packs@example.com>"} | named
    return Smtp(scheme, "127.0.0.1", port, timeout=timeout, **given)  # type: ignore[arg-type]


def send(way: Smtp, to: str = "ada@example.com") -> tuple[Answer, bool]:
    """The answer, and whether the end of the message was told."""
    told: list[bool] = []
    return way.send(message(), to, "x.eml", lambda: told.append(True)), bool(told)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def port(script: Script) -> Iterator[int]:
    with mail_server(script) as found:
        yield found


def test_what_arrives_is_what_was_written_whatever_its_lines_begin_with(script: Script, port: int) -> None:
    assert send(transport(port)) == (Answer("accepted", "250 taken"), True)
    (_, came) = script.received[0]
    assert came["Subject"] == "Größe – Ω"
    text = came.get_body(("plain",))
    assert text is not None
    assert text.get_content().splitlines() == ["Guten Tag, Jörg", ".", "..x", "From me"]
    (attached,) = came.iter_attachments()
    assert attached.get_filename() == "Übersicht.pdf"
    assert attached.get_content() == b"%PDF-\x00\xff\r\n.\r\n"


def test_many_messages_share_a_connection_and_a_hundred_are_enough_for_one(script: Script, port: int) -> None:
    way = transport(port)
    for _ in range(101):
        assert send(way)[0].state == "accepted"
    way.close()
    assert (len(script.received), script.connections) == (101, 2)


def test_a_connection_that_the_server_has_closed_is_opened_anew_without_a_failure(script: Script, port: int) -> None:
    way = transport(port)
    assert send(way)[0].state == "accepted"
    assert way._server is not None
    assert way._server.sock is not None
    way._server.sock.close()
    assert send(way)[0].state == "accepted"


def test_no_more_messages_a_minute_than_declared(port: int) -> None:
    way, begun = transport(port, messages_a_minute=600), time.monotonic()
    for _ in range(4):
        send(way)
    assert 0.3 <= time.monotonic() - begun < 3


@pytest.mark.parametrize(
    ("line", "state", "words", "is_of_server"),
    [
        ("451 4.7.1 greylisted", "failed", "451 4.7.1 greylisted", False),
        ("452 no room", "failed", "452 no room", False),
        ("550 5.1.1 no such user", "refused", "550 5.1.1 no such user", False),
        ("DATA 452 no room", "failed", "452 no room", False),
        ("DATA 554 spam", "refused", "554 spam", False),
        ("421 closing", "failed", "421 closing", True),
        ("hang up", "failed", "Connection unexpectedly closed", True),
        ("swallow", "unknown", "no answer: Connection unexpectedly closed", True),
    ],
)
def test_each_fault_means_what_it_means_and_the_next_message_leaves(
    script: Script, port: int, line: str, state: str, words: str, is_of_server: bool
) -> None:
    script.scripts["ada@example.com"] = [line]
    way = transport(port)
    answer, is_told = send(way)
    assert (answer.state, answer.is_of_server) == (state, is_of_server)
    assert words in answer.words
    assert is_told == (line.startswith("DATA") or state == "unknown")
    assert send(way, "joerg@example.com")[0].state == "accepted"
    assert script.addresses == ["joerg@example.com"]


@pytest.mark.parametrize(
    ("replies", "state"),
    [
        ((b"what?\r\n",), "failed"),
        ((*GREETING, b"\xff\xfe\r\n"), "failed"),
        ((*GREETING, b"250 x\r\n", b"250 x\r\n", b"354 x\r\n", b"garbage\r\n"), "unknown"),
        ((*GREETING, b"250 x\r\n", b"250 x\r\n", b"354 x\r\n", b"250 " + b"x" * 100_000), "unknown"),
        ((*GREETING, b"250 x\r\n", b"250 x\r\n", b"354 x\r\n", 5.0), "unknown"),
        ((5.0,), "failed"),
    ],
)  # fmt: skip
def test_garbage_and_silence_fail_before_the_end_of_a_message_and_are_unknown_after_it(
    replies: tuple[bytes | float, ...], state: str
) -> None:
    with raw_server(*replies) as port:
        answer, is_told = send(transport(port, timeout=0.4))
    assert (answer.state, is_told) == (state, state == "unknown")


def test_a_server_that_drips_outlasts_every_timeout_but_not_the_time_for_a_message() -> None:
    drip = [each for sign in b"220 welcome to this server of ours" for each in (bytes([sign]), 0.15)]
    begun = time.monotonic()
    with raw_server(*drip) as port:
        answer, _ = send(transport(port, timeout=0.3))
    assert answer.state == "failed"
    assert "took longer than" in answer.words
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_trusted_certificate_and_a_login_let_messages_out(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    chain, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    with mail_server(script, **encrypted(scheme, context), authenticator=authenticate, auth_required=True) as port:
        way = transport(port, scheme, 5, user="user", password="s3cret/ü")
        assert send(way)[0] == Answer("accepted", "250 taken")
        way.close()


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
@pytest.mark.parametrize(("is_trusted", "days", "words"), [(False, 30, "self-signed"), (True, -1, "has expired")])
def test_a_certificate_that_is_not_trusted_or_has_expired_lets_nothing_out(
    script: Script,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    is_trusted: bool,
    days: int,
    words: str,
) -> None:
    chain, context = certificate(tmp_path, days)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    with (
        mail_server(script, **encrypted(scheme, context)) as port,
        pytest.raises(NothingLeaves, match=rf"certificate of 127.0.0.1 is not accepted: .*{words}"),
    ):
        send(transport(port, scheme, 5, user="user", password="s3cret/ü"))
    assert script.received == []


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_trusted_certificate_for_another_name_lets_nothing_out(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    chain, context = certificate(tmp_path, address="127.0.0.2")
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    with (
        mail_server(script, **encrypted(scheme, context)) as port,
        pytest.raises(NothingLeaves, match=r"certificate of 127\.0\.0\.1 is not accepted: .*mismatch"),
    ):
        send(transport(port, scheme, 5, user="user", password=PASSWORD))
    assert script.received == []


def encrypted(scheme: str, context: object) -> dict[str, object]:
    if scheme == "smtps":
        return {"ssl_context": context, "auth_require_tls": False}
    return {"tls_context": context, "require_starttls": True}


def test_a_server_without_starttls_is_told_no_password_and_sent_no_message(script: Script, port: int) -> None:
    with pytest.raises(NothingLeaves, match="cannot do what SCOREPACK_SMTP_URL asks for"):
        send(transport(port, "smtp+starttls", user="user", password="s3cret/ü"))
    assert script.received == []


def test_a_wrong_password_is_no_refusal_of_a_recipient(script: Script) -> None:
    with (
        mail_server(script, authenticator=authenticate, auth_require_tls=False, auth_required=True) as port,
        pytest.raises(NothingLeaves, match="does not let us in: 535") as caught,
    ):
        send(transport(port, user="user", password="wrong"))
    assert "wrong" not in str(caught.value)


SENDERS = ("Büro <packs@bücher.example>", "Büro <zählen@bücher.example>")


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("to", ["ada@example.com", "jörg@bücher.example"])
def test_a_sender_with_an_umlaut_is_written_as_servers_take_it(script: Script, sender: str, to: str) -> None:
    made = new_message("Jörg, Groß", to, "Größe", sender, datetime(2025, 7, 5, tzinfo=UTC), "<1@example.com>")
    made.set_content("x")
    with mail_server(script, enable_SMTPUTF8=True) as port:
        way = transport(port, sender=sender)
        assert way.send(made, to, "x.eml", lambda: None).state == "accepted"
        assert greet(way).valid_until is None
    ((_, came),) = script.received
    (of,), (for_,) = came["From"].addresses, came["To"].addresses
    assert (of.display_name, as_text(of.addr_spec)) == ("Büro", sender[6:-1].replace("bücher", "xn--bcher-kva"))
    assert (for_.display_name, as_text(for_.addr_spec)) == ("Jörg, Groß", to.replace("bücher", "xn--bcher-kva"))


def as_text(address: str) -> str:
    """Letters beyond ASCII in an address, which the library reads as bytes."""
    return address.encode("utf-8", "surrogateescape").decode()


def test_a_sender_that_the_server_cannot_name_lets_nothing_out(script: Script) -> None:
    with mail_server(script, enable_SMTPUTF8=False) as port:
        way = transport(port, sender=SENDERS[1])
        for told in (lambda: send(way), lambda: greet(way)):
            with pytest.raises(NothingLeaves, match="no address with letters beyond ASCII, such as zählen@"):
                told()


def test_one_address_beyond_ascii_that_is_refused_with_the_sender_stops_no_others() -> None:
    ehlo = b"250-x\r\n250 SMTPUTF8\r\n"
    with raw_server(b"220 x\r\n", ehlo, b"550 5.6.7 no such here\r\n") as port:
        answer, _ = send(transport(port, timeout=1), "jörg@example.com")
    assert (answer.state, answer.words) == ("refused", "550 5.6.7 no such here")


@pytest.mark.parametrize("code", [530, 535])
def test_a_server_that_asks_for_a_login_refuses_no_recipient(script: Script, port: int, code: int) -> None:
    script.scripts["ada@example.com"] = [f"{code} 5.7.0 Must issue a STARTTLS command first"]
    with pytest.raises(NothingLeaves, match=f"does not let us in: {code} 5.7.0 Must"):
        send(transport(port))


def test_a_recipient_whom_the_server_cannot_verify_is_taken() -> None:
    with raw_server(*GREETING, b"250 x\r\n", b"252 will try\r\n", b"354 x\r\n", b"250 taken\r\n") as port:
        assert send(transport(port, timeout=1))[0].state == "accepted"


def test_a_message_larger_than_the_server_takes_is_not_offered(script: Script) -> None:
    with mail_server(script, data_size_limit=500) as port:
        answer, is_told = send(transport(port))
    assert (answer.state, is_told) == ("refused", False)
    assert "takes 500 bytes at most; this message has " in answer.words


def test_a_server_that_closes_between_two_messages_costs_no_attempt() -> None:
    good = (*GREETING, b"250 x\r\n", b"250 x\r\n", b"354 x\r\n", b"250 taken\r\n")
    with raw_server(*good, b"421 closing\r\n") as port:
        way = transport(port, timeout=1)
        assert [send(way)[0].state for _ in range(2)] == ["accepted", "accepted"]


def test_a_reply_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(*GREETING, b"250 x\r\n", (b"250-" + b"x" * 4000 + b"\r\n") * 40) as port:
        answer, _ = send(transport(port, timeout=2))
    assert (answer.state, answer.words) == ("failed", "the server's reply has no end")


def test_what_is_no_reply_is_told_whole() -> None:
    with raw_server(*GREETING, b"250 x\r\n", b"garbage in\r\n") as port:
        assert send(transport(port, timeout=2))[0].words == "no answer that is one: garbage in"


def told_by(way: Smtp) -> str:
    """What a sending tells: the answer's words, or why nothing leaves."""
    try:
        return send(way)[0].words
    except NothingLeaves as error:
        return str(error)


@pytest.mark.parametrize(
    ("challenge", "words"),
    [(b"334 PDEyMz4=\r\n", "does not let us in: 535 no"), (b"334 xyz\r\n", "its challenge is no base64")],
)
def test_a_login_by_challenge_takes_every_password(challenge: bytes, words: str) -> None:
    with (
        raw_server(b"220 x\r\n", b"250-x\r\n250 AUTH CRAM-MD5\r\n", challenge, b"535 no\r\n") as port,
        pytest.raises(NothingLeaves, match=words),
    ):
        send(transport(port, timeout=1, user="user", password=PASSWORD))


@pytest.mark.parametrize(("offered", "told"), [(b"AUTH XOAUTH2", "XOAUTH2"), (b"8BITMIME", "it offers none")])
def test_a_server_that_knows_no_login_of_ours_is_told(offered: bytes, told: str) -> None:
    with (
        raw_server(b"220 x\r\n", b"250-x\r\n250 " + offered + b"\r\n") as port,
        pytest.raises(NothingLeaves, match=rf"knows no login of ours .*: {told}"),
    ):
        send(transport(port, timeout=1, user="user", password=PASSWORD))


@pytest.mark.parametrize("code", [334, 454, 501, 535])
@pytest.mark.parametrize("said", [PLAIN, PLAIN[:20], LOGIN, PASSWORD, quote(PASSWORD, safe=""), f"user:{PASSWORD}"])
def test_a_password_that_the_server_repeats_at_the_login_is_not_told(code: int, said: str) -> None:
    with raw_server(*GREETS_AND_ASKS, f"{code}-5.7.8 AUTH {said}\r\n{code} - no\r\n".encode()) as port:
        told = told_by(transport(port, timeout=1, user="user", password=PASSWORD))
    assert "[password]" in told
    assert said not in told
    assert said[-8:] not in told
    assert str(code) in told


@pytest.mark.parametrize("code", [250, 451, 550, 552])
@pytest.mark.parametrize("place", range(4))
def test_a_password_that_the_server_repeats_later_is_not_told_either(code: int, place: int) -> None:
    good = [b"235 in\r\n", b"250 x\r\n", b"250 x\r\n", b"354 x\r\n", b"250 x\r\n"]
    good[place + 1] = f"{code} user:{PASSWORD} may not relay\r\n".encode()
    with raw_server(*GREETS_AND_ASKS, *good) as port:
        told = told_by(transport(port, timeout=1, user="user", password=PASSWORD))
    assert PASSWORD not in told
    assert told.isascii()


def test_an_address_beyond_ascii_needs_a_server_that_knows_such(script: Script) -> None:
    with mail_server(script, enable_SMTPUTF8=False) as port:
        assert send(transport(port), "jörg@bücher.example")[0].state == "refused"
    with mail_server(script, enable_SMTPUTF8=True) as port:
        assert send(transport(port), "jörg@bücher.example")[0].state == "accepted"
        assert send(transport(port), "ada@bücher.example")[0].state == "accepted"
    assert script.addresses == ["jörg@xn--bcher-kva.example", "ada@xn--bcher-kva.example"]


@pytest.mark.parametrize("url", ["ftp://host", "smtp://", "host:25", "smtp://host:99999999", "smtp://:s3cret@"])
def test_a_wrong_server_address_is_told_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("SCOREPACK_SMTP_URL", url)
    with pytest.raises(CallError, match=r"smtp\+starttls://") as caught:
        transport_from_environment(Home(tmp_path), "2025-06")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SCOREPACK_MAIL_FROM", "", "SCOREPACK_MAIL_FROM is not set"),
        ("SCOREPACK_MAIL_FROM", "nobody", "is no address"),
        ("SCOREPACK_MAIL_FROM", "a@example.com\nBcc: all@example.com", "is no address"),
        ("SCOREPACK_MAIL_FROM", "=?utf-8?q?B=C3=BCro?= <packs@example.com>", "is no address"),
        ("SCOREPACK_SMTP_TIMEOUT_SECONDS", "soon", "is no number of seconds"),
        ("SCOREPACK_SMTP_URL", "smtp://user:s3cret@mail.example.com", "for all to read"),
    ],
)
def test_settings_that_cannot_be_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv("SCOREPACK_SMTP_URL", "smtps://user:s3cret@mail.example.com")
    monkeypatch.setenv("SCOREPACK_MAIL_FROM", "packs@example.com")
    monkeypatch.setenv(name, value)
    with pytest.raises(CallError, match=words):
        transport_from_environment(Home(tmp_path), "2025-06")


def test_the_declared_rate_is_the_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOREPACK_SMTP_URL", "smtps://mail.example.com")
    monkeypatch.setenv("SCOREPACK_MAIL_FROM", "packs@example.com")
    way = transport_from_environment(Home(tmp_path), "2025-06", 7)
    assert isinstance(way, Smtp)
    assert way.messages_a_minute == 7


def test_a_password_never_shows_in_the_transport(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOREPACK_SMTP_URL", "smtps://user:s3cret@mail.example.com")
    monkeypatch.setenv("SCOREPACK_MAIL_FROM", "packs@example.com")
    assert "s3cret" not in repr(transport_from_environment(Home(tmp_path), "2025-06"))


def test_without_a_server_there_is_the_outbox(tmp_path: Path) -> None:
    assert isinstance(transport_from_environment(Home(tmp_path), "2025-06"), Outbox)
