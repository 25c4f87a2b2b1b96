"""Where messages go: an SMTP server where one is set, else the outbox folder.

The settings come from the environment: ``SCOREPACK_SMTP_URL``, ``SCOREPACK_MAIL_FROM`` and, where a server needs longer
than most, ``SCOREPACK_SMTP_TIMEOUT_SECONDS``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit

from pipelines.delivery.compose import sender_address
from scorecards.errors import CallError, ScorepackError
from warehouse.home import Home

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_FORM = "smtp+starttls://user:password@host:port (or smtp://, smtps://)"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TIMEOUT_SECONDS = 30.0


class NothingLeaves(ScorepackError):
    """The server takes no message from us at all: its certificate, the login, or the sender is not accepted."""

    exit_code = 1


@dataclass(frozen=True)
class Answer:
    """What became of a message, in the server's words.

    ``is_of_server`` says that a failure has nothing to do with the recipient, so that others would fail alike.
    """

    state: Literal["accepted", "written", "refused", "failed", "unknown"]
    words: str
    is_of_server: bool = False


class Transport(Protocol):
    """Takes one message after the other and says what became of each."""

    name: str
    sender: str

    def send(self, message: EmailMessage, to: str, file_name: str, before_the_end: Callable[[], object]) -> Answer:
        """Hand over one message; what goes wrong with it is an answer, so that the next recipient is not lost.

        ``before_the_end`` is called when all has been handed over but the mark that the message is whole: until then
        it cannot arrive, from then on it may. Raises ``NothingLeaves`` where no message can be sent.
        """

    def close(self) -> None:
        """Let go of the server."""


def transport_from_environment(home: Home, folder: str, messages_a_minute: float | None = None) -> Transport:
    """The SMTP server that the environment names, or the outbox; messages of the latter go into a folder of it.

    Raises ``CallError`` for settings that cannot be.
    """
    from pipelines.delivery.outbox import Outbox
    from pipelines.delivery.smtp import Smtp

    url, sender = os.environ.get("SCOREPACK_SMTP_URL", ""), os.environ.get("SCOREPACK_MAIL_FROM", "")
    if sender:
        sender_address(sender)
    if not url:
        return Outbox(home, folder, sender or "scorepack@localhost")
    parts = urlsplit(url)
    try:
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        port = 0
    if not port or not parts.hostname:
        raise CallError(f"SCOREPACK_SMTP_URL is not of the form {_FORM}.")
    if parts.scheme == "smtp" and parts.username and parts.hostname not in _LOOPBACK:
        raise CallError("SCOREPACK_SMTP_URL would send its password for all to read. Begin it with smtp+starttls://.")
    if not sender:
        raise CallError("SCOREPACK_MAIL_FROM is not set: the address that packs are sent from.")
    return Smtp(
        parts.scheme, parts.hostname, port,
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
        sender, messages_a_minute, _timeout(),
    )  # fmt: skip


def _timeout() -> float:
    told = os.environ.get("SCOREPACK_SMTP_TIMEOUT_SECONDS", "")
    try:
        seconds = float(told) if told else _TIMEOUT_SECONDS
    except ValueError:
        seconds = 0
    if not 0 < seconds <= 3600:
        raise CallError(f"SCOREPACK_SMTP_TIMEOUT_SECONDS is no number of seconds up to 3600: '{told}'.")
    return seconds
