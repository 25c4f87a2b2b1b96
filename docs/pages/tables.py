"""The page of the published tables, from ``warehouse.tables``."""

from __future__ import annotations

from pages.markdown import GENERATED, code, table
from warehouse.tables import TABLES, Table

_INTRODUCTION = """\
# Tables

Every computed table lies in `warehouse.duckdb` in the home of a project (`.scorepack/`), in the schema that its name
begins with. Any client of DuckDB 2 can read them while no run is writing. Published tables are a contract: their
names, columns and meanings stay. `scorepack export NAME` writes one as csv, parquet, json or xlsx.

For analysis there is a copy that no run holds up and that holds up no run: the published tables as
`.scorepack/analysts/current/scorepack.duckdb`, which DuckDB opens from version 1.0 on, and beside it as Parquet files,
by month where a table has months: `current/kpi_values/**/*.parquet`. Every run, `publish` and `rebuild` moves the link
`current` to a new copy in one step; whoever has the old one open goes on reading it. The one before stays beside it
until the next, but where small groups are withheld: there it goes at once, since the two could be subtracted.

```sql
ATTACH '.scorepack/analysts/current/scorepack.duckdb' AS scorepack (READ_ONLY);
SELECT period, unit, kpi, value, measured_in
FROM scorepack.kpis.kpi_values JOIN scorepack.kpis.kpi_definitions USING (period, kpi);
```

Units: values, targets and changes of KPIs are in what `kpi_definitions.measured_in` says; percentages are stored as
fractions (`0.12`), and so are weights, coverage and shares; scores and their points are on the scale that
`scorecard.yaml` declares (0 to 100 by default). Ids are as they are declared, months their first day. A value that is
missing is null, and `missing_reason` says why ([reasons](language.md#reasons-why-a-value-is-missing)).

Beside these tables the schema `staging` has one view per source: the accepted rows of its current loads, with the
columns of the contract, and `_unit`, `_period` (the month in which the row counts, also where that is not its own:
`late_rows`), `_row` and `_file`. Late rows that wait for a closed month do not stand there. Rows that refer to what
another source does not have (`references`) do, since it may come later; they count nowhere, and are in `rejects` as
long."""


def page() -> str:
    """The whole page."""
    parts = [GENERATED, _INTRODUCTION, "## Published tables"]
    parts += [_section(found) for found in TABLES if found.is_published]
    parts += [
        _DELIVERIES,
        "## Tables inside\n\nThese may change from version to version. They are here for those who look for an error.",
    ]
    parts += [_section(found) for found in TABLES if not found.is_published]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _section(found: Table) -> str:
    rows = [(code(name), code(column.type), column.meaning) for name, column in found.columns.items()]
    key = ", ".join(code(name) for name in found.key)
    columns = table(("column", "type", "meaning"), rows)
    return f"### {found.full_name}\n\n{found.meaning} A row is identified by {key}.\n\n{columns}"


_DELIVERIES = """\
### deliveries

Every attempt to deliver a pack, oldest first. It comes from the journal and can be exported; it is not a table of
the warehouse.

| column | meaning |
| --- | --- |
| `period` | Month of the pack, such as 2025-09. |
| `scorecard` | Scorecard, by id. |
| `edition` | Number of the edition; 0 for a proof copy. |
| `unit` | Organisation unit, by id. |
| `recipient` | The address; empty where the unit is a person, whom it would name. |
| `transport` | smtp or outbox. |
| `digest` | SHA-256 of the PDF. |
| `state` | planned, sending, accepted or another ([what they mean](../how-to/delivery.md#states)). |
| `attempt` | How often it has been tried, 0 before the first time; of proof copies, which of those alike it is. |
| `words` | The answer of the server, the file in the outbox, or the message that a proof shows; empty for persons. |
| `at` | Time of the entry, UTC. |"""
