"""How the strategy map tells what is known of its links: a style, a sign and a word for every status.

Belongs here: choosing, and the words. Where links run is ``map_routing.py``; what is known of them is computed
elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from report_templates.counts import spans
from report_templates.formatting import MINUS, number
from report_templates.language import language, mark
from report_templates.map_routing import Link, Xy
from transforms.pack import LinkStatus, MapLink, Pack, Status

_WORDS: dict[LinkStatus, str] = {
    "supported": mark("supported"), "contradicted": mark("contradicted"), "undecided": mark("undecided"),
    "untested": mark("untested"),
}  # fmt: skip
_MEANINGS: dict[LinkStatus, str] = {
    "supported": mark("like changes followed"), "contradicted": mark("opposite changes followed"),
    "undecided": mark("what followed may be chance"), "untested": mark("too few months or movements"),
}  # fmt: skip
# What a sentence under the heading names; the others are told by the legend and the alternative text.
_MOST_NAMED = 3


@dataclass(frozen=True)
class LinkStyle:
    """How links of a status are drawn: the line's width and dashes in millimetres, its sign and the sign's colour.

    ``looks`` are its looks in words, for those who cannot see them.
    """

    width: float
    dashes: str
    sign: str
    colour: Status | None
    looks: str


STYLES: dict[LinkStatus, LinkStyle] = {
    "supported": LinkStyle(0.75, "", "+", "good", mark("thick line with a plus")),
    "contradicted": LinkStyle(0.75, "2.4 .7 .6 .7", MINUS, "bad", mark("thick broken line with a minus")),
    "undecided": LinkStyle(0.35, "", "", None, mark("thin line")),
    "untested": LinkStyle(0.35, ".5 .8", "", None, mark("dotted line")),
}


@dataclass(frozen=True)
class DrawnLink:
    """A link as it is drawn; ``middle`` is where its sign stands."""

    link: Link
    style: LinkStyle
    middle: Xy


@dataclass(frozen=True)
class LegendEntry:
    """A status that a link of the map has: its style, its word with the count, and what it means."""

    style: LinkStyle
    looks: str
    word: str
    meaning: str


def drawn_links(pack: Pack, links: tuple[Link, ...]) -> tuple[DrawnLink, ...]:
    """The map's links with their styles, those that say most last, so that they lie on top."""
    known = known_links(pack)
    drawn = [DrawnLink(link, STYLES[known[link.source, link.target].status], _middle(link)) for link in links]
    return tuple(sorted(drawn, key=lambda one: one.style.width))


def known_links(pack: Pack) -> Mapping[tuple[str, str], MapLink]:
    """Every link between objectives here, by its ends; what nothing was computed of is untested."""
    here = {card.id for card in pack.objectives}
    found = {(link.driver, link.outcome): link for link in pack.links}
    return {
        (card.id, to): found.get((card.id, to), MapLink(card.id, to, "untested", 0, None, None, None))
        for card in pack.objectives
        for to in card.leads_to
        if to in here
    }


def links_legend(pack: Pack) -> tuple[LegendEntry, ...]:
    """One entry for every status that a link here has."""
    say, counts = language(pack.locale), Counter(link.status for link in known_links(pack).values())
    return tuple(
        LegendEntry(style, say(style.looks), f"{counts[status]} {say(_WORDS[status])}", say(_MEANINGS[status]))
        for status, style in STYLES.items()
        if counts[status]
    )


def status_word(status: LinkStatus, locale: str) -> str:
    """``supported``."""
    return language(locale)(_WORDS[status])


def evidence_sentence(pack: Pack) -> str:
    """Which links the scores support or contradict, the surest first; empty where none."""
    say = language(pack.locale)
    told = sorted(
        (link for link in known_links(pack).values() if link.status in ("supported", "contradicted")),
        key=lambda link: (link.chance if link.chance is not None else 1.0, link.driver, link.outcome),
    )
    if not told:
        return ""
    parts = [link_words(pack, link) for link in told[:_MOST_NAMED]]
    if len(told) > _MOST_NAMED:
        parts.append(say("and %(count)s more", count=len(told) - _MOST_NAMED))
    return say("%(clause)s.", clause="; ".join(parts))


def link_words(pack: Pack, link: MapLink) -> str:
    """``Deliver on time to Keep our promises: supported, after 2 months (rank correlation +0.61, 34 months)``."""
    say, names = language(pack.locale), {card.id: card.name for card in pack.objectives}
    between = say("%(objective)s to %(other)s", objective=names[link.driver], other=names[link.outcome])
    word = status_word(link.status, pack.locale)
    if link.lag is None or link.correlation is None or link.status not in ("supported", "contradicted"):
        return say("%(link)s: %(status)s", link=between, status=word)
    return say(
        "%(link)s: %(status)s, after %(months)s (rank correlation %(correlation)s over %(all)s)",
        link=between, status=word, months=spans(link.lag, "month", pack.locale),
        correlation=number(link.correlation, 2, pack.locale, signed=True), all=spans(link.months, "month", pack.locale),
    )  # fmt: skip


def link_sign(sign: str, at: Xy) -> str:
    """The strokes of a link's sign round a point."""
    x, y = at
    return f"M{x - 0.9:.2f} {y:.2f}h1.8" + (f"M{x:.2f} {y - 0.9:.2f}v1.8" if sign == "+" else "")


def _middle(link: Link) -> Xy:
    """The point half-way along the link, by the length of its pieces as drawn."""
    points = [point for piece in link.pieces for point in _along(piece)]
    lengths = [abs(b[0] - a[0]) + abs(b[1] - a[1]) for a, b in pairwise(points)]
    half, gone = sum(lengths) / 2, 0.0
    for (_, end), length in zip(pairwise(points), lengths, strict=True):
        gone += length
        if gone >= half:
            return end
    return points[-1]


def _along(piece: tuple[Xy, ...], steps: int = 16) -> list[Xy]:
    if len(piece) == 2:
        return list(piece)
    found = []
    for step in range(steps + 1):
        t = step / steps
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        x, y = (sum(w * p[axis] for w, p in zip(weights, piece, strict=True)) for axis in (0, 1))
        found.append((x, y))
    return found
