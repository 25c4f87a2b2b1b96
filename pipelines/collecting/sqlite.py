"""SQLite through ADBC: a file opened for reading only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import adbc_driver_sqlite.dbapi as driver

from pipelines.collecting.questions import Answer, Question, column_names, streamed


@contextmanager
def asked_of_sqlite(address: str, question: Question) -> Iterator[Answer]:
    """See ``databases.asked``: days are bound to ``?1`` and ``?2`` as texts such as 2025-03-01, as SQLite keeps days.

    A column of SQLite may hold any type in any row, while the driver takes the type of the first rows for all. So every
    value comes as bytes: ``=`` and its text, or nothing for no value.
    """
    connection = driver.connect(f"file:{quote(address)}?mode=ro")
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {question.connection.timeout_seconds * 1000}")
        asked, values = question.query.numbered("?"), [day.isoformat() for day in question.bound]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM (\n{asked}\n) LIMIT 0", values or None)
            with streamed(cursor) as head:
                columns = _as_written(column_names(head))
        places = [f"c{place}" for place in range(len(columns))]
        texts = ", ".join(_marked(place) for place in places)
        with connection.cursor() as cursor:
            select = f"WITH scorepack ({', '.join(places)}) AS (\n{asked}\n) SELECT {texts} FROM scorepack"
            cursor.execute(select, values or None)
            with streamed(cursor) as rows:
                yield Answer(columns, iter([rows]), is_marked=True)
    finally:
        connection.close()


def _as_written(columns: list[str]) -> list[str]:
    """Names without the mark that SQLite gives to a second column of a name, so that both are seen to have it."""
    return [name.rpartition(":")[0] if name.rpartition(":")[0] in columns else name for name in columns]


def _marked(name: str) -> str:
    short, whole = f"printf('%!.15g', {name})", f"printf('%!.17g', {name})"
    return (
        f"CAST(CASE typeof({name}) WHEN 'null' THEN '' WHEN 'blob' THEN '=x''' || hex({name}) || '''' "
        f"WHEN 'real' THEN '=' || CASE WHEN CAST({short} AS REAL) = {name} THEN {short} ELSE {whole} END "
        f"ELSE '=' || {name} END AS BLOB) AS {name}"
    )
