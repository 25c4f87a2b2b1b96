"""PostgreSQL through ADBC: a cursor in a read-only transaction, read in batches."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from urllib.parse import urlsplit, urlunsplit

import adbc_driver_postgresql.dbapi as driver
import polars as pl

from pipelines.collecting.questions import Answer, Question, column_names, streamed

_ROWS = 20_000
_CONNECT_SECONDS = 15
# Texts must not depend on how the server or the user is set up: the same rows are to be the same bytes everywhere.
_SETTINGS = {
    "client_encoding": "UTF8",
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "cursor_tuple_fraction": "1",
}


@contextmanager
def asked_of_postgresql(address: str, question: Question) -> Iterator[Answer]:
    """See ``databases.asked``: the query runs on the server as a cursor, with ``$1`` and ``$2`` bound.

    Every value comes as PostgreSQL's own text of it, so that exact numbers stay exact and every type has a form.
    """
    seconds = question.connection.timeout_seconds
    deadline = time.monotonic() + seconds
    connection = driver.connect(_with_timeouts(address, seconds))
    try:
        _do(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for name, value in {**_SETTINGS, "statement_timeout": str(seconds * 1000)}.items():
            _do(connection, f"SET LOCAL {name} TO '{value}'")
        asked, values = question.query.numbered("$"), question.bound
        _do(connection, f"DECLARE scorepack_head NO SCROLL CURSOR FOR\n{asked}", values)
        with _run(connection, "FETCH 0 FROM scorepack_head") as cursor, streamed(cursor) as head:
            columns = column_names(head)
        _do(connection, "CLOSE scorepack_head")
        places = [f"c{place}" for place in range(len(columns))]
        texts = ", ".join(f"{place}::text" for place in places)
        select = f"SELECT {texts} FROM (\n{asked}\n) AS scorepack ({', '.join(places)})"
        _do(connection, f"DECLARE scorepack_rows NO SCROLL CURSOR FOR {select}", values)
        yield Answer(columns, _batches(connection, deadline), is_marked=False)
    finally:
        connection.close()


def _batches(connection: driver.Connection, deadline: float) -> Iterator[pl.DataFrame]:
    while True:
        if time.monotonic() > deadline:
            raise TimeoutError
        with _run(connection, f"FETCH {_ROWS} FROM scorepack_rows") as cursor, streamed(cursor) as rows:
            batch = pl.DataFrame(rows)
        if not batch.height:
            return
        yield batch


def _do(connection: driver.Connection, statement: str, values: list[date] | None = None) -> None:
    _run(connection, statement, values).close()


def _run(connection: driver.Connection, statement: str, values: list[date] | None = None) -> driver.Cursor:
    cursor = connection.cursor()
    try:
        # The driver would wrap statements into COPY, which takes neither cursors nor parameters.
        cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
        cursor.execute(statement, values or None)
    except BaseException:
        cursor.close()
        raise
    return cursor


def _with_timeouts(address: str, seconds: int) -> str:
    parts = urlsplit(address)
    added = {"connect_timeout": _CONNECT_SECONDS, "tcp_user_timeout": seconds * 1000, "application_name": "scorepack"}
    query = "&".join([parts.query] * bool(parts.query) + [f"{k}={v}" for k, v in added.items() if k not in parts.query])
    return urlunsplit(parts._replace(query=query))
