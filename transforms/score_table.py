"""The scores of one scorecard as rows of the published table.

Belongs here: shares from the top down, and the columns of all parts laid out as rows in the order of the table's key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from scorecards.organisation import Band
from transforms.card_scores import CardScores
from transforms.grid import Floats, Grid, Ints
from transforms.roll_up import STATUSES, Key, Part

COUNTS = (*(f"{status}_count" for status in STATUSES), "scored_count", "applicable_count")
SCORES = {
    "scorecard": pl.String,
    "period": pl.Date,
    "unit": pl.String,
    "level": pl.String,
    "node": pl.String,
    "parent": pl.String,
    "score": pl.Float64,
    "raw_score": pl.Float64,
    "band": pl.String,
    "weight": pl.Float64,
    "share": pl.Float64,
    "effective_share": pl.Float64,
    "coverage": pl.Float64,
    "target": pl.Float64,
    "leading_score": pl.Float64,
    "lagging_score": pl.Float64,
    **dict.fromkeys(COUNTS, pl.Int32),
    "missing_reason": pl.String,
}

_BLOCK = 2048


def score_table(card: CardScores, grid: Grid, bands: Sequence[Band]) -> pl.DataFrame:
    """The frame ``SCORES`` of one scorecard, sorted by its key. Counts and sub-scores are null for KPIs."""
    keys = sorted(card.parts)
    parts = [card.parts[key] for key in keys]
    applies = _by_place([part.applies for part in parts])
    rows = slice(None) if applies.all() else np.flatnonzero(applies)
    number = pl.Series(np.tile(np.arange(len(keys), dtype=np.uint32), card.cells.size)[rows])
    place = pl.Series(np.repeat(np.arange(card.cells.size, dtype=np.uint32), len(keys))[rows])
    weights, shares, effective = _shares(card)
    nothing, none = np.full(card.cells.shape, np.nan), np.full(card.cells.shape, -1, dtype=np.int32)

    def column(of: Callable[[Key, Part], NDArray[Any]]) -> pl.Series:
        values = _by_place([of(key, part) for key, part in zip(keys, parts, strict=True)])[rows]
        return pl.Series(values, nan_to_null=True)

    def words(of: Callable[[Key], str | None]) -> pl.Series:
        return pl.Series([of(key) for key in keys], dtype=pl.String).gather(number)

    columns = {
        "scorecard": pl.repeat(card.id, number.len(), dtype=pl.String, eager=True),
        "period": grid.periods_of(card.cells).gather(place),
        "unit": grid.units_of(card.cells).gather(place),
        "level": words(lambda key: key[0]),
        "node": words(lambda key: key[1]),
        "parent": words(lambda key: (card.parent_of[key] or ("", ""))[1]),
        "score": column(lambda _, part: part.score),
        "raw_score": column(lambda _, part: part.raw),
        "band": _named(column(lambda _, part: part.band.astype(np.int16)), [band.id for band in bands]),
        "weight": column(lambda key, _: weights[key]),
        "share": column(lambda key, _: shares[key]),
        "effective_share": column(lambda key, _: effective[key]),
        "coverage": column(lambda _, part: np.where(part.counts, part.coverage, np.nan)),
        "target": column(lambda key, _: card.targets[key[1]] if key[0] == "kpi" else nothing),
        "leading_score": column(lambda key, part: nothing if key[0] == "kpi" else _sub_score(part, "leading")),
        "lagging_score": column(lambda key, part: nothing if key[0] == "kpi" else _sub_score(part, "lagging")),
        "missing_reason": _reasons(parts, rows),
    }
    for name in COUNTS:
        columns[name] = column(lambda key, part, name=name: none if key[0] == "kpi" else part.tallies[name])  # type: ignore[misc]
    counted = [pl.when(pl.col(name) >= 0).then(name).alias(name) for name in COUNTS]
    return pl.DataFrame(columns).select(list(SCORES)).with_columns(counted)


def _shares(card: CardScores) -> tuple[dict[Key, Floats], dict[Key, Floats], dict[Key, Floats]]:
    """By key, from the top down: the share of the parent's weight, of the scorecard's, and of it without missing parts.

    Over a self-standing node the last is that of its own KPI alone, however deep that hangs.
    """
    one, zero = np.ones(card.cells.shape), np.zeros(card.cells.shape)
    weights, shares, effective = {}, {}, dict.fromkeys(card.parts, zero)
    # A part stands before what it counts into, so that here every node comes before its parts.
    for key, node in reversed(list(card.parts.items())):
        if card.parent_of[key] is None:
            weights[key] = shares[key] = effective[key] = one
        below = {name: card.parts[name] for name, parent in card.parent_of.items() if parent == key}
        declared = {name: np.where(part.counts, part.weight, 0.0) for name, part in sorted(below.items())}
        total = sum(declared.values(), zero)
        for name, weight in declared.items():
            with np.errstate(divide="ignore", invalid="ignore"):
                weights[name] = np.where(total > 0, weight / total, 0.0)
            shares[name] = shares[key] * weights[name]
        for name, share in node.renormalised.items():
            if name in card.parts:
                effective[name] = effective[name] + effective[key] * share
    return weights, shares, effective


def _by_place(columns: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Columns of parts as one, place by place."""
    table = np.empty((columns[0].size, len(columns)), dtype=columns[0].dtype)
    # In blocks that fit the processor's cache: several times as fast as one transposition.
    for start in range(0, columns[0].size, _BLOCK):
        for number, column in enumerate(columns):
            table[start : start + _BLOCK, number] = column[start : start + _BLOCK]
    return table.ravel()


def _named(numbers: pl.Series, names: Sequence[str]) -> pl.Series:
    """Numbers as the names that they stand for; −1 is none."""
    # None stands first, for −1.
    return pl.Series([None, *names], dtype=pl.String).gather((numbers + 1).cast(pl.UInt32))


def _sub_score(part: Part, kind: str) -> Floats:
    """The mean of the leading or lagging KPIs' scores by what they really weigh; missing where the node is."""
    scored, weight = part.sums[kind]
    there = (weight > 0) & ~np.isnan(part.score)
    found: Floats = np.divide(scored, weight, out=np.full(weight.shape, np.nan), where=there)
    return found


def _reasons(parts: Sequence[Part], rows: slice | Ints) -> pl.Series:
    """Why scores are missing: of several reasons the first."""
    names = sorted({reason for part in parts for _, reason in part.reasons})
    columns = []
    for part in parts:
        found = np.full(part.score.shape, -1, dtype=np.int16)
        for mask, reason in reversed(part.reasons):
            found[mask] = names.index(reason)
        columns.append(found)
    return _named(pl.Series(_by_place(columns)[rows]), names)
