"""Pieces of SQL: names and lists that DuckDB reads as they are meant."""

from __future__ import annotations

import duckdb

from transforms.sql_text import WIDTH, ident, listed, text


def test_every_keyword_of_duckdb_can_be_the_name_of_a_column() -> None:
    connection = duckdb.connect()
    words = [word for (word,) in connection.execute("SELECT keyword_name FROM duckdb_keywords()").fetchall()]
    assert len(words) > 400
    for word in [*words, "fte", "Mixed", 'a "b"', "x-y"]:
        quoted = '"' + word.replace('"', '""') + '"'
        name = ident(word)
        rows = connection.execute(f"SELECT {name}, l.{name} FROM (SELECT 1 AS {quoted}) AS l WHERE {name} IN (1)")
        assert rows.fetchall() == [(1, 1)], word
    assert ident("fte") == "fte"
    connection.close()


def test_a_text_with_quotes_stays_one_text() -> None:
    connection = duckdb.connect()
    told = "it's 'so'"
    assert connection.execute(f"SELECT {text(told)}").fetchall() == [(told,)]
    connection.close()


def test_a_list_is_broken_between_its_items_only() -> None:
    items = [text(f"unit number {n}") for n in range(12)]
    found = listed("_unit IN (", items, "    ", ")")
    assert max(map(len, found.splitlines())) <= WIDTH
    assert found.replace("\n    ", " ") == f"_unit IN ({', '.join(items)})"
    assert listed("IN (", ["'one'"], "  ", ")") == "IN ('one')"
