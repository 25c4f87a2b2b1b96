"""Asking a database: one read-only query, its parameters bound, its rows in batches, every value as text.

Belongs here: which driver, with which address, and how its errors are told. What differs between databases is in a
module of each: ``sqlite`` and ``postgresql``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pipelines.collecting.questions import Answer, Question
from scorecards.connections import flaw_of_url, variable_of_connection
from scorecards.errors import SourceFailed
from warehouse.query_results import ResultBroken

PACKAGES = "pip install 'scorepack[databases]'"


@contextmanager
def asked(question: Question, root: Path) -> Iterator[Answer]:
    """The answer to a question; ``root`` is the project's folder.

    Raises ``SourceFailed`` with the database's words: without its address, and where the source has personal columns
    without what stands in quotes.
    """
    address = _address(question, root)
    try:
        from adbc_driver_manager import Error

        from pipelines.collecting.postgresql import asked_of_postgresql
        from pipelines.collecting.sqlite import asked_of_sqlite
    except ImportError:
        raise SourceFailed(f"{question.source}: databases need more packages: {PACKAGES}.") from None
    ask = asked_of_sqlite if question.connection.driver == "sqlite" else asked_of_postgresql
    try:
        with ask(address, question) as answer:
            _require_distinct(question, answer.columns)
            yield answer
    except (Error, ResultBroken) as error:
        raise SourceFailed(f"{_told(question)}: {_words(error, address, question.is_personal)}") from None
    except TimeoutError:
        seconds = question.connection.timeout_seconds
        raise SourceFailed(
            f"{_told(question)}: the query took more than {seconds} seconds (timeout_seconds)."
        ) from None


def _address(question: Question, root: Path) -> str:
    variable = variable_of_connection(question.name)
    given = os.environ.get(variable)
    address = given or question.connection.address
    if not address:
        raise SourceFailed(f"{_told(question)}: its address is not known. Set the environment variable {variable}.")
    if question.connection.driver == "sqlite":
        file = (root / address).resolve()
        if not file.is_file():
            raise SourceFailed(f"{_told(question)}: the database file {address} does not exist.")
        return str(file)
    flaw = flaw_of_url(address)
    if flaw:
        raise SourceFailed(f"{_told(question)}: the address in {variable if given else 'scorecard.yaml'} {flaw}.")
    return address


def _require_distinct(question: Question, columns: Sequence[str]) -> None:
    for name in columns:
        if columns.count(name) > 1:
            raise SourceFailed(f"{_told(question)}: the query names the column '{name}' twice. Give each its own name.")


def _told(question: Question) -> str:
    return f"{question.source}: the connection '{question.name}' failed"


def _words(error: Exception, address: str, is_personal: bool) -> str:
    """The database's own sentence, on one line, without statement, address or password."""
    text = str(error)
    # PostgreSQL: statement, then severity (in the server's language), two blanks and the sentence; what follows on
    # further lines may show values of rows.
    found = re.search(r"(?:': |failed: )\w+:\s{2}([^\n]+)", text) or re.search(r"[Ff]ailed to [\w ]+: ([^\n]+)", text)
    words = (found[1] if found else text.splitlines()[0]).strip().rstrip(".")
    for secret in _secrets(address):
        words = words.replace(secret, "***")
    if is_personal:
        words = re.sub(r"\"[^\"]*\"|'[^']*'", '"***"', words)
    return f"{words}."


def _secrets(address: str) -> list[str]:
    parts = urlsplit(address)
    password = parts.password or ""
    known: list[Any] = [address, password, unquote(password), *re.findall(r"password=([^&]+)", parts.query)]
    return sorted({str(each) for each in known if each}, key=len, reverse=True)
