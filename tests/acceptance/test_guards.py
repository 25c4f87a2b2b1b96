"""What the commands will not do: overwrite somebody's project, run on nothing, mail packs without a score."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from scorecards.errors import CallError, DataRefused
from tests.small_company import SmallCompany, small_company


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    return small_company(tmp_path / "small", ("2025-01",))


def call(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def test_the_demo_does_not_write_over_a_project(company: SmallCompany) -> None:
    before = {path: path.read_bytes() for path in company.root.rglob("*") if path.is_file()}
    done = call("demo", str(company.root))
    assert isinstance(done.exception, CallError)
    assert "holds something else than a demo" in str(done.exception)
    assert {path: path.read_bytes() for path in company.root.rglob("*") if path.is_file()} == before


def test_a_run_on_an_extracts_folder_that_does_not_exist_is_refused(company: SmallCompany) -> None:
    done = call("run", "2025-01", "--project", str(company.root), "--extracts", str(company.root / "nowhere"))
    assert isinstance(done.exception, CallError)
    assert "nowhere does not exist" in str(done.exception)


def test_a_run_names_the_sources_that_have_nothing_and_the_files_that_no_source_takes(company: SmallCompany) -> None:
    (company.root / "extracts" / "complaints_2025-01.csv").rename(company.root / "extracts" / "complaint_2025-1.csv")
    done = call("run", "2025-01", "--packs", "none", "--project", str(company.root))
    assert done.exit_code == 0
    assert "missing: 2025-01: complaints" in done.output
    assert "complaint_2025-1.csv" in done.output


def test_a_month_in_which_nothing_has_a_score_is_not_sent(company: SmallCompany) -> None:
    done = call("run", "2025-02", "--project", str(company.root))
    assert "0 scorecards scored" in done.output
    assert "missing: 2025-02: complaints, sales" in done.output
    for command in ("publish", "approve"):
        assert call(command, "2025-02", "--by", "Ada", "--project", str(company.root)).exit_code == 0
    sent = call("send", "2025-02", "--project", str(company.root))
    assert isinstance(sent.exception, DataRefused)
    assert "Nothing was sent" in str(sent.exception)
    assert "not sent: it has no score" in sent.output
    assert not list((company.root / ".scorepack" / "outbox").rglob("*.eml"))


def test_an_unknown_scorecard_is_told_as_such(company: SmallCompany) -> None:
    call("run", "2025-01", "--packs", "none", "--project", str(company.root))
    done = call("show", "north", "2025-01", "--scorecard", "compny", "--project", str(company.root))
    assert str(done.exception) == "'compny' is not a scorecard. Did you mean 'company'?"
