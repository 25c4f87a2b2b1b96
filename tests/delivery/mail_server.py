"""A real mail server on loopback that keeps what it takes, and goes wrong as it is told: aiosmtpd with a script."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers import free_port


@dataclass
class Script:
    """What the server does with each recipient, and what it has taken.

    A script is a list of what happens the first time, the second and so on, and afterwards all is well: a reply such as
    ``451 later`` to RCPT; ``DATA 452 full`` after the message; ``hang up`` before the message, ``swallow`` the message
    and hang up without an answer, ``take and hang up``: the same, but the message has arrived.
    """

    scripts: dict[str, list[str]] = field(default_factory=dict)
    received: list[tuple[str, EmailMessage]] = field(default_factory=list)
    connections: int = 0
    tried: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, address: str, of_data: bool) -> str:
        """The next line of an address's script, if it is of this stage."""
        script = self.scripts.get(address, [])
        is_of_data = bool(script) and script[0].startswith(("DATA ", "swallow", "take and"))
        return script.pop(0) if script and is_of_data == of_data else ""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tried[address] += 1
        told = self.next(address, of_data=False)
        if told == "hang up":
            server.transport.abort()
            return "421 bye"
        if told:
            return told
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        address = envelope.rcpt_tos[0]
        told = self.next(address, of_data=True)
        if told.startswith("DATA "):
            return told.removeprefix("DATA ")
        if told != "swallow":
            message: Any = email.message_from_bytes(envelope.content or b"", policy=email.policy.default)  # type: ignore[arg-type]
            with self.lock:
                self.received.append((address, message))
        if told in ("swallow", "take and hang up"):
            server.transport.abort()
        return "250 taken"

    @property
    def addresses(self) -> list[str]:
        """To whom something has come, in order."""
        return [address for address, _ in self.received]


class _Counted(Controller):
    def factory(self) -> SMTP:
        self.handler.connections += 1
        return super().factory()


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Lets in ``user`` with the password ``s3cret/ü``."""
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"user", "s3cret/ü".encode())
    return AuthResult(success=is_right, handled=is_right)


@contextmanager
def mail_server(script: Script, **named: Any) -> Iterator[int]:
    """Run a server with a script; yields its port."""
    port = free_port()
    controller = _Counted(script, hostname="127.0.0.1", port=port, **named)
    controller.start()
    # Starting it has tried it.
    script.connections = 0
    try:
        yield port
    finally:
        controller.stop()


@contextmanager
def raw_server(*replies: bytes | float) -> Iterator[int]:
    """A server that reads nothing and says these bytes one after the other; a number is a pause in seconds."""
    listening = socket.create_server(("127.0.0.1", 0))
    is_over = threading.Event()

    def serve() -> None:
        while not is_over.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    for reply in replies:
                        if isinstance(reply, bytes):
                            connection.sendall(reply)
                        elif is_over.wait(reply):
                            return
                    while connection.recv(65536):
                        pass
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        is_over.set()
        listening.close()


def certificate(folder: Path, days: int = 30, address: str = "127.0.0.1") -> tuple[Path, ssl.SSLContext]:
    """A certificate for an address that trusts itself, and a server's context with it; negative days: expired."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / f"chain{days}.pem", folder / f"key{days}.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain, private)
    return chain, context
