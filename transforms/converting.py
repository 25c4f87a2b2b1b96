"""Amounts in the organisation's currency: a month's rates from the rows of their source, and a row's amount at them.

Belongs here: rates and the conversion of one amount. Which arguments are amounts is ``measuring.py``. A month is
converted at its own rates only: nothing is carried forward, and nothing looks ahead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from scorecards.kpis import Measure
from scorecards.organisation import Organisation
from scorecards.sources import Source, Validity
from transforms.dating import Dating
from transforms.float_sums import float_sums
from transforms.placing import hold
from transforms.sql_functions import EXACT

_KEYS = ["currency", "period"]


@dataclass(frozen=True)
class Exchange:
    """The rates of some months, and how they are quoted.

    ``rates`` has currency, period, average and end; a rate is a decimal of ten places where its column in the source is
    a decimal, else a float, and null where the month has none.
    """

    organisation: Organisation
    rates: pl.DataFrame

    def join(self, rows: pl.LazyFrame, measure: Measure) -> pl.LazyFrame:
        """Rows with ``_month`` and the measure's currency column, and ``_rate``: the rate of their month or null."""
        rates = self.rates.lazy().select(
            pl.col("currency").alias("_currency"), pl.col("period").alias("_month"), pl.col(measure.rate).alias("_rate")
        )
        on = [str(measure.currency), "_month"]
        return rows.join(rates, left_on=on, right_on=["_currency", "_month"], how="left", maintain_order="left")

    def amount(self, amount: pl.Expr, dtype: pl.DataType, measure: Measure) -> pl.Expr:
        """An amount of ``joined`` rows in the organisation's currency: null where it needs a rate and has none.

        Exact at ten places, halves to even, unless the amount or the rate is a float. An amount in the organisation's
        own currency stays as it is.
        """
        is_exact = not dtype.is_float() and self.rates.schema[measure.rate].is_decimal()
        kind = EXACT if is_exact else pl.Float64()
        amount = (amount.cast(pl.Int64) if dtype == pl.Boolean else amount).cast(kind)
        rate = pl.col("_rate").cast(kind)
        is_direct = self.organisation.rates is not None and self.organisation.rates.quoted == "in own currency"
        return pl.when(self._is_own(measure)).then(amount).otherwise(amount * rate if is_direct else amount / rate)

    def lacks_rate(self, measure: Measure) -> pl.Expr:
        """Whether a row's amount needs a rate and has none, be it that its currency is empty or not known."""
        return ~self._is_own(measure) & pl.col("_rate").is_null()

    def _is_own(self, measure: Measure) -> pl.Expr:
        return (pl.col(str(measure.currency)) == self.organisation.currency).fill_null(False)


def exchange(
    organisation: Organisation, source: Source, placed: pl.LazyFrame, dating: Dating, months: Sequence[date]
) -> Exchange:
    """The rates of ``months`` from the placed rows of their source.

    The average of a month is the mean of its rows, its end the value of its latest day that has one (the greatest,
    should a day have several). A rate of zero or less is none. Rates that hold over a time count in the months at whose
    end they hold.
    """
    declared = organisation.rates
    assert declared is not None
    rows = hold(source, placed, months, dating.calendar).filter(pl.col("_period").is_in(list(months)))
    day = source.period.start if isinstance(source.period, Validity) else source.period
    columns = rows.collect_schema()
    chosen = rows.select(
        pl.col(declared.currency).cast(pl.String).alias("currency"),
        "_period",
        pl.col(day if day in columns else "_period").alias("day"),
        _rate(declared.average, columns).alias("average"),
        _rate(declared.end, columns).alias("end"),
    ).collect()  # fmt: skip
    chosen = chosen.drop_nulls("currency").rename({"_period": "period"})
    end = chosen.drop_nulls("end").sort(*_KEYS, "day", "end").unique(_KEYS, keep="last").select(*_KEYS, "end")
    rates = _mean(chosen.drop_nulls("average")).join(end, on=_KEYS, how="full", coalesce=True)
    return Exchange(organisation, rates.sort(_KEYS))


def _mean(rows: pl.DataFrame) -> pl.DataFrame:
    """The mean of the column average for every currency and period."""
    average = pl.col("average")
    is_real = rows.schema["average"].is_float()
    total = float_sums(rows, _KEYS, "average") if is_real else rows.group_by(_KEYS).agg(average.sum())
    counted = total.join(rows.group_by(_KEYS).agg(pl.len().cast(pl.Int64).alias("days")), on=_KEYS)
    return counted.select(*_KEYS, average / pl.col("days").cast(rows.schema["average"]))


def _rate(column: str | None, schema: pl.Schema) -> pl.Expr:
    if column is None:
        return pl.lit(None, dtype=EXACT)
    rate = pl.col(column).cast(pl.Float64 if schema[column].is_float() else EXACT)
    return pl.when(rate > 0).then(rate)
