"""How rejected rows are shown in quarantine: never a personal value, in whatever format the row came."""

from __future__ import annotations

import json
from collections.abc import Sequence

from scorecards.sources import Source
from warehouse.headers import column_of, headers

HIDDEN = "***"


def hides(source: Source) -> bool:
    """Whether the source has personal columns, so that raw texts must be masked."""
    return any(column.personal for column in source.columns.values())


def is_shown(source: Source, column: str) -> bool:
    """Whether values of a column of a reading may be shown."""
    return not column_of(source, column).personal


def shown_fields(source: Source, header: Sequence[str], fields: Sequence[str]) -> list[str]:
    """The fields of a row as quarantine shows them: of personal and undeclared columns none."""
    known = headers(source)
    return [
        field if name in known and not source.columns[known[name]].personal else HIDDEN
        for name, field in zip(header, fields, strict=False)
    ]


def shown_text(source: Source, text: str) -> str:
    """A broken row as quarantine shows it: where columns are personal every letter is an x and every digit a 9.

    What is broken is its form, and that stays visible.
    """
    if not hides(source):
        return text
    return "".join("x" if letter.isalpha() else "9" if letter.isdigit() else letter for letter in text)


def shown_object(source: Source, text: str) -> str:
    """A line of JSON as quarantine shows it."""
    if not hides(source):
        return text
    known = headers(source)
    is_shown = {key: not source.columns[name].personal for key, name in known.items()}
    found = {key: value if is_shown.get(key) else HIDDEN for key, value in json.loads(text).items()}
    return json.dumps(found, ensure_ascii=False)
