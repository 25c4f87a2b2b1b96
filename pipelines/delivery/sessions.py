"""Connections to a mail server: logging in, and never waiting for it longer, or hearing more of it, than is sensible.

Belongs here: what ``smtplib`` lacks. What is said over a connection is ``smtp.py``.
"""

from __future__ import annotations

import hmac
import re
import smtplib
import socket
import threading
from base64 import b64decode, b64encode
from contextlib import suppress
from typing import Any
from urllib.parse import quote

_CHALLENGE = 334
_LONGEST_REPLY = 65_536
_SHORTEST_SECRET = 4


def login(server: Session, user: str, password: str) -> None:
    """Log in, which ``smtplib`` can do with ASCII only. Raises ``SMTPNotSupportedError`` where there is no way."""
    known = server.esmtp_features.get("auth", "").upper().split()
    said = [b64encode(text.encode()).decode() for text in (f"\0{user}\0{password}", user, password)]
    if "PLAIN" in known:
        code, words = server.docmd("AUTH", f"PLAIN {said[0]}")
    elif "LOGIN" in known:
        code, words = server.docmd("AUTH", "LOGIN")
        for answer in said[1:]:
            code, words = server.docmd(answer) if code == _CHALLENGE else (code, words)
    elif "CRAM-MD5" in known:
        code, words = server.docmd("AUTH", "CRAM-MD5")
        if code == _CHALLENGE:
            digest = hmac.new(password.encode(), _decoded(words), "md5").hexdigest()
            code, words = server.docmd(b64encode(f"{user} {digest}".encode()).decode())
    else:
        raise smtplib.SMTPNotSupportedError(
            f"it knows no login of ours (PLAIN, LOGIN, CRAM-MD5): {' '.join(known) or 'it offers none'}"
        )
    if code not in (235, 503):
        # A challenge is read as it came, and so was one that ends a login.
        raise smtplib.SMTPAuthenticationError(code, server.without_secrets(words))


def _decoded(words: bytes) -> bytes:
    try:
        return b64decode(words)
    except ValueError:
        raise smtplib.SMTPAuthenticationError(535, b"its challenge is no base64") from None


def as_told(user: str | None, password: str | None) -> re.Pattern[bytes] | None:
    """What a server could repeat of a login: the password, as it is or in an address, and base64 of what holds it.

    Of base64 the beginning is enough: servers cut long lines. None where there is nothing that could be told by it.
    """
    if not password or len(password) < _SHORTEST_SECRET:
        return None
    plain = sorted({password, quote(password), quote(password, safe="")}, key=len, reverse=True)
    logins = (f"\0{user}\0{password}", f"{user}\0{user}\0{password}", f"{user}:{password}", password)
    begun = {b64encode(text.encode()).rstrip(b"=")[:8] for text in logins}
    forms = [re.escape(text.encode()) for text in plain]
    forms += [re.escape(each) + rb"[A-Za-z0-9+/=\n]*" for each in sorted(begun)]
    return re.compile(rb"|".join(forms), re.IGNORECASE)


class Watch:
    """Cuts the connection of a session when the time is over."""

    def __init__(self, seconds: float, server: smtplib.SMTP | None = None) -> None:
        self.server = server
        self._seconds, self._is_over = seconds, False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self._timer.cancel()
        if self._is_over and isinstance(error, (OSError, smtplib.SMTPException)):
            raise TimeoutError(f"the server took longer than {self._seconds:g} seconds") from None

    def _cut(self) -> None:
        self._is_over = True
        found = self.server.sock if self.server is not None else None
        if found is not None:
            with suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)


class Session(smtplib.SMTP):
    """A session that is watched from its greeting on, and from whose replies secrets are cut."""

    def __init__(self, watch: Watch, secrets: re.Pattern[bytes] | None, *arguments: Any, **named: Any) -> None:
        # Known before it is connected: greeting and login are watched too.
        self.sock: Any = None
        self.file: Any = None
        self._secrets = secrets
        watch.server = self
        super().__init__(*arguments, **named)

    def getreply(self) -> tuple[int, bytes]:
        """A reply's code and words, without our password where the server repeats it.

        The code of what is no reply is -1, and its words are all of it. Raises ``SMTPServerDisconnected`` where the
        connection has ended, and for a reply without end, which ``smtplib`` would keep in memory.
        """
        code, words = self._reply()
        return code, words if code == _CHALLENGE else self.without_secrets(words)

    def without_secrets(self, words: bytes) -> bytes:
        """What the server said, without our password."""
        return words if self._secrets is None else self._secrets.sub(b"[password]", words)

    def _reply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = self.sock.makefile("rb")
        said: list[bytes] = []
        left = _LONGEST_REPLY
        while True:
            try:
                line = self.file.readline(left)
            except OSError as error:
                self.close()
                raise smtplib.SMTPServerDisconnected(f"Connection unexpectedly closed: {error}") from None
            left -= len(line)
            if not line or left <= 0:
                self.close()
                words = "the server's reply has no end" if line else "Connection unexpectedly closed"
                raise smtplib.SMTPServerDisconnected(words)
            if not line[:3].isdigit():
                return -1, b"\n".join([*said, line.strip()])
            said.append(line[4:].strip())
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(said)


class TlsSession(Session, smtplib.SMTP_SSL):
    """The same, encrypted from its first byte."""
