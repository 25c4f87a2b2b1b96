"""scorecards.expressions: what may be written, and how it is told what may not."""

from __future__ import annotations

import pytest

from scorecards.expression_rules import ExpressionError
from scorecards.expression_types import Kind
from scorecards.expressions import check, names_in, outermost_division, parse

COLUMNS: dict[str, Kind] = {"amount": "number", "pieces": "number", "reason": "text", "day": "date", "late": "truth"}


def measure(text: str) -> str | None:
    return check(text, COLUMNS, wanted="number", aggregate=True, what="column of rows")


def condition(text: str) -> str | None:
    return check(text, COLUMNS, wanted="truth", aggregate=False, what="column of rows")


@pytest.mark.parametrize(
    "text",
    [
        "read_csv('/etc/passwd')",
        "(SELECT 1)",
        "amount IN (SELECT 1)",
        "EXISTS (SELECT 1)",
        "SUM(amount); DROP TABLE x",
        "ATTACH 'x'",
        "PRAGMA x",
        "COPY x TO 'y'",
        "SUM(amount) OVER ()",
        "ROW_NUMBER() OVER (ORDER BY day)",
        "getenv('HOME')",
        "current_date",
        "now()",
        "random()",
        "SUM(amount) FROM rows",
        "amount, pieces",
        "SUM(amount) AS total",
        "rows.amount",
        "rows.*",
        "COLUMNS(*)",
        "[x for x in amount]",
        "$1",
        "?",
        "amount // 2",
        "reason || 'x'",
        "INTERVAL 1 DAY",
        "amount UNION SELECT 1",
        "DISTINCT amount",
        "amount LIMIT 1",
        "reason COLLATE NOCASE",
        "",
        "   ",
        "amount +",
        "LIST(amount)",
        "x -> x + 1",
        "{'a': 1}",
        "current_setting('x')",
        "CAST(amount AS BLOB)",
    ],
)
def test_hostile_or_foreign_sql_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(text)
    assert len(str(refused.value)) > 15


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("COUNT(DISTINCT reason, day)", "with one column"),
        ("SUM(DISTINCT amount)", "DISTINCT stands in COUNT"),
        ("COUNT(reason, day)", "takes no 'expressions'"),
        ("SUM(*)", "COUNT(*) only"),
        ("MAX(amount, 3)", "takes no 'count'"),
        ("SUM(AVG(amount))", "aggregate inside an aggregate"),
        ("SUM(amount) FILTER (WHERE SUM(pieces) > 1)", "aggregate inside an aggregate"),
        ("SUM(amount ORDER BY day)", "ORDER"),
        ("QUANTILE_CONT(amount, 1.5)", "rank from 0 to 1"),
        ("QUANTILE_CONT(amount, -0.1)", "rank from 0 to 1"),
        ("QUANTILE_CONT(amount, pieces)", "rank from 0 to 1"),
        ("SUM(ROUND(amount, pieces))", "whole number of digits"),
        ("SUM(FLOOR(amount, 1))", "takes no 'decimals'"),
        ("COUNT(TRIM(reason, 'x'))", "takes no 'expression'"),
        ("SUM(DATE_DIFF('week', day, day))", "'day', 'month' or 'year'"),
        ("SUM(99999999999999999999)", "too large"),
        ("SUM(1e999)", "too large"),
        ("SUM(reason)", "needs a number, but 'reason' is a text"),
        ("MIN(day)", "needs a number, but 'day' is a date"),
        ("SUM(amount) + COUNT(*) FILTER (WHERE amount)", "'amount' is a number, not true or false"),
        ("SUM(amount) > 1", "gives true or false, not a number"),
        ("SUM(amount) / pieces", "'pieces' stands outside an aggregate"),
        ("amount", "must hold an aggregate"),
        ("SUM(amuont)", "'amuont' is not a column of rows. Did you mean 'amount'?"),
    ],
)
def test_a_measure_that_would_be_computed_wrongly_is_refused(text: str, told: str) -> None:
    assert told in (measure(text) or "accepted")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("reason = 5", "mixes a text with a number"),
        ("day > '2025-13-01'", "'2025-13-01' is not a day"),
        ("day > DATE '2025-02-30'", "is not a day"),
        ("amount LIKE '1%'", "is a number, not a text"),
        ("reason LIKE reason", "needs a text pattern"),
        ("amount BETWEEN SYMMETRIC 1 AND 2", "takes no 'symmetric'"),
        ("amount IN pieces", "takes no 'field'"),
        ("amount + 1", "gives a number, not true or false"),
        ("SUM(amount) > 1", "must not hold an aggregate such as SUM"),
        ("NOT amount", "is a number, not true or false"),
        ("amount IS 5", "must be IS NULL"),
        ("CAST(amount AS VARCHAR) = '1'", "cannot turn a number into a text"),
    ],
)
def test_a_condition_that_mixes_kinds_is_refused(text: str, told: str) -> None:
    assert told in (condition(text) or "accepted")


@pytest.mark.parametrize(
    "text",
    [
        "COUNT(*)",
        "COUNT(DISTINCT reason)",
        "AVG(amount) FILTER (WHERE reason NOT LIKE 'x%')",
        "QUANTILE_CONT(amount, 0)",
        "SUM(late)",
        "MEDIAN(amount)",
        "SUM(CASE WHEN late THEN amount END) / COUNT(*)",
        "COUNT(*) FILTER (WHERE day >= '2025-01-31')",
        "SUM(DATE_DIFF('day', day, DATE '2025-01-31'))",
        "COUNT(1)",
        "SUM(amount)  -- a comment",
        "SUM(amount::DOUBLE)",
        "MAX(amount)",
        "COUNT(*) FILTER (WHERE reason IN ('a', NULL))",
        "SUM(IF(late, 1, 0))",
        "SUM(CAST(reason AS DECIMAL(10, 2)))",
        "SUM(ROUND(amount, -2))",
        "COUNT(*) FILTER (WHERE late IS NOT TRUE)",
    ],
)
def test_plain_sql_of_a_measure_is_accepted(text: str) -> None:
    assert measure(text) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("now / then - 1", "something is missing beside DIV (letter 10)"),
        ("(amount", "Expecting ) (letter 7)"),
        ("amount\n+ pieces +", "something is missing beside ADD (line 2, letter 10)"),
    ],
)
def test_what_is_no_expression_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(text)
    assert str(refused.value) == f"'{text}' is not a SQL expression: {told}"


def test_deep_nesting_is_refused_without_a_traceback() -> None:
    assert "deep" in (condition("(" * 3000 + "late" + ")" * 3000) or "")


def test_the_outermost_division_is_found_inside_a_formula() -> None:
    division = outermost_division("100 * (a + b) / c - 1")
    assert division is not None
    assert [part.sql() for part in division] == ["100 * (a + b)", "c"]
    assert outermost_division("a / b + c / d") is None
    assert outermost_division("a - b") is None


def test_names_are_those_of_columns_only() -> None:
    assert names_in("CASE WHEN a > 'b' THEN c ELSE 1 END") == {"a", "c"}
