"""Connections and locations: what may be declared of them, and that secrets may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from scorecards.connections import Connection, Location, flaw_of_url
from scorecards.errors import DeclarationError
from scorecards.project import load_project
from scorecards.sources import Source
from tests.small_company import small_company

QUERY = {
    "source": "sales",
    "domain": "finance",
    "connection": "erp",
    "query": "SELECT * FROM sales WHERE sold_on BETWEEN :period AND :period_end",
    "unit": "shop",
    "period": "sold_on",
    "columns": {"shop": {}, "sold_on": {"type": "date"}, "amount": {"type": "decimal"}},
}


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"driver": "postgresql", "address": "postgresql://me:geheim@db/x"}, "holds a password"),
        ({"driver": "postgresql", "address": "postgresql://db/x?password=geheim"}, "holds a password"),
        ({"driver": "postgresql", "address": "host=db password=geheim"}, "not of the form"),
        ({"driver": "sqlite", "address": "../other.db"}, "below the project folder"),
        ({"driver": "sqlite", "address": "/var/other.db"}, "below the project folder"),
        ({"driver": "mysql"}, "'sqlite' or 'postgresql'"),
    ],
)
def test_a_connection_that_cannot_be_is_refused(declared: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Connection.model_validate(declared)


@pytest.mark.parametrize("sign", ["/", "?", "#", "@", ":"])
def test_a_password_that_breaks_its_address_is_noticed_and_not_shown(sign: str) -> None:
    flaw = flaw_of_url(f"postgresql://me:ge{sign}heim@db:5432/x")
    # A further colon is part of the password by the rules of addresses.
    assert (flaw is None) == (sign == ":")
    assert "heim" not in (flaw or "")


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"kind": "s3"}, "needs 'bucket'"),
        ({"kind": "sftp", "host": "h", "bucket": "b"}, "'bucket' does not belong to a location of the kind sftp"),
        ({"kind": "s3", "bucket": "b", "endpoint": "http://s3.example.com"}, "must begin with https://"),
        ({"kind": "s3", "bucket": "b", "endpoint": "https://key:secret@s3.example.com"}, "holds credentials"),
        ({"kind": "file", "folder": "share"}, "must be a whole path"),
        ({"kind": "sftp", "host": "h", "prefix": "../up"}, "must be a plain path"),
        ({"kind": "sftp", "host": "h", "password": "geheim"}, "Extra inputs"),
    ],
)
def test_a_location_that_cannot_be_is_refused(declared: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Location.model_validate(declared)


def test_plain_http_is_for_this_machine_alone() -> None:
    assert Location.model_validate({"kind": "s3", "bucket": "b", "endpoint": "http://127.0.0.1:9000"})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"connection": None}, "'query' and 'connection' belong together"),
        ({"path": "sales.csv"}, "'path' belongs to files"),
        ({"delimiter": ";"}, "'delimiter' belongs to files"),
        ({"location": "drop"}, "'location' belongs to files"),
        ({"query": "../secret.sql"}, "below the project folder"),
        ({"query": None, "connection": None}, "give 'path' for files"),
        ({"known_on": "{file_date}"}, "'known_on' is"),
    ],
)
def test_a_source_is_files_or_a_query_and_never_both(changes: dict[str, Any], message: str) -> None:
    declared = {key: value for key, value in {**QUERY, **changes}.items() if value is not None}
    with pytest.raises(ValidationError, match=message):
        Source.model_validate(declared)


def test_a_query_with_the_month_is_monthly_and_one_without_is_not() -> None:
    assert Source.model_validate(QUERY).is_monthly
    assert not Source.model_validate({**QUERY, "query": "SELECT * FROM sales"}).is_monthly


def problems(root: Path, source: dict[str, Any], **organisation: Any) -> list[str]:
    company = small_company(root, ())
    declared = yaml.safe_load((root / "scorecard.yaml").read_text())
    company.write("scorecard.yaml", yaml.safe_dump({**declared, **organisation}))
    company.write("sources/sales.yaml", yaml.safe_dump({**QUERY, **source}))
    try:
        load_project(root)
    except DeclarationError as error:
        return [str(problem) for problem in error.problems]
    return []


ERP = {"erp": {"driver": "sqlite", "address": "erp.db"}}


def test_a_source_that_names_nothing_declared_is_told_where_to_declare_it(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, {"connection": "epr"}, connections=ERP)
    assert "connection: 'epr' is not a declared connection. Did you mean 'erp'?" in found


def test_an_unknown_parameter_in_a_query_file_is_told_with_the_line_of_that_file(tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "sales.sql").write_text("SELECT *\nFROM sales\nWHERE sold_on = :day\n")
    (found,) = problems(tmp_path, {"query": "queries/sales.sql"}, connections=ERP)
    assert found.startswith("queries/sales.sql:3: has the unknown parameter ':day'.")


def test_a_query_file_that_is_not_there_is_told_once(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, {"query": "queries/sales.sql"}, connections=ERP)
    assert "query: 'queries/sales.sql' does not exist or cannot be read." in found


def test_a_period_of_the_month_needs_a_query_of_the_month(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, {"query": "SELECT * FROM sales", "period": "{period}"}, connections=ERP)
    assert "period: is {period}, but the query does not ask for a month." in found


def test_a_query_file_belongs_to_the_declarations(tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    file = tmp_path / "queries" / "sales.sql"
    file.write_text(str(QUERY["query"]))
    assert problems(tmp_path, {"query": "queries/sales.sql"}, connections=ERP) == []
    project = load_project(tmp_path)
    assert file in project.declaration_files()
    assert project.sources["sales"].query == QUERY["query"]
    before = project.digest()
    file.write_text(f"{QUERY['query']} AND amount > 0")
    assert load_project(tmp_path).digest() != before
