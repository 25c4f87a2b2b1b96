"""What is asked of a database and what it answers, whichever database it is."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from scorecards.connections import Connection
from scorecards.queries import Query
from warehouse.frames import ArrowStream


@dataclass(frozen=True)
class Question:
    """A query and what is bound to its parameters, for one source, to the connection of this name."""

    source: str
    name: str
    connection: Connection
    query: Query
    values: Mapping[str, date]
    is_personal: bool = False

    @property
    def bound(self) -> list[date]:
        """The values of the parameters that occur, in their order."""
        return [self.values[name] for name in self.query.parameters]


@dataclass(frozen=True)
class Answer:
    """The names of a result's columns, and its rows in batches, to be read while the connection is open.

    Where values are ``marked``, they are as ``warehouse.query_results.save_rows`` tells.
    """

    columns: Sequence[str]
    batches: Iterator[ArrowStream]
    is_marked: bool


@contextmanager
def streamed(cursor: Any) -> Iterator[Any]:
    """The rows of a driver's cursor as a stream that ends before the connection does.

    A stream that outlives its connection, held by the traceback of an error, would be freed too late: the process dies.
    """
    stream = cursor.fetch_arrow()
    try:
        yield stream
    finally:
        stream.release()


class _Schema(ctypes.Structure):
    """The start of Arrow's C structure of a schema (https://arrow.apache.org/docs/format/CDataInterface.html)."""


_Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_void_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(_Schema))),
]


def column_names(stream: Any) -> list[str]:
    """The names of a driver's columns as they are, twice where they are given twice, whatever their types.

    Libraries that import the schema rename second columns of a name, or fail at types that they do not have.
    """
    capsule = stream.__arrow_c_schema__()
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    schema = _Schema.from_address(pointer(capsule, b"arrow_schema"))
    return [schema.children[place].contents.name.decode() for place in range(schema.n_children)]
