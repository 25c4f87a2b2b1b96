"""Operators and functions of SQL whose meaning Polars does not share, as DuckDB defines them.

Belongs here: pure functions of Polars expressions. Which node of a tree calls them is ``expressions.py``.
"""

from __future__ import annotations

import polars as pl

EXACT = pl.Decimal(38, 10)


def choose(test: pl.Expr, then: pl.Expr, otherwise: pl.Expr | None = None) -> pl.Expr:
    """CASE: ``then`` where the test holds, ``otherwise`` (null) where it does not or is null.

    A test that names no column is decided here: Polars takes it out of the plan itself, and then some branches
    (``NULLIF(2, i) / 0``) have the length of one row.
    """
    other = pl.lit(None) if otherwise is None else otherwise
    if not test.meta.root_names():
        return then if pl.select(test).item() else other
    return pl.when(test).then(then).otherwise(other)


def divide(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """Always as floats; null where the denominator is zero."""
    below = denominator.cast(pl.Float64)
    return choose(below != 0, numerator.cast(pl.Float64) / below).cast(pl.Float64)


def remainder(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """SQL's remainder takes the sign of the dividend, Polars' that of the divisor."""
    size = left.abs() % right.abs()
    return choose(right != 0, choose(left < 0, -size, size))


def finite(result: pl.Expr) -> pl.Expr:
    """The result where it is a number, else null."""
    return pl.when(result.is_finite()).then(result)


def power(base: pl.Expr, exponent: pl.Expr) -> pl.Expr:
    """POWER as a float; null where it has no finite value."""
    return finite(base.cast(pl.Float64).pow(exponent.cast(pl.Float64)))


def nullif(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """NULLIF: null where both are equal."""
    return choose(left.ne_missing(right), left)


def round_half_away(value: pl.Expr, digits: int) -> pl.Expr:
    """ROUND: half away from zero, as SQL rounds; negative digits round to tens, hundreds and so on."""
    if digits >= 0:
        return value.round(digits, mode="half_away_from_zero")
    return (value.cast(pl.Float64) / 10.0**-digits).round(0, mode="half_away_from_zero") * 10.0**-digits


def settled(value: pl.Expr, digits: int = 0) -> pl.Expr:
    """A float without the noise of arithmetic, where that decides how it is rounded to so many digits.

    10 * (0.84 − 0.72) / (0.87 − 0.72) − 0.5 is 7.499999999999998 in floats and 7.5 on paper. What lies within a
    billionth of a thousandth of a half or a whole is taken to be it; numbers of a million and more stay as they are.
    """
    scaled = value * 10.0**digits
    half = (scaled * 2).round(0) / 2
    is_noise = (scaled.abs() < 1e6) & ((scaled - half).abs() <= 1e-12 * pl.max_horizontal(scaled.abs(), 1.0))
    return pl.when(is_noise).then(half / 10.0**digits).otherwise(value)


def truncate(value: pl.Expr) -> pl.Expr:
    """TRUNC: towards zero, to a whole number."""
    number = value.cast(pl.Float64)
    return pl.when(number < 0).then(number.ceil()).otherwise(number.floor())


def date_diff(part: str, start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """DATE_DIFF: boundaries of the part (DAY, MONTH or YEAR) crossed from start to end."""
    start, end = start.cast(pl.Date), end.cast(pl.Date)
    if part == "DAY":
        return (end - start).dt.total_days()
    years = end.dt.year().cast(pl.Int64) - start.dt.year().cast(pl.Int64)
    if part == "YEAR":
        return years
    return years * 12 + end.dt.month().cast(pl.Int64) - start.dt.month().cast(pl.Int64)


def cast_number(value: pl.Expr, dtype: pl.DataType, target: str, places: int) -> pl.Expr:
    """CAST to DOUBLE, DECIMAL or an integer; null where a text cannot be read.

    Floats round half to even to integers, decimals half away from zero, as in DuckDB.
    """
    if dtype == pl.Boolean:
        value = value.cast(pl.Int64)
    if target == "DOUBLE":
        return value.cast(pl.Float64, strict=False)
    if target == "DECIMAL":
        if dtype.is_float():
            return ((value * 10.0**places).round(0, mode="half_away_from_zero") / 10.0**places).cast(EXACT)
        return value.cast(EXACT, strict=False).round(places, mode="half_away_from_zero")
    if dtype.is_float() or dtype.is_decimal():
        value = value.round(0, mode="half_to_even" if dtype.is_float() else "half_away_from_zero")
    return value.cast(pl.Int64, strict=False)


def like(value: pl.Expr, pattern: str, ignore_case: bool) -> pl.Expr:
    """LIKE: % stands for any text, _ for any one character."""
    escaped = "".join({"%": "(?s:.*)", "_": "(?s:.)"}.get(c) or _escape(c) for c in pattern)
    return value.str.contains(f"{'(?i)' if ignore_case else ''}^{escaped}$")


def _escape(character: str) -> str:
    return "\\" + character if character in r"\.+*?()|[]{}^$#&-~" else character
