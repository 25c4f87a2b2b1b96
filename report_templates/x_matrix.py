"""The X-matrix of Hoshin planning: what is wanted in the long term and this year, by which projects, told by what.

Belongs here: which rows and columns there are, their marks, and where they stand, in millimetres. Only what is declared
is marked. Round the X in the middle lie four lists: below it the long-term objectives (themes, or on a scorecard below
another the objectives above that it supports), left the objectives of the scorecard, above it the initiatives that are
under way, right the KPIs, and beyond them those who answer for the initiatives. Where two lists meet stand the marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from report_templates.geometry import Page
from report_templates.text_fit import fitted, text_width
from transforms.pack import InitiativeRow, KpiLine, ObjectiveCard, Pack

Strength = Literal["strong", "weak"]
ABOVE, BELOW = 17.0, 6.0
TEXT = 2.15
_MOST_PITCH, _LEAST_PITCH = 5.6, 3.3
_CENTRE_SHARE, _LEAST_CENTRE = 0.24, 44.0
_CENTRE_HEIGHT, _LEAST_CENTRE_HEIGHT = 62.0, 34.0


@dataclass(frozen=True)
class Place:
    """A row or a column: the text as far as it fits, and the middle of its strip."""

    text: str
    at: float


@dataclass(frozen=True)
class Dot:
    """A mark where a row and a column meet: strong where that is declared, weak where it is by way of an objective."""

    x: float
    y: float
    strength: Strength


@dataclass(frozen=True)
class XMatrix:
    """The matrix in a frame of millimetres; the middle runs from ``left`` to ``right`` and ``top`` to ``bottom``.

    ``owners_from`` is where the columns of KPIs end; ``left_out`` counts KPIs for which there was no room.
    """

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    owners_from: float
    pitch_x: float
    pitch_y: float
    priorities: tuple[Place, ...]
    long_term: tuple[Place, ...]
    objectives: tuple[Place, ...]
    kpis: tuple[Place, ...]
    owners: tuple[Place, ...]
    dots: tuple[Dot, ...]
    left_out: int


@dataclass(frozen=True)
class Lists:
    """The five lists, before they are placed; ``long_term`` pairs a name with the ids of objectives that serve it."""

    priorities: tuple[InitiativeRow, ...]
    long_term: tuple[tuple[str, frozenset[str]], ...]
    objectives: tuple[ObjectiveCard, ...]
    kpis: tuple[KpiLine, ...]
    owners: tuple[str, ...]


def lists_of(pack: Pack) -> Lists:
    """What stands round the X of a pack."""
    under_way = tuple(one for one in pack.initiatives if one.status != "done")
    above = list(dict.fromkeys(name for card in pack.objectives for name in card.supports))
    served = [(name, frozenset(card.id for card in pack.objectives if name in card.supports)) for name in above]
    themed = [(name, frozenset(c.id for c in pack.objectives if c.theme == theme)) for theme, name in pack.themes]
    owners = tuple(dict.fromkeys(one.owner for one in under_way if one.owner))
    return Lists(under_way, tuple(served or themed), pack.objectives, pack.kpis, owners)


def x_matrix(pack: Pack, page: Page) -> XMatrix | None:
    """The matrix of a pack; None without an initiative under way or without anything long-term."""
    lists = lists_of(pack)
    if not lists.priorities or not lists.long_term:
        return None
    width, height = page.width, page.height - ABOVE - BELOW
    centre = max(_LEAST_CENTRE, width * _CENTRE_SHARE)
    lists, left_out = _fitting(lists, int((width - centre) / _LEAST_PITCH))
    columns = len(lists.objectives) + len(lists.kpis) + len(lists.owners)
    rows = len(lists.priorities) + len(lists.long_term)
    pitch_x = min(_MOST_PITCH, (width - centre) / columns)
    pitch_y = min(_MOST_PITCH, (height - _LEAST_CENTRE_HEIGHT) / rows)
    columns_named = [*(o.name for o in lists.objectives), *(line.name for line in lists.kpis), *lists.owners]
    needed = max(text_width(name, TEXT) for name in columns_named) + 4.0
    tall = min(max(needed, _LEAST_CENTRE_HEIGHT), _CENTRE_HEIGHT, height - pitch_y * rows)
    left = pitch_x * len(lists.objectives)
    top = pitch_y * len(lists.priorities)
    right, bottom = left + centre, top + tall
    drawn = XMatrix(
        width=right + pitch_x * (len(lists.kpis) + len(lists.owners)),
        height=bottom + pitch_y * len(lists.long_term),
        left=left, right=right, top=top, bottom=bottom, owners_from=right + pitch_x * len(lists.kpis),
        pitch_x=pitch_x, pitch_y=pitch_y,
        priorities=_places([one.name for one in lists.priorities], 0, pitch_y, centre),
        long_term=_places([name for name, _ in lists.long_term], bottom, pitch_y, centre),
        objectives=_places([card.name for card in lists.objectives], 0, pitch_x, tall),
        kpis=_places([line.name for line in lists.kpis], right, pitch_x, tall),
        owners=_places(lists.owners, right + pitch_x * len(lists.kpis), pitch_x, tall),
        dots=(), left_out=left_out,
    )  # fmt: skip
    return replace(drawn, dots=tuple(_dots(lists, drawn)))


def marked_kpis(lists: Lists, initiative: InitiativeRow) -> dict[str, Strength]:
    """The KPIs of an initiative: strong where an effect is declared, else weak, by way of an objective."""
    moved = {card.id for card in lists.objectives if card.name in initiative.objectives}
    marks: dict[str, Strength] = {line.id: "weak" for line in lists.kpis if line.objective in moved}
    return marks | {effect.kpi_id: "strong" for effect in initiative.effects}


def _fitting(lists: Lists, most: int) -> tuple[Lists, int]:
    """The lists with so many columns at most: KPIs that no initiative should move go first, then the last ones."""
    fixed = len(lists.objectives) + len(lists.owners)
    if fixed + len(lists.kpis) <= most:
        return lists, 0
    wanted = {name for one in lists.priorities for name in marked_kpis(lists, one)}
    kept = [line for line in lists.kpis if line.id in wanted][: max(most - fixed, 1)]
    objectives = lists.objectives[: max(most - len(kept) - len(lists.owners), 1)]
    return replace(lists, kpis=tuple(kept), objectives=objectives), len(lists.kpis) - len(kept)


def _places(names: Sequence[str], start: float, pitch: float, room: float) -> tuple[Place, ...]:
    return tuple(Place(fitted(name, room - 2.4, TEXT), start + pitch * (at + 0.5)) for at, name in enumerate(names))


def _dots(lists: Lists, drawn: XMatrix) -> Iterator[Dot]:
    objectives = {card.id: place.at for card, place in zip(lists.objectives, drawn.objectives, strict=True)}
    kpis = {line.id: place.at for line, place in zip(lists.kpis, drawn.kpis, strict=True)}
    owners = dict(zip(lists.owners, (place.at for place in drawn.owners), strict=True))
    for initiative, row in zip(lists.priorities, drawn.priorities, strict=True):
        for card in lists.objectives:
            if card.name in initiative.objectives:
                yield Dot(objectives[card.id], row.at, "strong")
        for name, strength in marked_kpis(lists, initiative).items():
            if name in kpis:
                yield Dot(kpis[name], row.at, strength)
        if initiative.owner:
            yield Dot(owners[initiative.owner], row.at, "strong")
    for (_, served), row in zip(lists.long_term, drawn.long_term, strict=True):
        for card in lists.objectives:
            if card.id in served:
                yield Dot(objectives[card.id], row.at, "strong")
        for line in lists.kpis:
            if line.objective in served:
                yield Dot(kpis[line.id], row.at, "weak")
