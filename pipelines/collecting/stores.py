"""Remote folders as the rest sees them: entries of one folder, and the bytes of a file, whichever server it is.

Belongs here: opening S3 and SFTP through fsspec, with host keys and certificates checked, and the words for what goes
wrong. Which entries are a source's deliveries is for ``listing`` to say.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scorecards.connections import Location, variable_of_key_file, variable_of_password
from scorecards.errors import SourceFailed

PACKAGES = "pip install 'scorepack[remote]'"
_SECONDS = 20
# A server tells when a file was written to the second: what was written just now may be written again within it.
_SETTLED = timedelta(seconds=60)


@dataclass(frozen=True)
class Entry:
    """What lies in a remote folder: its path below the location, its kind, and what changes when its bytes do.

    ``is_settled`` says whether the same stamp will mean the same bytes.
    """

    path: str
    kind: str
    size: int
    stamp: str
    is_settled: bool


@dataclass(frozen=True)
class Store:
    """An open location. ``where`` tells it apart from every other one; ``root`` is what its paths begin with."""

    name: str
    where: str
    root: str
    system: Any

    def entries(self, folder: str) -> list[Entry]:
        """What lies directly in a folder below the location; nothing where there is no such folder.

        Raises ``SourceFailed`` where the folder cannot be listed, and where the location itself does not exist.
        """
        try:
            with _told(self.name):
                found = self.system.ls(self._full(folder), detail=True, refresh=True)
        except _Missing:
            self._require_root()
            return []
        return [self._entry(info) for info in found]

    def entry(self, path: str) -> Entry:
        """One file as it is now. Raises ``SourceFailed`` where it is gone."""
        try:
            with _told(self.name):
                return self._entry(self.system.info(self._full(path)))
        except _Missing:
            raise SourceFailed(f"the location '{self.name}' failed: {path} is not there.") from None

    def fetch(self, path: str, target: Path) -> None:
        """Write the bytes of a file to ``target``, in pieces. Raises ``SourceFailed`` where they do not come."""
        try:
            with _told(self.name):
                self.system.get_file(self._full(path), str(target))
        except _Missing:
            raise SourceFailed(f"the location '{self.name}' failed: {path} is not there.") from None

    def _require_root(self) -> None:
        try:
            with _told(self.name):
                if self.where.startswith("s3:"):
                    bucket = self.root.split("/")[0]
                    self.system.call_s3("list_objects_v2", Bucket=bucket, MaxKeys=1)
                else:
                    self.system.ls(self.root or ".", detail=True)
        except _Missing:
            raise SourceFailed(f"the location '{self.name}' failed: {self.where} does not exist.") from None

    def _full(self, path: str) -> str:
        return (
            "/".join(part.rstrip("/") if index else part for index, part in enumerate((self.root, path)) if part) or "."
        )

    def _entry(self, info: dict[str, Any]) -> Entry:
        path = str(info["name"]).rstrip("/")
        path = path.removeprefix("./").removeprefix(self.root).lstrip("/")
        tag, changed = info.get("ETag"), info.get("mtime")
        is_settled = bool(tag) or (changed is not None and datetime.now(UTC) - changed > _SETTLED)
        stamp = str(tag) if tag else (changed.isoformat() if changed is not None else "")
        return Entry(path, str(info["type"]), int(info.get("size") or 0), stamp, is_settled)


@contextmanager
def opened(name: str, location: Location, root: Path) -> Iterator[Store]:
    """The location as a store; ``root`` is the project's folder.

    Raises ``SourceFailed`` where it cannot be reached, does not prove who it is, or does not let us in.
    """
    if location.kind == "s3":
        prefix = "/".join(part for part in (str(location.bucket), location.prefix.strip("/")) if part)
        where = f"s3://{prefix}{f' at {location.endpoint}' if location.endpoint else ''}"
        with _told(name):
            store = Store(name, where, prefix, _s3(location))
        yield store
        return
    host_keys = _host_keys(name, location, root)
    _require_private(name, os.environ.get(variable_of_key_file(name)))
    with _told(name):
        system = _sftp(name, location, host_keys)
    where = f"sftp://{location.host}:{location.port or 22}/{location.prefix}"
    prefix = location.prefix if location.prefix == "/" else location.prefix.rstrip("/")
    try:
        yield Store(name, where, prefix, system)
    finally:
        system.loop.call_soon_threadsafe(system.client.close)


def _s3(location: Location) -> Any:
    import s3fs

    return s3fs.S3FileSystem(
        anon=False,
        profile=location.profile,
        endpoint_url=location.endpoint,
        client_kwargs={"region_name": location.region} if location.region else {},
        config_kwargs={"connect_timeout": _SECONDS, "read_timeout": 3 * _SECONDS, "retries": {"max_attempts": 2}},
        use_listings_cache=False,
        skip_instance_cache=True,
    )


def _sftp(name: str, location: Location, host_keys: list[str]) -> Any:
    import sshfs

    # Without known_hosts the library would trust any server.
    options: dict[str, Any] = {"known_hosts": host_keys, "connect_timeout": _SECONDS, "login_timeout": _SECONDS}
    password, key_file = os.environ.get(variable_of_password(name)), os.environ.get(variable_of_key_file(name))
    given = {"port": location.port, "username": location.user, "password": password, "client_keys": key_file}
    options |= {key: value for key, value in given.items() if value}
    return sshfs.SSHFileSystem(location.host, **options, skip_instance_cache=True)


def _require_private(name: str, key_file: str | None) -> None:
    """Raises ``SourceFailed`` where others may read the key, as ssh does."""
    if key_file and Path(key_file).is_file() and stat.S_IMODE(Path(key_file).stat().st_mode) & 0o077:
        raise SourceFailed(
            f"the location '{name}' failed: its key {key_file} can be read by others. Run: chmod 600 {key_file}"
        )


def _host_keys(name: str, location: Location, root: Path) -> list[str]:
    """The files of host keys: the declared one, else those that ssh reads. Raises ``SourceFailed`` without any."""
    usual = [Path.home() / ".ssh" / "known_hosts", Path("/etc/ssh/ssh_known_hosts")]
    wanted = [root / location.known_hosts] if location.known_hosts else usual
    found = [str(path) for path in wanted if path.is_file()]
    if not found:
        raise SourceFailed(
            f"the location '{name}' failed: {' and '.join(map(str, wanted))} "
            f"{'do' if len(wanted) > 1 else 'does'} not exist, so the server cannot prove who it is. "
            "Ask for its host key (ssh-keyscan shows it), compare it, and put it there."
        )
    return found


class _Missing(Exception):
    """Nothing is there under the name."""


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turns what the libraries raise into a sentence, without secrets."""
    try:
        from asyncssh import Error as SshError
        from asyncssh import HostKeyNotVerifiable, PermissionDenied
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
    except ImportError:
        raise SourceFailed(_lacking(name)) from None
    try:
        yield
    except ImportError:
        raise SourceFailed(_lacking(name)) from None
    except FileNotFoundError:
        raise _Missing from None
    except HostKeyNotVerifiable:
        words = "the server's host key is not the known one. Ask its owner before you accept another"
    except NoCredentialsError:
        words = "there are no credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or declare a profile"
    except (PermissionError, PermissionDenied) as error:
        words = f"access is denied ({_first_line(error)})"
    except (OSError, ValueError, SshError, BotoCoreError, ClientError) as error:
        words = _first_line(error)
    else:
        return
    secret = os.environ.get(variable_of_password(name))
    raise SourceFailed(f"the location '{name}' failed: {words.replace(secret, '***') if secret else words}.") from None


def _lacking(name: str) -> str:
    return f"the location '{name}' needs more packages: {PACKAGES}."


def _first_line(error: Exception) -> str:
    if isinstance(error, ConnectionError) and error.errno:
        return os.strerror(error.errno)
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")
