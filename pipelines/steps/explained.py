"""The records of an explanation: what stands behind one KPI value, down to the loads and the SQL of its rows.

Belongs here: the records, and their JSON. How they are gathered is ``explaining.py``, how they read in a terminal
``pipelines.cli.explain_text``. Their names are the keys of ``explain --json``: a contract.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class AnchorInForce:
    """An anchor or reference: its value, as people see it, and where it comes from."""

    anchor: str
    value: float
    shown: str
    origin: str


@dataclass(frozen=True)
class ScoreExplained:
    """The KPI's score on one scorecard; ``above`` and ``below`` are the anchors next to the value, None beyond all."""

    scorecard: str
    name: str
    objective: str
    objective_name: str
    score: float | None
    shown: str | None
    band: str | None
    band_name: str | None
    weight: float
    share: float
    missing_reason: str | None
    below: str | None
    above: str | None
    anchors: tuple[AnchorInForce, ...]


@dataclass(frozen=True)
class UsedKpi:
    """A KPI that the formula uses, computed in its place: the operand's name, the KPI, its formula and value."""

    name: str
    kpi: str
    formula: str
    value: float | None


@dataclass(frozen=True)
class UnitFigure:
    """What a unit below, or the unit itself, has of its own; for ratios with both operands of the division."""

    unit: str
    name: str
    value: float | None
    numerator: float | None
    denominator: float | None
    rows: int
    missing_reason: str | None = None


@dataclass(frozen=True)
class MonthFigure:
    """What one month of the window has by itself."""

    period: date
    value: float | None
    numerator: float | None
    denominator: float | None
    rows: int
    missing_reason: str | None = None


@dataclass(frozen=True)
class LoadBehind:
    """A delivery that counts: ``role`` is rows, looked up, or exchange rates; ``months`` those for which it counts.

    ``load`` is its id and ``digest`` that of its bytes; of files about people a number, and nothing.
    ``known_on`` is the day it was delivered, as its contract tells; ``taken_in_at`` when the program first saw it.
    """

    load: str
    role: str
    source: str
    file: str
    digest: str
    known_on: date
    taken_in_at: str
    rows: int
    rejected: int
    reasons: dict[str, int]
    months: tuple[date, ...]


@dataclass(frozen=True)
class RateUsed:
    """An exchange rate of a month: kind is average or end; None where the month has none."""

    currency: str
    period: date
    kind: str
    rate: float | None


@dataclass(frozen=True)
class InputExplained:
    """One operand of the formula.

    Where ``adds_up``, the values of ``units`` do to the value. Where it tells of people and the month was computed from
    other data than stand now, what is behind it is not told (``is_told``). ``rows_sql`` shows the staged rows;
    ``value_sql`` gives the value, and ``sql_gives`` is what it gave just now; where it is None, ``no_value_sql`` says
    why.
    """

    name: str
    measure: str
    sql: str
    where: tuple[str, ...]
    source: str
    over_time: str
    is_in_value: bool
    window: str
    window_from: date
    window_to: date
    months_present: int
    months_expected: int
    value: float | None
    missing_reason: str | None
    missing_words: str | None
    notes: tuple[str, ...]
    adds_up: bool
    is_told: bool
    units: tuple[UnitFigure, ...]
    months: tuple[MonthFigure, ...]
    loads: tuple[LoadBehind, ...]
    rates: tuple[RateUsed, ...]
    rows_sql: str | None
    value_sql: str | None
    no_value_sql: tuple[str, ...]
    sql_gives: float | None

    @property
    def is_proved(self) -> bool:
        """Whether the statement gave the value, to within the last digits of a float."""
        return self.value is not None and self.sql_gives is not None and is_same(self.sql_gives, self.value)


def is_same(given: float, value: float) -> bool:
    """Whether what a statement gives is the value, to within the last digits of a float."""
    return abs(value - given) <= 1e-9 * max(1.0, abs(value))


@dataclass(frozen=True)
class EditionExplained:
    """The edition that is explained: its number, when and by whom it was published, and why again."""

    number: int
    published_at: str
    by: str
    reason: str


@dataclass(frozen=True)
class Explanation:
    """One KPI value of a unit and month, and all that stands behind it."""

    kpi: str
    name: str
    definition: str
    owner: str
    unit: str
    unit_name: str
    period: date
    window: str
    slice: str
    as_of: date | None
    edition: EditionExplained | None
    measured_in: str
    value: float | None
    shown: str
    text: str | None
    numerator: float | None
    denominator: float | None
    value_period: date
    missing_reason: str | None
    missing_words: str | None
    formula: str
    declared_at: str
    used_kpis: tuple[UsedKpi, ...]
    scores: tuple[ScoreExplained, ...]
    inputs: tuple[InputExplained, ...]
    warehouse: str
    notes: tuple[str, ...]

    def to_json(self) -> str:
        """All of it, days and months as 2025-09-01."""
        return json.dumps(asdict(self), default=_plain, indent=2, ensure_ascii=False)


def _plain(value: Any) -> str:
    assert isinstance(value, date)
    return value.isoformat()
