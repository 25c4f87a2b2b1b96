"""A contract's column rules as SQL over the texts of ``raw``: how a value is typed, and why a row is rejected.

Every rule is one pair of SQL texts: a condition and the reason it gives. The first rule that a row breaks names it.
"""

from __future__ import annotations

from datetime import date

from scorecards.periods import period_text
from scorecards.sources import Column, Source, Validity
from warehouse.reading import literal, quoted

SQL_TYPES = {
    "string": "VARCHAR", "enum": "VARCHAR", "integer": "BIGINT", "float": "DOUBLE", "date": "DATE", "datetime": "TIMESTAMP",
    "month": "DATE", "boolean": "BOOLEAN",
}  # fmt: skip
_TRUE, _FALSE = "('true','t','1','yes','y')", "('false','f','0','no','n')"


def text_of(name: str, source: Source) -> str:
    """The value's text, trimmed, with the contract's null texts as NULL."""
    trimmed = f"nullif(trim({quoted(name)}), '')"
    for null in source.nulls:
        trimmed = f"nullif({trimmed}, {literal(null)})"
    return trimmed


def typed(name: str, column: Column, source: Source) -> str:
    """SQL that types the text column ``name``, and is NULL where the text is not of the type."""
    text = quoted(f"text_{name}")
    if column.type == "string":
        return text
    if column.type == "enum":
        return f"CASE WHEN {text} IN ({', '.join(literal(value) for value in column.values)}) THEN {text} END"
    if column.type == "boolean":
        return f"CASE WHEN lower({text}) IN {_TRUE} THEN true WHEN lower({text}) IN {_FALSE} THEN false END"
    if column.type in ("integer", "decimal", "float"):
        return _number(text, column, source)
    return _time(text, column)


def sql_type(column: Column) -> str:
    """The DuckDB type in which a column is staged."""
    return f"DECIMAL(18, {column.scale})" if column.type == "decimal" else SQL_TYPES[column.type]


def _number(text: str, column: Column, source: Source) -> str:
    point = "[.]" if source.decimal == "." else ","
    plain = text
    if source.thousands:
        separator = r"\s\x{00A0}\x{202F}" if source.thousands == " " else "\\" + source.thousands
        grouped = rf"'[+-]?\d{{1,3}}([{separator}]\d{{3}})+({point}\d*)?'"
        stripped = f"regexp_replace({text}, '[{separator}]', '', 'g')"
        plain = f"CASE WHEN regexp_full_match({text}, {grouped}) THEN {stripped} ELSE {text} END"
    dotted = plain if source.decimal == "." else f"replace({plain}, ',', '.')"
    if column.type == "integer":
        form = rf"'[+-]?\d+({point}0*)?'"
        return f"CASE WHEN regexp_full_match({plain}, {form}) THEN TRY_CAST(split_part({dotted}, '.', 1) AS BIGINT) END"
    form = rf"'[+-]?(\d+{point}?\d*|{point}\d+)([eE][+-]?\d+)?'"
    return f"CASE WHEN regexp_full_match({plain}, {form}) THEN TRY_CAST({dotted} AS {sql_type(column)}) END"


def _time(text: str, column: Column) -> str:
    if column.type == "month":
        if column.format:
            return f"date_trunc('month', try_strptime({text}, {literal(column.format)}))::DATE"
        return f"CASE WHEN regexp_full_match({text}, '\\d{{4}}-\\d{{2}}(-\\d{{2}})?') THEN TRY_CAST(left({text}, 7) || '-01' AS DATE) END"
    if column.format:
        return f"try_strptime({text}, {literal(column.format)})::{SQL_TYPES[column.type]}"
    if column.type == "date":
        form = r"'\d{4}-\d{2}-\d{2}([ T]00:00(:00([.]0+)?)?)?'"
        return f"CASE WHEN regexp_full_match({text}, {form}) THEN TRY_CAST(left({text}, 10) AS DATE) END"
    return f"TRY_CAST({text} AS TIMESTAMP)"


def reasons(source: Source, period: date | None, first_period: date) -> list[tuple[str, str, str]]:
    """The rules of a row in the order in which they are told: (rule, SQL condition that breaks it, SQL of the reason).

    ``period`` is the month of a monthly file. The rows have ``text_<column>``, the typed columns, ``_unit`` and ``_period``.
    """
    found: list[tuple[str, str, str]] = []
    for name, column in source.columns.items():
        found += _column_rules(name, column)
    if source.unit and source.unit.column in source.columns:
        column_name = str(source.unit.column)
        shown = _shown(column_name, source.columns[column_name])
        found.append(("unit", "_unit IS NULL", f"'{column_name}: ' || {shown} || ' is not a declared unit'"))
    if isinstance(source.period, str) and source.period in source.columns:
        month = "strftime(_period, '%Y-%m')"
        if period is not None:
            reason = f"'{source.period}: belongs to ' || {month} || ', the file is for {period_text(period)}'"
            found.append(("period", f"_period <> DATE '{period}'", reason))
        reason = f"'{source.period}: ' || {month} || ' is before the first period {period_text(first_period)}'"
        found.append(("period", f"_period < DATE '{first_period}'", reason))
        found.append(("period", "_period IS NULL", f"'{source.period}: has no period'"))
    if isinstance(source.period, Validity):
        found.append(("period", f"{quoted(source.period.start)} IS NULL", f"'{source.period.start}: has no start'"))
    return found


def _column_rules(name: str, column: Column) -> list[tuple[str, str, str]]:
    text, value, shown = quoted(f"text_{name}"), quoted(name), _shown(name, column)
    what = {"date": "a date", "datetime": "a date and time", "month": "a month", "boolean": "true or false", "integer": "a whole number"}
    wanted = what.get(column.type, "a number") + (f" ({column.format})" if column.format else "")
    found: list[tuple[str, str, str]] = []
    if not column.nullable:
        found.append(("required", f"{text} IS NULL", literal(f"{name}: is empty")))
    if column.type == "enum":
        listed = ", ".join(column.values)
        found.append(("enum", f"{text} IS NOT NULL AND {value} IS NULL", f"{literal(name + ': ')} || {shown} || {literal(' is not one of ' + listed)}"))
    elif column.type != "string":
        found.append(("type", f"{text} IS NOT NULL AND {value} IS NULL", f"{literal(name + ': ')} || {shown} || {literal(' is not ' + wanted)}"))
    for rule, limit, sign, word in (("minimum", column.minimum, "<", "below"), ("maximum", column.maximum, ">", "above")):
        if limit is not None:
            found.append((rule, f"{value} {sign} {limit!r}", f"{literal(name + ': ')} || {shown} || {literal(f' is {word} {limit:g}')}"))
    if column.matches is not None:
        broken = f"{text} IS NOT NULL AND NOT regexp_full_match({text}, {literal(column.matches)})"
        found.append(("matches", broken, f"{literal(name + ': ')} || {shown} || {literal(' does not match ' + column.matches)}"))
    return found


def _shown(name: str, column: Column) -> str:
    """SQL of the value as a reason shows it; personal data is never shown."""
    return "'the value'" if column.personal else f"'''' || left(coalesce({quoted('text_' + name)}, ''), 60) || ''''"
