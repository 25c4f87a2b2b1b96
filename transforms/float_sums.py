"""Sums of floats that do not depend on the order of rows.

Polars' optimiser takes a sort in front of a sum away, since a sum does not depend on order: for floats it does, in the
last digits. So they are sorted in a frame of their own and added from the least to the greatest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl


def float_sums(frame: pl.DataFrame, keys: Sequence[str], value: str = "value") -> pl.DataFrame:
    """The sum of a float column for every combination of keys: columns keys and value; nulls do not count."""
    ordered = frame.select(*keys, value).drop_nulls(value).sort(*keys, value)
    group = ordered.select(pl.struct(*keys).rle_id())[keys[0]].to_numpy()
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]]) if len(group) else np.array([], dtype=np.int64)
    values = ordered[value].to_numpy()
    sums = np.add.reduceat(values, starts) if len(starts) else values
    return ordered[starts].select(keys).with_columns(pl.Series(value, sums, dtype=pl.Float64))
