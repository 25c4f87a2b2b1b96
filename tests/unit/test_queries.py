"""Queries of sources: parameters are found by the rules of SQL, and what is no single query is told."""

from __future__ import annotations

import pytest

from scorecards.queries import QueryFlaw, is_query_file, read_query

TRICKY = """\
-- :period in a comment
SELECT ':period', "a:period", $$ :period $$, day::date, months[1:2], months[first:last] /* :period_end */
FROM sales
WHERE day BETWEEN :period AND :period_end AND :period <= booked -- the end
;
"""


def test_only_parameters_are_numbered_and_all_else_stays_as_written() -> None:
    query = read_query(TRICKY)
    assert query.parameters == ["period", "period_end"]
    expected = TRICKY.rstrip("\n;").replace("BETWEEN :period AND :period_end AND :period", "BETWEEN $1 AND $2 AND $1")
    assert query.numbered("$") == expected.removesuffix(" -- the end")


def test_a_parameter_that_does_not_occur_is_not_bound() -> None:
    query = read_query("SELECT * FROM sales WHERE day <= :period_end")
    assert (query.parameters, query.numbered("?")) == (["period_end"], "SELECT * FROM sales WHERE day <= ?1")


@pytest.mark.parametrize(
    ("text", "is_ordered"),
    [
        ("SELECT a FROM t ORDER BY a", True),
        ("WITH s AS (SELECT a FROM t ORDER BY a) SELECT a FROM s", False),
        ("SELECT row_number() OVER (ORDER BY a) FROM t", False),
        ("SELECT 'order by' FROM t", False),
    ],
)
def test_a_query_is_ordered_where_its_own_last_clause_orders_it(text: str, is_ordered: bool) -> None:
    assert read_query(text).is_ordered is is_ordered


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("DELETE FROM sales", 1, "is not a query."),
        ("", 1, "is not a query."),
        ("SELECT 1;\nDROP TABLE sales", 1, "holds more than one statement."),
        ("SELECT *\nFROM sales\nWHERE month = :month", 3, "has the unknown parameter ':month'."),
        ("SELECT 'open", 1, "cannot be taken apart."),
    ],
)
def test_what_cannot_be_asked_is_told_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(QueryFlaw) as flaw:
        read_query(text)
    assert (flaw.value.line, flaw.value.message) == (line, message)
    assert flaw.value.remedy


@pytest.mark.parametrize(
    ("text", "is_file"), [("queries/sales.sql", True), ("SELECT 'x.sql'", False), ("SELECT 1\nFROM x.sql", False)]
)
def test_a_path_is_told_from_a_query(text: str, is_file: bool) -> None:
    assert is_query_file(text) is is_file
