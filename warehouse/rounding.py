"""Numbers with more decimals than their column keeps: how many of a file were rounded is told, never left unsaid."""

from __future__ import annotations

from scorecards.sources import Source
from scorecards.words import plural
from warehouse.reading import quoted
from warehouse.rules import text, typed


def rounded(source: Source) -> str:
    """SQL of how many numbers of a row of ``typed_rows`` were rounded; 0 for plain ones, which have no text.

    What a workbook adds to a number in its sixteenth digit is none of its decimals.
    """
    found = []
    for name, column in source.columns.items():
        if column.type == "decimal":
            exact = typed(name, column.model_copy(update={"type": "float"}), source)
            places = column.scale - 2 * bool(column.percent)
            least = f"greatest(abs({quoted(name)}), 1e-{column.scale})"
            found.append(
                f"CASE WHEN {text(name)} IS NULL OR {quoted(name)} IS NULL "
                f"OR length({text(name)}) - strpos({text(name)}, '{source.decimal}') <= {places} THEN 0 "
                f"WHEN abs(({exact}) - {quoted(name)}) > 1e-9 * {least} THEN 1 ELSE 0 END"
            )
    return f"({' + '.join(found)})::USMALLINT" if found else "0::USMALLINT"


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
