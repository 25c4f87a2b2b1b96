"""Where extracts come from that do not lie in the extracts folder: databases and remote folders, by name.

Belongs here: what is declared of them. Secrets never are: they come from the environment or the system's usual places,
and the names of those variables are told here. Does not belong here: connecting (``pipelines.collecting``).
"""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, model_validator

from scorecards.base import Declared, Id
from scorecards.queries import is_monthly, is_query_file

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_KEYS_OF_KIND = {
    "s3": ("bucket", "endpoint", "region", "profile", "prefix"),
    "sftp": ("host", "port", "user", "known_hosts", "prefix"),
    "file": ("folder",),
}
_REQUIRED = {"s3": "bucket", "sftp": "host", "file": "folder"}

Port = Annotated[int, Field(ge=1, le=65535)]


class Connection(Declared):
    """A database that sources query. Its password is never declared."""

    driver: Literal["sqlite", "postgresql"] = Field(description="Which kind of database it is.")
    address: str | None = Field(
        None,
        description="SQLite: the database file, below the project folder. PostgreSQL: postgresql://user@host/database, "
        "without a password. The environment variable SCOREPACK_CONNECTION_<NAME> is used instead where it is set.",
    )
    timeout_seconds: int = Field(
        300,
        ge=1,
        le=86_400,
        description="How long a query may take; with SQLite, how long it waits for another program's lock.",
    )

    @model_validator(mode="after")
    def _holds_no_secret(self) -> Connection:
        if self.address is None:
            return self
        if self.driver == "sqlite":
            if self.address.startswith(("/", "~", "file:")) or ".." in self.address.split("/"):
                raise ValueError("'address' must be the path of a database file below the project folder")
            return self
        flaw = flaw_of_url(self.address)
        if flaw:
            raise ValueError(f"'address' {flaw}")
        parts = urlsplit(self.address)
        if parts.password is not None or "password" in parse_qs(parts.query):
            raise ValueError(
                "'address' holds a password, which belongs into no file of the project; set the whole address in the "
                "environment variable SCOREPACK_CONNECTION_<NAME>, or use ~/.pgpass"
            )
        return self


def flaw_of_url(url: str) -> str | None:
    """What is wrong with the address of a PostgreSQL database, without showing any of it; None where nothing is."""
    form = "is not of the form postgresql://user:password@host:port/database"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return f"{form}. Signs such as / ? # @ : in a password are written as %2F %3F %23 %40 %3A"
    if parts.scheme not in ("postgresql", "postgres"):
        return form
    if parts.netloc.count("@") > 1 or "@" in parts.path + parts.query + parts.fragment or parts.fragment:
        return f"{form}. Signs such as / ? # @ : in a password are written as %2F %3F %23 %40 %3A"
    return None


def variable_of_connection(name: str) -> str:
    """The environment variable that holds the whole address of a connection, with its password."""
    return f"SCOREPACK_CONNECTION_{name.upper()}"


class Location(Declared):
    """A folder elsewhere to which extracts are delivered. Its credentials are never declared."""

    kind: Literal["s3", "sftp", "file"] = Field(
        description="S3-compatible storage, an SFTP server, or a folder of this machine, such as a mounted share."
    )
    bucket: str | None = Field(None, description="S3: the bucket.")
    endpoint: str | None = Field(
        None, description="S3: the server's address, such as https://s3.example.com; none: Amazon's."
    )
    region: str | None = Field(None, description="S3: the region.")
    profile: str | None = Field(None, description="S3: the profile of ~/.aws whose credentials are used.")
    host: str | None = Field(None, description="SFTP: the server's name.")
    port: Port | None = Field(None, description="SFTP: the server's port; none: 22.")
    user: str | None = Field(None, description="SFTP: the name to log in with; none: as ssh would.")
    known_hosts: str | None = Field(
        None, description="SFTP: a file of host keys below the project folder; none: those that ssh knows."
    )
    folder: str | None = Field(None, description="File: the folder, by its whole path.")
    prefix: str = Field(
        "", description="S3 and SFTP: the folder below which the sources' paths lie; SFTP: from the login folder, or /."
    )

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Location:
        own, needed = _KEYS_OF_KIND[self.kind], _REQUIRED[self.kind]
        for key in sorted(self.model_fields_set - {"kind"}):
            if key not in own:
                raise ValueError(
                    f"'{key}' does not belong to a location of the kind {self.kind}; known: {', '.join(own)}"
                )
        if not getattr(self, needed):
            raise ValueError(f"a location of the kind {self.kind} needs '{needed}'")
        if self.endpoint is not None:
            parts = urlsplit(self.endpoint)
            is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
            if not is_safe or not parts.hostname:
                raise ValueError("'endpoint' must begin with https:// (http:// is for this machine alone)")
            if parts.username or parts.password:
                raise ValueError("'endpoint' holds credentials; they belong into the environment or ~/.aws")
        if self.folder is not None and not self.folder.startswith("/"):
            raise ValueError("'folder' must be a whole path; files below the project lie in its extracts folder")
        if ".." in self.prefix.split("/") or re.search(r"[*?\[{]", self.prefix):
            raise ValueError("'prefix' must be a plain path")
        return self


def variable_of_password(name: str) -> str:
    """The environment variable that holds the password of an SFTP location."""
    return f"SCOREPACK_LOCATION_{name.upper()}_PASSWORD"


def variable_of_key_file(name: str) -> str:
    """The environment variable that names the private key file of an SFTP location."""
    return f"SCOREPACK_LOCATION_{name.upper()}_KEY_FILE"


class Origin(Declared):
    """Where a source's extracts come from: files of the extracts folder, of a location, or a query."""

    location: Id | None = Field(
        None, description="The location below which 'path' lies, by its name in scorecard.yaml; none: extracts/."
    )
    connection: Id | None = Field(None, description="The database that is queried, by its name in scorecard.yaml.")
    query: str | None = Field(
        None,
        description="One SELECT, or a file that holds it, such as queries/sales.sql. :period and :period_end are the "
        "first and the last day of the month; a query without them gives all months at once.",
    )

    @property
    def is_query(self) -> bool:
        """Whether the extract is the result of a query, not a file."""
        return self.query is not None

    @property
    def is_in_extracts(self) -> bool:
        """Whether its files lie in the project's own folder of extracts."""
        return self.query is None and self.location is None

    @property
    def asks_for_a_month(self) -> bool:
        """Whether the query asks for one month at a time."""
        return self.query is not None and is_monthly(self.query)

    @model_validator(mode="after")
    def _one_origin(self) -> Origin:
        if (self.query is None) != (self.connection is None):
            raise ValueError("'query' and 'connection' belong together")
        if self.query is not None and is_query_file(self.query) and _leads_out(self.query):
            raise ValueError("the file of 'query' must lie below the project folder")
        return self


def _leads_out(path: str) -> bool:
    return path.startswith(("/", "~")) or ".." in path.split("/")
