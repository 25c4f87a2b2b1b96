"""Where messages go: an SMTP server where one is set, else the outbox folder.

The settings come from the environment: ``SCOREPACK_SMTP_URL`` and ``SCOREPACK_MAIL_FROM``.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from scorecards.errors import CallError
from warehouse.home import Home, replace_bytes

_TIMEOUT_SECONDS = 30.0
_SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class Transport(Protocol):
    """Takes one message and says what became of it."""

    name: str
    sender: str

    def send(self, message: EmailMessage, file_name: str) -> tuple[str, str]:
        """Returns (state, words): accepted, refused or failed with the server's words, or written with the path."""

    def close(self) -> None:
        """Let go of the server."""


@dataclass
class Outbox:
    """Writes every message as an .eml file; nothing leaves the machine."""

    home: Home
    period: str
    sender: str = "scorepack@localhost"
    name: str = "outbox"

    def send(self, message: EmailMessage, file_name: str) -> tuple[str, str]:
        """Write the message whole or not at all."""
        path = self.home.outbox / self.period / file_name
        replace_bytes(path, message.as_bytes())
        return "written", path.relative_to(self.home.root).as_posix()

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class Smtp:
    """Hands messages to an SMTP server over one connection; certificates are checked."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    sender: str = ""
    name: str = "smtp"
    _server: smtplib.SMTP | None = field(default=None, repr=False)

    def send(self, message: EmailMessage, file_name: str) -> tuple[str, str]:
        """Send one message; an error is an answer, never an exception, so that the next recipient is not lost."""
        try:
            server = self._server or self._connect()
            self._server = server
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            return "refused" if code >= 500 else "failed", f"{code} {words.decode(errors='replace')}"
        except smtplib.SMTPResponseException as error:
            self.close()
            reply: bytes | str = error.smtp_error
            told = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
            return "refused" if error.smtp_code >= 500 else "failed", f"{error.smtp_code} {told}"
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return "failed", str(error) or type(error).__name__
        return "accepted", "250"

    def close(self) -> None:
        """End the session, if there is one."""
        if self._server is not None:
            try:
                self._server.quit()
            except (OSError, smtplib.SMTPException):
                self._server.close()
            self._server = None

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if self.scheme == "smtps":
            server = smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT_SECONDS)
            if self.scheme == "smtp+starttls":
                server.starttls(context=context)
        if self.user is not None:
            server.login(self.user, self.password or "")
        return server


def transport_from_environment(home: Home, period: str) -> Transport:
    """The SMTP server that the environment names, or the outbox. Raises ``CallError`` for settings that cannot be."""
    url, sender = os.environ.get("SCOREPACK_SMTP_URL", ""), os.environ.get("SCOREPACK_MAIL_FROM", "")
    if not url:
        return Outbox(home, period, sender or "scorepack@localhost")
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise CallError(
            "SCOREPACK_SMTP_URL is not of the form smtp+starttls://user:password@host:port (or smtp://, smtps://)."
        )
    if not sender:
        raise CallError("SCOREPACK_MAIL_FROM is not set: the address that packs are sent from.")
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return Smtp(parts.scheme, parts.hostname, parts.port or _SCHEMES[parts.scheme], user, password, sender)
