"""Columns that may be empty, and what an expression is where one of them is.

Belongs here: what of a row is left where a column has no value. Whom a measure is therefore about is
``told_of_people.py``'s.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from scorecards.project import Project
from scorecards.sources import Source

_NOTHING, _ZERO, _SOMETHING = "nothing", "zero", "something"
_NEVER_EMPTY = (exp.Greatest, exp.Least, exp.Is, exp.And, exp.Or)


def may_be_empty(project: Project, source: Source) -> frozenset[str]:
    """The columns of a source, and those that it looks up, of which rows may have no value.

    A lookup finds a row for certain only where its key ``references`` the other source; the signs of totals are empty
    for rows that do not count into them, and what another source derives may be.
    """
    own = {name for name in source.columns.keys() | source.staged.keys() if not _is_filled(source, name)}
    for lookup_id, lookup in source.lookups.items():
        other = project.sources.get(lookup.source)
        if other is None:
            continue  # Told where names are checked.
        is_found = source.references.get(lookup.on) == lookup.source and lookup.on not in own
        names = {*other.staged, *(other.hierarchy.totals if other.hierarchy else ())}
        own |= {f"{lookup_id}_{name}" for name in names if not is_found or not _is_filled(other, name)}
    return frozenset(own)


def _is_filled(source: Source, name: str) -> bool:
    """Whether a column of the files has a value in every row, in all forms of the contract."""
    return all(name in form.columns and not form.columns[name].nullable for _, form in source.forms)


def leaves_out(tree: exp.Expression, column: str, *, with_zero: bool = False) -> bool:
    """Whether an expression is always empty, or zero, which adds nothing, where the column is.

    Of a condition, zero is that it does not hold.
    """
    return _without(tree, column) <= ({_NOTHING, _ZERO} if with_zero else {_NOTHING})


def _without(node: Any, column: str) -> frozenset[str]:
    """What an expression may be where the column is empty."""
    if isinstance(node, (exp.Column, exp.Null)):
        return frozenset([_NOTHING if isinstance(node, exp.Null) or node.name == column else _SOMETHING])
    if isinstance(node, exp.Literal):
        return frozenset([_ZERO if not node.is_string and float(node.this) == 0 else _SOMETHING])
    if isinstance(node, (exp.Case, exp.If)):
        answers = [node.args.get("true"), node.args.get("false")]
        if isinstance(node, exp.Case):
            answers = [*(one.args["true"] for one in node.args["ifs"]), node.args.get("default")]
        return frozenset().union(*(_without(one or exp.Null(), column) for one in answers))
    below = [_without(each, column) for each in node.iter_expressions() if not isinstance(each, exp.DataType)]
    if isinstance(node, exp.Coalesce):
        filled = (each - {_NOTHING} for each in below)
        return frozenset().union(*filled) or frozenset([_NOTHING])
    if isinstance(node, exp.Not) and _says_empty(node.this, column):
        return frozenset([_ZERO])
    if isinstance(node, _NEVER_EMPTY) or not below:
        return frozenset([_SOMETHING])
    return _combined(node, below)


def _says_empty(node: Any, column: str) -> bool:
    """Whether it is ``column IS NULL``."""
    node = node.unnest()
    is_null = isinstance(node, exp.Is) and isinstance(node.expression, exp.Null)
    return is_null and isinstance(node.this, exp.Column) and node.this.name == column


def _combined(node: Any, below: list[frozenset[str]]) -> frozenset[str]:
    """What an expression over others may be that is empty where one of them is."""
    found = {_NOTHING} if any(_NOTHING in each for each in below) else set[str]()
    if any(each == {_NOTHING} for each in below):
        return frozenset(found)
    if isinstance(node, (exp.Neg, exp.Paren, exp.Cast)):
        return below[0]
    if isinstance(node, (exp.Mul, exp.Div)):
        zeros = below if isinstance(node, exp.Mul) else below[:1]
        found |= {_ZERO} if any(_ZERO in each for each in zeros) else set()
        return frozenset(found | (set() if any(each <= {_NOTHING, _ZERO} for each in zeros) else {_SOMETHING}))
    if isinstance(node, (exp.Add, exp.Sub)) and all(each <= {_NOTHING, _ZERO} for each in below):
        return frozenset(found | {_ZERO})
    return frozenset(found | {_SOMETHING})
