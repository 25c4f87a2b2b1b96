"""Real servers on loopback, as tests start them: PostgreSQL, an S3-compatible store, SFTP, and our own."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def _binaries() -> Path | None:
    """The folder of PostgreSQL's programs, of the newest version that is installed."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    newest = max(found, key=lambda path: float(path.parts[4]), default=shutil.which("initdb"))
    return Path(newest).parent if newest else None


BINARIES = _binaries()


def _program(name: str) -> str:
    assert BINARIES
    return str(BINARIES / name)


PASSWORD = "sécret/wörd#1"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass(frozen=True)
class PostgreSQL:
    """A cluster of our own: a superuser ``owner``, and a ``reader`` with a password that an address must quote."""

    port: int
    folder: Path

    def run(self, *statements: str) -> None:
        """Run statements as the owner, over the socket."""
        subprocess.run(
            [_program("psql"), "-h", self.folder, "-p", str(self.port), "-U", "owner", "-qX",
             "-v", "ON_ERROR_STOP=1", "postgres"],
            input=";\n".join(statements) + ";", text=True, check=True,
        )  # fmt: skip

    def address(self, password: str = "s%C3%A9cret%2Fw%C3%B6rd%231") -> str:
        return f"postgresql://reader:{password}@127.0.0.1:{self.port}/postgres"


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Run a new cluster, as a user without rights where the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="scorepack-pg-", dir="/tmp"))
    as_user: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL}
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
        as_user |= {"user": "nobody", "group": "nogroup", "extra_groups": []}
    data, port = folder / "data", free_port()
    try:
        subprocess.run(
            [_program("initdb"), "-D", data, "-U", "owner", "-N", "-E", "UTF8", "--no-locale",
             "--auth-local=trust", "--auth-host=scram-sha-256"],
            check=True, **as_user,
        )  # fmt: skip
        server = subprocess.Popen(
            [_program("postgres"), "-D", data, "-k", folder, "-p", str(port), "-h", "127.0.0.1", "-F"],
            stderr=(folder / "log").open("wb"), **as_user,
        )  # fmt: skip
        try:
            ready = [_program("pg_isready"), "-q", "-h", folder, "-p", str(port)]
            deadline = time.monotonic() + 60
            while subprocess.run(ready, check=False).returncode and time.monotonic() < deadline:
                time.sleep(0.1)
            found = PostgreSQL(port, folder)
            found.run(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'")
            yield found
        finally:
            server.send_signal(2)
            server.wait(30)
    finally:
        shutil.rmtree(folder)


@dataclass
class Bucket:
    """An S3-compatible server with one bucket; ``fetched`` are the keys whose bytes were asked for."""

    endpoint: str
    fetched: list[str] = field(default_factory=list)
    bucket: str = "extracts"

    def put(self, path: Path, key: str) -> None:
        import boto3

        boto3.client("s3", endpoint_url=self.endpoint, verify=False).upload_file(str(path), self.bucket, key)


@contextmanager
def s3(certificate: tuple[str, str] | None = None) -> Iterator[Bucket]:
    """Run moto's server. The environment must hold credentials, which it does not check."""
    import boto3
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    application, found = DomainDispatcherApplication(create_backend_app), Bucket("")

    class Silent(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: Any) -> None:
            """Nothing is told."""

    def noting(environment: dict[str, Any], respond: Any) -> Any:
        path = environment["PATH_INFO"].removeprefix(f"/{found.bucket}/")
        if environment["REQUEST_METHOD"] == "GET" and not path.startswith("/"):
            found.fetched.append(path)
        return application(environment, respond)

    server = make_server(
        "127.0.0.1", 0, noting, threaded=True, request_handler=Silent, ssl_context=certificate
    )  # fmt: skip
    found.endpoint = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        if not certificate:
            boto3.client("s3", endpoint_url=found.endpoint, region_name="us-east-1").create_bucket(Bucket=found.bucket)
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Sftp:
    """An SFTP server over a folder; ``fetched`` are the paths whose bytes were asked for."""

    folder: Path
    port: int
    host_key: str
    fetched: list[str] = field(default_factory=list)

    def known_hosts(self, path: Path, key: str | None = None) -> None:
        path.write_text(f"[127.0.0.1]:{self.port} {key or self.host_key}\n")


@contextmanager
def sftp(folder: Path) -> Iterator[Sftp]:
    """Run asyncssh's server: the user ``loader`` with ``PASSWORD`` sees the folder as its root."""
    import asyncssh

    key = asyncssh.generate_private_key("ssh-ed25519")
    found = Sftp(folder, free_port(), key.export_public_key().decode().strip())

    class Login(asyncssh.SSHServer):
        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("loader", PASSWORD)

    class Files(asyncssh.SFTPServer):
        def __init__(self, channel: Any) -> None:
            super().__init__(channel, chroot=os.fsencode(folder))

        def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
            found.fetched.append(path.decode().lstrip("/"))
            return super().open(path, pflags, attrs)

    loop, started, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        server = await asyncssh.listen(
            "127.0.0.1", found.port, server_factory=Login, server_host_keys=[key], sftp_factory=Files
        )
        started.set()
        await stop.wait()
        server.close()
        await server.wait_closed()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    started.wait(20)
    try:
        yield found
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        if not loop.is_running():
            loop.close()


@contextmanager
def served(project: Path, **settings: str) -> Iterator[str]:
    """``scorepack serve`` on a project: Dagster's page and daemon; yields the address."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SCOREPACK_", "DAGSTER_"))}
    command = [str(Path(sys.executable).with_name("scorepack")), "serve", "--project", str(project)]
    process = subprocess.Popen(
        [*command, "--port", str(port)], env=environment | settings, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
