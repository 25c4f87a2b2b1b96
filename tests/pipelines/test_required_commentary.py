"""A month is published only with the commentary that the project requires."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.steps.editions import publish
from scorecards.errors import DeclarationError
from scorecards.periods import months_between, parse_period
from tests.small_company import SmallCompany, small_company
from warehouse.editions import editions

JANUARY, MARCH = date(2025, 1, 1), date(2025, 3, 1)


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    return small_company(tmp_path / "small")


def require(company: SmallCompany, text: str) -> None:
    path = company.root / "scorecard.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8')}required_commentary: {text}\n", encoding="utf-8")


def run(company: SmallCompany) -> None:
    months = months_between(parse_period("2025-01"), MARCH)
    materialise("month_end", company.root, None, None, months, "none", Steps(None), "")


def refusal(company: SmallCompany, period: date = MARCH) -> list[str]:
    with pytest.raises(DeclarationError) as refused:
        publish(company.setting(), period, "Ada")
    assert refused.value.consequence == f"{period:%Y-%m} is not published: the project requires commentary."
    assert editions(company.setting().home, period) == []
    return [str(problem) for problem in refused.value.problems]


def test_a_red_without_commentary_keeps_its_month_from_being_published_until_somebody_writes(
    company: SmallCompany,
) -> None:
    require(company, "{units: {levels: [company]}}")
    run(company)
    assert refusal(company) == [
        "commentary/2025-03.yaml: comments: Small & Company has no commentary on 'Revenue' (Scorecard), which is "
        "off target. Write one: {unit: company, kpi: revenue, text: …}"
    ]
    company.write("commentary/2025-03.yaml", "comments:\n  - {unit: company, kpi: revenue, text: Rain.}\n")
    assert publish(company.setting(), MARCH, "Ada").number == 1


def test_months_that_were_backfilled_are_no_exception(company: SmallCompany) -> None:
    require(company, "{units: {levels: [company]}}")
    run(company)
    assert refusal(company, JANUARY)[0].startswith("commentary/2025-01.yaml: comments: Small & Company")


def test_a_remark_on_the_objective_counts_and_one_on_another_unit_or_the_whole_does_not(company: SmallCompany) -> None:
    require(company, "{units: {ids: [company, south]}}")
    run(company)
    company.write(
        "commentary/2025-03.yaml",
        "comments:\n  - {unit: company, objective: sell, text: Rain.}\n  - {unit: north, kpi: revenue, text: Rain.}\n"
        "  - {unit: south, text: Rain.}\n",
    )
    (only,) = refusal(company)
    assert "Shop Süd has no commentary on 'Revenue'" in only


def test_near_target_needs_words_only_where_that_is_declared(company: SmallCompany) -> None:
    require(company, "{statuses: [warning], units: {levels: [company]}}")
    run(company)
    found = refusal(company)
    assert found
    assert all("which is near target" in each for each in found)


def test_a_project_that_requires_nothing_publishes_without_a_word(company: SmallCompany) -> None:
    run(company)
    assert publish(company.setting(), MARCH, "Ada").number == 1


def test_a_unit_or_level_that_does_not_exist_is_refused_at_its_line(company: SmallCompany) -> None:
    require(company, "{units: {levels: [galaxy], ids: [south]}}")
    with pytest.raises(
        DeclarationError, match=r"scorecard.yaml:\d+: required_commentary.units.levels: 'galaxy' is not a"
    ):
        company.setting()
