"""Staging one file against a contract, as tests of the warehouse do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from scorecards.sources import Source
from warehouse import quarantine
from warehouse.checking import staging_connection
from warehouse.hashing import HashKey
from warehouse.quarantine import REJECTS
from warehouse.staging import File, Staged, Terms, stage, stage_alone

COLUMNS: dict[str, Any] = {
    "id": {"type": "string"},
    "day": {"type": "date"},
    "unit": {"type": "string"},
    "amount": {"type": "decimal", "scale": 2, "nullable": True},
}
HEADER = "id,day,unit,amount\n"


@dataclass(frozen=True)
class Outcome:
    """What came of one file: the record, the accepted rows, the rejected ones."""

    staged: Staged
    accepted: pl.DataFrame
    rejects: pl.DataFrame

    @property
    def ids(self) -> list[Any]:
        return self.accepted["id"].to_list()

    @property
    def lines(self) -> list[int]:
        return self.rejects["line"].to_list()

    @property
    def reasons(self) -> list[str]:
        return self.rejects["reason"].to_list()

    @property
    def raw(self) -> list[str]:
        return self.rejects["raw"].to_list()


StageFile = Callable[..., Outcome]


def contract(**changes: Any) -> Source:
    """A contract over id, day, unit and amount that allows every row to be rejected."""
    declared: dict[str, Any] = {
        "source": "orders",
        "domain": "finance",
        "path": "orders.csv",
        "key": ["id"],
        "unit": "unit",
        "period": "day",
        "columns": COLUMNS,
        "rejects": {"at_most": "100%"},
    }
    return Source.model_validate({**declared, **changes})


@pytest.fixture(scope="session")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with staging_connection(tmp_path_factory.getbasetemp()) as opened:
        yield opened


@pytest.fixture
def stage_file(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> StageFile:
    """Stage bytes or text; rows in the file must be accepted plus rejected ones, whatever the file.

    It is staged by itself and beside others of its kind, and what comes of it must be the same.

    ``period`` is the month of a monthly file, or the contract's own key of that name.
    """

    def staged(
        content: bytes | str, *, period: date | str | dict[str, str] | None = None, day: date | None = None,
        hash_key: HashKey | None = None, **changes: Any,
    ) -> Outcome:  # fmt: skip
        if isinstance(period, (str, dict)):
            changes["period"], period = period, None
        source = contract(**changes)
        file = tmp_path / source.path.replace("{period}", "2024-01")
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        terms = Terms(date(2024, 1, 1), ["north", "south"], hash_key=hash_key)
        alone, *beside = [
            File(
                file,
                source.path,
                tmp_path / "staging" / f"{name}.parquet",
                tmp_path / "quarantine" / f"{name}.parquet",
                period,
                day,
            )
            for name in "abc"
        ]
        for each in (alone, *beside):
            each.accepted.unlink(missing_ok=True)
            each.rejects.unlink(missing_ok=True)
        together = stage(connection, beside, source, terms)
        found, accepted = stage_alone(connection, alone, source, terms), alone.accepted
        kept, thrown = _written(alone)
        for each, again in zip(beside, together, strict=True):
            assert replace(again, extra_columns=()) == replace(found, extra_columns=())
            assert set(again.extra_columns) == set(found.extra_columns)
            for here, there in zip(_written(each), (kept, thrown), strict=True):
                assert_frame_equal(here, there)
        assert found.rejected == sum(found.reasons.values())
        most = quarantine.MOST_OF_A_REFUSED if found.refused else found.rejected
        assert thrown.height == min(found.rejected, most)
        if found.refused is None:
            assert kept.height + thrown.height == found.rows
            assert kept["_row"].is_sorted()
        else:
            assert not accepted.exists()
        assert list(tmp_path.glob("*/.*")) == []
        return Outcome(found, kept, thrown)

    return staged


def _written(file: File) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The accepted and the rejected rows of a staged file."""
    kept = pl.read_parquet(file.accepted) if file.accepted.exists() else pl.DataFrame(schema={"id": pl.String})
    return kept, pl.read_parquet(file.rejects) if file.rejects.exists() else pl.DataFrame(schema=REJECTS)


def held_only(careful: Callable[..., Any]) -> Callable[..., Any]:
    """A careful reader that fails but for files that are staged together, which are always read carefully."""

    def read(*arguments: Any, held: bool = False) -> Any:
        assert held, "read record by record"
        return careful(*arguments, held=True)

    return read
