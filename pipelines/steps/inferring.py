"""A first contract for a file, tried on that file before it is shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from scorecards.words import plural
from warehouse.contract_text import contract_text
from warehouse.deliveries import file_period
from warehouse.inferring import Draft, infer
from warehouse.staging import File, Staged, Terms, stage, staging_connection


@dataclass(frozen=True)
class Inferred:
    """The contract, its text, and what came of the file under it."""

    draft: Draft
    text: str
    staged: Staged

    @property
    def verdict(self) -> str:
        """What came of the file, as a sentence."""
        return _verdict(self.staged)


def first_contract(path: Path, name: str, units: Collection[str], first_period: date) -> Inferred:
    """Infer a contract from a file (``warehouse.inferring.infer``) and stage the file under it, into nothing."""
    draft = infer(path, name, units, first_period)
    source = draft.source
    month = file_period(source, name)
    with TemporaryDirectory(prefix="scorepack-") as named:
        folder = Path(named)
        file = File(path, path.name, folder / "accepted.parquet", folder / "rejects.parquet", month)
        with staging_connection(path, folder) as connection:
            [staged] = stage(connection, [file], source, Terms(first_period, units))
    text = contract_text(draft, path.name, staged.rows, _verdict(staged))
    return Inferred(draft, text, staged)


def _verdict(staged: Staged) -> str:
    if staged.refused is None:
        return "It accepts all of them."
    kinds = ", ".join(f"{count} × {reason}" for reason, count in staged.reasons.items())
    return (
        f"It rejects {plural(staged.rejected, 'row')} ({kinds})." if kinds else f"It refuses the file: {staged.refused}"
    )
