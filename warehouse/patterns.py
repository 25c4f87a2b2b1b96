"""Declared regular expressions on single texts, in time that grows with the text alone.

Python's own expressions go back and forth: one such as ``(a+)+b`` takes for ever on forty letters. The engine here,
like DuckDB's on whole columns, does not; in turn it knows neither what stands before or behind nor earlier groups.
"""

from __future__ import annotations

import polars as pl


def begins_with(text: str, expression: str) -> bool:
    """Whether the text begins with what the expression says; never with one that ``flaw_of`` finds fault with."""
    return _found(text, rf"\A(?:{expression})")


def is_whole(text: str, expression: str) -> bool:
    """Whether the whole text is what the expression says; never with one that ``flaw_of`` finds fault with."""
    return _found(text, rf"\A(?:{expression})\z")


def flaw_of(expression: str) -> str | None:
    """Why an expression cannot be used; None where it can."""
    try:
        pl.Series([""]).str.contains(rf"\A(?:{expression})")
    except pl.exceptions.PolarsError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return (lines[-1] if lines else type(error).__name__).removeprefix("error: ").rstrip(".")
    return None


def _found(text: str, expression: str) -> bool:
    try:
        return bool(pl.Series([text]).str.contains(expression).item())
    except pl.exceptions.PolarsError:
        return False
