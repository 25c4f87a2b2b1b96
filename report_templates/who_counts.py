"""Words on units that joined or left below: whom figures count from when on, so that no move passes for performance.

Belongs here: sentences and the mark in charts. Names of units are no figures, and no figure is told here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from report_templates.days import month
from report_templates.language import Language, language, mark
from scorecards.periods import add_months
from transforms.pack import KpiLine, Pack, UnitMove

_MOST_NAMES = 3
# By whether it joined, and whether figures over several months count it as if it had always been so.
_JOINED_WHOLE = (
    mark("%(units)s joined in %(month)s: figures since then count it."),
    mark("%(units)s joined in %(month)s: figures since then count them."),
)
_LEFT_WHOLE = (
    mark("%(units)s left in %(month)s: figures since then are without it."),
    mark("%(units)s left in %(month)s: figures since then are without them."),
)
_JOINED = (
    mark("%(units)s joined in %(month)s: figures of earlier months do not count it."),
    mark("%(units)s joined in %(month)s: figures of earlier months do not count them."),
)
_LEFT = (
    mark("%(units)s left in %(month)s: figures of earlier months count it."),
    mark("%(units)s left in %(month)s: figures of earlier months count them."),
)
_SENTENCES = {(True, True): _JOINED_WHOLE, (False, True): _LEFT_WHOLE, (True, False): _JOINED, (False, False): _LEFT}


def moved_now(pack: Pack) -> str:
    """Who joined or left since the previous month, for the first page; empty where nobody did."""
    return " ".join(_sentences(pack, [move for move in pack.moves if move.period == pack.period]))


def moved_since_last_year(pack: Pack) -> str:
    """Who joined or left since the same month of last year, month by month; empty where nobody did."""
    first = add_months(pack.period, -12)
    return " ".join(_sentences(pack, [move for move in pack.moves if move.period > first]))


def moved_of(pack: Pack, line: KpiLine) -> str:
    """Of a KPI the newest month in which who counts changed, among those that its judgement or comparison spans."""
    since = add_months(pack.period, -1)
    if line.signal is not None and line.signal.is_judged:
        judged = [point.period for point, found in zip(line.history, line.signal.history, strict=False) if found]
        begun = max([*judged[:1], *([line.signal.since] if line.signal.since else [])], default=since)
        since = min(since, begun)
    own = [move for move in line.moves if move.period > since]
    newest = max((move.period for move in own), default=None)
    # What is said of one KPI holds of months as they are shown, whatever its window.
    told = [move for move in own if move.period == newest]
    return " ".join(_sentences(pack, told, is_of_kpi=True))


def _sentences(pack: Pack, moves: Sequence[UnitMove], *, is_of_kpi: bool = False) -> list[str]:
    say, told = language(pack.locale), []
    groups: dict[tuple[date, bool, bool], list[str]] = {}
    for move in moves:
        groups.setdefault((move.period, move.has_joined, move.is_whole and not is_of_kpi), []).append(move.name)
    for (period, has_joined, is_whole), names in groups.items():
        one, several = _SENTENCES[has_joined, is_whole]
        told.append(
            say(one if len(names) == 1 else several, units=_named(say, names), month=month(period, pack.locale))
        )
    return told


def _named(say: Language, names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMES
    if rest <= 0:
        return say.listed(names)
    return say("%(names)s and %(more)s more", names=", ".join(names[:_MOST_NAMES]), more=rest)


def breaks_path(
    line: KpiLine, right: float, top: float, foot: float, slots: int, ahead: int = 0
) -> str:  # fmt: skip
    """An upright line before each month in which who counts changed, on an axis of ``slots`` months up to ``right``.

    ``ahead`` months to come stand at its end.
    """
    pitch, months = right / slots, [point.period for point in line.history]
    places = [len(months) - months.index(each) + ahead for each in _months(line) if each in months]
    return "".join(f"M{right - back * pitch:.2f} {top:g}V{foot:g}" for back in places if back < slots)


def _months(line: KpiLine) -> list[date]:
    return list(dict.fromkeys(move.period for move in line.moves))
