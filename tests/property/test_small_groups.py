"""Whatever is published of people, linear algebra over all of it gives no small group's figure back.

The attacker knows the tree, every month's, and everything published: each value is one equation over the atoms
(``peopled_worlds.py``). A figure is recovered where its own vector is a combination of the published ones. What is
computed from values (their scores, and those of objectives and perspectives) is no further equation: it is the same in
every world in which the published inputs are the same.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import polars as pl
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.linear import Numbers, is_in_span, null_space, reduced
from tests.peopled_worlds import (
    GENDERS,
    LEAST,
    MONTHS,
    Atom,
    World,
    figures,
    organisations,
    small_groups_of,
    told,
    units_of,
    vector_of,
)  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(organisations())
def test_no_small_group_is_recovered_from_all_that_is_published(world: World) -> None:
    atoms = [atom for atom in world.people if world.valued([atom])]
    assume(atoms)
    with tempfile.TemporaryDirectory() as folder:
        published = told(figures(Path(folder), world))
    known = reduced(_equations(published, world, atoms))
    for what, wanted in small_groups_of(world, _numbered(atoms)):
        assert not is_in_span(known, wanted), f"{what} can be computed"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(organisations(), st.randoms(use_true_random=False))
def test_all_that_is_computed_is_the_same_where_only_withheld_figures_are_others(world: World, random: Random) -> None:
    atoms = [atom for atom in world.people if world.valued([atom])]
    assume(atoms)
    with tempfile.TemporaryDirectory() as folder:
        found = figures(Path(folder), world)
    free = null_space(_equations(told(found), world, atoms))
    assume(len(free))
    change = sum((random.randint(1, 99) * vector for vector in free), np.zeros(len(atoms), dtype=np.int64))
    others = [what for what, wanted in small_groups_of(world, _numbered(atoms)) if wanted @ change]
    assert others, "figures of small groups are others"
    with tempfile.TemporaryDirectory() as folder:
        other = figures(Path(folder), replace(world, more=dict(zip(atoms, change.tolist(), strict=True))))
    for one, again in ((found.inputs, other.inputs), (found.values, other.values), (found.scores, other.scores)):
        assert_frame_equal(one, again, check_row_order=False, check_exact=True)
    assert_frame_equal(found.anchors, other.anchors, check_row_order=False, check_exact=True)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(organisations())
def test_nothing_is_withheld_where_every_group_is_large(world: World) -> None:
    # Whoever is in two units counts once: so many more that even without those four everybody is among enough.
    people = {atom: count + LEAST + 4 for atom, count in world.people.items()}
    with tempfile.TemporaryDirectory() as folder:
        published = told(figures(Path(folder), replace(world, people=people, empty=frozenset())))
    everything = len(MONTHS) * len(units_of(world.tree_of))
    months = published.filter(pl.col("kpi") == "pay_now")
    assert months.height == everything
    assert published.filter(pl.col("kpi") == "pay_each", pl.col("slice") != "").height == everything * len(GENDERS)


def _numbered(atoms: Sequence[Atom]) -> dict[Atom, int]:
    return {atom: index for index, atom in enumerate(atoms)}


def _equations(published: pl.DataFrame, world: World, atoms: Sequence[Atom]) -> Numbers:
    vectors = [vector_of(row, world, _numbered(atoms)) for row in published.iter_rows(named=True)]
    return np.array([vector for vector in vectors if vector.any()], dtype=np.int64).reshape(-1, len(atoms))
