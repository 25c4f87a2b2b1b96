"""A pack's numbers as files for machines: tables as CSV, and all of them as one JSON document.

Belongs here: what a PDF for archives holds beside its pages. Names of columns and ids are those of the published
tables, figures have all their digits. CSV files hold ids, codes and figures only, never a text that somebody wrote, so
that no cell can turn into a formula.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from report_templates.language import language
from scorecards.periods import period_text
from transforms.pack import KpiLine, NodeScore, Pack, Point

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Attached:
    """A file that is attached to a PDF; ``made`` is its day."""

    name: str
    content: str
    description: str
    made: date


def attachments(pack: Pack) -> tuple[Attached, ...]:
    """The files of a pack's numbers, in the order of their names, which a PDF demands of them."""
    tables = {"history": list(_months(pack)), "kpis": list(_kpis(pack)), "scores": list(_scores(pack))}
    say = language(pack.locale)
    told = {
        "history": say("KPIs month by month"), "kpis": say("KPIs of this period"),
        "scores": say("Scores of this period"),
    }  # fmt: skip
    made = pack.known_on or pack.period
    files = [Attached(f"{name}.csv", _csv(rows), told[name], made) for name, rows in tables.items()]
    files.append(Attached("pack.json", _json(pack, tables), say("All numbers of this pack"), made))
    return tuple(sorted(files, key=lambda file: file.name))


def _scores(pack: Pack) -> Iterator[Row]:
    yield _score(pack, "scorecard", pack.scorecard, 1.0, pack.node)
    for page in pack.perspectives:
        yield _score(pack, "perspective", page.id, page.weight, page.node)
        for card in page.objectives:
            yield _score(pack, "objective", card.id, card.weight, card.node)
    for line in pack.kpis:
        yield {
            **_of(pack, "kpi", line.id), "score": line.score, "raw_score": line.raw_score,
            "band": None if line.band is None else line.band.id, "share": line.weight, "coverage": line.coverage,
            "missing_reason": line.missing_reason,
        }  # fmt: skip


def _score(pack: Pack, level: str, node_id: str, share: float, node: NodeScore) -> Row:
    return {
        **_of(pack, level, node_id), "score": node.score, "raw_score": None,
        "band": None if node.band is None else node.band.id, "share": share, "coverage": node.coverage,
        "missing_reason": node.missing_reason,
    }  # fmt: skip


def _of(pack: Pack, level: str, node: str) -> Row:
    period = pack.period.isoformat()
    return {"scorecard": pack.scorecard, "period": period, "unit": pack.unit, "level": level, "node": node}


def _kpis(pack: Pack) -> Iterator[Row]:
    for line in pack.kpis:
        yield {
            "period": pack.period.isoformat(), "unit": pack.unit, "kpi": line.id, "window": line.window,
            "value": line.value, "numerator": line.numerator, "denominator": line.denominator,
            "missing_reason": line.missing_reason if line.value is None else None,
            "target": line.target, "lower_target": line.lower_target,
            "upper_target": line.upper_target, "variance": line.variance, "previous": line.previous,
            "last_year": line.last_year, "to_date": line.to_date, "to_date_target": line.to_date_target,
        }  # fmt: skip


def _months(pack: Pack) -> Iterator[Row]:
    """The months of every KPI, and after them those that somebody has forecast, without a value."""
    for line in pack.kpis:
        yield from (_month(pack, line, point, point.value, None) for point in line.history)
        yield from (_month(pack, line, point, None, point.value) for point in line.forecast)


def _month(pack: Pack, line: KpiLine, point: Point, value: float | None, forecast: float | None) -> Row:
    return {
        "period": point.period.isoformat(), "unit": pack.unit, "kpi": line.id, "value": value, "forecast": forecast,
        "target": point.target, "lower_target": point.lower, "upper_target": point.upper, "status": point.status,
    }  # fmt: skip


def _csv(rows: Sequence[Row]) -> str:
    """A header and a line for each row; a missing figure is an empty cell."""
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]) if rows else [], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def _json(pack: Pack, tables: Mapping[str, Sequence[Row]]) -> str:
    document = {
        "organisation": pack.organisation,
        "scorecard": pack.scorecard,
        "scorecard_name": pack.scorecard_name,
        "unit": pack.unit,
        "unit_name": pack.unit_name,
        "period": period_text(pack.period),
        "edition": None if pack.edition is None else pack.edition.number,
        "known_on": None if pack.known_on is None else pack.known_on.isoformat(),
        "currency": pack.currency,
        "declarations": pack.declarations_digest,
        "names": {line.id: _named(line) for line in pack.kpis},
        **tables,
    }
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _named(line: KpiLine) -> Row:
    return {
        "name": line.name, "measured_in": line.measured_in, "direction": line.direction, "owner": line.owner,
        "definition": line.definition, "formula": line.formula, "text": line.text,
    }  # fmt: skip
