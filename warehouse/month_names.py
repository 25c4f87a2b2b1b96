"""Names of months as files have them: in English and German, long, short and in the usual abbreviations.

The engine knows English ones alone, and of the short ones those of three letters: Sep, but neither Sept nor Mär.
"""

from __future__ import annotations

from warehouse.reading import literal

_NAMES = {
    "January": "jan januar jän jänner", "February": "feb februar feber", "March": "mar mär märz mrz", "April": "apr",
    "May": "mai", "June": "jun juni", "July": "jul juli", "August": "aug", "September": "sep sept",
    "October": "oct okt oktober", "November": "nov", "December": "dec dez dezember",
}  # fmt: skip


def has_month_name(form: str) -> bool:
    """Whether a strptime format names the month."""
    return "%b" in form or "%B" in form


def in_english(written: str, form: str) -> str:
    """SQL of a text with its name of a month as the engine reads it by the format."""
    known = {name: month for month, names in _NAMES.items() for name in (month.lower(), *names.split())}
    longest_first = sorted(known, key=len, reverse=True)
    found = rf"regexp_extract({written}, '(?i)\b({'|'.join(longest_first)})\b')"
    length = None if "%B" in form else 3
    cases = "".join(f" WHEN {literal(name)} THEN {literal(month[:length])}" for name, month in known.items())
    return f"replace({written}, {found}, CASE lower({found}){cases} END)"
