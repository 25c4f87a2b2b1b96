"""Numbers with more decimals than their column keeps: how many of a file were rounded is told, never left unsaid."""

from __future__ import annotations

from collections.abc import Collection

from scorecards.sources import Source
from scorecards.words import plural
from warehouse.reading import quoted
from warehouse.rules import number_text, text, typed

_OF_FLOATS = ("excel", "parquet")
# What computing with floats adds to a number makes this many digits of it at least.
_DIGITS_OF_NOISE = 15


def rounded(source: Source, exact: Collection[str]) -> str:
    """SQL of how many numbers of a row of ``typed_rows`` were rounded; 0 for plain ones, which have no text.

    What a workbook, or another file of floats, adds to a number in its sixteenth digit is none of its decimals; the
    columns that are ``exact`` hold no floats.
    """
    found = []
    for name, column in source.columns.items():
        if column.type == "decimal":
            written, places = text(name), column.scale - 2 * bool(column.percent)
            # Nearly all texts are too short to have further decimals, and a length is told sooner than digits are.
            is_short = f"length({written}) - strpos({written}, '{source.decimal}') <= {places}"
            if places > len("e-"):
                is_short += f" AND NOT contains({written}, 'e') AND NOT contains({written}, 'E')"
            number = number_text(name, column, source)
            is_lost = f"{_decimals(number)} > {column.scale}"
            if source.file_format in _OF_FLOATS and name not in exact:
                value = typed(name, column.model_copy(update={"type": "float"}), source)
                least = f"greatest(abs({quoted(name)}), 1e-{column.scale})"
                is_lost += f" AND (length({_digits(_mantissa(number))}) < {_DIGITS_OF_NOISE}"
                is_lost += f" OR abs(({value}) - {quoted(name)}) > 1e-9 * {least})"
            found.append(
                f"CASE WHEN {written} IS NULL OR {quoted(name)} IS NULL OR ({is_short}) THEN 0 "
                f"WHEN {is_lost} THEN 1 ELSE 0 END"
            )
    return f"({' + '.join(found)})::USMALLINT" if found else "0::USMALLINT"


def _mantissa(number: str) -> str:
    return f"split_part(lower({number}), 'e', 1)"


def _digits(mantissa: str) -> str:
    return f"translate({mantissa}, '+-.', '')"


def _decimals(number: str) -> str:
    """SQL of the decimals that a number's text tells, without zeros at its end; 0 or fewer for a whole number."""
    mantissa = _mantissa(number)
    digits = _digits(mantissa)
    zeros = f"length({digits}) - length(rtrim({digits}, '0'))"
    exponent = f"coalesce(TRY_CAST(split_part(lower({number}), 'e', 2) AS INTEGER), 0)"
    decimals = f"length(split_part({mantissa}, '.', 2)) - ({zeros}) - {exponent}"
    return f"CASE WHEN rtrim({digits}, '0') = '' THEN 0 ELSE {decimals} END"


def rounded_told(found: int) -> tuple[str, ...]:
    """The note on how many numbers among the accepted rows of a file were rounded."""
    if not found:
        return ()
    have, them = (
        ("has more decimals than its column keeps and is", "it")
        if found == 1
        else ("have more decimals than their columns keep and are", "them")
    )
    return (f"{plural(found, 'number')} {have} rounded: declare a larger 'scale' to keep {them}",)
