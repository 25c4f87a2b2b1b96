"""Random worlds for attacks on what is published of people: trees of units, people by atom, and every kind of figure.

An atom are the people that name one unit in one month and have one gender and grade. Units fall silent, values are
empty, and some people are in two units, of whom each counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import strategies as st

from scorecards.periods import months_between
from tests.declared import COLUMNS, Figures, declare, figures_of, rows
from tests.linear import Numbers

MONTHS = months_between(date(2023, 1, 1), date(2023, 5, 1))
GENDERS, GRADES = ("a", "b", "c"), ("0", "1")
KINDS = tuple(gender + grade for gender in GENDERS for grade in GRADES)
LEAST = 3
Atom = tuple[str, date, str]
Tree = Mapping[str, str]
KPIS = {
    "pay_now": {"value": "pay"},
    "pay_quarter": {"value": "pay", "window": "trailing 3 months", "min_months": 1},
    "pay_year": {"value": "pay", "window": "year to date", "min_months": 1, "also_over": ["trailing 2 months"]},
    "pay_before": {"inputs": {"was": {"measure": "pay", "offset": "2 months"}}, "value": "was"},
    "pay_each": {"value": "pay", "by": ["reason"]},
    "pay_carried": {"value": "pay_carried"},
    "pay_carried_each": {"value": "pay_carried", "by": ["reason"]},
    "pay_carried_of_a": {"value": "pay_carried", "where": "reason = 'a'", "also_over": ["trailing 2 months"]},
    "pay_mean": {"value": "pay_mean"},
    "pay_dated": {"value": "pay_dated"},
    "pay_of_a": {"value": "pay", "where": "reason = 'a'", "also_over": ["trailing 2 months"], "min_months": 1},
    "pay_of_b": {"value": "pay", "where": "reason = 'b'"},
    "pay_of_a_or_b": {"value": "pay_of_two", "also_over": ["trailing 2 months"], "min_months": 1},
    "pay_filtered": {"value": "pay_of_one"},
    "pay_by_case": {"value": "pay_of_other"},
    "pay_input": {"inputs": {"some": {"measure": "pay", "where": "reason <> 'a'"}}, "value": "some"},
    "pay_graded": {"value": "pay", "where": "late"},
    "pay_of_a_graded": {"value": "pay", "where": "reason = 'a' AND late"},
    "share": {"value": "of_a / people"},
    "per_head": {"value": "pay / people"},
}
MEASURES = {
    "people": {"value": "COUNT(DISTINCT name)", "over_time": "last", "late": "left out"},
    "pay": {"value": "SUM(pieces)"},
    "pay_mean": {"value": "AVG(pieces)"},
    "pay_dated": {"value": "SUM(pieces)", "period": "done"},
    "pay_carried": {"value": "SUM(pieces)", "over_time": "last", "late": "last known for 2 months"},
    "pay_of_two": {"value": "SUM(pieces)", "where": "reason IN ('a', 'b')"},
    "pay_of_one": {"value": "SUM(pieces) FILTER (WHERE reason = 'a')"},
    "pay_of_other": {"value": "SUM(CASE WHEN reason = 'b' THEN pieces ELSE 0 END)"},
    "of_a": {"value": "COUNT(DISTINCT name) FILTER (WHERE reason = 'a')"},
}
# None of a measure that is dated by another column than the people: it is never shown.
KINDS_OF = {
    "pay": KINDS, "pay_mean": KINDS, "pay_carried": KINDS, "pay_carried[by reason]": KINDS,
    "pay_carried[reason = 'a']": ("a0", "a1"),
    "pay_of_two": ("a0", "a1", "b0", "b1"), "pay_of_one": ("a0", "a1"), "pay_of_other": ("b0", "b1"),
    "pay[reason <> 'a']": ("b0", "b1", "c0", "c1"), "pay[reason = 'a']": ("a0", "a1"),
    "pay[reason = 'b']": ("b0", "b1"), "pay[by reason]": KINDS, "pay[late]": ("a1", "b1", "c1"),
    "pay[reason = 'a' AND late]": ("a1",),
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """Trees of all months, in which at most one unit moves once; what becomes of a mover's past; people by atom.

    ``same`` are persons who are another one too, each by unit, kind and number; ``empty`` those without a value;
    ``more`` is added to the figure of an atom.
    """

    tree_of: Mapping[date, Mapping[str, str]]
    moving: str
    people: Mapping[Atom, int]
    same: Mapping[str, str]
    empty: frozenset[str]
    more: Mapping[Atom, int] = field(default_factory=dict)

    def persons(self, atom: Atom) -> list[str]:
        """Those of an atom, by a name of each row."""
        unit, _, kind = atom
        return [f"{unit}{kind}{index}" for index in range(self.people[atom])]

    def pieces(self, atom: Atom) -> list[int | None]:
        """The figures of those of an atom; what there is more is in the first who has one."""
        found = [None if one in self.empty else 7 * place + 3 for place, one in enumerate(self.persons(atom))]
        place = next((place for place, each in enumerate(found) if each is not None), None)
        if place is not None:
            found[place] += self.more.get(atom, 0)  # type: ignore[operator]
        return found

    def valued(self, atoms: Iterable[Atom]) -> set[str]:
        """The people of atoms who have a value, each once."""
        return {self.same.get(one, one) for atom in atoms for one in self.persons(atom) if one not in self.empty}


@st.composite
def organisations(draw: st.DrawFn) -> World:
    """Worlds of three to eight units."""
    size = draw(st.integers(3, 8))
    names = [f"u{number}" for number in range(size)]
    parents = {name: names[draw(st.integers(0, number))] for number, name in enumerate(names[1:])}
    mover = draw(st.sampled_from([None, *names[1:]]))
    moved = dict(parents)
    if mover is not None:
        below = {name for name in names if mover in (name, *_path(parents, name))}
        moved[mover] = draw(st.sampled_from([name for name in names if name not in below]))
    turn = draw(st.sampled_from(MONTHS[1:]))
    tree_of = {month: parents if month < turn else moved for month in MONTHS}
    steady = draw(st.booleans())
    people: dict[Atom, int] = {}
    for name in names:
        counts = [draw(st.integers(0, 3)) for _ in KINDS]
        silent = draw(st.sampled_from([None, None, *MONTHS[1:]]))
        if silent is not None and draw(st.booleans()):
            # Few, so that what they carry along is somebody's own.
            counts = [min(count, 1) if place < 2 else 0 for place, count in enumerate(counts)]
        for month in MONTHS:
            if not steady:
                counts = [max(0, count + draw(st.integers(-1, 1))) for count in counts]
            is_silent = silent is not None and month >= silent
            people |= {
                (name, month, kind): 0 if is_silent else count for kind, count in zip(KINDS, counts, strict=True)
            }
    moving = draw(st.sampled_from(["take their past along", "leave their past behind"]))
    rows = sorted({f"{unit}{kind}{index}" for (unit, _, kind), count in people.items() for index in range(count)})
    some = st.lists(st.sampled_from(rows or ["nobody"]), max_size=4, unique=True)
    same = {one: other for one, other in product(draw(some), draw(some)) if one > other}
    empty = draw(st.sampled_from([[], rows[::2], rows[1::3], [one for one in rows if one[:2] in ("u1", "u2")]]))
    return World(tree_of, moving, people, _one_name_each(same), frozenset(empty))


def _one_name_each(same: Mapping[str, str]) -> dict[str, str]:
    """The name in the end of each who is another, who may be another."""
    found = dict(same)
    for one in found:
        while found[one] in found:
            found[one] = found[found[one]]
    return found


def figures(root: Path, world: World) -> Figures:
    """All figures of a world, for everybody; in ``root`` its project is written."""
    project = declare(
        root,
        MEASURES,
        KPIS,
        units=_units(world.tree_of),
        targets="kpi,anchor,value\n" + "".join(f"{kpi},floor,0\n{kpi},target,500\n" for kpi in KPIS),
        source={
            "domain": "hr", "covers": {"first": "2023-01", "last": "2023-05"},
            "columns": {**COLUMNS, "pieces": {"type": "integer", "nullable": bool(world.empty)}},
        },
        scorecard={
            "units_that_move": world.moving, "levels": ["unit"], "small_groups": {"people": "people", "at_least": LEAST}
        },
    )  # fmt: skip
    records = [
        {
            "unit": unit,
            "day": month,
            "reason": kind[0],
            "late": kind[1] == "1",
            "name": world.same.get(one, one),
            "pieces": pieces,
            "done": MONTHS[index % 3],
        }
        for atom in world.people
        for unit, month, kind in [atom]
        for index, (one, pieces) in enumerate(zip(world.persons(atom), world.pieces(atom), strict=True))
    ]
    return figures_of(project, rows(records), MONTHS)


def told(found: Figures) -> pl.DataFrame:
    """Every input with a value of which somebody could compute another; no value is made of one without."""
    withheld = found.inputs.filter(missing_reason="small_group")
    shown = found.values.filter(pl.col("value").is_not_null())
    made_of_withheld = shown.join(withheld, on=["period", "unit", "kpi", "window", "slice"])
    assert made_of_withheld.is_empty(), "no value is made of what is withheld"
    return found.inputs.filter(pl.col("value").is_not_null(), pl.col("measure").str.starts_with("pay"))


def _units(tree_of: Mapping[date, Tree]) -> str:
    lines = ["id,name,level,parent,valid_from,valid_to", "u0,U,unit,,,"]
    for name in units_of(tree_of)[1:]:
        before, after = tree_of[MONTHS[0]][name], tree_of[MONTHS[-1]][name]
        if before == after:
            lines.append(f"{name},{name},unit,{before},,")
            continue
        turn = min(month for month in MONTHS if tree_of[month][name] == after)
        lines.append(f"{name},{name},unit,{before},,{turn - timedelta(days=1)}")
        lines.append(f"{name},{name},unit,{after},{turn},")
    return "\n".join(lines) + "\n"


def units_of(tree_of: Mapping[date, Tree]) -> list[str]:
    """All units, the first one above all."""
    return sorted({"u0", *tree_of[MONTHS[0]]})


def _path(parents: Tree, name: str) -> Iterable[str]:
    while name in parents:
        name = parents[name]
        yield name


def _counts_into(tree: Tree, atom_unit: str, unit: str) -> bool:
    return unit in (atom_unit, *_path(tree, atom_unit))


def vector_of(row: Mapping[str, object], world: World, number: Mapping[Atom, int]) -> Numbers:
    """The atoms that a published value is the sum of, by the rules that the documentation gives."""
    vector = np.zeros(len(number), dtype=np.int64)
    gender = str(row["slice"]).partition("=")[2]
    wanted = [kind for kind in KINDS_OF[str(row["measure"])] if not gender or kind[0] == gender]
    is_carried = str(row["measure"]).startswith("pay_carried")
    for (unit, month, kind), index in number.items():
        if is_carried and month != _last_known(number, unit, wanted, row["window_to"]):  # type: ignore[arg-type]
            continue
        # What is carried along stands in the month for which it does.
        at = row["window_to"] if is_carried else month
        tree = world.tree_of[at if world.moving == "leave their past behind" else row["period"]]  # type: ignore[index]
        is_inside = is_carried or row["window_from"] <= month <= row["window_to"]  # type: ignore[operator]
        if is_inside and kind in wanted and _counts_into(tree, unit, str(row["unit"])):
            vector[index] = 1
    return vector


def _last_known(number: Mapping[Atom, int], unit: str, kinds: Sequence[str], period: date) -> date | None:
    """The newest of three months in which a unit has values of such people."""
    months = [month for month in MONTHS if month <= period][-3:]
    return max((at for named, at, kind in number if named == unit and at in months and kind in kinds), default=None)


def small_groups_of(world: World, number: Mapping[Atom, int]) -> Iterable[tuple[str, Numbers]]:
    """Every small group: units with all below them, rows that name a unit itself, and parts of both."""
    parts: list[Sequence[str]] = [KINDS, *([kind] for kind in KINDS)]
    parts += [[kind for kind in KINDS if one in kind] for one in (*GENDERS, *GRADES)]
    for month, unit, alone, part in product(MONTHS, units_of(world.tree_of), (False, True), parts):
        members = [
            atom
            for atom in number
            if atom[1] == month
            and atom[2] in part
            and (atom[0] == unit if alone else _counts_into(world.tree_of[month], atom[0], unit))
        ]
        if 0 < len(world.valued(members)) < LEAST:
            vector = np.zeros(len(number), dtype=np.int64)
            vector[[number[atom] for atom in members]] = 1
            yield f"{unit} {'alone ' if alone else ''}in {month:%Y-%m}, {'/'.join(part)}", vector
