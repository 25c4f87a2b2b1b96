"""What is fuzzed: for each loader sound inputs to begin from, a call, and the errors that are its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from scorecards.errors import Problem, ScorepackError
from scorecards.expressions import check
from scorecards.periods import parse_period
from scorecards.queries import QueryFlaw, read_query
from scorecards.source_paths import PathPattern
from scorecards.tables import read_targets, read_units
from scorecards.yaml_reader import read_yaml
from tests.warehouse.conftest import HEADER, contract
from tests.warehouse.old_workbooks import ods, xls, xlsb
from tests.warehouse.test_other_formats import usual, workbook
from warehouse.checking import staging_connection
from warehouse.inferring import infer
from warehouse.staging import File, Terms, stage

ROW = "1,2024-01-05,north,1.50\n"
OBJECT = '{"id":"1","day":"2024-01-05","unit":"north","amount":1.5}'


@dataclass(frozen=True)
class Target:
    """A loader: sound inputs, the call, and its own errors."""

    name: str
    seeds: Sequence[bytes]
    call: Callable[[bytes], object]
    errors: tuple[type[BaseException], ...] = (ScorepackError,)


@contextmanager
def targets() -> Iterator[list[Target]]:
    """All targets, over a folder and a database of their own."""
    with tempfile.TemporaryDirectory(prefix="scorepack-fuzz-") as named:
        folder = Path(named)
        with staging_connection(folder) as connection:
            yield [*_of_declarations(folder), *_of_texts(), *_of_extracts(folder, connection), *_of_drafts(folder)]


def _of_declarations(folder: Path) -> Iterator[Target]:
    def yaml(content: bytes) -> object:
        (folder / "x.yaml").write_bytes(content)
        return read_yaml(folder / "x.yaml", "x.yaml")

    def table(read: Callable[..., object]) -> Callable[[bytes], object]:
        def call(content: bytes) -> object:
            (folder / "x.csv").write_bytes(content)
            problems: list[Problem] = []
            return read(folder / "x.csv", "x.csv", problems)

        return call

    yield Target(
        "yaml",
        [
            b"a: {b: [1, 2.5, 'c', true, ~]}\nd: |\n  text\ne: >-\n  more\n  text\n",
            b"kpis:\n  k:\n    name: A \xc3\xa4\n    value: a / b\n    each: [x, y]\n",
            b'- - - a\n- ? b\n  : c\n- "\\u00e4\\n"\n',
        ],
        yaml,
    )
    yield Target("targets.csv", [b"kpi,anchor,value\nrevenue,floor,0\nrevenue,target,12%\n"], table(read_targets))
    yield Target("units.csv", [b"id,name,level,parent,from\nco,A,company,,2024-01-01\n"], table(read_units))


def _of_texts() -> Iterator[Target]:
    def text(call: Callable[[str], object]) -> Callable[[bytes], object]:
        return lambda content: call(content.decode("utf-8", "replace"))

    def path(told: str) -> object:
        pattern = PathPattern(told)
        return list(pattern.problems()) or (pattern.glob, pattern.fits("hr/leavers_2025-01_20250203.csv"))

    known: dict[str, Any] = {"amount": "number", "day": "date", "reason": "text"}
    yield Target(
        "expression",
        [
            b"SUM(amount) FILTER (WHERE reason = 'a' AND day >= DATE '2024-01-01')",
            b"CASE WHEN amount > 1 THEN ROUND(amount, 2) ELSE COALESCE(amount, 0) END / NULLIF(amount, 0)",
            b"QUANTILE_CONT(amount, 0.9) - COUNT(DISTINCT reason)",
        ],
        text(lambda told: check(told, known, wanted="number", aggregate=True, what="column")),
    )
    yield Target("period", [b"2025-01", b"2025-12"], text(parse_period), (ValueError,))
    yield Target("path", [b"hr/leavers_{period}_{file_date:%Y%m%d}*.csv", b"{period:%Y}/{period:%B}.xlsx"], text(path))
    yield Target(
        "query", [b"SELECT a, ':x' FROM t WHERE d >= :period AND d[1:2] ORDER BY 1;"], text(read_query), (QueryFlaw,)
    )


def _of_extracts(folder: Path, connection: duckdb.DuckDBPyConnection) -> Iterator[Target]:
    def staged(name: str, **changes: Any) -> Callable[[bytes], object]:
        source = contract(path=name, **changes)

        def call(content: bytes) -> object:
            path = folder / name
            path.write_bytes(content)
            file = File(path, name, folder / "accepted.parquet", folder / "rejects.parquet")
            [found] = stage(connection, [file], source, Terms(date(2024, 1, 1), ["north"]))
            # All that is said of a file may be shown: it has no line of its own, and an end.
            assert found.refused is None or (len(found.refused) < 5_000 and found.refused.endswith((".", "?", "!")))
            return found

        return call

    rows = [["id", "day", "unit", "amount"], ["1", "2024-01-05", "north", 1.5], ["2", "2024-01-05", "north", "#DIV/0!"]]
    text = (HEADER + ROW + '2,"2024-01-05","nor""th",\n').encode()
    yield Target("csv", [text, text.replace(b"\n", b"\r\n"), text.decode().encode("utf-16")], staged("o.csv"))
    yield Target("csv with a footer", [text + b"Total,2\n"], staged("o.csv", footer="Total", comment="#"))
    yield Target("jsonl", [f"{OBJECT}\n{OBJECT}\n".encode()], staged("o.jsonl"))
    yield Target("json", [f"[{OBJECT}, {OBJECT}]".encode()], staged("o.json"))
    yield Target("json below", [f'{{"a": {{"b": [{OBJECT}]}}}}'.encode()], staged("o.json", records="a.b"))
    yield Target("parquet", [_parquet(folder)], staged("o.parquet"))
    yield Target("xlsx", [workbook(usual)], staged("o.xlsx"))
    yield Target("xls", [xls(rows)], staged("o.xls"))
    yield Target("xlsb", [xlsb(rows)], staged("o.xlsb"))
    yield Target("ods", [ods(rows)], staged("o.ods"))
    yield Target("gzip", [_gzip(text)], staged("o.csv.gz"))


def _of_drafts(folder: Path) -> Iterator[Target]:
    def drafted(name: str) -> Callable[[bytes], object]:
        def call(content: bytes) -> object:
            (folder / name).write_bytes(content)
            return infer(folder / name, name, ["north"], date(2024, 1, 1))

        return call

    text = (HEADER + ROW + ROW.replace("1,", "2,", 1)).encode()
    yield Target("infer csv", [text, text.replace(b",", b";"), text.decode().encode("utf-16")], drafted("i.csv"))
    yield Target("infer jsonl", [f"{OBJECT}\n{OBJECT}\n".encode()], drafted("i.jsonl"))
    yield Target("infer json", [f'{{"a": {{"b": [{OBJECT}]}}}}'.encode()], drafted("i.json"))
    yield Target("infer parquet", [_parquet(folder)], drafted("i.parquet"))
    yield Target("infer xlsx", [workbook(usual)], drafted("i.xlsx"))
    yield Target("infer gzip", [_gzip(text)], drafted("i.csv.gz"))


def _parquet(folder: Path) -> bytes:
    frame = pl.DataFrame({"id": ["1"], "day": [date(2024, 1, 5)], "unit": ["north"], "amount": [1.5]})
    frame.write_parquet(folder / "seed.parquet")
    return (folder / "seed.parquet").read_bytes()


def _gzip(content: bytes) -> bytes:
    import gzip

    return gzip.compress(content, mtime=0)
