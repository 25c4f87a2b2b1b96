"""Which units hold others by one project's table of units than by another's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.declared import declare
from transforms.tree import holding_otherwise

MONTH = date(2024, 1, 1)
LEVELS = {"levels": ["company", "division", "person"]}
HEAD = "id,name,level,parent,valid_from\ncompany,Company,company,,\n"
BEFORE = "north,North,division,company,\nsouth,South,division,company,\np_1,p_1,person,north,\n"


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (BEFORE, set()),
        ("north,North,division,company,\nsouth,South,division,north,\np_1,p_1,person,north,\n", {"north"}),
        (BEFORE + "west,West,division,company,\n", {"west"}),
        ("both,Both,division,company,\n" + BEFORE.replace("division,company", "division,both"), {"both"}),
        ("north,North,division,company,\np_1,p_1,person,north,\n", {"south"}),
        (BEFORE.replace("p_1,p_1,person,north,\n", ""), set()),
        (BEFORE + "p_2,p_2,person,south,\n", set()),
        (BEFORE.replace("person,north", "person,south"), {"north", "south"}),
    ],
    ids=["none", "moved", "new", "new above", "removed", "person removed", "person new", "person moved"],
)
def test_units_hold_others_where_they_moved_came_or_went(tmp_path: Path, now: str, found: set[str]) -> None:
    one = declare(tmp_path / "one", units=HEAD + BEFORE, scorecard=LEVELS)
    other = declare(tmp_path / "other", units=HEAD + now, scorecard=LEVELS)
    assert holding_otherwise(one, other, MONTH) == found
