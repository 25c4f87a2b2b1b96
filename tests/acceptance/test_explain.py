"""``scorepack explain`` as it is called: what it prints, its JSON, and how it answers what cannot be asked."""

from __future__ import annotations

import json

from tests.acceptance.conftest import Command


def test_a_number_is_explained_down_to_its_rows(scorepack: Command) -> None:
    assert scorepack("backfill", "2025-01", "2025-02", "--packs", "none").code == 0
    found = scorepack("explain", "revenue", "north", "2025-02")
    assert found.code == 0
    for text in (
        "Revenue · Shop North · February 2025",
        "(exactly 133.5)",
        "revenue = revenue",
        "measure revenue: SUM(amount) of sales",
        "sales_2025-02_20250303.csv",
        "delivered 2025-03-03, taken in",
        "WHERE _unit IN ('north')",
        "run just now, it gives 133.5: the value",
        "duckdb -readonly",
    ):
        assert text in found.out
    assert scorepack("explain", "revenue", "north").out == found.out
    told = json.loads(scorepack("explain", "revenue", "north", "2025-02", "--json").out)
    assert (told["value"], told["inputs"][0]["loads"][0]["file"]) == (133.5, "sales_2025-02_20250303.csv")
    assert set(told) == {
        "kpi", "name", "definition", "owner", "unit", "unit_name", "period", "window", "slice", "as_of", "edition",
        "measured_in", "value", "shown", "text", "numerator", "denominator", "value_period", "missing_reason",
        "missing_words", "formula", "declared_at", "used_kpis", "scores", "inputs", "warehouse", "notes",
    }  # fmt: skip
    assert set(told["inputs"][0]) == {
        "name", "measure", "sql", "where", "source", "over_time", "is_in_value", "window", "window_from", "window_to",
        "months_present", "months_expected", "value", "missing_reason", "missing_words", "notes", "adds_up",
        "is_told", "units", "months", "loads", "rates", "rows_sql", "value_sql", "no_value_sql", "sql_gives",
    }  # fmt: skip


def test_what_cannot_be_explained_is_answered_in_words(scorepack: Command) -> None:
    nothing = scorepack("explain", "revenue", "north", "2025-02")
    assert (nothing.code, nothing.out) == (2, "")
    assert "2025-02 has not been computed. Run it first: scorepack run 2025-02." in nothing.err
    assert (
        "Give either --as-of or --edition"
        in scorepack("explain", "revenue", "north", "2025-02", "--as-of", "2025-03-04", "--edition", "1").err
    )
    assert "'marge' is not a KPI" in " ".join(
        (scorepack("run", "2025-01", "--packs", "none").err, scorepack("explain", "marge", "north", "2025-01").err)
    )
