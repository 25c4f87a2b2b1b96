"""JSON Lines read by DuckDB, many times faster than object by object, where every line is plain.

DuckDB is more lenient than JSON, takes numbers with a point for binary ones, and the first of two equal keys: a file in
which any of that could change a value is not read here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb

from scorecards.sources import Source
from warehouse.headers import MOST_COLUMNS, column_of, headers, match_header
from warehouse.json_values import names_in
from warehouse.line_accounts import blank_lines
from warehouse.reading import Located, Reading, file_literal, literal, quoted
from warehouse.records import LONGEST_LINE
from warehouse.showing import shown_object
from warehouse.text_files import Text

# What JSON does not know, a comma too many, and numbers that a binary one cannot hold to the last digit.
_ODD = r"[:\[,]\s*-?(nan|inf|NaN|Inf|[0-9][0-9.]{15})|,\s*[}\]]"


def read_plain_jsonl(connection: duckdb.DuckDBPyConnection, text: Text, source: Source) -> Reading | None:
    """The reading of a file whose every line is one plain object, else None."""
    wanted = headers(source)
    paths = {header: _path(header) for header in wanted}
    # Numbers would have to be rewritten with the declared sign, and their kind is not told with them.
    if source.decimal != "." or any('"' in header or "\\" in header for header in wanted):
        return None
    scan = f"read_ndjson_objects({file_literal(text.path)}, maximum_object_size = {LONGEST_LINE + 1})"
    odd = [f"regexp_matches(json::VARCHAR, {literal(_ODD)})", "json_type(json) <> 'OBJECT'"]
    for header, column in wanted.items():
        # Of such numbers the text would not be kept.
        texts = column_of(source, column).type in ("string", "enum", "integer", "boolean")
        kinds = ("OBJECT", "ARRAY", "DOUBLE") if texts else ("OBJECT", "ARRAY")
        odd.append(f"json_type(json, {literal(paths[header])}) IN {kinds}")
        parts = header.split(".")
        odd += [
            f"json_type(json, {literal(_path('.'.join(parts[:end])))}) NOT IN ('OBJECT', 'NULL')"
            for end in range(1, len(parts))
        ]
    is_odd = " OR ".join(f"coalesce({condition}, false)" for condition in odd)
    try:
        found = connection.execute(
            f"SELECT keys, count(*), count(*) FILTER (is_odd) FROM "
            f"(SELECT json_keys(json) AS keys, {is_odd} AS is_odd FROM {scan}) GROUP BY keys "
            f"LIMIT {MOST_COLUMNS + 1}"
        ).fetchall()
    except duckdb.Error:
        return None
    if len(found) > MOST_COLUMNS:
        return None
    rows = sum(count for _, count, _ in found)
    names: dict[str, None] = {}
    for keys, _, odd_rows in found:
        if odd_rows or keys is None or len(set(keys)) < len(keys) or any("." in key for key in wanted if key in keys):
            return None
        names.update(dict.fromkeys(keys))
    if not rows or rows + blank_lines(text.path, 0) != text.lines:
        return None
    dotted = [header for header in wanted if "." in header]
    found_names = names_in(names, dotted)
    found_names += [name for name in dotted if _comes(connection, scan, paths[name])]
    _, extra = match_header(source, found_names)
    # Taken out once and held: inside the nested conditions of the checks, values of other rows were seen to come out.
    values = ", ".join(
        f"json_extract_string(json, {literal(paths[name])}) AS {quoted(wanted[name])}" for name in wanted
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE raw AS SELECT {values} FROM {scan}")
    return Reading(tuple(found_names), extra, "raw", _locator(text, source))


def _path(header: str) -> str:
    return "$" + "".join(f'."{part}"' for part in header.split("."))


def _comes(connection: duckdb.DuckDBPyConnection, scan: str, path: str) -> bool:
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {scan} WHERE json_exists(json, {literal(path)}) LIMIT 1)"
    return bool(connection.execute(sql).fetchall()[0][0])


def _locator(text: Text, source: Source) -> Callable[[Sequence[int]], Located]:
    def locate(rows: Sequence[int]) -> Located:
        wanted, found, number = set(rows), {}, -1
        with text.path.open(encoding="utf-8", newline="\n") as handle:
            for line, written in enumerate(handle, start=1):
                if written == "\n":
                    continue
                number += 1
                if number in wanted:
                    found[number] = (line, shown_object(source, written.rstrip("\n")))
        return found

    return locate
