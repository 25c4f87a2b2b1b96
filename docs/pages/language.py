"""The page of the language: every file and key from the models, windows, SQL, and reasons of missing values."""

from __future__ import annotations

from pydantic import BaseModel

from pages import measures, scores
from pages.markdown import GENERATED, code, table
from pages.models import keys_table, models_of
from pages.reasons import REASONS
from pages.words import CSV_TABLES, FUNCTIONS
from scorecards.delivery import Delivery
from scorecards.expression_rules import AGGREGATES, CAST_TARGETS
from scorecards.expression_rules import FUNCTIONS as ALLOWED
from scorecards.kpis import KpiFile
from scorecards.organisation import Organisation
from scorecards.packs import Packs
from scorecards.people import Commentary, Recipients
from scorecards.sources import Source
from scorecards.strategy import Strategy

FILES: dict[str, tuple[type[BaseModel], str]] = {
    "scorecard.yaml": (Organisation, "scorecard"),
    "strategy.yaml": (Strategy, "strategy"),
    "sources/*.yaml": (Source, "source"),
    "kpis/*.yaml": (KpiFile, "kpis"),
    "recipients.yaml": (Recipients, "recipients"),
    "delivery.yaml": (Delivery, "delivery"),
    "packs.yaml": (Packs, "packs"),
    "commentary/2025-09.yaml": (Commentary, "commentary"),
}

_INTRODUCTION = """\
# The language

A project is a folder of YAML and CSV files in UTF-8. `scorecard.yaml`, `strategy.yaml` and `units.csv` are required.
`scorepack check` tells every error with its file, line and key. An unknown key is an error.

An *id* is lower-case letters, digits and `_`, beginning with a letter. Texts need quotes only where YAML needs them.
Months, days, `yes` and `no` stay texts. A key that takes a list of names also takes a single one. Shares are written
`12%`.

The first line of a YAML file may name its schema, so that an editor completes and checks it; `scorepack schema`
writes the schemas:

    # yaml-language-server: $schema=schema/scorecard.json"""

_WINDOWS = """\
## Windows

The months over which an input is taken, for the month that is reported. Which days a month has is said by
`calendar.csv` where there is one; windows, quarters and fiscal years go by the months' names.

| window | months |
| --- | --- |
| `month` | the month itself |
| `quarter` | the whole fiscal quarter; complete in its last month only |
| `quarter to date` | from the first month of the fiscal quarter to the month itself |
| `year` | the whole fiscal year; complete in its last month only |
| `year to date` | from the first month of the fiscal year to the month itself |
| `trailing 12 months` | so many months, the last of them the month itself; any number |

A month counts when the data speak of it (`covers` of the source) and, for a measure that is missing without rows
(`empty`), when the unit or one below it has rows. If months lack, the value is missing
(`window_incomplete`), unless the KPI's `min_months` accepts fewer. Months after the one reported never count.

Within a window a flow is summed. A measure with `over_time` other than `sum` is a stock: it is averaged over the
months, or the first, last, least or greatest month is taken.

## Offsets

`1 month`, `2 quarters`, `1 year`: the window is taken so long before the month that is reported. `offset: 1 year`
with the window `year to date` is last year up to the same month."""

_SQL = """\
## SQL

A measure's `value` is SQL with aggregates over the columns of its source. `where` is a condition on its rows. A
KPI's `value` is SQL without aggregates over its inputs and over measures. Anything that is not named here is refused
by `scorepack check`.

Operators: `+ - * / %`, `= <> < <= > >=`, `AND OR NOT`, `IN (…)`, `BETWEEN … AND …`, `IS NULL`, `LIKE`, `ILIKE`,
`CASE WHEN … THEN … ELSE … END`, `IF(…, …, …)`. An aggregate may be followed by `FILTER (WHERE …)`. A day is
written `DATE '2025-09-30'`.

They mean what they mean in DuckDB, with two exceptions. The first: **what cannot be computed is null**, neither
infinite nor an error. That is a division by zero, the logarithm of zero, the root of a negative number, a cast of a
text that does not fit. A division always gives a floating-point number, of decimals too, so that no digits are cut
off. Sums of whole numbers and decimals are exact; a KPI's value has 15 digits of them. `ROUND`, `FLOOR`, `CEIL` and
`TRUNC` take a float that lies within 10⁻¹² of a whole or a half to be it, so that the noise of arithmetic does not
decide.

The second: in a KPI's `value`, and in a formula under its `anchors`, **what is missing decides nothing**. A condition
of `CASE` or `IF` that cannot be told makes the result missing, where SQL would take the `ELSE`, and so does `GREATEST`
or `LEAST` over a value that is missing. `IS NULL` and `COALESCE` say otherwise: `CASE WHEN longest_wait IS NULL THEN 1
…`. Measures, which look at single rows, and scores by
a formula, in which a baseline or a previous value may be missing, keep to DuckDB: a condition that cannot be told does
not hold, and `GREATEST` takes the values that are there."""


def page() -> str:
    """The whole page."""
    parts = [GENERATED, _INTRODUCTION]
    seen: list[type[BaseModel]] = []
    for name, (root, schema) in FILES.items():
        fresh = [model for model in models_of(root) if model not in seen]
        parts.append(f"## {name}\n\nSchema: `{schema}.json`.")
        parts += [f"### {model.__name__}\n\n{keys_table(model)}" for model in fresh]
        seen += fresh
    parts += [_csv(name) for name in CSV_TABLES]
    parts += [measures.TEXT, _WINDOWS, scores.TEXT, _SQL, _functions(), _reasons()]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _csv(name: str) -> str:
    meaning, columns = CSV_TABLES[name]
    rows = [(code(column), "yes" if required else "", words) for column, (required, words) in columns.items()]
    return f"## {name}\n\n{meaning}\n\n{table(('column', 'required', 'meaning'), rows)}"


def _functions() -> str:
    def rows(names: list[str]) -> list[tuple[str, str]]:
        return [(code(name), FUNCTIONS[name]) for name in names]

    return (
        f"Aggregates:\n\n{table(('function', 'meaning'), rows(list(AGGREGATES.values())))}\n"
        f"Functions:\n\n{table(('function', 'meaning'), rows(list(ALLOWED.values())))}\n"
        f"`CAST(x AS …)` and `TRY_CAST(x AS …)` know {', '.join(map(code, CAST_TARGETS))}; what cannot be cast is null."
    )


def _reasons() -> str:
    rows = [(code(reason), where, words) for reason, (where, words) in REASONS.items()]
    introduction = (
        "A missing value is never a zero. It lowers coverage, and the column `missing_reason` says why it is missing."
    )
    return f"## Reasons why a value is missing\n\n{introduction}\n\n{table(('reason', 'of', 'meaning'), rows)}"
