"""The staged rows of a source as a statement to select from: behind the views of ``staging``, and in explanations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from scorecards.sources import Source
from warehouse.home import Home
from warehouse.late_rows import Late
from warehouse.reading import file_literal, literal, quoted
from warehouse.selection import Load, accepted_file, identity


def staged_rows(home: Home, source: Source, loads: Sequence[tuple[Load, Sequence[date] | None]], late: Late) -> str:
    """The statement that selects the rows of some loads, each of all its months or of these (``selection.spread``).

    Of ``late`` rows those that wait are left out, and _period is the month in which the others count.
    """
    files = {load.id: accepted_file(home, load).resolve() for load, _ in loads}
    waiting = late.waiting_of
    whole = [file_literal(files[load.id]) for load, months in loads if months is None and load.id not in waiting]
    parts = [f"SELECT * FROM read_parquet([{', '.join(whole)}], filename = '_file')"] if whole else []
    for load, months in loads:
        conditions = []
        if months is not None:
            wanted = ", ".join(f"DATE '{month}'" for month in months) or "NULL"
            conditions.append(f"_period IN ({wanted})")
        if load.id in waiting:
            conditions.append(f"_row NOT IN ({', '.join(map(str, waiting[load.id]))})")
        if conditions:
            file = file_literal(files[load.id])
            where = " AND ".join(conditions)
            parts.append(f"SELECT * FROM read_parquet([{file}], filename = '_file') WHERE {where}")
    rows = " UNION ALL BY NAME ".join(parts)
    if source.replaces == "nothing" and source.key:
        age = " ".join(f"WHEN {literal(str(files[load.id]))} THEN {place}" for place, (load, _) in enumerate(loads))
        keys = ", ".join(quoted(column) for column in identity(source))
        newest = f"PARTITION BY {keys} ORDER BY CASE _file {age} END DESC, _row DESC"
        rows = f"SELECT * FROM ({rows}) QUALIFY row_number() OVER ({newest}) = 1"
    moved = " ".join(
        f"WHEN _file = {literal(str(files[load_id]))} AND _period = DATE '{month}' THEN DATE '{other}'"
        for load_id, months in late.moved.items()
        for month, other in (months.items() if load_id in files else ())
    )
    return f"SELECT * REPLACE (CASE {moved} ELSE _period END AS _period) FROM ({rows})" if moved else rows
