"""What is asked of a database and what it answers, whichever database it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

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
