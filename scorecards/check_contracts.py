"""Rules about contracts: derived columns, references to other sources, sets of columns, and forms that change.

Belongs here: what one contract says of its columns beyond the words of ``columns.py``. Names that measures and lookups
use are checked in ``check_data.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

from scorecards.columns import NUMBERS, SERIAL, TIMES
from scorecards.errors import Problem, did_you_mean
from scorecards.expression_types import KIND_OF_COLUMN, TOLD
from scorecards.expressions import check, names_in
from scorecards.project import Place, Project
from scorecards.source_paths import PathPattern
from scorecards.sources import Source, Validity
from scorecards.time_formats import untold

_SIGNS = {"month": "%m, %b or %B", "day": "%d"}


def check_contracts(project: Project) -> Iterator[Problem]:
    """Problems of the contracts, form by form."""
    for source_id, source in project.sources.items():
        place, told = project.places[f"source {source_id}"], set()
        for number, (_, form) in enumerate(source.forms):
            at: tuple[str | int, ...] = ("changed", number - 1) if number else ()
            for problem in (
                *_formats(place, at, form),
                *_sets(place, at, form),
                *_derived(place, at, form),
                *_references(project, place, at, form),
            ):
                if problem.message not in told:
                    told.add(problem.message)
                    yield problem
        yield from _left(place, source)
        yield from _expected(place, source)
    yield from _circles(project)


def _formats(place: Place, at: tuple[str | int, ...], form: Source) -> Iterator[Problem]:
    """Formats that say no month, or of a date no day: every value would be of January, or of the first."""
    for name, column in form.columns.items():
        for each in column.format if column.type in TIMES else ():
            lacking = list(untold(each, column.type)) if each != SERIAL else []
            if lacking:
                signs = " and ".join(f"{_SIGNS[what]} for the {what}" for what in lacking)
                message = f"'{each}' does not say which {' and '.join(lacking)}."
                yield place.problem((*at, "columns", name, "format"), message, f"Write {signs}.")


def _sets(place: Place, at: tuple[str | int, ...], form: Source) -> Iterator[Problem]:
    known = list(form.row_columns)
    named: list[tuple[tuple[str | int, ...], str]] = [
        (("unique", index), name) for index, columns in enumerate(form.unique) for name in columns
    ]
    if at:
        # The first form's are checked with the rest of the contract.
        named += [(("key",), name) for name in form.key]
        placing = [form.unit.column if form.unit else None]
        placing += [form.period.start, form.period.end] if isinstance(form.period, Validity) else [form.period]
        named += [(("columns",), name) for name in placing if name and not _is_found_otherwise(name, form)]
    for path, name in named:
        if name not in known:
            when = " in this form" if at else ""
            yield place.problem(
                (*at, *path), f"'{name}' is not a column of this source{when}.", did_you_mean(name, known)
            )


def _is_found_otherwise(name: str, form: Source) -> bool:
    return name in ("none", "{period}", "{known_on}") or any(name.startswith(f"{lookup}_") for lookup in form.lookups)


def _derived(place: Place, at: tuple[str | int, ...], form: Source) -> Iterator[Problem]:
    kinds = {name: KIND_OF_COLUMN[column.type] for name, column in form.columns.items()}
    for name, column in form.derived.items():
        path, wanted = (*at, "derived", name), KIND_OF_COLUMN[column.type]
        wrong = check(column.value, kinds, wanted=wanted, aggregate=False, what=f"column of {form.source}")
        if wrong:
            remedy = "Declare the type of what it gives." if f", not {TOLD[wanted]}" in wrong else ""
            yield place.problem(path, wrong if wrong.endswith((".", "?")) else f"{wrong}.", remedy)
        elif not column.personal:
            private = sorted(own for own in names_in(column.value) if form.columns[own].personal)
            if private:
                message = f"is derived from '{private[0]}', which is personal."
                yield place.problem(path, message, "Mark it personal: true as well.")


def _references(project: Project, place: Place, at: tuple[str | int, ...], form: Source) -> Iterator[Problem]:
    for name, column in form.row_columns.items():
        target = column.references
        if target is None:
            continue
        path = (*at, "derived" if name in form.derived else "columns", name, "references")
        other = project.sources.get(target)
        if other is None or target == form.source:
            known = [each for each in project.sources if each != form.source]
            yield place.problem(path, f"'{target}' is not another source.", did_you_mean(target, known))
        elif len(other.key) != 1:
            yield place.problem(path, f"'{target}' has no key of one column to refer to.", "Declare its key.")
        elif other.key[0] in other.staged:
            there = other.staged[other.key[0]].type
            here = column.as_staged.type
            is_text = KIND_OF_COLUMN[here] == KIND_OF_COLUMN[there] == "text"
            if here != there and not is_text:
                message = f"is of type {here}, but the key of '{target}' is of type {there}."
                yield place.problem(path, message, "Give both columns one type.")


def _left(place: Place, source: Source) -> Iterator[Problem]:
    for number, change in enumerate(source.changed):
        before = source.forms[number][1]
        for key, columns, known in (
            ("columns", change.columns, before.columns), ("derived", change.derived, before.derived),
        ):  # fmt: skip
            for name, column in columns.items():
                if column is None and name not in known:
                    message = f"'{name}' is taken away, but was never there."
                    yield place.problem(("changed", number, key, name), message, did_you_mean(name, list(known)))


def _expected(place: Place, source: Source) -> Iterator[Problem]:
    expects = source.expects
    named = [("change", "of", expects.change.of if expects.change else None)]
    named += [("control", "column", expects.control.column if expects.control else None)]
    for rule, key, name in named:
        if name is not None and name not in source.staged:
            remedy = did_you_mean(name, list(source.staged))
            yield place.problem(("expects", rule, key), f"'{name}' is not a column of this source.", remedy)
        elif name is not None and source.staged[name].type not in NUMBERS:
            message = f"'{name}' is a {source.staged[name].type}, not a number."
            yield place.problem(("expects", rule, key), message, "Name a column of numbers.")
    if expects.due is not None and source.is_reference:
        yield place.problem(("expects", "due"), "belongs to sources with a period.", "Leave it out.")
    if source.frequency != "month" and source.is_reference:
        yield place.problem(("frequency",), "belongs to sources with a period.", "Leave it out.")
    control = expects.control
    if control is not None:
        for sentence in PathPattern(control.path).problems():
            yield place.problem(("expects", "control", "path"), f"{sentence}.")
        if control.path == source.path:
            yield place.problem(("expects", "control", "path"), "is the path of the source itself.")


def _circles(project: Project) -> Iterator[Problem]:
    """Sources that wait for one another."""
    needs = {source_id: set(source.refers_to) for source_id, source in project.sources.items()}
    for source_id in needs:
        reached: set[str] = set()
        frontier = set(needs[source_id])
        while frontier - reached:
            reached |= frontier
            frontier = {name for each in frontier for name in needs.get(each, ())}
        if source_id in reached and source_id not in needs[source_id]:
            message = "refers to a source that, over its own references, refers back to this one."
            yield project.places[f"source {source_id}"].problem(("source",), message, "Take one reference away.")
