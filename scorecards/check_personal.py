"""Rules about personal columns: what must not be published, and what hashed and dropped columns can still be used for.

Belongs here: uses of a column that would show a person in a table or on a page. How values are masked where rows are
rejected is for the warehouse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlglot import exp

from scorecards.check_derived import sources_of
from scorecards.columns import ValueRules
from scorecards.errors import Problem
from scorecards.expression_rules import ExpressionError
from scorecards.expressions import names_in, parse
from scorecards.project import Place, Project
from scorecards.sources import Source, Validity

Columns = Mapping[str, ValueRules]
_TELLERS: dict[type[exp.Expression], str] = {exp.AnyValue: "ANY_VALUE", exp.Min: "MIN", exp.Max: "MAX"}


def check_personal(project: Project) -> Iterator[Problem]:
    """Problems of the personal columns of every source, and of the measures and KPIs that use them."""
    personal = {source_id: _personal_columns(project, source) for source_id, source in project.sources.items()}
    for source in project.sources.values():
        yield from _contract(project, source, personal)
    for measure_id, measure in project.measures.items():
        place, at = project.places[f"measures {measure_id}"], ("measures", measure_id)
        columns = personal.get(measure.source, {})
        for key, text in (("value", measure.value), ("where", measure.where)):
            yield from _expression(place, (*at, key), text, columns)
        for key, name in (("period", measure.period), ("currency", measure.currency)):
            if name in columns and columns[name].staged != "as is":
                yield place.problem((*at, key), _gone(name, columns[name]), "Stage it as is, or name another column.")
    for kpi_id, kpi in project.kpis.items():
        place, at = project.places[f"kpis {kpi_id}"], ("kpis", kpi_id)
        drawn_on = sources_of(project, kpi_id)
        here = {name: column for source_id in drawn_on for name, column in personal[source_id].items()}
        # The condition of each value of ``each`` is among them.
        yield from _expression(place, (*at, "where"), kpi.where, here, of_kpi=True)
        for input_id, declared in kpi.inputs.items():
            used = project.measures.get(declared.measure or "")
            columns = personal.get(used.source, {}) if used else {}
            yield from _expression(place, (*at, "inputs", input_id, "where"), declared.where, columns, of_kpi=True)
        for name in kpi.by:
            if name in here:
                message = f"'{name}' is personal, and its values would be published."
                yield place.problem((*at, "by"), message, "Break down by a column that names nobody.")


def _personal_columns(project: Project, source: Source) -> dict[str, ValueRules]:
    """The personal columns that a measure over the source can name: its own and those that it looks up."""
    found = _own(source)
    for lookup_id, lookup in source.lookups.items():
        if lookup.source in project.sources:
            other = _own(project.sources[lookup.source])
            found |= {f"{lookup_id}_{name}": column for name, column in other.items()}
    return found


def _own(source: Source) -> dict[str, ValueRules]:
    return {name: column for _, form in source.forms for name, column in form.row_columns.items() if column.personal}


def _contract(project: Project, source: Source, personal: Mapping[str, Columns]) -> Iterator[Problem]:
    place, here = project.places[f"source {source.source}"], personal[source.source]
    unit = source.unit.column if source.unit else None
    if unit in here:
        message = f"'{unit}' is personal, but units are published."
        yield place.problem(("unit",), message, "Name a column that names nobody.")
    placing: list[tuple[str, str | None]] = [("known_on", source.known_on_column)]
    if isinstance(source.period, Validity):
        placing += [("period", source.period.start), ("period", source.period.end)]
    else:
        placing.append(("period", source.period))
    if source.hierarchy:
        placing += [("hierarchy", source.hierarchy.parent), ("hierarchy", source.hierarchy.sign)]
    if source.replaces == "nothing":
        placing += [("key", name) for name in source.key if name in source.dropped]
    placing += [("lookups", lookup.on) for lookup in source.lookups.values() if lookup.on in source.dropped]
    for key, name in placing:
        if name is not None and name in here and here[name].staged != "as is":
            remedy = "Stage it hashed." if key in ("key", "lookups") else "Stage it as is."
            yield place.problem((key,), f"{_gone(name, here[name])} It is needed here.", remedy)
    joined = [(("lookups", name), lookup.on, lookup.source) for name, lookup in source.lookups.items()]
    joined += [
        (("columns", name), name, column.references) for name, column in here.items() if column.references is not None
    ]
    joined += [(("columns", name), name, other) for name, other in source.references.items() if name not in here]
    for at, name, other_id in joined:
        other = project.sources.get(other_id)
        if other is not None and len(other.key) == 1:
            yield from _joined(place, at, source, name, other)


def _joined(place: Place, at: tuple[str, ...], source: Source, name: str, other: Source) -> Iterator[Problem]:
    """Values are found in another source only where both are staged in the same way."""
    key = other.key[0]
    sides = {name: name in source.hashed, key: key in other.hashed}
    is_dropped = name in source.dropped or key in other.dropped
    if is_dropped or (name in source.hashed) != (key in other.hashed):
        ways = {True: "hashed", False: "as is"}
        mine = "dropped" if name in source.dropped else ways[name in source.hashed]
        theirs = "dropped" if key in other.dropped else ways[sides[key]]
        message = f"'{name}' is staged {mine}, '{key}' of {other.source} is staged {theirs}: nothing would be found."
        yield place.problem(at, message, "Stage both hashed, or both as is.")
    elif name in source.hashed:
        mine, theirs = _own(source)[name].type, _own(other)[key].type
        if mine != theirs and not {mine, theirs} <= {"string", "enum"}:
            message = f"'{name}' is of type {mine}, but '{key}' of {other.source} is of type {theirs}: hashes differ."
            yield place.problem(at, message, "Give both columns one type.")


def _expression(
    place: Place, at: tuple[str | int, ...], text: str | None, columns: Columns, of_kpi: bool = False
) -> Iterator[Problem]:
    try:
        tree = parse(text) if text and names_in(text) & set(columns) else None
    except (ExpressionError, RecursionError):
        return  # Told where expressions are checked.
    if tree is None:
        return
    told: set[str] = set()
    for node in tree.find_all(exp.Column):
        column = columns.get(node.name)
        found = _misused(node, column, of_kpi) if column is not None else None
        if found and found[0] not in told:
            told.add(found[0])
            yield place.problem(at, *found)


def _misused(node: exp.Column, column: ValueRules, of_kpi: bool) -> tuple[str, str] | None:
    """What is wrong with the use of a personal column at a place in an expression, and the remedy."""
    name = node.name
    if column.staged == "dropped":
        return _gone(name, column), "Stage it hashed to count it, or as is."
    if column.staged == "hashed" and not _needs_no_value(node):
        return (
            f"{_gone(name, column)} It can be counted and compared with another hashed column, no more.",
            "Use COUNT(DISTINCT …), or stage it as is.",
        )
    if (of_kpi or column.type == "string") and _singles_out(node):
        return (
            f"'{name}' is personal, and the figures of one of its values would be published.",
            "Use a column that names nobody; one that does not is not personal.",
        )
    word = _told_by(node)
    if word:
        return (
            f"'{name}' is personal, and {word} would publish one person's value.",
            "Count it, or take a sum, an average or a median.",
        )
    return None


def _needs_no_value(node: exp.Column) -> bool:
    """Whether only sameness counts: inside COUNT, beside IS NULL, or compared with another column."""
    parent: Any = node.parent
    while isinstance(parent, (exp.Paren, exp.Distinct)):
        parent = parent.parent
    if isinstance(parent, (exp.Count, exp.Is)):
        return True
    return isinstance(parent, (exp.EQ, exp.NEQ)) and all(
        isinstance(side, exp.Column) for side in (parent.this, parent.expression)
    )


def _singles_out(node: exp.Column) -> bool:
    """Whether the column is compared with a value that is written out."""
    parent: Any = node.parent
    if isinstance(parent, exp.In):
        return parent.this is node
    return isinstance(parent, (exp.EQ, exp.Like, exp.ILike)) and any(
        isinstance(side, (exp.Literal, exp.Cast)) for side in (parent.this, parent.expression)
    )


def _told_by(node: exp.Column) -> str:
    """The aggregate that gives one of the column's values as it is, or nothing; a condition in it gives none."""
    inner: Any = node
    while inner is not None:
        parent = inner.parent
        if isinstance(parent, exp.If) and parent.this is inner:
            return ""
        for teller, word in _TELLERS.items():
            if isinstance(parent, teller):
                return word
        inner = parent
    return ""


def _gone(name: str | None, column: ValueRules) -> str:
    return f"'{name}' is staged {column.staged}: its values are not there."
