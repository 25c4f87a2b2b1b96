"""Tables in a terminal: whatever its width, no sign of a cell is left out."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from pipelines.cli.printing import table_of


@pytest.mark.parametrize("width", [80, 40, 24])
def test_a_word_that_is_too_long_for_its_column_is_broken_and_not_cut(width: int) -> None:
    table, shown = table_of("recipient", "state"), StringIO()
    table.add_row("somebody.with.a.long.name@department.example.com", "stale: declarations")
    Console(file=shown, width=width).print(table)
    assert "…" not in shown.getvalue()
    letters = "".join(shown.getvalue().split()).removeprefix("recipientstate")
    assert sorted(letters) == sorted("somebody.with.a.long.name@department.example.comstale:declarations")
