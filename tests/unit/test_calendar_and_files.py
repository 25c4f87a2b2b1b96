"""scorecards.periods, yaml_reader and units: the small parts that everything stands on."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scorecards.base import UnitSelector, parse_share
from scorecards.errors import DeclarationError, did_you_mean
from scorecards.periods import Window, add_months, month_end, months_between, parse_offset, parse_period, period_text
from scorecards.tables import Unit
from scorecards.units import UnitTree
from scorecards.yaml_reader import line_of, read_yaml


def test_months_are_counted_over_years() -> None:
    assert add_months(date(2024, 1, 1), -1) == date(2023, 12, 1)
    assert month_end(date(2024, 2, 1)) == date(2024, 2, 29)
    assert len(months_between(date(2023, 11, 1), date(2024, 2, 1))) == 4
    assert months_between(date(2024, 2, 1), date(2024, 1, 1)) == []
    assert period_text(parse_period("2025-09")) == "2025-09"


@pytest.mark.parametrize("text", ["2025-13", "2025-9", "25-09", "2025-09-01", "0000-01", "٢٠٢٥-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 2025-09"):
        parse_period(text)


@pytest.mark.parametrize(
    ("text", "period", "start", "first", "last"),
    [
        ("quarter", "2024-05", 1, "2024-04", "2024-06"),
        ("quarter", "2024-05", 2, "2024-05", "2024-07"),
        ("year", "2024-03", 4, "2023-04", "2024-03"),
        ("year to date", "2024-03", 4, "2023-04", "2024-03"),
        ("year to date", "2024-04", 4, "2024-04", "2024-04"),
        ("Trailing  12 months", "2024-02", 1, "2023-03", "2024-02"),
    ],
)
def test_a_window_spans_fiscal_quarters_and_years(text: str, period: str, start: int, first: str, last: str) -> None:
    found = Window.parse(text).span(parse_period(period), start)
    assert [period_text(month) for month in found] == [first, last]


@pytest.mark.parametrize("text", ["trailing 0 months", "trailing 99999 months", "half year", "week to date"])
def test_an_unknown_window_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(ValueError, match="quarter to date"):
        Window.parse(text)


def test_offsets_are_months() -> None:
    assert [parse_offset(text) for text in ("1 month", "2 quarters", "1 year")] == [1, 6, 12]
    with pytest.raises(ValueError, match="1 month, 2 quarters or 1 year"):
        parse_offset("-1 month")
    with pytest.raises(ValueError, match="is not an offset"):
        parse_offset("9999 years")


@pytest.mark.parametrize(("text", "share"), [("12%", 0.12), ("0%", 0.0), (0.3, 0.3), (1, 1.0), ("100 %", 1.0)])
def test_a_share_is_read_as_written(text: object, share: float) -> None:
    assert parse_share(text) == share


@pytest.mark.parametrize("text", ["101%", "-5%", 1.2, "12", True, None])
def test_what_is_no_share_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is not a share"):
        parse_share(text)


def test_yaml_keeps_months_days_and_no_as_text_and_knows_every_line(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 2025-09\nb: no\nc:\n  d: [1, 2.5, '3', true, ~]\n")
    data, lines = read_yaml(path, "a.yaml")
    assert data == {"a": "2025-09", "b": "no", "c": {"d": [1, 2.5, "3", True, None]}}
    assert [line_of(lines, at) for at in (("a",), ("c", "d"), ("c", "unknown"), ())] == [1, 4, 3, 1]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a: 1\na: 2\n", "a.yaml:2: declares 'a' twice. Remove or rename one of them."),
        (b"a: [1\n", "is not valid YAML"),
        (b"a: \xff\n", "a.yaml: is not UTF-8 text"),
        (b"? [1, 2]\n: 3\n", "has a key that is not a plain word."),
        (b"a: " + b"[" * 60 + b"]" * 60, "is nested more than 40 levels deep."),
        (b"a: &x [*x]\n", "is nested more than 40 levels deep."),
    ],
)
def test_broken_yaml_is_told_with_its_line(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    with pytest.raises(DeclarationError) as refused:
        read_yaml(tmp_path / "a.yaml", "a.yaml")
    assert told in str(refused.value).replace("a.yaml:2:  ", "a.yaml:2: ")


def test_an_alias_bomb_is_refused(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 8)
    )
    (tmp_path / "a.yaml").write_text(bomb)
    with pytest.raises(DeclarationError, match="holds more than 200,000 values"):
        read_yaml(tmp_path / "a.yaml", "a.yaml")


def test_a_selector_needs_all_its_conditions() -> None:
    forever = (date(1, 1, 1), date(9999, 12, 31))
    rows = [
        Unit("c", "C", "company", None, *forever, "", 2),
        Unit("d", "D", "division", "c", *forever, "", 3),
        Unit("t", "T", "team", "d", *forever, "", 4),
        Unit("u", "U", "team", "c", date(2024, 2, 1), forever[1], "", 5),
    ]
    tree = UnitTree.at(rows, date(2024, 1, 1))
    assert tree.select(UnitSelector()) == ["c", "d", "t"]
    assert tree.select(UnitSelector(levels=("team", "company"), under=("d",))) == ["t"]
    assert tree.select(UnitSelector(excluding=("d",))) == ["c"]
    assert UnitTree.at(rows, date(2024, 2, 1)).select(UnitSelector(levels=("team",))) == ["t", "u"]
    assert list(tree.walk()) == ["c", "d", "t"]
    assert list(tree.ancestors("t")) == ["t", "d", "c"]


def test_the_nearest_name_is_suggested() -> None:
    assert did_you_mean("revenu", ["revenue", "cost"]) == "Did you mean 'revenue'?"
    assert did_you_mean("zzz", ["a", "b"]) == "Known: 'a', 'b'."
    assert did_you_mean("zzz", []) == "None is declared."


@pytest.mark.parametrize(
    ("wrong", "known", "here", "there"),
    [
        ("Schlu\u0308ssel", "Schl\u00fcssel", "U+0075, U+0308", "U+00FC"),
        ("key", "ke\u200by", "none", "U+200B"),
        ("k\u00a0y", "k y", "U+00A0", "U+0020"),
    ],
)
def test_names_that_look_the_same_are_told_apart(wrong: str, known: str, here: str, there: str) -> None:
    told = did_you_mean(wrong, [known, "other"])
    assert told.endswith(f" They look the same; only the first has {here}, only the second {there}.")
