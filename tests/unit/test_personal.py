"""What `check` says of personal columns: what would publish them, and what hashed and dropped ones cannot do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from scorecards.errors import DeclarationError
from scorecards.project import load_project
from tests.small_company import small_company

KPI: dict[str, Any] = {
    "name": "K", "definition": "d", "owner": "o", "value": "revenue", "measured_in": "currency", "direction": "higher",
}  # fmt: skip


def errors(
    tmp_path: Path, columns: dict[str, Any] | None = None, measures: dict[str, Any] | None = None,
    kpi: dict[str, Any] | None = None, complaints: dict[str, Any] | None = None, **keys: Any,
) -> list[str]:  # fmt: skip
    """The errors after columns and keys of the sales changed, measures over them came, or the first KPI changed."""
    company = small_company(tmp_path / "small", ())
    sales = yaml.safe_load((company.root / "sources/sales.yaml").read_text())
    sales["columns"]["seller"] = {"personal": True}
    for name, column in (columns or {}).items():
        sales["columns"][name] = {**(sales["columns"].get(name) or {}), **column}
    company.write("sources/sales.yaml", yaml.safe_dump({**sales, **keys}, sort_keys=False))
    other = yaml.safe_load((company.root / "sources/complaints.yaml").read_text())
    other["columns"] |= {"who": {"personal": True}}
    company.write("sources/complaints.yaml", yaml.safe_dump({**other, **(complaints or {})}, sort_keys=False))
    kpis = yaml.safe_load((company.root / "kpis/kpis.yaml").read_text())
    kpis["measures"] |= {name: {"source": "sales", **found} for name, found in (measures or {}).items()}
    kpis["kpis"]["revenue"] |= kpi or {}
    company.write("kpis/kpis.yaml", yaml.safe_dump(kpis, sort_keys=False))
    try:
        load_project(company.root)
    except DeclarationError as error:
        return [str(problem) for problem in error.problems if problem.severity == "error"]
    return []


HASHED, DROPPED = {"seller": {"staged": "hashed"}}, {"seller": {"staged": "dropped"}}


@pytest.mark.parametrize(
    "value",
    [
        "COUNT(DISTINCT seller)", "COUNT(seller)", "SUM(amount) FILTER (seller IS NOT NULL)",
        "MAX(CASE WHEN seller IS NULL THEN amount END)", "MEDIAN(LENGTH(seller))",
    ],
)  # fmt: skip
def test_a_personal_column_may_be_counted_and_may_decide_what_counts(tmp_path: Path, value: str) -> None:
    assert errors(tmp_path, measures={"m": {"value": value}}) == []


@pytest.mark.parametrize(
    ("columns", "measures", "kpi", "told"),
    [
        ({}, {"m": {"value": "ANY_VALUE(seller)"}}, {}, "ANY_VALUE would publish one person's value"),
        ({"amount": {"personal": True}}, {}, {}, ""),
        ({"amount": {"personal": True}}, {"m": {"value": "MAX(amount)"}}, {}, "MAX would publish one person's value"),
        ({"amount": {"personal": True}}, {"m": {"value": "MIN(2 * amount)"}}, {}, "MIN would publish one"),
        ({}, {"m": {"value": "COUNT(*)", "where": "seller = 'Ada'"}}, {}, "the figures of one of its values would be"),
        ({}, {"m": {"value": "COUNT(*)", "where": "seller IN ('Ada')"}}, {}, "the figures of one of its values would"),
        ({}, {}, {"by": ["seller"]}, "by: 'seller' is personal, and its values would be published."),
        ({}, {}, {"each": {"column": "seller", "values": {"ada": "Ada"}}}, "the figures of one of its values would be"),
        ({"shop": {"personal": True}}, {}, {}, "unit: 'shop' is personal, but units are published."),
        ({"shop": {"staged": "hashed"}}, {}, {}, "'staged: hashed' belongs to personal columns"),
        (HASHED, {"m": {"value": "COUNT(DISTINCT seller)"}}, {}, ""),
        (HASHED, {"m": {"value": "SUM(LENGTH(seller))"}}, {}, "It can be counted and compared with another hashed"),
        (HASHED, {"m": {"value": "COUNT(*)", "where": "seller < 'B'"}}, {}, "'seller' is staged hashed: its values"),
        (DROPPED, {"m": {"value": "COUNT(DISTINCT seller)"}}, {}, "'seller' is staged dropped: its values are not"),
        ({"sold_on": {"personal": True, "staged": "dropped"}}, {}, {}, "period: 'sold_on' is staged dropped"),
        ({"id": {"personal": True, "staged": "hashed"}}, {}, {}, ""),
        ({"id": {"personal": True, "staged": "dropped"}}, {}, {}, ""),
    ],
)  # fmt: skip
def test_what_would_publish_a_person_or_needs_what_is_gone_is_refused(
    tmp_path: Path, columns: dict[str, Any], measures: dict[str, Any], kpi: dict[str, Any], told: str
) -> None:
    found = errors(tmp_path, columns, measures, kpi)
    if told:
        assert [line for line in found if told in line], found
        assert len(found) == 1
    else:
        assert found == []


def test_columns_are_looked_up_only_when_both_are_staged_alike(tmp_path: Path) -> None:
    people = {"key": ["who"], "period": "none", "unit": None, "columns": {"who": {"personal": True}, "team": {}}}
    lookups = {"person": {"source": "complaints", "on": "seller"}}
    kpi = {"value": "sales"}
    company = {"complaints": people, "lookups": lookups, "kpi": kpi}
    told = "'seller' is staged hashed, 'who' of complaints is staged as is: nothing would be found."
    assert any(told in line for line in errors(tmp_path / "a", HASHED, **company))
    hashed = {**people, "columns": {"who": {"personal": True, "staged": "hashed"}, "team": {}}}
    found = errors(tmp_path / "b", HASHED, **{**company, "complaints": hashed})
    assert not any("nothing would be found" in line for line in found)
    found = errors(tmp_path / "c", None, {"m": {"value": "ANY_VALUE(person_who)"}}, **company)
    assert any("'person_who' is personal, and ANY_VALUE" in line for line in found)


def test_a_key_that_tells_the_newest_row_cannot_be_dropped(tmp_path: Path) -> None:
    (told,) = errors(tmp_path, {"id": {"personal": True, "staged": "dropped"}}, replaces="nothing")
    assert "key: 'id' is staged dropped: its values are not there. It is needed here. Stage it hashed." in told
