"""Saying hello to the mail server: connecting, logging in and naming the sender, and sending nothing."""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from pipelines.delivery.compose import sender_address
from pipelines.delivery.smtp import Smtp, text_of, utf8_options
from pipelines.delivery.transport import NothingLeaves

_MOST = 300
_PROBE_SECONDS = 5.0


@dataclass(frozen=True)
class Greeting:
    """What a server said to us: whether the line is encrypted or could be, and until when its certificate is valid."""

    is_encrypted: bool
    could_be: bool
    valid_until: datetime | None


def greet(server: Smtp) -> Greeting:
    """Say hello and leave. Raises ``NothingLeaves`` in words where no message would be taken."""
    where = f"{server.host}:{server.port}"
    try:
        session = server.connect()
    except ssl.SSLCertVerificationError as error:
        raise NothingLeaves(
            f"The certificate of {where} is not accepted: {error.verify_message.rstrip('.')}."
        ) from None
    except ssl.SSLError as error:
        raise NothingLeaves(f"{where} does not speak TLS as SCOREPACK_SMTP_URL asks: {error.reason}.") from None
    except smtplib.SMTPResponseException as error:
        raise NothingLeaves(
            f"{where} lets nobody in now: {error.smtp_code} {text_of(error.smtp_error, _MOST)}"
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        if isinstance(error, (TimeoutError, smtplib.SMTPServerDisconnected)) and _speaks_tls(server):
            raise NothingLeaves(
                f"{where} encrypts from the first byte, and SCOREPACK_SMTP_URL asks otherwise."
            ) from None
        raise NothingLeaves(
            f"{where} does not answer: {' '.join(str(error).split()) or type(error).__name__}."
        ) from None
    try:
        sender = sender_address(server.sender)
        code, words = session.mail(sender, utf8_options(session, where, sender))
        if code != 250:
            raise NothingLeaves(f"{where} does not take messages of {server.sender}: {code} {text_of(words, _MOST)}")
        session.rset()
        is_encrypted = isinstance(session.sock, ssl.SSLSocket)
        return Greeting(is_encrypted, session.has_extn("starttls"), _valid_until(session))
    except (OSError, smtplib.SMTPException) as error:
        raise NothingLeaves(f"{where} broke off: {' '.join(str(error).split()) or type(error).__name__}.") from None
    finally:
        with suppress(OSError, smtplib.SMTPException):
            session.quit()
        session.close()


def _speaks_tls(server: Smtp) -> bool:
    """Whether a server that greets nobody in clear is one that waits for TLS. Nothing is said to it, nor trusted."""
    if server.scheme == "smtps":
        return False
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((server.host, server.port), min(server.timeout, _PROBE_SECONDS)) as plain:
            context.wrap_socket(plain, server_hostname=server.host).close()
    except OSError:
        return False
    return True


def _valid_until(session: smtplib.SMTP) -> datetime | None:
    found = session.sock.getpeercert() if isinstance(session.sock, ssl.SSLSocket) else None
    told = (found or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(told), UTC) if isinstance(told, str) else None
