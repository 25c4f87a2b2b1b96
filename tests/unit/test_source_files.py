"""Contracts that say how files look: what fits the format, the path and the columns."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.warehouse.conftest import COLUMNS, contract


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (
            {"path": "orders"},
            "the format cannot be told from 'path'; declare format: csv, excel, parquet, jsonl or json",
        ),
        ({"path": "orders.gz"}, "the format cannot be told from 'path'"),
        ({"sheet": "Data"}, "'sheet' belongs to workbooks, but the format is csv"),
        (
            {"path": "orders.parquet", "header_rows": 2},
            "'header_rows' belongs to text files and workbooks, but the format is",
        ),
        ({"path": "orders.xlsx", "delimiter": ";"}, "'delimiter' belongs to text files, but the format is excel"),
        ({"path": "orders.jsonl", "records": "data"}, "'records' belongs to JSON, but the format is jsonl"),
        ({"delimiter": ";;"}, "at most 1 character"),
        ({"encoding": "utf8mb4"}, "'encoding' is 'utf8mb4', which is no encoding of text; write utf-8 or cp1252, say"),
        ({"encoding": "rot13"}, "'encoding' is 'rot13', which is no encoding of text"),
        ({"encoding": "base64"}, "'encoding' is 'base64', which is no encoding of text"),
        ({"encoding": "unicode_escape"}, "'encoding' is 'unicode_escape', which is no encoding of text"),
        ({"delimiter": "\n"}, "'delimiter' is '\\n'; it must be one character, and no line end"),
        ({"quote": "''"}, "'quote' is \"''\"; it must be one character, or none, and no line end"),
        ({"quote": ","}, "'delimiter' and 'quote' are both ','"),
        ({"quote": "none", "escape": "backslash"}, "'escape' belongs to quotes, but 'quote' is none"),
        ({"comment": ["#", ""]}, "'comment' holds an empty text, with which every line begins"),
        ({"footer": "("}, "'footer' is '(', which is no regular expression: "),
        ({"footer": "x*"}, "'footer' is 'x*', which every line matches; write a text such as Total"),
        ({"decimal": ",", "thousands": ","}, "'decimal' and 'thousands' are both ','"),
        ({"fill_down": ["nobody"]}, "'fill_down' names 'nobody', which is no column of this source"),
        (
            {"unpivot": {"name": "month", "value": "amount"}},
            "'unpivot.name' names 'month', which is no column of this source",
        ),
        ({"unpivot": {"name": "day", "value": "day"}}, "'name' and 'value' are the same column"),
        (
            {"unpivot": {"name": "day", "value": "amount", "columns": []}},
            "'columns' is empty; name the columns, a pattern",
        ),
        (
            {"unpivot": {"name": "day", "value": "amount"}, "fill_down": "day"},
            "'fill_down' names a column that 'unpivot' makes",
        ),
        (
            {"unpivot": {"name": "day", "value": "amount"}, "header_rows": 0},
            "'unpivot' needs headers, but 'header_rows' is 0",
        ),
        (
            {"header_rows": 0, "columns": {**COLUMNS, "id": {"header": "x"}}},
            "the header of 'id' must be its place from 1, not 'x'",
        ),
        (
            {"header_rows": 0, "columns": {**COLUMNS, "id": {"header": "3"}}},
            "two columns have the place 3, one of them 'id'",
        ),
        ({"known_on": "{file_date}"}, "'known_on' is {file_date}, but 'path' has no {file_date}"),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused(declared: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        contract(**declared)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("path", "kind", "separator"),
    [
        ("a.csv", "csv", ","),
        ("a.TSV", "csv", "\t"),
        ("a.tab.gz", "csv", "\t"),
        ("a_{period:%Y%m}.csv.zst", "csv", ","),
        ("a.xlsx.zip", "excel", ","),
        ("a.ndjson", "jsonl", ","),
        ("a.json.gz", "json", ","),
        ("a.parquet", "parquet", ","),
    ],
)
def test_the_path_tells_format_and_delimiter(path: str, kind: str, separator: str) -> None:
    found = contract(path=path)
    assert (found.file_format, found.separator) == (kind, separator)


def test_months_and_days_in_any_form_make_a_source_monthly_and_dated() -> None:
    found = contract(path="{period:%Y%m}_{file_date:%d%m%Y}.csv", period="{period}", known_on="{file_date}")
    assert (found.is_monthly, found.is_dated) == (True, True)
    assert not contract().is_monthly
