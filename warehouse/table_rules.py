"""Rules about a delivery as a whole: the number of its rows, its change since the delivery before, its control total.

A delivery is judged by its facts and by what counts beside it, each time anew: a corrected month before it, or a
control file that comes late, changes the judgement without anything being read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from scorecards.periods import FREQUENCY_MONTHS, add_months, period_text
from scorecards.source_expects import Expects, Severity
from scorecards.sources import Source
from scorecards.words import plural
from warehouse.controls import Expected, expected
from warehouse.facts import sum_of
from warehouse.home import Home
from warehouse.selection import Load, View, counting

Finding = tuple[Severity, str]


def judged(home: Home, source: Source, loads: Sequence[Load], view: View) -> list[Load]:
    """The loads of a source under one contract in their order, those refused that break a rule which refuses."""
    expects = source.expects
    if expects.rows is None and expects.change is None and expects.control is None:
        return list(loads)
    totals, wrong = expected(home, source, view) if expects.control else ({}, [])
    now = {load.id: load for load in loads}
    # In the order of months, since a refused month is nothing to compare the next one with.
    for load in sorted(loads, key=lambda load: (_newest_month(load) or date.min, load.arrived)):
        if load.refused is not None:
            continue
        findings = [*_rows(expects, load), *_change(source, load, list(now.values()), view)]
        findings += _control(expects, load, totals, wrong)
        refusing = [words for severity, words in findings if severity == "refuse"]
        if findings:
            noted = tuple(f"{load.name}: {words}" for severity, words in findings if severity == "warn")
            refused = f"{load.name}: {' '.join(refusing)}" if refusing else None
            now[load.id] = replace(load, refused=refused, noted=noted)
    return [now[load.id] for load in loads]


def _rows(expects: Expects, load: Load) -> Iterator[Finding]:
    rule, rows = expects.rows, load.rows - load.rejected
    if rule is None:
        return
    for limit, is_broken, word in (
        (rule.at_least, rows < (rule.at_least or 0), "fewer"),
        (rule.at_most, rule.at_most is not None and rows > rule.at_most, "more"),
    ):
        if is_broken:
            bound = "at least" if word == "fewer" else "at most"
            yield rule.severity, f"{plural(rows, 'row')} accepted, {word} than expected ({bound} {limit:,})."


def _change(source: Source, load: Load, loads: Sequence[Load], view: View) -> Iterator[Finding]:
    rule, month = source.expects.change, _newest_month(load)
    if rule is None or month is None:
        return
    before = add_months(month, -FREQUENCY_MONTHS[source.frequency])
    fact = sum_of(rule.of) if rule.of else "rows"
    new = _figure([*_beside(source, load, loads, view, month), load], month, fact)
    old = _figure([load], before, fact)
    if old is None:
        old = _figure([one for one in counting(source, loads, view, before) if one.id != load.id], before, fact)
    if not old or new is None:
        return
    change = (new - old) / abs(old)
    if abs(change) > Decimal(str(rule.at_most)):
        what = (
            f"{rule.of} of {period_text(month)} is {new:,}"
            if rule.of
            else f"{period_text(month)} has {plural(int(new), 'row')}"
        )
        word = "more" if change > 0 else "less" if rule.of else "fewer"
        yield (
            rule.severity,
            f"{what}, {abs(change):.0%} {word} than {old:,} in {period_text(before)}; expected is a change of at most "
            f"{rule.at_most:.0%}.",
        )


def _beside(source: Source, load: Load, loads: Sequence[Load], view: View, month: date) -> list[Load]:
    """What counts for the month beside a load: other files of it, and earlier ones where rows are added."""
    here = [one for one in counting(source, loads, view, month) if one.id != load.id]
    if source.replaces == "nothing":
        return [one for one in here if (one.known_on, one.arrived) < (load.known_on, load.arrived)]
    return [one for one in here if one.logical != load.logical]


def _figure(loads: Sequence[Load], month: date, fact: str) -> Decimal | None:
    found = [load.facts[period_text(month)] for load in loads if period_text(month) in load.facts]
    values = [Decimal(facts[fact]) for facts in found if fact in facts]
    return sum(values, Decimal(0)) if values else None


def _control(expects: Expects, load: Load, totals: Mapping[date, Expected], wrong: Sequence[str]) -> Iterator[Finding]:
    rule = expects.control
    if rule is None:
        return
    months = [load.period] if load.period else list(load.periods)
    for month in months:
        total = totals.get(month)
        if total is None:
            lacking = f"for {period_text(month)} no control total has come ({rule.path}). Ask for the control file."
            yield rule.severity, wrong[0] if wrong else lacking
            continue
        facts = load.facts.get(period_text(month), {})
        rows, rejected = (
            int(facts.get("rows", "0")),
            f" ({plural(load.rejected, 'row')} rejected)" if load.rejected else "",
        )
        says = f"the control file says {{}} ({total.place})"
        if total.rows is not None and rows != total.rows:
            yield (
                rule.severity,
                f"{period_text(month)} has {rows:,} accepted rows{rejected}; {says.format(f'{total.rows:,}')}.",
            )
        found = Decimal(facts.get(sum_of(rule.column), "0")) if rule.column else None
        if found is not None and total.total is not None and not rule.accepts(found, total.total):
            difference = found - total.total
            off = f"{abs(difference):,} too {'much' if difference > 0 else 'little'}"
            what = f"{rule.column} of {period_text(month)} adds up to {found:,}{rejected}"
            yield rule.severity, f"{what}; {says.format(f'{total.total:,}')}: {off}."


def _newest_month(load: Load) -> date | None:
    return load.period or max(load.periods, default=None)
