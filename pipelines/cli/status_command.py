"""``status``: how the months stand, and with ``--sources`` what each source has for each of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.options import HERE, ExtractsOption, HomeOption, ProjectOption

if TYPE_CHECKING:
    from datetime import date

    from rich.table import Table

    from pipelines.steps.source_status import SourceState
    from pipelines.steps.status import MonthState

# Ten columns of a month and a state in a few words stand within 80 columns.
_GAP = 1


def status(
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
    months: Annotated[int, typer.Option("--months", min=1, help="How many months back.")] = 6,
    sources: Annotated[bool, typer.Option("--sources", help="Source by source, what each has for each month.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for scripts; the sources among it.")] = False,
) -> None:
    """What is loaded, refused, computed, published, approved and delivered, month by month."""
    from datetime import UTC, datetime

    from pipelines.cli.options import whole_setting_of
    from pipelines.cli.printing import console, say, say_lines
    from pipelines.steps.freshness import due_months, late, late_told
    from pipelines.steps.ingest import notes_told, passed_over_told
    from pipelines.steps.noting import noted_told
    from pipelines.steps.other_rules import other_rules_told
    from pipelines.steps.quarantined import rejected_of_many_told
    from pipelines.steps.status import lying_told, month_states, refusals_told, waiting_told
    from pipelines.steps.unpublished import unpublished_told
    from pipelines.steps.withdrawing import withdrawn_told

    setting, today = whole_setting_of(project, home, extracts), datetime.now(UTC).date()
    rows, due = month_states(setting, months, today), due_months(setting, months, today)
    if as_json:
        overdue = [(one.period, one.source) for one in late(setting, due, today) if one.came_on is None]
        say_lines(_json(rows, overdue))
        return
    console().print(_by_source(rows) if sources else _by_month(rows))
    withdrawn = withdrawn_told(setting, [row.period for row in rows])
    told = [
        *refusals_told(setting),
        *rejected_of_many_told(setting),
        *withdrawn,
        *unpublished_told(setting, [row.period for row in rows if not row.stale]),
        *waiting_told(setting),
        *late_told(setting, due, today),
        *noted_told(setting),
    ]
    told += [*lying_told(setting), *other_rules_told(setting)]
    for line in [*told, *passed_over_told(setting), *notes_told(setting, [row.period for row in rows])]:
        say(line)


def _json(rows: Iterable[MonthState], overdue: Iterable[tuple[date, str]]) -> str:
    import json
    from dataclasses import asdict

    from scorecards.periods import period_text

    shown = []
    for row in rows:
        facts = asdict(row) | {"period": period_text(row.period)}
        facts["by_source"] = [
            {name: value for name, value in one.items() if name != "period"} for one in facts["by_source"]
        ]
        shown.append(facts | {"late": [source for period, source in overdue if period == row.period]})
    return json.dumps(shown, indent=2, default=str)


def _by_month(rows: Iterable[MonthState]) -> Table:
    from pipelines.cli.printing import table_of
    from scorecards.periods import period_text

    table = table_of(
        "month", "sources", "missing", "refused", "rejected", "state", "edition", "packs", "approved", "sent", gap=_GAP
    )
    for row in rows:
        table.add_row(
            period_text(row.period),
            f"{row.loaded} of {row.sources}",
            _named(row.missing),
            _named(row.refused),
            str(row.rejected),
            row.words,
            str(row.edition or "–"),
            str(row.packs),
            str(row.approved),
            str(row.delivered),
        )
    return table


def _named(sources: tuple[str, ...]) -> str:
    return (", ".join(sources) if len(sources) <= 2 else f"{len(sources)} sources") or "–"


def _by_source(rows: Iterable[MonthState]) -> Table:
    from pipelines.cli.printing import table_of
    from scorecards.periods import period_text

    table = table_of("month", "source", "state", "due", "came", "files", "rejected", gap=_GAP)
    for row in rows:
        for one in row.by_source:
            table.add_row(
                period_text(row.period),
                one.source,
                _words(one),
                str(one.due or "–"),
                str(one.came_on or "–"),
                str(len(one.files)),
                str(one.rejected),
            )
    return table


def _words(one: SourceState) -> str:
    return f"{one.state}, late" if one.is_late else one.state
