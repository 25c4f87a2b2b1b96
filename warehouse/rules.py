"""A contract's column rules as SQL over the texts of a reading: how a value is typed, and why a row is rejected.

The first rule that a row breaks names it. Personal values never enter a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from scorecards.calendar import CALENDAR_FILE, Calendar
from scorecards.columns import NUMBERS, SERIAL, Column, Derived, ValueRules
from scorecards.periods import period_text
from scorecards.sources import Source, Validity
from warehouse.cell_flaws import MARK, UNSTORED, marked
from warehouse.currency_signs import has_other_sign, without_symbol
from warehouse.month_names import has_month_name, in_english
from warehouse.number_signs import MINUS, signed
from warehouse.plain_values import raw
from warehouse.reading import literal, quoted

SQL_TYPES = {
    "string": "VARCHAR", "enum": "VARCHAR", "integer": "BIGINT", "float": "DOUBLE", "date": "DATE",
    "datetime": "TIMESTAMP", "month": "DATE", "boolean": "BOOLEAN",
}  # fmt: skip
_MOMENT = r"'\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}([.]\d+)?)?)?\s?(Z|[+-]\d{2}(:?\d{2})?)?'"
MOMENT = "moment_of"
"""A macro of the connection: the time of a text that has the form of one (``checking.staging_connection``)."""
TOO_LONG = " has more than "
"""What a reason says of a number that is one, but too long to be kept."""
_SPACES = "' \t\n\r\u00a0'"
_TRUE, _FALSE = "('true','t','1','yes','y')", "('false','f','0','no','n')"


@dataclass(frozen=True)
class Rule:
    """A rule that a row may break: its name, the SQL condition under which it does, and the reason round the value.

    ``value`` is SQL of the value as the reason shows it, or None where the reason shows none.
    """

    name: str
    condition: str
    before: str
    value: str | None = None
    after: str = ""

    @property
    def column(self) -> str:
        """The column that the rule is about."""
        return self.before.partition(":")[0]

    @property
    def reason(self) -> str:
        """SQL of the reason."""
        if self.value is None:
            return literal(self.before)
        return f"{literal(self.before)} || {self.value} || {literal(self.after)}"

    @property
    def suspicion(self) -> str:
        """SQL of a condition that holds wherever the rule is broken, and is the same for many rules of a column."""
        return f"{quoted(self.column)} IS NULL" if self.name in ("required", "type", "enum") else self.condition

    @property
    def told(self) -> str:
        """Rule and reason without the value, under which rejected rows are counted."""
        return f"{self.name}: {self.before}{'…' if self.value else ''}{self.after}"


def text(name: str) -> str:
    """SQL name of a column's text, NULL where its value is plain. An id has no space, so it is no column's name."""
    return quoted(f"text of {name}")


def whole_text(name: str, column: ValueRules) -> str:
    """SQL of a column's text, also where its value is plain."""
    if isinstance(column, Derived) or column.type == "string":
        return text(name)
    return f"coalesce({text(name)}, CASE WHEN {quoted(name)} IS NOT NULL THEN CAST({raw(name)} AS VARCHAR) END)"


def text_of(whole: str, source: Source) -> str:
    """The value's text, trimmed, with the contract's null texts as NULL; ``whole`` is SQL of the text as it is."""
    # To look at both ends first costs a third of trimming every value; a text is compared from its first letter on.
    is_bare = f"{whole} BETWEEN '!' AND '~' AND {whole}[-1] BETWEEN '!' AND '~'"
    trimmed = f"nullif(CASE WHEN {is_bare} THEN {whole} ELSE trim({whole}, {_SPACES}) END, '')"
    for null in source.nulls:
        trimmed = f"nullif({trimmed}, {literal(null)})"
    return trimmed


def sql_type(column: ValueRules) -> str:
    """The DuckDB type in which a column is staged."""
    return f"DECIMAL(18, {column.scale})" if column.type == "decimal" else SQL_TYPES[column.type]


def typed(name: str, column: Column, source: Source) -> str:
    """SQL that types the text of the column ``name``, and is NULL where the text is not of the type."""
    written = text(name)
    if column.type == "string":
        return written
    if column.type == "enum":
        return f"CASE WHEN {written} IN ({', '.join(literal(value) for value in column.values)}) THEN {written} END"
    if column.type == "boolean":
        return _truth(written, column)
    if column.type in ("integer", "decimal", "float"):
        return _number(signed(written, source.negatives), column, source)
    return _time(written, column)


def _truth(written: str, column: Column) -> str:
    trues, falses = _TRUE, _FALSE
    if column.true_when:
        trues, falses = (
            f"({', '.join(literal(text.lower()) for text in (word, *texts))})"
            for word, texts in (("true", column.true_when), ("false", column.false_when))
        )
    written = f"coalesce({written}, '')" if column.reads_empty else written
    return f"CASE WHEN lower({written}) IN {trues} THEN true WHEN lower({written}) IN {falses} THEN false END"


def _number(written: str, column: Column, source: Source) -> str:
    if column.percent == "where written":
        each = (_number(written, column.model_copy(update={"percent": sign}), source) for sign in (True, False))
        return f"CASE WHEN {written}[-1] = '%' THEN {next(each)} ELSE {next(each)} END"
    point, plain = _point(source), _bare_number(written, column, source)
    dotted = _dotted(plain, source)
    if column.type == "integer":
        form = rf"'[+-]?\d+({point}0*)?'"
        return f"CASE WHEN regexp_full_match({plain}, {form}) THEN TRY_CAST(split_part({dotted}, '.', 1) AS BIGINT) END"
    exponent = "" if column.percent else r"([eE][+-]?\d+)?"
    form = rf"'[+-]?(\d+{point}?\d*|{point}\d+){exponent}'"
    # An exponent, since a division by 100 would round a second time.
    hundredth = " || 'e-2'" if column.percent else ""
    number = f"TRY_CAST({dotted}{hundredth} AS {sql_type(column)})"
    if column.type == "float":
        # Too big is not a number, and minus zero is zero.
        number = f"nullif(nullif({number}, 'inf'::DOUBLE), '-inf'::DOUBLE) + 0.0::DOUBLE"
    return f"CASE WHEN regexp_full_match({plain}, {form}) THEN {number} END"


def number_text(name: str, column: Column, source: Source) -> str:
    """SQL of the text of a number of the column ``name`` with a point for its decimals, and e-2 for a percent sign."""
    written = signed(text(name), source.negatives)
    if column.percent == "where written":
        each = (number_text(name, column.model_copy(update={"percent": sign}), source) for sign in (True, False))
        return f"CASE WHEN {written}[-1] = '%' THEN {next(each)} ELSE {next(each)} END"
    dotted = _dotted(_bare_number(written, column, source), source)
    return f"{dotted} || 'e-2'" if column.percent else dotted


def _point(source: Source) -> str:
    return "[.]" if source.decimal == "." else ","


def _dotted(plain: str, source: Source) -> str:
    return plain if source.decimal == "." else f"replace({plain}, ',', '.')"


def _bare_number(written: str, column: Column, source: Source) -> str:
    """A number's text without percent sign, currency and separators of thousands."""
    if column.percent:
        written = rf"nullif(regexp_replace({written}, '[\s\x{{00A0}}\x{{202F}}]*%$', ''), {written})"
    if column.symbol:
        written = without_symbol(written, column.symbol)
        written = signed(written, source.negatives) if source.negatives else written
    if not source.thousands:
        return written
    separators = {" ": r"\s\x{00A0}\x{202F}", "'": "''’"}
    separator = separators.get(source.thousands, f"\\{source.thousands}")
    # No number of thousands begins with a zero: 0,500 is a half with the other mark.
    grouped = rf"'[+-]?[1-9]\d{{0,2}}([{separator}]\d{{3}})+({_point(source)}\d*)?'"
    stripped = f"regexp_replace({written}, '[{separator}]', '', 'g')"
    return f"CASE WHEN regexp_full_match({written}, {grouped}) THEN {stripped} ELSE {written} END"


def _time(written: str, column: Column) -> str:
    if column.format:
        read = [_formatted(written, column, each) for each in column.format]
        # After all others: hardly a text has a name that the engine does not know.
        read += [_formatted(in_english(written, each), column, each) for each in filter(has_month_name, column.format)]
        return read[0] if len(read) == 1 else f"coalesce({', '.join(read)})"
    if column.type == "month":
        day = f"TRY_CAST(left({written} || '-01', 10) AS DATE)"
        form = r"'\d{4}-\d{2}(-\d{2})?'"
        return f"CASE WHEN regexp_full_match({written}, {form}) THEN date_trunc('month', {day})::DATE END"
    if column.type == "date":
        form = r"'\d{4}-\d{2}-\d{2}([ T]00:00(:00([.]0+)?)?)?'"
        return f"CASE WHEN regexp_full_match({written}, {form}) THEN TRY_CAST(left({written}, 10) AS DATE) END"
    return f"CASE WHEN regexp_full_match({written}, {_MOMENT}) THEN {MOMENT}({written}) END"


def _formatted(written: str, column: Column, form: str) -> str:
    if form == SERIAL:
        return f"coalesce({_time(written, column.model_copy(update={'format': ()}))}, {_serial(written, column)})"
    moment = f"try_strptime({written}, {literal(form)})"
    whole = f"date_trunc('month', {moment})" if column.type == "month" else moment
    # A year of two digits read by %Y would be of the first century.
    return f"CASE WHEN year({moment}) >= 1000 THEN {whole}::{SQL_TYPES[column.type]} END"


def _serial(written: str, column: Column) -> str:
    """A day as workbooks count them from the end of 1899; those before March 1900 they count wrongly."""
    days = f"TRY_CAST(replace({written}, ',', '.') AS DOUBLE)"
    moment = f"TIMESTAMP '1899-12-30' + to_microseconds(CAST(round({days} * 86400) AS BIGINT) * 1000000)"
    whole = f"date_trunc('month', {moment})" if column.type == "month" else moment
    form = r"'\d{2,7}([.,]\d+)?'" if column.type == "datetime" else r"'\d{2,7}([.,]0+)?'"
    is_day = f"regexp_full_match({written}, {form}) AND {days} >= 61 AND {days} < 2958466"
    return f"CASE WHEN {is_day} THEN ({whole})::{SQL_TYPES[column.type]} END"


def rules(
    source: Source, period: date | None, first_period: date, calendar: Calendar, *, is_of_many: bool = False
) -> list[Rule]:
    """The rules of a row, in the order in which they are told.

    ``period`` is the month of a monthly file; ``calendar`` says whether a day may lie in no period. The rows have texts
    and typed columns, ``_unit`` and ``_period``; where they are those of many monthly files (``is_of_many``; any month
    stands for theirs then), the month of each is in ``_month``.
    """
    columns = source.row_columns
    found = [*_header_rule(source), *_flaw_rules(source)]
    found += [rule for name, column in columns.items() for rule in _column_rules(name, column)]
    if source.unit and source.unit.column in columns:
        name = str(source.unit.column)
        shown = _shown(name, columns[name])
        found.append(Rule("unit", "_unit IS NULL", f"{name}: ", shown, " is not a declared unit"))
    if isinstance(source.period, str) and source.period in columns:
        column = columns[source.period]
        if calendar.is_table:
            outside = f"{quoted(source.period)} IS NOT NULL AND _period IS NULL"
            shown, where = _shown(source.period, column), f" lies in no period of {CALENDAR_FILE}"
            found.append(Rule("period", outside, f"{source.period}: ", shown, where))
        found += _period_rules(source.period, column, period, first_period, is_of_many)
    if isinstance(source.period, Validity):
        found += _validity_rules(source.period, columns)
    return found


def _validity_rules(period: Validity, columns: Mapping[str, ValueRules]) -> Iterator[Rule]:
    yield Rule("period", f"{quoted(period.start)} IS NULL", f"{period.start}: has no start")
    start, end = (f"CAST({quoted(name)} AS DATE)" for name in (period.start, period.end))
    if columns[period.end].type == "month":
        start = f"date_trunc('month', {start})"
    shown = _shown(period.end, columns[period.end])
    yield Rule("period", f"{end} < {start}", f"{period.end}: ", shown, f" is before its start in {period.start}")


def _header_rule(source: Source) -> Iterator[Rule]:
    """A header among the rows, as in files that were put together; where a column has a type, the type tells it."""
    is_text = source.file_format in ("csv", "excel") and source.header_rows and not source.unpivot
    if is_text and all(column.type == "string" for column in source.columns.values()):
        names = {name: column.header or name for name, column in source.columns.items()}
        is_header = " AND ".join(f"{text(name)} = {literal(header)}" for name, header in names.items())
        yield Rule("form", is_header, "the row repeats the header")


def _flaw_rules(source: Source) -> Iterator[Rule]:
    """Cells of a workbook that hold no value although they are not empty, whatever the type of their column."""
    for name, column in source.columns.items() if source.file_format == "excel" else ():
        told = (
            "holds a formula without a stored value: have the workbook opened and saved by a spreadsheet program, "
            "or ask for values"
        )
        yield Rule("error", f"{text(name)} = {literal(marked(UNSTORED))}", f"{name}: {told}")
        shown = "'the value'" if column.personal else f"'''' || substr({text(name)}, 2, 60) || ''''"
        is_flawed = f"starts_with({text(name)}, {literal(MARK)})"
        yield Rule("error", is_flawed, f"{name}: ", shown, " is an error of the workbook")


def _period_rules(
    name: str, column: ValueRules, period: date | None, first_period: date, is_of_many: bool
) -> Iterator[Rule]:
    month = "'its month'" if column.personal else "strftime(_period, '%Y-%m')"
    first = f" is before the first period {period_text(first_period)}"
    yield Rule("period", "_period IS NULL", f"{name}: has no period")
    if period is not None and is_of_many:
        other = f"{month} || ', the file is for ' || strftime(_month, '%Y-%m')"
        yield Rule("period", "_period <> _month", f"{name}: belongs to ", other)
    elif period is not None:
        other = f", the file is for {period_text(period)}"
        yield Rule("period", f"_period <> DATE '{period}'", f"{name}: belongs to ", month, other)
    yield Rule("period", f"_period < DATE '{first_period}'", f"{name}: ", month, first)


def _column_rules(name: str, column: ValueRules) -> Iterator[Rule]:
    written, value, shown = text(name), quoted(name), _shown(name, column)
    what = {
        "date": "a date", "datetime": "a date and time", "month": "a month", "boolean": "true or false",
        "integer": "a whole number",
    }  # fmt: skip
    is_percent = isinstance(column, Column) and column.percent
    wanted = what.get(column.type, "a percentage" if is_percent else "a number")
    wanted = "a number or a percentage" if is_percent == "where written" else wanted
    if isinstance(column, Column) and column.true_when:
        wanted = f"one of {', '.join(filter(None, (*column.true_when, *column.false_when)))}"
    if isinstance(column, Column) and column.format:
        wanted += f" ({' or '.join(column.format)})"
    not_typed = f"{written} IS NOT NULL AND {value} IS NULL"
    if not column.nullable:
        lacks = "gives no value" if isinstance(column, Derived) else "is empty"
        yield Rule("required", f"{value} IS NULL AND {written} IS NULL", f"{name}: {lacks}")
    if column.type == "enum":
        yield Rule("enum", not_typed, f"{name}: ", shown, f" is not one of {', '.join(column.values)}")
    elif column.type != "string":
        if column.type in ("integer", "decimal"):
            most = 18 + (2 if is_percent else 0) - (column.scale if column.type == "decimal" else 0)
            digits = f"regexp_full_match({written}, '[+{MINUS}-]?\\d{{{most + 1},}}([.,]\\d*)?\\s*%?')"
            yield Rule("type", f"{not_typed} AND {digits}", f"{name}: ", shown, f"{TOO_LONG}{most} digits")
        if column.type in NUMBERS and isinstance(column, Column):
            yield from _percent_rules(name, column, not_typed)
            yield _symbol_rule(name, column, not_typed)
        yield Rule("type", not_typed, f"{name}: ", shown, f" is not {wanted}")
    for rule, limit, sign, word in (
        ("minimum", column.minimum, "<", "below"),
        ("maximum", column.maximum, ">", "above"),
    ):
        if limit is not None:
            yield Rule(rule, f"{value} {sign} '{limit!r}'::DOUBLE", f"{name}: ", shown, f" is {word} {limit:g}")
    if column.matches is not None:
        whole = whole_text(name, column)
        broken = f"{whole} IS NOT NULL AND NOT regexp_full_match({whole}, {literal(column.matches)})"
        yield Rule("matches", broken, f"{name}: ", shown, f" does not match {column.matches}")


def _percent_rules(name: str, column: Column, not_typed: str) -> Iterator[Rule]:
    """A percent sign that is declared and lacks, or stands where none is declared: 75 and 75% differ a hundredfold."""
    has_sign, shown = f"{text(name)}[-1] = '%'", _shown(name, column)
    if column.percent is True:
        expected = " has no percent sign, which percent: true expects; percent: where written takes it as it stands"
        yield Rule("type", f"{not_typed} AND NOT {has_sign}", f"{name}: ", shown, expected)
    elif not column.percent:
        remedy = "percent: true" if column.type != "integer" else "type: decimal and percent: true"
        unexpected = f" has a percent sign: declare {remedy} to keep it as a fraction"
        yield Rule("type", f"{not_typed} AND {has_sign}", f"{name}: ", shown, unexpected)


def _symbol_rule(name: str, column: Column, not_typed: str) -> Rule:
    """A currency's sign that is not declared: pounds are no euros."""
    told = " has a currency sign: declare it as symbol to accept it"
    if column.symbol:
        told = f" has another currency sign than the declared {' or '.join(column.symbol)}"
    has_sign = has_other_sign(text(name), column.symbol)
    return Rule("type", f"{not_typed} AND {has_sign}", f"{name}: ", _shown(name, column), told)


def _shown(name: str, column: ValueRules) -> str:
    """SQL of the value as a reason shows it, at most 60 letters on one line; personal data is never shown."""
    if column.personal:
        return "'the value'"
    return rf"'''' || regexp_replace(left(coalesce({whole_text(name, column)}, ''), 60), '\s+', ' ', 'g') || ''''"
