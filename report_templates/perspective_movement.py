"""Which KPIs moved a perspective's score: the arithmetic of its change, in a clause.

Belongs here: what the sentence of a perspective says about its movement. It is said in the points that the page shows:
the change is the difference of both scores as shown, and what is told apart from it adds up to it. A KPI explains what
its own part of the change is, and never more than there is; where other parts moved the score back by more than a
little, it is its part of what was lost (or gained) before that. Nothing is said where changed declarations moved most.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from report_templates.formatting import rounded
from report_templates.language import language
from report_templates.movement_words import part_name, ranked
from report_templates.score_figures import is_no_point, points_figure, shown_change
from transforms.pack import Contribution, KpiLine, Pack, PerspectivePage


@dataclass(frozen=True)
class _Movement:
    """The change of a perspective's score and the KPIs that moved it that way, the one that did most first.

    ``offset`` is the size of what all parts did that moved it the other way, as shown.
    """

    pack: Pack
    page: PerspectivePage
    is_gain: bool
    size: Decimal
    offset: Decimal
    causes: tuple[Contribution, ...]

    def points(self, part: Contribution) -> Decimal:
        """The size of a part, as shown."""
        return abs(rounded(part.points, self.pack.point_digits))

    @property
    def whole(self) -> Decimal:
        """The points that the causes share: the change, and what was moved back where that is a tenth of it or more.

        Where one cause is as large as the change, anything that was moved back shows that there are others.
        """
        is_small = 10 * self.offset < self.size and self.points(self.causes[0]) < self.size
        return self.size if is_small or self.points(self.causes[0]) > self.size else self.size + self.offset

    @property
    def rest(self) -> float:
        """What all but the first cause did to the score."""
        return (self.page.node.change or 0.0) - self.causes[0].points


def movement_clause(pack: Pack, page: PerspectivePage, subject: KpiLine | None) -> str:
    """``it explains 6.0 of the 8.0 points lost`` (no full stop); empty where nothing can be said.

    ``subject`` is the KPI that the sentence before is about, if it is about one. With a single KPI there is nothing
    to tell apart.
    """
    found = _movement(pack, page)
    if found is None or len(page.kpis) < 2:
        return ""
    first = found.causes[0]
    is_subject = subject is not None and first.kpi == subject.id and first.part in ("value", "against target")
    if found.points(first) > found.size and not _explains_all(found):
        return _outweighed(found, is_subject=is_subject)
    told = _shared(found) if 2 * found.points(first) < found.whole else _explained(found, is_subject=is_subject)
    return _offset(found, told) if found.whole > found.size else told


def _movement(pack: Pack, page: PerspectivePage) -> _Movement | None:
    """The movement, where there is any as shown and a KPI's own part of it is the largest."""
    change = shown_change(pack, page.node.score, page.node.previous)
    if not change:
        return None
    along = tuple(part for part in ranked(pack, page.contributions) if part.points * change > 0)
    if not along or _is_declared(along[0]):
        return None
    size = abs(rounded(change, pack.point_digits))
    against = sum(part.points for part in page.contributions if part.points * change < 0)
    offset = abs(rounded(against, pack.point_digits))
    return _Movement(pack, page, change > 0, size, offset, tuple(part for part in along if not _is_declared(part)))


def _is_declared(part: Contribution) -> bool:
    return part.kpi is None or part.part == "definition"


def _explains_all(found: _Movement) -> bool:
    """Whether the first cause is the whole change as far as shown figures tell: what else there is, is rounding."""
    own, is_along = found.points(found.causes[0]), (found.rest > 0) == found.is_gain
    return own == found.size or is_no_point(found.pack, found.rest) or (is_along and own > found.size)


def _explained(found: _Movement, *, is_subject: bool) -> str:
    pack, first = found.pack, found.causes[0]
    say = language(pack.locale)
    values = {
        "kpi": part_name(first, pack.locale),
        "part": _figure(pack, found.points(first)),
        "points": _figure(pack, found.whole),
    }
    if found.whole == found.size and _explains_all(found):
        if is_subject and found.is_gain:
            return say("it explains all %(points)s points gained", **values)
        if is_subject:
            return say("it explains all %(points)s points lost", **values)
        if found.is_gain:
            return say("%(kpi)s explains all %(points)s points gained", **values)
        return say("%(kpi)s explains all %(points)s points lost", **values)
    if is_subject and found.is_gain:
        return say("it explains %(part)s of the %(points)s points gained", **values)
    if is_subject:
        return say("it explains %(part)s of the %(points)s points lost", **values)
    if found.is_gain:
        return say("%(kpi)s explains %(part)s of the %(points)s points gained", **values)
    return say("%(kpi)s explains %(part)s of the %(points)s points lost", **values)


def _outweighed(found: _Movement, *, is_subject: bool) -> str:
    """The first cause alone would have moved the score further: the others moved it back."""
    pack, first = found.pack, found.causes[0]
    say, own = language(pack.locale), found.points(first)
    values = {
        "kpi": part_name(first, pack.locale), "part": _figure(pack, own), "rest": _figure(pack, own - found.size)
    }  # fmt: skip
    if is_subject and found.is_gain:
        return say("it gave %(part)s points, of which all else took back %(rest)s", **values)
    if is_subject:
        return say("it took %(part)s points, of which all else gave back %(rest)s", **values)
    if found.is_gain:
        return say("%(kpi)s gave %(part)s points, of which all else took back %(rest)s", **values)
    return say("%(kpi)s took %(part)s points, of which all else gave back %(rest)s", **values)


def _shared(found: _Movement) -> str:
    """No KPI did half of it: the first two where they did, else that there is none that did more than the first."""
    pack, (first, *others) = found.pack, found.causes
    say, own = language(pack.locale), found.points(first)
    together = own + (found.points(others[0]) if others else 0)
    values = {"points": _figure(pack, found.whole)}
    if 2 * together >= found.whole:
        names = say.listed([part_name(part, pack.locale) for part in (first, others[0])])
        values |= {"kpis": names, "part": _figure(pack, together)}
        if found.is_gain:
            return say("%(kpis)s explain %(part)s of the %(points)s points gained", **values)
        return say("%(kpis)s explain %(part)s of the %(points)s points lost", **values)
    values["part"] = _figure(pack, own)
    if found.is_gain:
        return say("no KPI explains more than %(part)s of the %(points)s points gained", **values)
    return say("no KPI explains more than %(part)s of the %(points)s points lost", **values)


def _offset(found: _Movement, told: str) -> str:
    """The clause with what moved the score the other way meanwhile."""
    say, values = language(found.pack.locale), {"clause": told, "points": _figure(found.pack, found.offset)}
    if found.is_gain:
        return say("%(clause)s; others lost %(points)s", **values)
    return say("%(clause)s; others gained %(points)s", **values)


def _figure(pack: Pack, points: Decimal) -> str:
    return points_figure(pack, float(points))
