"""What the method page shows of movement, balance and certainty: lines, and two small tables.

Belongs here: choosing and arranging. The sentences are ``insight_messages.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

from report_templates.formatting import MINUS, RowScale
from report_templates.insight_messages import (
    balance_line,
    chance,
    out_of_balance,
    range_shown,
    rank_words,
    year_line,
)
from report_templates.kpi_messages import scale_of
from report_templates.language import language
from report_templates.movement_words import ranked
from report_templates.score_figures import score_figure
from report_templates.who_counts import moved_since_last_year
from transforms.pack import KpiLine, Pack, UnitChange

_OF_VALUES = ("value", "against target")
_MOST_KPIS, _MOST_UNITS = 6, 4


@dataclass(frozen=True)
class CertaintyRow:
    """A score with its range; ``chance`` is that of another band, ``rank`` the unit's place."""

    name: str
    score: str
    range: str
    chance: str
    rank: str


@dataclass(frozen=True)
class MovedRow:
    """A KPI that moved the score: what its value did, and which units below did how much of it."""

    line: KpiLine
    change: str
    units: tuple[str, ...]


@dataclass(frozen=True)
class Insight:
    """The section on movement, balance and certainty; empty parts are left out."""

    lines: tuple[str, ...]
    certainty: tuple[CertaintyRow, ...]
    moved: tuple[MovedRow, ...]

    @property
    def has_ranks(self) -> bool:
        """Whether there is anybody to be ranked against."""
        return any(row.rank for row in self.certainty)


def insight(pack: Pack) -> Insight:
    """The section of a pack."""
    lines = (moved_since_last_year(pack), balance_line(pack), out_of_balance(pack), year_line(pack))
    return Insight(tuple(line for line in lines if line), _certainty(pack), _moved(pack))


def _certainty(pack: Pack) -> tuple[CertaintyRow, ...]:
    rows, say = [], language(pack.locale)
    for certain in pack.certainty:
        low, high = range_shown(pack, certain)
        shown = low if low == high else say("%(low)s to %(high)s", low=low, high=high)
        rows.append(
            CertaintyRow(
                certain.name, score_figure(pack, certain.score), shown, chance(pack, certain.band_chance),
                rank_words(pack, certain),
            )
        )  # fmt: skip
    return tuple(rows)


def _moved(pack: Pack) -> tuple[MovedRow, ...]:
    """The KPIs that moved the score most, where more than one unit below has a part in them."""
    lines = {line.id: line for line in pack.kpis}
    rows = []
    for part in ranked(pack, pack.contributions):
        line = lines.get(part.kpi or "")
        shown = moved_units(pack, line) if line is not None and part.part in _OF_VALUES else ()
        if line is not None and shown:
            scale = scale_of(pack, line)
            rows.append(MovedRow(line, _signed(scale, scale.between(line.value, line.previous)), shown))
    return tuple(rows[:_MOST_KPIS])


def moved_units(pack: Pack, line: KpiLine) -> tuple[str, ...]:
    """What each unit below did to a KPI, the largest first, ratios by rate and mix; none where fewer than two did."""
    changes = [change for change in pack.unit_changes if change.kpi == line.id]
    if sum(change.unit is not None for change in changes) < 2:
        return ()
    scale = scale_of(pack, line)
    ordered = sorted(changes, key=lambda change: -abs(change.change))
    return tuple(_unit(change, scale) for change in ordered if not scale.is_nothing(change.change))[:_MOST_UNITS]


def _unit(change: UnitChange, scale: RowScale) -> str:
    say = language(scale.locale)
    name = change.unit or say("not from a unit below")
    words = f"{name} {scale.figure(change.change, signed=True)}"
    if change.rate is None or change.mix is None or scale.is_nothing(change.mix):
        return words
    rate, mix = (scale.figure(part, signed=True) for part in (change.rate, change.mix))
    return say("%(change)s (own rate %(rate)s, mix %(mix)s)", change=words, rate=rate, mix=mix)


def _signed(scale: RowScale, difference: float | None) -> str:
    if not difference:
        return "0"
    return f"{'+' if difference > 0 else MINUS}{scale.difference(difference)}"
