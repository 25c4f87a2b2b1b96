"""Measures and KPIs in prose: what the keys of the language mean together."""

from __future__ import annotations

TEXT = """\
## Measures and KPIs

A **measure** aggregates the rows of one source by unit and month. A **KPI** is a formula over measures, and over
other KPIs. Both hold at every level of the organisation: the rows of a unit and of all units below it count.

**1. Aggregates.** Sums, counts, means, extremes, distinct counts, medians and percentiles, each with a `FILTER` or
the measure's `where`, by the source's date or by another date column (`period`). Distinct counts, medians and
percentiles are counted anew from the values at every level and over every window, never added up or averaged. The
mean of a window is its sum over its count. Decimals are added exactly, floats in a fixed order.

**2. Ratios** are sums over sums at every level and window: `leavers / headcount` for the company is all leavers over
all heads. A division by zero is missing, with that reason; a formula that comes to a NULL of its own, as `CASE`
without `ELSE`, is missing with another (`formula_gives_nothing`).

**3. Derived KPIs.** An input may be a `measure` or a `kpi`, with its own `window`, `offset` and `where`; a name that
is no input stands for a measure, or else for a KPI. A KPI that is used so is computed from its own inputs, with its
own window unless one is given: by its value, never by its score, and always of the unit itself (other units are seen
by `scoring.relative` alone). A KPI that uses itself, over however many others, is an error that names the circle.

    revenue_growth:
      inputs:
        now: {measure: revenue, window: year to date}
        before: {measure: revenue, window: year to date, offset: 1 year}
      value: now / before - 1
    growth_per_head:
      value: revenue_growth / average_headcount

**4. Stocks** do not add up over months: `over_time` takes the last, first, least or greatest month of the window, or
the average. Units are summed after that. A unit that had rows in the last twelve months and has none, though its
source speaks of the month, is late. `late: missing` makes it and every sum above it missing (`unit_late`); that is
what stocks that add up do where nothing is said. `late: last known for 2 months` takes the newest value for so long,
and is missing after that; `late: left out` sums the others; in an average over a window its missing months count as
zero for the units above, while its own average is over the months that it has. A unit that has ended in `units.csv` is
not late, and where a month without rows is zero (`empty: zero`) nothing is.

**5. Trailing windows** and **6. to-date windows** are listed under [Windows](#windows); the fiscal year starts in any
month, and `calendar.csv` says which days belong to a period where months are not the calendar's.

**7. Frequency.** A KPI with `frequency: quarter` (or `year`) is measured at the end of each fiscal quarter. Between
its dates it shows the last value; `value_period` in `kpi_values`, and the page, say of which month it is. Value and
target are of one date: it is held against the target that was in force on the last day of that month, so that a new
target counts from the KPI's next date. A window without all its months is missing unless
`min_months` accepts fewer.

**8. Comparison.** `compare_with` names offsets, by default the month before and the same month of last year. The
table `comparisons` holds value, reference and change, each computed as of its own month, so that to-date is compared
with to-date. `also_over: [year to date]` publishes a KPI over further windows too; only its own is scored.

**9. Filters and dimensions.** `where` of a KPI is a condition on the rows of all its inputs. `by: [gender]` breaks it
down by the values of a column that all its sources have: rows of `kpi_values` with the slice `gender=female`, and a
table in the pack. `each` makes one KPI of every value, with targets and a place on the scorecard of its own; the
KPI's own id stands for all of them in `strategy.yaml` and `targets.csv`:

    margin:
      each: {column: product_line, values: {tents: Tents, packs: Packs}}   # margin_tents, margin_packs

**10. Gaps.** A month of which the source speaks, but without rows, is zero for sums and counts that flow and missing
for all else, unless `empty` says otherwise. A month of which it does not speak is never zero.

**11. Small groups.** With `small_groups` in `scorecard.yaml`, figures about fewer people than it says are missing
(`small_group`), and so are those from which they could be computed by subtraction, before anything is scored. Measures
of sources of the domain `hr` are about the people that it counts; `people` names others, or `nobody`. See
[Small groups](../how-to/small-groups.md).

A row whose value is empty is no value. What a month gives whose data came:

| | no row | rows, all of them without a value |
|---|---|---|
| `SUM(x)` that flows | 0, or missing with `empty: missing` | missing |
| `COUNT(*)` | 0, or missing with `empty: missing` | how many rows |
| `COUNT(x)` | 0, or missing with `empty: missing` | 0; `NULLIF(COUNT(x), 0)` is missing there |
| `AVG`, `MEDIAN`, `MIN`, `MAX`, stocks | missing | missing |

A month whose data did not come is missing for all of them. A KPI's `GREATEST(a, b)` needs both; the greater of those
that are there is `GREATEST(COALESCE(a, b), COALESCE(b, a))`.

**Texts.** `ANY_VALUE(rating)` is the one text that all rows agree on; where they do not, the value is missing
(`several_texts`). A KPI over it needs `scoring.texts`: its texts in order, worst first (best first where
`lower` is better). `measured_in` is left out. Packs show the text, tables also its place in that order.

**Units that move** take their past along: the earlier months of a window count where the unit stands now. With
`units_that_move: leave their past behind` each month counts where the unit stood then. Every month's own
figures stay as they were: those before the move count the unit at its old place. Packs say who joined or left, and what
that did to scores.

**Currencies.** A measure with `currency` is converted row by row at its month's rate (`rates` in `scorecard.yaml`). A
row without rate makes the value missing (`no_rate`) wherever it counts."""
