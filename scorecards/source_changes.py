"""Contracts that change over time: what a later form of a file says otherwise, and which form is in force for a file.

Belongs here: a change as it is declared, and its application. Which keys a contract has is ``sources.py``.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any, TypeVar

from pydantic import BaseModel, Field, create_model

from scorecards.base import Declared, Id
from scorecards.columns import Column, DerivedColumn, ValueRules
from scorecards.organisation import Period

# What a source is, and where its files lie, is the same for all its forms.
_FIXED = {
    "source", "domain", "description", "owner", "path", "period", "known_on", "covers", "columns", "derived",
    "location", "connection", "query", "lookups", "hierarchy", "replaces", "late_rows", "expects", "ignored",
    "frequency",
}  # fmt: skip
Contract = TypeVar("Contract", bound=BaseModel)


class ContractChange(Declared):
    """From a month on the files have another form: every key that is given here takes the place of the earlier one.

    Columns are changed one by one: a column that is named here is new or replaced, one that is null is no longer there.
    """

    from_: Period = Field(alias="from", description="The first month, or month of the file's day, in the new form.")
    columns: dict[Id, Column | None] = Field(default={}, description="New and changed columns; null for one that left.")
    derived: dict[Id, DerivedColumn | None] = Field(default={}, description="The same for derived columns.")

    @property
    def options(self) -> dict[str, Any]:
        """The other keys that are given."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"from_", "columns", "derived"}}


def change_of(contract: type[BaseModel]) -> type[ContractChange]:
    """The model of a change: every key of a contract that may change, none of them required."""
    keys: dict[str, Any] = {
        name: (
            field.rebuild_annotation() | None,
            Field(None, description=field.description or "As in the contract itself."),
        )
        for name, field in contract.model_fields.items()
        if name not in _FIXED
    }
    return create_model("Change", __base__=ContractChange, __doc__=ContractChange.__doc__, **keys)


def forms(first: Contract, changes: tuple[ContractChange, ...]) -> tuple[tuple[date, Contract], ...]:
    """The forms of a contract with the month from which each is in force, the first from the beginning of time."""
    found = [(date.min, first)]
    for change in changes:
        before = found[-1][1]
        merged = {"columns": _merged(before, "columns", change), "derived": _merged(before, "derived", change)}
        found.append((change.from_, before.model_copy(update={**change.options, **merged})))
    return tuple(found)


def _merged(before: BaseModel, key: str, change: ContractChange) -> dict[str, Any]:
    columns = {**getattr(before, key), **getattr(change, key)}
    return {name: column for name, column in columns.items() if column is not None}


def wrong_with(changes: tuple[ContractChange, ...]) -> str | None:
    """What is wrong with the order of changes, if anything."""
    for earlier, later in pairwise(changes):
        if later.from_ <= earlier.from_:
            return f"'changed' is not in the order of time: {later.from_:%Y-%m} comes after {earlier.from_:%Y-%m}"
    return None


def retyped(name: str, first: ValueRules, later: ValueRules) -> str | None:
    """What is wrong where a column has two types: it is staged in one over all time."""
    texts = ("string", "enum")
    is_same = first.type == later.type or (first.type in texts and later.type in texts)
    if not is_same:
        return f"'{name}' changes from {first.type} to {later.type}; give both forms one type, or a new id to the later"
    if first.staged != later.staged:
        return f"'{name}' is staged {first.staged}, then {later.staged}; say the same in both forms"
    if first.type == "decimal" and first.scale != later.scale:
        return f"'{name}' changes its scale from {first.scale} to {later.scale}; give both forms the larger one"
    return None
