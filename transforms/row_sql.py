"""The SQL behind a KPI's input: one statement that shows its staged rows, and one that gives its value, where one can.

Belongs here: statements as text, in DuckDB's dialect, over staged rows. They are for people to run; what is computed is
computed by ``measuring.py`` and ``windows.py``. Personal columns are named only where a declared expression names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from scorecards.expressions import names_in, parse
from scorecards.project import Project
from scorecards.sources import Validity
from transforms.placing import looks_up_unit
from transforms.plan import Variant
from transforms.row_places import MonthColumn, Taken, is_taken, month_column
from transforms.sql_text import ident, listed, text

_OF_AMOUNTS = (exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Median, exp.PercentileCont)
_MOST_COLUMNS = 12


@dataclass(frozen=True)
class RowSql:
    """``rows`` shows the staged rows, ``value`` gives the input's value; where one is None, ``because`` says why."""

    rows: str | None
    value: str | None
    because: tuple[str, ...]


def row_sql(
    project: Project, variant: Variant, taken: Sequence[Taken], relations: Mapping[str, str | None], slice_: str = ""
) -> RowSql:
    """The statements of an input that takes these months of these units.

    ``relations`` gives what stands after FROM for every source concerned: its own, those that it looks up or refers to,
    and that of the exchange rates; None where no one relation has the rows that count. ``slice_`` is such as
    gender=female.
    """
    statement = _Statement(project, variant, taken, relations, slice_)
    because = tuple(statement.obstacles())
    rows = None if any(obstacle.hides_rows for obstacle in because) else statement.rows()
    value = None if because else statement.value()
    return RowSql(rows, value, tuple(obstacle.words for obstacle in because))


def sources_behind(project: Project, variant: Variant) -> dict[str, str]:
    """The sources whose deliveries a measure depends on, each with its role.

    The roles: rows, looked up, referred to, exchange rates.
    """
    statement = _Statement(project, variant, (), {}, "")
    source = statement.source
    found = {source.source: "rows"}
    for name, lookup in source.lookups.items():
        if any(each.startswith(f"{name}_") and each not in source.staged for each in statement.needed):
            found.setdefault(lookup.source, "looked up")
    for other in source.references.values():
        found.setdefault(other, "referred to")
    if variant.measure.currency is not None and project.organisation.rates is not None:
        found.setdefault(project.organisation.rates.source, "exchange rates")
    return found


@dataclass(frozen=True)
class _Obstacle:
    words: str
    hides_rows: bool = False


class _Statement:
    def __init__(
        self, project: Project, variant: Variant, taken: Sequence[Taken], relations: Mapping[str, str | None], cut: str
    ) -> None:
        self.project, self.variant, self.taken, self.relations, self.cut = project, variant, taken, relations, cut
        self.measure = variant.measure
        self.source = project.sources[self.measure.source]
        self.month: MonthColumn = month_column(project, self.source, self.measure, taken)
        self.needed = self._needed()
        self.joined = [
            (name, column)
            for name, lookup in self.source.lookups.items()
            for column in project.sources[lookup.source].staged
            if f"{name}_{column}" in self.needed
        ]

    def _needed(self) -> set[str]:
        used = set(names_in(self.measure.value)).union(*(names_in(each) for each in self.variant.conditions))
        named = (self.variant.by, self.measure.currency, self.month.column)
        unit = self.source.unit.column if self.source.unit and looks_up_unit(self.source) else None
        return used | {name for name in (*named, unit) if name}

    def obstacles(self) -> Iterator[_Obstacle]:
        """Why no one statement gives the value, or shows the rows."""
        if not self.taken:
            yield _Obstacle("no month of the window counts", hides_rows=True)
        for source_id, relation in self.relations.items():
            if relation is None:
                yield _Obstacle(f"of {source_id}, other deliveries count for different months", hides_rows=True)
        totals = [
            f"{name}_{total}"
            for name, lookup in self.source.lookups.items()
            if (tree := self.project.sources[lookup.source].hierarchy)
            for total in tree.totals
            if f"{name}_{total}" in self.needed
        ]
        for name in totals:
            yield _Obstacle(f"{name} is the sign with which a row counts into a total of a tree", hides_rows=True)
        if self.variant.texts:
            yield _Obstacle(f"the value is the position of the rows' one text among {', '.join(self.variant.texts)}")
        yield from self._over_time()

    def _over_time(self) -> Iterator[_Obstacle]:
        measure, declared = self.measure, self.project.organisation.rates
        if measure.over_time in ("minimum", "maximum"):
            yield _Obstacle(f"the {measure.over_time} over the months is taken of each unit, then units are added up")
        if measure.over_time == "average" and len(self.value_parts) > 1:
            yield _Obstacle("each part of the measure is averaged over the months by itself")
        if measure.over_time == "average" and self.month.expression is None:
            yield _Obstacle("its months are those of calendar.csv")
        if measure.currency and declared:
            rates = self.project.sources[declared.source]
            if isinstance(rates.period, Validity) or rates.lookups:
                yield _Obstacle("exchange rates hold over a time, or are looked up")
            if self.month.expression is None:
                yield _Obstacle("its months are those of calendar.csv, and every month has its own exchange rate")

    @property
    def value_parts(self) -> Sequence[str]:
        """The parts of the measure that its formula uses."""
        return [part.name for part in self.variant.parts if part.name in names_in(self.variant.formula.sql())]

    def rows(self) -> str:
        """The rows that count, with the load that brought each, and its line there."""
        own = [name for name, column in self.source.staged.items() if not column.personal]
        used = self.needed | set(self.source.key)
        own = own if len(own) <= _MOST_COLUMNS else [name for name in own if name in used]
        other = [
            f"{name}_{column}"
            for name, column in self.joined
            if not self.project.sources[self.source.lookups[name].source].staged[column].personal
        ]
        shown = [ident(name) for name in (*own, *other)]
        head = listed("SELECT ", [*shown, "_unit", "_period", "parse_filename(_file, true) AS load", "_row"], "       ")
        conditions = {part.condition.sql(dialect="duckdb") if part.condition else "" for part in self.variant.parts}
        (only,) = conditions if len(conditions) == 1 else ("",)
        return "\n".join([head, *self._from(), *self._where([only] if only else []), "ORDER BY _file, _row"])

    def value(self) -> str:
        """The value of the measure over these rows."""
        measure = self.measure
        found = self._written()
        tables = [*self._from(), *self._rates(), *self._where([])]
        months = [month for each in self.taken for month in each.months]
        if measure.over_time != "average" or len(months) == 1:
            return "\n".join([f"SELECT {found} AS value", *tables])
        mean = f"SUM(value) / {len(months)}" if self.variant.zero_when_empty else "AVG(value)"
        inner = [f"SELECT {self.month.expression} AS month, {found} AS value", *tables, "GROUP BY ALL"]
        return "\n".join([f"SELECT {mean} AS value", "FROM (", *(f"  {line}" for line in _lines(inner)), ")"])

    def _from(self) -> list[str]:
        own = str(self.relations[self.source.source])
        if not self.joined:
            tables = [f"FROM {own}"]
        else:
            columns = [f"{ident(name)}.{ident(column)} AS {ident(f'{name}_{column}')}" for name, column in self.joined]
            tables = ["FROM (", f"  SELECT {', '.join(['own.*', *columns])}", f"  FROM {own} AS own"]
            for name in dict.fromkeys(name for name, _ in self.joined):
                lookup = self.source.lookups[name]
                key = ident(self.project.sources[lookup.source].key[0])
                tables.append(f"  LEFT JOIN {self.relations[lookup.source]} AS {ident(name)}")
                tables.append(f"    ON {ident(name)}.{key} = own.{ident(lookup.on)}")
            tables.append(")")
        return [*tables, *self.month.joined]

    def _rates(self) -> list[str]:
        """The rate of each currency and month, as ``converting.py`` has it, joined to the rows."""
        declared = self.project.organisation.rates
        if self.measure.currency is None or declared is None:
            return []
        source = self.project.sources[declared.source]
        if self.measure.rate == "average":
            rate = f"avg({ident(str(declared.average))}) FILTER (WHERE {ident(str(declared.average))} > 0)"
        else:
            day = ident(str(source.period)) if source.period in source.columns else "_period"
            rate = f"max_by({ident(str(declared.end))}, {day}) FILTER (WHERE {ident(str(declared.end))} > 0)"
        return [
            "LEFT JOIN (",
            f"  SELECT {ident(declared.currency)} AS _currency, _period AS _rate_month, {rate} AS _rate",
            f"  FROM {self.relations[declared.source]}",
            "  GROUP BY ALL",
            f") ON _currency = {ident(self.measure.currency)} AND _rate_month = {self.month.expression}",
        ]

    def _written(self) -> str:
        """The measure's SQL as declared, but for amounts to be converted and for sums over no rows, which are zero.

        A percentile of decimals is asked of numbers that DuckDB does not cut to the decimals' places.
        """
        organisation, measure = self.project.organisation, self.measure
        is_converted = measure.currency is not None and organisation.rates is not None
        tree = parse(measure.value).copy()
        is_filled = self.variant.zero_when_empty and tree.find(exp.Sum) is not None
        ranked = list(tree.find_all(exp.Median, exp.PercentileCont))
        if not is_converted and not is_filled and not ranked:
            return measure.value
        for node in list(tree.find_all(*_OF_AMOUNTS)) if is_converted else []:
            node.set("this", self._converted(node.this))
        for node in ranked:
            node.set("this", exp.cast(node.this, exp.DataType.Type.DOUBLE))
        if is_filled:
            tree = tree.transform(_or_zero, copy=False)
        return tree.sql(dialect="duckdb")

    def _converted(self, amount: exp.Expression) -> exp.Expression:
        """An amount in the organisation's currency."""
        organisation = self.project.organisation
        sign = "*" if organisation.rates is not None and organisation.rates.quoted == "in own currency" else "/"
        is_own = f"{ident(str(self.measure.currency))} = {text(organisation.currency)}"
        told = amount.sql(dialect="duckdb")
        return exp.maybe_parse(f"CASE WHEN {is_own} THEN {told} ELSE ({told}) {sign} _rate END", dialect="duckdb")

    def _where(self, further: Sequence[str]) -> list[str]:
        tests = is_taken(self.source, self.month, self.taken)
        for name, other in self.source.references.items():
            key = ident(self.project.sources[other].key[0])
            tests.append(f"({ident(name)} IS NULL OR {ident(name)} IN (SELECT {key} FROM {self.relations[other]}))")
        conditions = [*self.variant.conditions, *further]
        tests += [f"({each})" if len(conditions) + len(tests) > 1 else each for each in conditions]
        if self.cut:
            column, _, value = self.cut.partition("=")
            tests.append(f"coalesce(CAST({ident(column)} AS VARCHAR), '') = {text(value)}")
        return [f"{'  AND' if place else 'WHERE'} {test}" for place, test in enumerate(tests)]


def _lines(parts: Sequence[str]) -> list[str]:
    return [line for part in parts for line in part.splitlines()]


def _or_zero(node: exp.Expression) -> exp.Expression:
    """A sum, with its filter where it has one, as zero where it has nothing to add."""
    is_sum = isinstance(node, exp.Sum) and not isinstance(node.parent, exp.Filter)
    is_filtered = isinstance(node, exp.Filter) and isinstance(node.this, exp.Sum)
    inside = isinstance(node.parent, exp.Coalesce)
    if not (is_sum or is_filtered) or inside:
        return node
    return exp.Coalesce(this=node, expressions=[exp.Literal.number(0)])
