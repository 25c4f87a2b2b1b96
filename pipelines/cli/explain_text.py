"""An explanation as an indented tree of plain text, within 80 columns: the same for a person and for a pipe.

Belongs here: laying out. SQL stands without anything beside it, so that it can be copied.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.cli.printing import without_controls
from pipelines.steps.explained import Explanation, InputExplained, MonthFigure, ScoreExplained, UnitFigure
from report_templates.days import month
from report_templates.formatting import MISSING, NARROW_SPACE, percent
from report_templates.language import ENGLISH
from report_templates.reasons import reason_words
from scorecards.periods import period_text
from scorecards.words import on_one_line, plural

WIDTH = 80
DIGEST_SHOWN = 12
_NAME = 32


@dataclass(frozen=True)
class Line:
    """One line; ``kind`` says how a terminal may show it: title, head, sql, warning or plain."""

    text: str
    kind: str = "plain"


def lines_of(found: Explanation, most: int) -> Iterator[Line]:
    """The whole explanation; of units, months and loads at most so many each, the rest counted."""
    for line in _everything(found, most):
        # Spaces of the printed page do not stand in terminals, and nobody finds them by searching.
        plain = line.text.replace(NARROW_SPACE, " ").replace("\u00a0", " ")
        yield Line(without_controls(line.text if line.kind == "sql" else on_one_line(plain)), line.kind)


def _everything(found: Explanation, most: int) -> Iterator[Line]:
    yield from _value(found)
    for score in found.scores:
        yield Line("")
        yield from _score(score, found)
    shown: dict[tuple[str, ...], str] = {}
    for each in found.inputs:
        yield Line("")
        yield from _input(each, most, shown)
    yield Line("")
    yield Line("The SQL runs in the warehouse, opened to be read:")
    yield Line(f"  duckdb -readonly {found.warehouse}")


def _value(found: Explanation) -> Iterator[Line]:
    parts = [found.name, found.unit_name, month(found.period, ENGLISH)]
    parts += [found.slice] if found.slice else []
    parts += [f"as of {found.as_of}"] if found.as_of else []
    parts += [f"edition {found.edition.number}"] if found.edition else []
    yield from _wrapped(_plain(" · ".join(parts)), 0, "title")
    if found.value is None:
        yield from _wrapped(f"no value: {found.missing_words} ({found.missing_reason})", 0, "title")
    else:
        yield Line(f"{found.shown}   (exactly {_exact(found.value)}{_of_text(found)})", "title")
    if found.value_period != found.period:
        yield Line(f"of {month(found.value_period, ENGLISH)}, when it was last measured")
    yield from _wrapped(_plain(found.definition), 0)
    if found.edition is not None:
        told = f"published {_at(found.edition.published_at)} by {_plain(found.edition.by)}"
        yield from _wrapped(f"{told}: {_plain(found.edition.reason)}" if found.edition.reason else told, 0)
    for note in found.notes:
        yield from _wrapped(f"! {note}", 0, "warning")
    yield Line("")
    yield Line("formula", "head")
    yield from _wrapped(f"{found.kpi} = {_plain(found.formula)}", 2)
    for used in found.used_kpis:
        yield from _wrapped(f"{used.name} = {_plain(used.formula)} = {_exact(used.value)}", 4)
    if found.numerator is not None and found.denominator is not None:
        yield from _wrapped(f"its division: {_exact(found.numerator)} / {_exact(found.denominator)}", 2)
    yield Line(f"  over: {found.window}; declared in {found.declared_at}")


def _of_text(found: Explanation) -> str:
    return f", the place of '{_plain(found.text)}' among its texts" if found.text is not None else ""


def _score(score: ScoreExplained, found: Explanation) -> Iterator[Line]:
    yield Line(_plain(f"score on {score.name} ({score.scorecard})"), "head")
    if score.score is None:
        yield from _wrapped(f"no score: {reason_words(score.missing_reason, ENGLISH)}", 2)
    else:
        yield Line(f"  {score.shown}, {score.band_name or 'in no band'}")
    weight = f"weighs {percent(score.weight, 1)} of {score.objective_name}, {percent(score.share, 1)} of the whole"
    yield from _wrapped(_plain(weight), 2)
    width = max((len(one.anchor) for one in score.anchors), default=0)
    for one in score.anchors:
        yield from _wrapped(f"{one.anchor:<{width}}  {one.shown}  ({one.origin})", 2)
    if found.value is not None and score.anchors:
        yield Line(f"  the value lies {_lies(score)}")


def _lies(score: ScoreExplained) -> str:
    if score.below and score.above:
        return f"between {score.below} and {score.above}"
    return f"below {score.above}" if score.above else f"at or beyond {score.below}" if score.below else "beside them"


def _input(found: InputExplained, most: int, shown: dict[tuple[str, ...], str]) -> Iterator[Line]:
    value = _exact(found.value) if found.value is not None else f"missing: {found.missing_words}"
    yield from _wrapped(f"{found.name} = {value}", 0, "head")
    where = f" where {' and '.join(found.where)}" if found.where else ""
    yield from _wrapped(_plain(f"measure {found.measure}: {found.sql} of {found.source}{where}"), 2)
    span = period_text(found.window_from)
    span += f" to {period_text(found.window_to)}" if found.window_to != found.window_from else ""
    counted = f"{found.months_present} of {plural(found.months_expected, 'month')} counted"
    yield from _wrapped(f"window {found.window}: {span}, {counted}", 2)
    for note in found.notes:
        yield from _wrapped(note, 2)
    yield from _figures(found, most)
    yield from _loads(found, most, shown)
    yield from _sql(found)


def _figures(found: InputExplained, most: int) -> Iterator[Line]:
    if found.units:
        yield Line(f"  by unit ({plural(len(found.units), 'unit')} with rows)", "head")
        yield from _table([(_plain(one.name)[:_NAME], one) for one in found.units[:most]])
        rest = found.units[most:]
        if rest:
            sums = f": {_exact(sum(one.value or 0.0 for one in rest))} together" if found.adds_up else ""
            yield Line(f"    and {plural(len(rest), 'unit')} more{sums}")
    if len(found.months) > 1:
        yield Line("  by month", "head")
        if len(found.months) > most:
            yield Line(f"    {plural(len(found.months) - most, 'earlier month')} not shown")
        yield from _table([(period_text(one.period), one) for one in found.months[-most:]])


def _table(rows: Sequence[tuple[str, UnitFigure | MonthFigure]]) -> Iterator[Line]:
    """One line a figure: name, value, rows, and of a ratio the operands."""
    values, counts = [_exact(one.value) for _, one in rows], [plural(one.rows, "row") for _, one in rows]
    widths = [max(map(len, column)) for column in ([name for name, _ in rows], values, counts)]
    for (name, one), value, count in zip(rows, values, counts, strict=True):
        is_ratio = one.numerator is not None and one.denominator is not None
        operands = f"  ({_exact(one.numerator)} / {_exact(one.denominator)})" if is_ratio else ""
        operands = f"  {reason_words(one.missing_reason, ENGLISH)}" if one.missing_reason else operands
        text = f"    {name:<{widths[0]}}  {value:>{widths[1]}}  {count:>{widths[2]}}{operands}"
        yield Line(text if len(text) <= WIDTH else text[: -len(operands)])


def _loads(found: InputExplained, most: int, shown: dict[tuple[str, ...], str]) -> Iterator[Line]:
    if not found.loads:
        if found.is_told:
            yield Line("  loads: none", "head")
        return
    ids = tuple(load.load for load in found.loads)
    if ids in shown:
        yield Line(f"  loads: those of {shown[ids]}", "head")
        return
    shown[ids] = found.name
    yield Line("  loads", "head")
    for one in found.loads[-most:]:
        role = "" if one.role == "rows" else f" ({one.role}: {one.source})"
        yield from _wrapped(f"{_plain(one.file)}  {one.digest[:DIGEST_SHOWN]}{role}".rstrip(), 4)
        counts = f"{plural(one.rows, 'row')}, {one.rejected} rejected"
        reasons = ", ".join(f"{rule} {count}" for rule, count in one.reasons.items())
        told = f"delivered {one.known_on}, taken in {_at(one.taken_in_at)}; {counts}"
        yield from _wrapped(f"{told} ({reasons})" if reasons else told, 6)
    if len(found.loads) > most:
        yield Line(f"    and {plural(len(found.loads) - most, 'earlier load')}")
    for rate in found.rates[-most:]:
        told = "none" if rate.rate is None else f"{rate.rate:.10g}"
        yield Line(f"    rate of {rate.currency} in {period_text(rate.period)} ({rate.kind}): {told}")
    if len(found.rates) > most:
        yield Line(f"    and {plural(len(found.rates) - most, 'rate')} more")


def _sql(found: InputExplained) -> Iterator[Line]:
    if found.value_sql is not None:
        yield Line("  SQL of the value", "head")
        yield from (Line(f"    {text}", "sql") for text in f"{found.value_sql};".splitlines())
        if found.sql_gives is not None and found.is_proved:
            yield Line(f"  run just now, it gives {_exact(found.sql_gives)}: the value")
        elif found.value is not None:
            told = f"run just now, it gives {_exact(found.sql_gives)}, not the value: deliveries or declarations have"
            yield from _wrapped(f"! {told} changed since, or a unit's last known figure stands in", 2, "warning")
    for reason in found.no_value_sql:
        yield from _wrapped(f"no one statement gives the value: {reason}", 2)
    if found.rows_sql is not None:
        yield Line("  SQL of the rows", "head")
        yield from (Line(f"    {text}", "sql") for text in f"{found.rows_sql};".splitlines())


def _exact(value: float | None) -> str:
    """The figure with all its digits, whole numbers without a point."""
    if value is None:
        return MISSING
    return f"{int(value):,}" if value == int(value) and abs(value) < 1e15 else f"{value:,}"


def _at(text: str) -> str:
    return text[:16].replace("T", " ")


def _wrapped(words: str, indent: int, kind: str = "plain") -> Iterator[Line]:
    space = " " * indent
    for text in textwrap.wrap(
        words,
        WIDTH,
        initial_indent=space,
        subsequent_indent=f"{space}  ",
        break_long_words=False,
        break_on_hyphens=False,
    ):
        yield Line(text, kind)


def _plain(words: str) -> str:
    """Without control characters, which could steer a terminal, in one line."""
    return " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in words).split(" ")).strip()


def plain_text(found: Explanation, most: int) -> str:
    """The explanation for a pipe."""
    return "\n".join(line.text for line in lines_of(found, most))


def styled(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """Each line with the style of a rich console."""
    styles = {"title": "bold", "head": "bold", "sql": "cyan", "warning": "yellow", "plain": ""}
    return ((line.text, styles[line.kind]) for line in lines)
