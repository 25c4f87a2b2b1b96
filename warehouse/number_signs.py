"""How numbers below zero are written: with a hyphen or the true minus sign before them, or as a contract declares."""

from __future__ import annotations

from collections.abc import Sequence

MINUS = "\N{MINUS SIGN}"


def signed(written: str, negatives: Sequence[str]) -> str:
    """SQL of a number's text with a hyphen before it where it is below zero. What has two signs is no number then."""
    found = f"replace({written}, '{MINUS}', '-')"
    if "brackets" in negatives:
        found = rf"regexp_replace({found}, '^\(\s*(.*?)\s*\)$', '-\1')"
    if "trailing" in negatives:
        found = rf"regexp_replace({found}, '^(.*?)\s*-$', '-\1')"
    return found
