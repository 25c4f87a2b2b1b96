"""As of an earlier day: commands that show what was computed say so where nothing was, and what to run."""

from __future__ import annotations

import pytest

from tests.acceptance.conftest import Command
from tests.small_company import SmallCompany

DAY = "2025-03-04"
RUN = ("run", "2025-01", "--as-of", DAY, "--packs", "none")


@pytest.mark.parametrize(
    "words",
    [("export", "kpi_values"), ("show", "company", "latest"), ("explain", "revenue", "north", "latest")],
    ids=lambda words: words[0],
)
def test_of_a_day_that_was_never_asked_for_nothing_is_shown_and_the_run_is_named(
    scorepack: Command, words: tuple[str, ...]
) -> None:
    assert scorepack("backfill", "2025-01", "2025-02", "--packs", "none").code == 0
    for _ in range(2):
        answer = scorepack(*words, "--as-of", DAY)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err == (
            f"Nothing has been computed as of {DAY}. Run it first: scorepack run 2025-02 --as-of {DAY}.\n"
        )


@pytest.mark.parametrize("words", [("show", "company"), ("explain", "revenue", "north")], ids=lambda words: words[0])
def test_of_a_month_that_was_not_computed_as_of_the_day_too(scorepack: Command, words: tuple[str, ...]) -> None:
    assert scorepack(*RUN).code == 0
    assert scorepack("export", "kpi_values", "--as-of", DAY).code == 0
    assert scorepack(*words, "2025-01", "--as-of", DAY).code == 0
    answer = scorepack(*words, "2025-02", "--as-of", DAY)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == (
        f"2025-02 has not been computed as of {DAY}. Run it first: scorepack run 2025-02 --as-of {DAY}.\n"
    )


def test_a_rebuild_says_of_which_days_results_are_to_be_computed_again(scorepack: Command) -> None:
    assert scorepack(*RUN).code == 0
    assert scorepack("export", "kpi_values", "--as-of", "2025-03-01").code == 2
    before = scorepack("export", "kpi_values", "--as-of", DAY).out
    answer = scorepack("rebuild")
    assert answer.out.splitlines()[1:] == [
        f"What was computed as of {DAY} is gone, and is computed again by: scorepack run PERIOD --as-of {DAY}"
    ]
    assert scorepack("export", "kpi_values", "--as-of", DAY).code == 2
    assert scorepack("rebuild").out.count("\n") == 1
    assert scorepack(*RUN).code == 0
    assert scorepack("export", "kpi_values", "--as-of", DAY).out == before


def test_so_does_forgetting_somebody(company: SmallCompany, scorepack: Command) -> None:
    contract = (company.root / "sources/sales.yaml").read_text()
    company.write("sources/sales.yaml", contract.replace("id: {type: integer}", "id: {personal: true}"))
    assert scorepack(*RUN).code == 0
    answer = scorepack("forget", "sales.id", "--value", "11", "--by", "Ada", "--reason", "asked for")
    assert answer.code == 0, answer.err
    assert f"scorepack run PERIOD --as-of {DAY}" in answer.out
