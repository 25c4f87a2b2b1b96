"""Hostile projects: what somebody else declared can neither run anything nor take all memory; errors are in words."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scorecards.errors import DeclarationError
from scorecards.expressions import ExpressionError, parse
from scorecards.source_paths import PathPattern
from scorecards.yaml_reader import read_yaml
from tests.security.bounded import refused
from tests.small_company import SmallCompany, small_company

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 10)}]\n" for n in range(9)
)

YAML: dict[str, tuple[Callable[[], str], str]] = {
    "a billion laughs": (lambda: LAUGHS, "holds more than 200,000 values. Split it, or drop the aliases."),
    "a list that holds itself": (lambda: "a: &a [*a]", "nested"),
    "an object of Python": (lambda: "!!python/object/apply:os.system [ls]", ""),
    "a million brackets": (lambda: "a: " + "[" * 1_000_000, ""),
    "three thousand levels": (lambda: "".join(" " * n + "a:\n" for n in range(3000)), "nested"),
    "five thousand digits": (lambda: "a: " + "9" * 5000, "is too large a number"),
    "a number beyond all numbers": (lambda: "a: 1e999", "is too large a number"),
    "a file of 20 MB": (lambda: "a: " + "x" * (20 << 20), "is larger than"),
    "a zero": (lambda: "a: \0", "is not valid YAML"),
    "two documents": (lambda: "a: 1\n---\nb: 2", "is not valid YAML"),
}


@pytest.mark.parametrize(("build", "words"), YAML.values(), ids=YAML)
def test_hostile_yaml_is_refused_with_its_file(tmp_path: Path, build: Callable[[], str], words: str) -> None:
    company = small_company(tmp_path / "small", ())
    company.write("strategy.yaml", build())
    ended = refused("declarations", "check", "--project", str(company.root))
    assert ended.code == 2
    assert "error: strategy.yaml" in ended.err
    assert words in " ".join(ended.err.split())
    assert len(ended.err) < 20_000


def test_of_a_header_of_strangers_some_are_named_and_the_others_counted(tmp_path: Path) -> None:
    company = small_company(tmp_path / "small", ())
    (company.root / "targets.csv").write_text("kpi,anchor,value," + ",".join(f"c{n}" for n in range(1012)) + "\n")
    ended = refused("declarations", "check", "--project", str(company.root))
    assert ended.err.count("is not a column of this table") == 10
    assert "targets.csv:1: 1,002 more columns are not of this table." in " ".join(ended.err.split())


def test_no_tag_of_yaml_makes_anything_but_text(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: !!python/object/apply:os.system ['touch x']\nb: !!binary aGk=\n")
    assert read_yaml(tmp_path / "x.yaml", "x.yaml")[0] == {"a": ["touch x"], "b": "aGk="}


TABLES: dict[str, tuple[str, str]] = {
    "an endless cell": ("kpi,anchor,value\nrevenue,floor," + "9" * 200_000 + "\n", "targets.csv"),
    "five hundred digits": ("kpi,anchor,value\nrevenue,floor," + "9" * 500 + "\n", "targets.csv:2"),
    "a zero": ("kpi,anchor,value\nrevenue,floor,\0\n", "targets.csv"),
    "no text": ("\udcff\udcfe", "targets.csv"),
    "many columns": (",".join(f"c{n}" for n in range(50_000)) + "\n", "targets.csv"),
    "a quote that is not closed": ('kpi,anchor,value\n"' + "x\n" * 100_000, "targets.csv"),
}


@pytest.mark.parametrize(("text", "place"), TABLES.values(), ids=TABLES)
def test_a_hostile_table_is_refused_with_its_file(tmp_path: Path, text: str, place: str) -> None:
    company = small_company(tmp_path / "small", ())
    (company.root / "targets.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    ended = refused("declarations", "check", "--project", str(company.root))
    assert ended.code == 2
    assert f"error: {place}" in ended.err
    assert len(ended.err) < 20_000


@pytest.mark.parametrize("path", ["a*a*a*a*a*a*a*a*a*b.csv", "*a*a*a*a*b.csv"])
def test_a_path_whose_stars_fit_in_too_many_ways_is_refused(path: str) -> None:
    assert any("more than 3 stars" in problem for problem in PathPattern(path).problems())
    began = time.monotonic()
    assert not PathPattern("**a**a**b.csv").fits("a" * 255)
    assert time.monotonic() - began < 10


EXPRESSIONS = [
    "read_text('/etc/passwd')",
    "(SELECT content FROM read_text('/etc/passwd'))",
    "COUNT(*) FILTER (WHERE EXISTS (SELECT 1 FROM read_csv('x')))",
    "SUM(amount); ATTACH 'x'",
    "SUM(amount) FROM '/etc/passwd'",
    "SET threads = 1",
    "INSTALL httpfs",
    "getenv('SCOREPACK_SMTP_URL')",
    "current_setting('temp_directory')",
    "getvariable('x')",
    "query('SELECT 1')",
    "query_table('journal')",
    "SUM(range(1000000000))",
    "repeat('x', 1000000000)",
    "MIN(amount) IN (FROM glob('/*'))",
    "CAST('/etc/passwd' AS JSON)",
    "'x'::BLOB",
    "regexp_matches('aaaa', '(a+)+b')",
    "error('x')",
    "sleep(10)",
    "SUM(amount) -- x\n; DROP TABLE x",
    "SUM(amount)\n/* x */ UNION SELECT 1",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_sql_that_reaches_for_anything_but_its_columns_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


@pytest.mark.parametrize(
    "text", ["SUM(amount)" + " + 1" * 50_000, "CASE " + "WHEN a THEN 1 " * 50_000 + "END", "x" * 10**7]
)
def test_an_endless_expression_is_refused_at_once(text: str) -> None:
    began = time.monotonic()
    with pytest.raises(ExpressionError, match="is longer than"):
        parse(text)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "name", ["units.csv", "strategy.yaml", "kpis/kpis.yaml", "sources/sales.yaml", "queries/x.sql"]
)
def test_a_declaration_that_is_a_link_out_of_the_project_is_not_read(tmp_path: Path, name: str) -> None:
    company: SmallCompany = small_company(tmp_path / "small", ())
    (tmp_path / "secret").write_text("c4n4ry: c4n4ry\n")
    (company.root / name).unlink(missing_ok=True)
    (company.root / name).parent.mkdir(exist_ok=True)
    (company.root / name).symlink_to(tmp_path / "secret")
    if name.endswith(".sql"):
        company.write(
            "sources/extra.yaml",
            "source: extra\ndomain: hr\nconnection: db\nquery: queries/x.sql\nunit: unit\nperiod: day\n"
            "columns: {unit: {}, day: {type: date}}\n",
        )
        with (company.root / "scorecard.yaml").open("a") as file:
            file.write("connections:\n  db: {driver: sqlite, address: x.sqlite}\n")
    ended = refused("declarations", "check", "--project", str(company.root))
    assert ended.code == 2
    assert "leads out of the project" in " ".join(ended.err.split())
    assert "c4n4ry" not in ended.out + ended.err


def test_yaml_errors_are_declaration_errors(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: " + "9" * 5000)
    with pytest.raises(DeclarationError, match=r"x\.yaml:1: .*is too large a number"):
        read_yaml(tmp_path / "x.yaml", "x.yaml")
