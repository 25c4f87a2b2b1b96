"""Nothing gets out of DuckDB: every database is shut in to its folders, with its settings locked."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from warehouse import infer_layout
from warehouse.checking import staging_connection
from warehouse.confining import MEMORY_GIB, THREADS
from warehouse.home import Home
from warehouse.query_results import save_rows
from warehouse.store import connected

OUTSIDE = "outside.csv"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / OUTSIDE).write_text("secret\nc4n4ry\n")
    (tmp_path / "home").mkdir()
    found = Home(tmp_path / "home").create()
    (found.staging / "inside.csv").write_text("a\n1\n")
    (found.staging / "leads_out.csv").symlink_to(tmp_path / OUTSIDE)
    return found


@pytest.fixture(params=["staging", "warehouse"])
def shut_in(request: pytest.FixtureRequest, home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    opened = staging_connection(home.staging) if request.param == "staging" else connected(home)
    with opened as connection:
        yield connection


def test_what_lies_in_its_folder_is_read_and_written(shut_in: duckdb.DuckDBPyConnection, home: Home) -> None:
    file = home.staging / "inside.csv"
    assert shut_in.execute(f"FROM read_csv('{file}')").fetchall() == [(1,)]
    shut_in.execute(f"COPY (SELECT 1 AS b) TO '{home.staging}/out.parquet' (FORMAT parquet)")
    assert pl.read_parquet(home.staging / "out.parquet")["b"].to_list() == [1]


@pytest.mark.parametrize(
    "statement",
    [
        "FROM read_csv('{outside}')",
        "FROM '{outside}'",
        "FROM read_text('{outside}')",
        "FROM read_blob('{outside}')",
        "FROM read_csv('{home}/staging/../../outside.csv')",
        "FROM read_csv('{home}/staging/leads_out.csv')",
        "FROM read_text('/etc/passwd')",
        "FROM glob('{root}/*')",
        "FROM sniff_csv('{outside}')",
        "FROM read_csv('{home}/journal.sqlite')",
        "ATTACH '{root}/other.duckdb'",
        "COPY (SELECT 1) TO '{root}/out.csv'",
        "COPY (SELECT 1) TO '{home}/landing/out.csv'",
        "EXPORT DATABASE '{root}/all'",
        "IMPORT DATABASE '{root}/all'",
        "FROM 'http://127.0.0.1:{port}/x.csv'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "INSTALL x FROM community",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET lock_configuration = false",
        "SET memory_limit = '1TB'",
        "RESET memory_limit",
        "SET threads = 64",
        "SET temp_directory = '/'",
        "SET allowed_configs = ['threads']",
        "PRAGMA enable_profiling",
        "SET profiling_output = '{root}/profile'",
        "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'x', SECRET 'y')",
        "SELECT getenv('HOME')",
        "FROM frame_of_this_test",
    ],
)
def test_nothing_else_is_reached_and_nothing_is_set(
    shut_in: duckdb.DuckDBPyConnection, home: Home, tmp_path: Path, statement: str
) -> None:
    frame_of_this_test = pl.DataFrame({"a": [1]})
    before = {path for path in tmp_path.rglob("*") if "scorepack-spill" not in str(path)}
    with listening() as (port, asked):
        words = statement.format(outside=tmp_path / OUTSIDE, home=home.root, root=tmp_path, port=port)
        with pytest.raises(duckdb.Error) as refused:
            shut_in.execute(words).fetchall()
    assert "c4n4ry" not in str(refused.value)
    assert asked == []
    assert {path for path in tmp_path.rglob("*") if "scorepack-spill" not in str(path)} == before
    assert frame_of_this_test.height == 1


def test_databases_of_query_results_and_of_guesses_are_shut_in_while_they_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / OUTSIDE).write_text("secret\nc4n4ry\n")
    made: list[duckdb.DuckDBPyConnection] = []
    tried: list[str] = []
    connect = duckdb.connect

    def connected_and_kept(*arguments: Any, **named: Any) -> duckdb.DuckDBPyConnection:
        made.append(connect(*arguments, **named))
        return made[-1]

    def reach_out(who: str) -> None:
        for statement in (f"FROM read_text('{tmp_path / OUTSIDE}')", "SET threads = 64", "INSTALL httpfs"):
            with pytest.raises(duckdb.Error):
                made[-1].execute(statement)
        tried.append(who)

    def batches() -> Iterator[pl.DataFrame]:
        reach_out("results")
        yield pl.DataFrame({"a": ["1"]})

    monkeypatch.setattr(duckdb, "connect", connected_and_kept)
    inside = tmp_path / "inside"
    inside.mkdir()
    assert save_rows(["a"], batches(), inside / "x.parquet", is_ordered=False, is_marked=False) == 1
    kinds_of = infer_layout.kinds_of
    monkeypatch.setattr(infer_layout, "kinds_of", lambda *given: (reach_out("guesses"), kinds_of(*given))[1])
    assert infer_layout.layout_of(inside / "x.parquet", "x.parquet").headers == ["a"]
    assert tried == ["results", "guesses"]


def test_memory_and_threads_are_bounded(shut_in: duckdb.DuckDBPyConnection) -> None:
    [(memory, threads)] = shut_in.execute(
        "SELECT current_setting('memory_limit'), current_setting('threads')"
    ).fetchall()
    size, unit = memory.split()
    assert float(size) / {"GiB": 1, "MiB": 1024}[unit] <= MEMORY_GIB
    assert threads == THREADS


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A web server on this machine, and the paths that it was asked for."""
    asked: list[str] = []

    class Noting(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815 - the server's name

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Noting)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port, asked
    finally:
        server.shutdown()
        server.server_close()
