"""How scores and points of scores are written in a pack: with the digits that its scale asks for.

Belongs here: the figures of scores, of their changes and of contributions, and the rounding that goes with them. The
figures of KPIs are ``formatting.py``.

A score has as many digits as tell a hundredth of its scale apart or better (``shown_digits`` of the scale). What is
counted in points has one digit at least, so that a change of the score is not lost in it. Where rounding would carry
a score over the threshold of a band, it has as many more digits as keep it on its side: 94.7 where 95 is on target.
"""

from __future__ import annotations

from decimal import Decimal

from report_templates.formatting import decimals_of, number, rounded
from report_templates.language import language
from transforms.pack import BandShown, Pack

# Beyond so many more digits a score is on a threshold for all that anybody can see.
_MOST_MORE = 4
# Bands are decided with this tolerance.
_TOLERANCE = 1e-9


def score_figure(pack: Pack, score: float | None) -> str:
    """``61`` on a scale from 0 to 100, ``4.2`` on one to 10, ``0.395`` on one to 1; an en dash where missing."""
    return number(score, pack.score_digits if score is None else digits_of(pack, score), pack.locale)


def digits_of(pack: Pack, score: float) -> int:
    """The digits of a score: those of the scale, or more where it would round into another band."""
    thresholds = [band.at_least for band in pack.bands if band.at_least is not None]
    for digits in range(pack.score_digits, pack.score_digits + _MOST_MORE + 1):
        shown = float(rounded(score, digits))
        if all((shown + _TOLERANCE >= edge) == (score + _TOLERANCE >= edge) for edge in thresholds):
            return digits
    return pack.score_digits


def band_of(pack: Pack, score: float | None) -> BandShown | None:
    """The band of a score by the thresholds of the pack."""
    if score is None:
        return None
    reached = [band for band in pack.bands if band.at_least is None or score + _TOLERANCE >= band.at_least]
    return max(reached, key=lambda band: float("-inf") if band.at_least is None else band.at_least, default=None)


def most_digits(pack: Pack) -> int:
    """The most digits that a score of the pack's KPIs and nodes takes."""
    nodes = [pack.node, *(page.node for page in pack.perspectives), *(card.node for card in pack.objectives)]
    scores = [node.score for node in nodes] + [line.score for line in pack.kpis]
    return max((digits_of(pack, score) for score in scores if score is not None), default=pack.score_digits)


def exact_figure(pack: Pack, score: float | None) -> str:
    """A declared score, such as the edge of a band, with its own digits where it has more than scores have."""
    if score is None:
        return score_figure(pack, score)
    own = decimals_of(Decimal(repr(float(score))))
    return number(score, max(pack.score_digits, own), pack.locale)


def points_figure(pack: Pack, points: float | None, *, signed: bool = False) -> str:
    """``+3.8`` points on a scale from 0 to 100, ``+0.012`` on one to 1."""
    return number(points, pack.point_digits, pack.locale, signed=signed)


def least_points(pack: Pack) -> str:
    """The least that can be told of a change: ``0.1``, ``0.001``."""
    return points_figure(pack, 10.0**-pack.point_digits)


def is_no_point(pack: Pack, points: float) -> bool:
    """Whether points round to nothing as they are shown."""
    return rounded(points, pack.point_digits).is_zero()


def shown_change(pack: Pack, score: float | None, earlier: float | None) -> float | None:
    """Points between two scores as they are shown where points are counted; None where either is missing."""
    if score is None or earlier is None:
        return None
    return float(rounded(score, pack.point_digits) - rounded(earlier, pack.point_digits))


def change_figure(pack: Pack, score: float | None, earlier: float | None) -> str:
    """The change between two scores, written with its sign."""
    return points_figure(pack, shown_change(pack, score, earlier), signed=True)


def points_of_score(pack: Pack, points: Decimal) -> str:
    """``1 point``, ``27 points``, ``0.013 points``: so many as a score is shown with digits."""
    figure, many = number(float(points), pack.score_digits, pack.locale), 1 if points == 1 else 2
    return language(pack.locale).ngettext("%(figure)s point", "%(figure)s points", many, figure=figure)
