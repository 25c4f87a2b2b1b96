"""Days of which some are rejected because day and month stand in the other order: then others may be misread.

13/04 read as %m/%d is no day and is rejected; 05/04 is one either way, and nothing in its own row tells which is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from scorecards.sources import Source
from scorecards.words import plural
from warehouse.day_formats import reads

_EXCHANGED = {"%d": "%m", "%m": "%d"}


def exchanged_days_told(found: pl.DataFrame, source: Source) -> Iterator[str]:
    """A note for every column of which rejected values are days in the other order; ``found`` are rejected rows.

    Personal values are in no reason, and so nothing is told of them.
    """
    for name, column in source.columns.items():
        others = [_other_order(form) for form in column.format if {"%d", "%m"} <= set(re.findall("%.", form))]
        values = untyped_values(found, name) if others else []
        fitting = [value for value in values if any(reads(value, form) for form in others)]
        if fitting:
            yield (
                f"{name}: {plural(len(fitting), 'rejected value')}, such as '{fitting[0]}', would be a day if day and "
                "month changed places: days that both orders allow may have been read the wrong way round"
            )


def untyped_values(found: pl.DataFrame, column: str) -> list[str]:
    """The values of a column that were rejected since they are not of its type, as the reasons show them."""
    start = f"{column}: '"
    reasons = found.filter(pl.col("rule") == "type", pl.col("reason").str.starts_with(start))["reason"]
    return [reason.removeprefix(start).partition("'")[0] for reason in reasons]


def _other_order(form: str) -> str:
    return re.sub("%[dm]", lambda part: _EXCHANGED[part.group()], form)
