"""Handing messages to an SMTP server, over one connection for many of them.

Belongs here: the dialogue, and what each answer means for the message. ``smtplib`` speaks the protocol; the steps of a
transaction are taken one by one, because what a lost connection means depends on the step at which it was lost.
"""

from __future__ import annotations

import re
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

from pipelines.delivery.compose import ascii_address, sender_address
from pipelines.delivery.sessions import Session, TlsSession, Watch, as_told, login
from pipelines.delivery.transport import Answer, NothingLeaves

_MESSAGES_A_CONNECTION = 100
_SLOWEST_BYTES_A_SECOND = 20_000
_TOO_LARGE = 552
_CLOSING = 421
# These ask for a login, or another one: no recipient is the cause.
_NOT_LET_IN = (530, 534, 535, 538)


@dataclass
class Smtp:
    """A server with our login there; certificates are checked, and no step may take longer than it should."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    sender: str = ""
    messages_a_minute: float | None = None
    timeout: float = 30.0
    name: str = "smtp"
    _server: smtplib.SMTP | None = field(default=None, repr=False)
    _taken: int = field(default=0, repr=False)
    _next_turn: float = field(default=0.0, repr=False)

    def send(self, message: EmailMessage, to: str, file_name: str, before_the_end: Callable[[], object]) -> Answer:
        """See ``Transport``. Until the end is told, every failure is one; after it, no answer is an unknown."""
        address = ascii_address(to)
        content = _stuffed(message, is_ascii=(address + sender_address(self.sender)).isascii())
        self._wait_for_turn()
        is_told = False
        try:
            server = self._ready()
            with self._within(server, len(content)):
                answer = self._envelope(server, address, len(content))
                if answer is not None:
                    return answer
                server.send(content)
                before_the_end()
                is_told = True
                server.send(b".\r\n")
                code, words = server.getreply()
        except ssl.SSLCertVerificationError as error:
            self._drop()
            raise NothingLeaves(f"The certificate of {self.host} is not accepted: {error.verify_message}.") from None
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            words_of = _words(error)
            # One may be a message's own fault; from several in a row nobody can tell whether any of them arrives.
            return Answer("unknown", f"no answer: {words_of}", True) if is_told else Answer("failed", words_of, True)
        except BaseException:
            self._drop()
            raise
        self._taken += 1
        return self._last(code, text_of(words))

    def close(self) -> None:
        """End the session, if there is one."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError, smtplib.SMTPException), self._within(server):
                server.quit()
            server.close()

    def _ready(self) -> smtplib.SMTP:
        """A connection that the server still answers on."""
        if self._server is not None and self._taken >= _MESSAGES_A_CONNECTION:
            self.close()
        if self._server is not None:
            try:
                with self._within(self._server):
                    code, _ = self._server.rset()
                if code != 250:
                    # It closes, or is out of step: that is no attempt at this message.
                    self._drop()
            except (OSError, smtplib.SMTPException):
                self._drop()
        if self._server is None:
            self._server, self._taken = self.connect(), 0
        return self._server

    def connect(self) -> smtplib.SMTP:
        """A connection, encrypted and logged in as declared. Raises ``NothingLeaves`` where we are not let in."""
        context = ssl.create_default_context()
        watch, secrets = Watch(self.timeout * 4), as_told(self.user, self.password)
        try:
            with watch:
                server: Session
                if self.scheme == "smtps":
                    server = TlsSession(watch, secrets, self.host, self.port, timeout=self.timeout, context=context)
                else:
                    server = Session(watch, secrets, self.host, self.port, timeout=self.timeout)
                server.ehlo_or_helo_if_needed()
                if self.scheme == "smtp+starttls":
                    server.starttls(context=context)
                    server.ehlo_or_helo_if_needed()
                if self.user is not None:
                    login(server, self.user, self.password or "")
        except smtplib.SMTPNotSupportedError as error:
            raise NothingLeaves(f"{self.host} cannot do what SCOREPACK_SMTP_URL asks for: {error}") from None
        except smtplib.SMTPResponseException as error:
            if error.smtp_code < 500 or error.smtp_code > 599:
                raise
            raise NothingLeaves(
                f"{self.host} does not let us in: {error.smtp_code} {text_of(error.smtp_error)}"
            ) from None
        return server

    def _envelope(self, server: smtplib.SMTP, to: str, size: int) -> Answer | None:
        """Sender, recipient and the wish to send; None where the server is ready for the message."""
        most = server.esmtp_features.get("size", "").strip()
        if most.isdecimal() and 0 < int(most) < size:
            return Answer("refused", f"{self.host} takes {int(most):,} bytes at most; this message has {size:,}")
        options = [f"size={size}"] if server.has_extn("size") else []
        sender = sender_address(self.sender)
        try:
            options += utf8_options(server, self.host, sender, to)
        except NothingLeaves as error:
            if sender.isascii():
                return Answer("refused", str(error))
            raise
        code, words = server.mail(sender, options)
        # Of one with an address beyond ASCII, a server refuses what it cannot do for this recipient.
        if 500 <= code <= 599 and code != _TOO_LARGE and (to.isascii() or not sender.isascii()):
            raise NothingLeaves(f"{self.host} does not take messages of {self.sender}: {code} {text_of(words)}")
        if code == 250:
            code, words = server.rcpt(to)
        if code in (250, 251, 252):
            code, words = server.docmd("DATA")
            if code == 354:
                return None
        if code in _NOT_LET_IN:
            raise NothingLeaves(f"{self.host} does not let us in: {code} {text_of(words)}")
        return self._not_taken(code, text_of(words))

    def _last(self, code: int, words: str) -> Answer:
        if 200 <= code <= 299:
            return Answer("accepted", f"{code} {words}")
        if 400 <= code <= 599:
            return self._not_taken(code, words)
        self._drop()
        return Answer("unknown", f"no answer that is one: {words}", is_of_server=True)

    def _not_taken(self, code: int, words: str) -> Answer:
        """What a refusal means. The next message begins with RSET, which shows whether the connection is still one."""
        if code == _CLOSING or not 400 <= code <= 599:
            self._drop()
        told = f"{code} {words}" if code > 0 else f"no answer that is one: {words}"
        if 500 <= code <= 599:
            return Answer("refused", told)
        return Answer("failed", told, is_of_server=code == _CLOSING or code < 400)

    def _wait_for_turn(self) -> None:
        if self.messages_a_minute is not None:
            now = time.monotonic()
            time.sleep(max(0.0, self._next_turn - now))
            self._next_turn = max(now, self._next_turn) + 60 / self.messages_a_minute

    @contextmanager
    def _within(self, server: smtplib.SMTP, size: int = 0) -> Iterator[None]:
        """Let nothing take longer in all: a server that sends a sign now and then outlasts a socket's timeout."""
        with Watch(self.timeout * 2 + size / _SLOWEST_BYTES_A_SECOND, server):
            yield

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()


def _stuffed(message: EmailMessage, is_ascii: bool) -> bytes:
    """The message as it goes over the line, without the mark of its end: CRLF, and no line begins with a lone dot."""
    content = message.as_bytes(policy=(SMTP if is_ascii else SMTPUTF8).clone(cte_type="7bit"))
    content = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    return re.sub(rb"(?m)^\.", b"..", content if content.endswith(b"\r\n") else content + b"\r\n")


def utf8_options(server: smtplib.SMTP, where: str, *addresses: str) -> list[str]:
    """What MAIL has to ask for these addresses. Raises ``NothingLeaves`` where the server does not take one of them."""
    beyond = [one for one in addresses if not one.isascii()]
    if beyond and not server.has_extn("smtputf8"):
        raise NothingLeaves(f"{where} takes no address with letters beyond ASCII, such as {beyond[0]}.")
    return ["SMTPUTF8", "BODY=8BITMIME"] if beyond else []


def text_of(words: bytes | str, most: int = 500) -> str:
    """What a server said, in one line of so many signs at most, none of which steers anything."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:most]


def _words(error: OSError | smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {text_of(error.smtp_error)}"
    return text_of(str(error)) or type(error).__name__
