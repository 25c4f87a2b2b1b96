"""Signs and words round a number, such as £ or EUR: how SQL reads past those that a contract declares."""

from __future__ import annotations

import re
from collections.abc import Sequence

from warehouse.reading import literal

_BLANK = r"[\s\x{00A0}\x{202F}]*"
# Any sign of a currency, to RE2.
ANY_SIGN = r"\p{Sc}"
COMMON_SIGNS = ("£", "€", "$", "¥", "EUR", "GBP", "USD", "CHF", "JPY")


def without_symbol(written: str, symbols: Sequence[str]) -> str:
    """SQL of a text without one of the symbols before or after the number; a minus may stand on either side of it."""
    signs = "|".join(re.escape(symbol) for symbol in sorted(symbols, key=len, reverse=True))
    before, after = literal(rf"^([+-]?){_BLANK}(?:{signs}){_BLANK}"), literal(rf"{_BLANK}(?:{signs})$")
    return (
        f"CASE WHEN regexp_matches({written}, {before}) THEN regexp_replace({written}, {before}, '\\1') "
        f"ELSE regexp_replace({written}, {after}, '') END"
    )


def has_other_sign(written: str, symbols: Sequence[str]) -> str:
    """SQL of whether a text holds a currency's sign that is none of the symbols."""
    rest = written
    for symbol in symbols:
        rest = f"replace({rest}, {literal(symbol)}, '')"
    return f"regexp_matches({rest}, '{ANY_SIGN}')"
