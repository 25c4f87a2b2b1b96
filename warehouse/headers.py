"""Headers of delivered files: which stands for which column, and what is told where one does not come."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from scorecards.columns import Column
from scorecards.errors import DataRefused, did_you_mean
from scorecards.sources import Source

MOST_COLUMNS = 10_000
"""The most columns, or different keys, that an extract may have."""


def require_few(columns: int) -> None:
    """Raise ``DataRefused`` for more columns than any extract has."""
    if columns > MOST_COLUMNS:
        raise DataRefused(
            f"the header has {columns:,} columns, more than {MOST_COLUMNS:,}. "
            "Check 'delimiter' in the contract, or ask for fewer columns."
        )


def headers(source: Source) -> dict[str, str]:
    """The contract's columns by the names they have in the file: where it has no header row, by their place from 1."""
    turned_into = (source.unpivot.name, source.unpivot.value) if source.unpivot else ()
    if source.header_rows == 0:
        return {column.header or str(place): name for place, (name, column) in enumerate(source.columns.items(), 1)}
    return {column.header or name: name for name, column in source.columns.items() if name not in turned_into}


def match_header(source: Source, found: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Which header stands for which column, and the headers that the contract does not know.

    Raises ``DataRefused`` for a column that is missing or named twice, suggesting what may have become of it.
    """
    require_few(len(found))
    wanted = headers(source)
    doubled = sorted({name for name in found if name in wanted and found.count(name) > 1})
    if doubled:
        raise DataRefused(f"the header names '{doubled[0]}' twice. Remove one of the columns.")
    missing = [header for header in wanted if header not in found]
    if missing and source.header_rows == 0:
        raise DataRefused(
            f"the first row has {len(found)} fields, too few for the column '{wanted[missing[0]]}' at place "
            f"{missing[0]}. Check 'delimiter' and 'header_rows' in the contract."
        )
    if missing:
        if len(missing) == len(wanted) and any(column.personal for column in source.columns.values()):
            raise DataRefused(_no_header(found, missing))
        extra = [name for name in found if name and name not in wanted]
        what = (
            f"the column '{missing[0]}' is missing"
            if len(missing) == 1
            else f"the columns {', '.join(map(repr, missing))} are missing"
        )
        raise DataRefused(f"{what} from the header. {_what_became(missing, found, extra)}".strip())
    taken = {header: wanted[header] for header in found if header in wanted}
    taken |= {header: turned(header) for header in unpivoted(source, found)}
    return taken, tuple(name for name in found if name and name not in taken)


def unpivoted(source: Source, found: Sequence[str]) -> dict[str, str]:
    """The headers whose cells become rows, each with the value that it stands for.

    Raises ``DataRefused`` where one that the contract names is not there, or comes twice.
    """
    if source.unpivot is None:
        return {}
    known, columns = headers(source), source.unpivot.columns
    free = [name for name in found if name and name not in known]
    if columns == "others":
        chosen = {name: name for name in free}
        wanted = ["others"] * (not chosen)
    elif isinstance(columns, dict):
        chosen = {name: columns[name] for name in free if name in columns}
        wanted = [name for name in columns if name not in chosen]
    else:
        chosen = {name: name for name in free if any(fnmatchcase(name, pattern) for pattern in columns)}
        wanted = [pattern for pattern in columns if not any(fnmatchcase(name, pattern) for name in chosen)]
    if wanted:
        raise DataRefused(f"no column of the header is '{wanted[0]}' of 'unpivot'. {did_you_mean(wanted[0], free)}")
    doubled = sorted(name for name in chosen if free.count(name) > 1)
    if doubled:
        way = ", or leave it out by 'range' in the contract, where it stands at the edge" * (
            source.file_format == "excel"
        )
        raise DataRefused(f"the header names '{doubled[0]}' twice. Remove one of the columns{way}.")
    return chosen


def turned(header: str) -> str:
    """The name in a reading of a column whose cells become rows: no column of a contract has a space in its name."""
    return f"cells of {header}"


def column_of(source: Source, name: str) -> Column:
    """The declared column of a reading's column; of one whose cells become rows, that of the cells."""
    return source.columns[source.unpivot.value if name not in source.columns and source.unpivot else name]


def _no_header(found: Sequence[str], missing: Sequence[str]) -> str:
    """That no declared column comes: what stands there may be a first row, whose personal values are not shown."""
    named = ", ".join(map(repr, missing))
    if len(found) == 1:
        return f"none of the columns {named} is in the header. {_what_became(missing, found, [])}"
    return (
        f"none of the columns {named} is in the header; it is not shown, since it may be a row of persons. Check "
        "'skip_rows' and 'header_rows' in the contract, or ask for the file with its header."
    )


def _what_became(missing: Sequence[str], found: Sequence[str], extra: Sequence[str]) -> str:
    if len(found) == 1:
        for delimiter, name in ((";", "';'"), (",", "','"), ("\t", "a tab"), ("|", "'|'")):
            if set(missing) <= {field.strip().strip('"') for field in found[0].split(delimiter)}:
                return f"The columns seem to be separated by {name}: correct 'delimiter' in the contract."
    hint = did_you_mean(missing[0], extra) if extra else ""
    return f"{hint} Where the file names a column otherwise, declare that name as its header:.".strip()


def joined_header(rows: Sequence[Sequence[str]]) -> list[str]:
    """One name for each column from a header of several rows, joined by spaces.

    An empty cell of any row but the last takes what stands to its left, as the cells under a merged one do.
    """
    width = max(map(len, rows), default=0)
    names: list[list[str]] = [[] for _ in range(width)]
    for number, row in enumerate(rows, start=1):
        left = ""
        for place in range(width):
            name = row[place].strip().strip("\ufeff").strip() if place < len(row) else ""
            left = name or (left if number < len(rows) else "")
            if left:
                names[place].append(left)
    return [" ".join(parts) for parts in names]
