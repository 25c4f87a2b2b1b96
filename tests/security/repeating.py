"""Servers that repeat the secrets which they are told: a mail server, and a channel of notices."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

from aiosmtpd.smtp import AuthResult


def smtp_url(password: str, port: int) -> str:
    """Our login at a server of this machine."""
    return f"smtp://user:{quote(password, safe='')}@127.0.0.1:{port}"


def repeated(password: str) -> str:
    """How a mail server may repeat a password: as it is, as in an address, and in base64."""
    return f"{password} {quote(password, safe='')} {b64encode(password.encode()).decode()} user:{password}"


def login(answer: str) -> dict[str, Any]:
    """How ``mail_server`` answers each login."""
    is_in = answer.startswith("235")

    def authenticate(*_: Any) -> AuthResult:
        return AuthResult(success=is_in, handled=False, message=answer)

    return {"authenticator": authenticate, "auth_require_tls": False, "enable_SMTPUTF8": True}


@contextmanager
def channel(secret: str) -> Iterator[str]:
    """A channel of notices that takes none and repeats how it was called; its Apprise address."""

    class Repeating(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(500, quote(self.path))
            self.end_headers()
            self.wfile.write(f"{self.path} {self.headers['Authorization']}".encode())

        def log_message(self, *_: Any) -> None:
            """Nothing is told."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Repeating)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield channel_address(secret, server.server_port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def channel_address(secret: str, port: int) -> str:
    """The Apprise address of a channel of this machine, the secret wherever one may stand."""
    return f"json://me:{quote(secret, safe='')}@127.0.0.1:{port}/{quote(secret)}"
