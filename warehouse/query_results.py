"""The result of a query as a file that can be landed: the same rows give the same bytes.

Belongs here: from the batches of a driver to one Parquet file of texts, in bounded memory. Does not belong here: asking
a database (``pipelines.collecting``), judging the rows (they go through the contract like any other Parquet file).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import polars as pl

from warehouse.confining import confine
from warehouse.frames import ArrowStream, Stream
from warehouse.reading import first_sentence, literal, quoted

_ROW_GROUP = 100_000


class ResultBroken(Exception):
    """The rows of a result stopped coming before their end, or cannot be kept; the words say why."""


def save_rows(
    columns: Sequence[str], batches: Iterable[ArrowStream], target: Path, *, is_ordered: bool, is_marked: bool
) -> int:
    r"""Write the rows of all batches to ``target`` as Parquet, every column as text; returns their number.

    Batches have as many columns as are named, by place: texts; or, where they are marked, bytes that begin with ``=``,
    and empty ones for no value. Unless the query ``is_ordered``, rows are sorted by all columns, so that the same rows
    are the same bytes. Text that is not UTF-8 is kept with its bytes written out (``\xFF``). What does not fit into
    memory lies beside the target meanwhile.
    Raises ``ResultBroken`` where they do not all come; no file is left then.
    """
    work = target.with_name(f"{target.name}.work")
    connection = duckdb.connect(config={"temp_directory": str(work)})
    try:
        # One thread: the order of what two threads write is a matter of chance.
        confine(connection, [target.parent], threads=1, gib=1)
        places = [f"c{place}" for place in range(len(columns))]
        connection.execute(f"CREATE TABLE result ({', '.join(f'{place} VARCHAR' for place in places)})")
        texts = ", ".join(_text(place, is_marked) for place in places)
        for batch in batches:
            connection.register("batch", Stream(batch) if isinstance(batch, pl.DataFrame) else batch)
            # A driver that takes types from rows calls the columns of an empty result anything.
            if not is_marked or {kind for _, kind, *_ in connection.execute("DESCRIBE FROM batch").fetchall()} == {
                "BLOB"
            }:
                connection.execute(f"INSERT INTO result SELECT {texts} FROM batch AS given ({', '.join(places)})")
            connection.unregister("batch")
        named = ", ".join(f"{place} AS {quoted(name)}" for place, name in zip(places, columns, strict=True))
        order = "rowid" if is_ordered else "ALL"
        connection.execute(
            f"COPY (SELECT {named} FROM result ORDER BY {order}) TO {literal(str(target))} "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
        )
        found = connection.execute("SELECT count(*) FROM result").fetchone()
        return int(found[0]) if found else 0
    except (duckdb.Error, pl.exceptions.PolarsError) as error:
        target.unlink(missing_ok=True)
        raise ResultBroken(first_sentence(error).rpartition(" failed: ")[2].rstrip(".")) from None
    finally:
        connection.close()


def _text(name: str, is_marked: bool) -> str:
    content = f"{name}[2:]" if is_marked else f"encode({name})"
    # Drivers hand over the database's bytes as they are; a text that is none would end the reading of the file later.
    text = f"coalesce(TRY(decode({content})), CAST({content} AS VARCHAR))"
    return f"CASE WHEN octet_length({name}) > 0 THEN {text} END" if is_marked else text
