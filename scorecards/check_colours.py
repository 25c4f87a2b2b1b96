"""Rules about the colours that ``packs.yaml`` declares: they can be read, and what they stand for is told apart.

Belongs here: which colours are compared, and by how much they must differ. The arithmetic is ``colours.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from scorecards.colours import DEFICIENCIES, LEAST_APART, WHITE, contrast, darkened, distance, grey_distance, tint
from scorecards.errors import Problem
from scorecards.house_colours import COLUMN, INK, LIGHT, SOFT, STATUS_WORDS, STATUSES
from scorecards.packs import Colours
from scorecards.project import Place
from scorecards.yaml_reader import KeyPath

# The contrast that each colour needs with the grounds that it stands on; words and marks of a status are one colour.
_LEAST = {"ink": 7.0, "grey": 4.5, "column": 3.0, "good": 4.5, "warning": 4.5, "bad": 4.5}


def check_colours(place: Place, at: KeyPath, colours: Colours, shared: Colours | None = None) -> Iterator[Problem]:
    """Errors where a colour cannot be read, warnings where two colours of different meaning look alike.

    ``shared`` are those that hold where ``colours`` say nothing.
    """
    said: dict[str, str] = colours.model_dump(exclude_none=True)
    common: dict[str, str] = {} if shared is None else shared.model_dump(exclude_none=True)
    yield from _that_cannot_be_read(place, at, said, common)
    yield from _that_look_alike(place, at, said, common)


def _that_cannot_be_read(place: Place, at: KeyPath, said: dict[str, str], common: dict[str, str]) -> Iterator[Problem]:
    soft = said.get("soft", common.get("soft", SOFT))
    for name, least in _LEAST.items():
        if name not in said:
            continue

        def grounds(colour: str, name: str = name) -> list[str]:
            return [WHITE, soft, *([tint(colour)] if name in STATUSES else [])]

        lowest = min(contrast(said[name], ground) for ground in grounds(said[name]))
        if lowest < least:
            yield place.problem(
                (*at, name),
                f"'{said[name]}' has a contrast of {int(lowest * 10) / 10:g} with the grounds that it stands on; "
                f"it needs {least:g}.",
                f"The nearest darker one that passes: '{darkened(said[name], grounds, least)}'.",
            )


def _that_look_alike(place: Place, at: KeyPath, said: dict[str, str], common: dict[str, str]) -> Iterator[Problem]:
    shown: dict[str, str] = {status: STATUS_WORDS[status] for status in STATUSES}
    shown |= {"ink": INK, "column": COLUMN, "last year's columns": LIGHT, **common, **said}
    for one, other in _compared():
        if not {one, other} & said.keys():
            continue
        if to := _alike_to(shown[one], shown[other]):
            message = f"'{one}' ({shown[one]}) and '{other}' ({shown[other]}) look alike {' and '.join(to)}."
            remedy = "Make one of them clearly darker than the other."
            yield place.problem((*at, other if other in said else one), message, remedy, "warning")


def _compared() -> Iterator[tuple[str, str]]:
    """Statuses with each other, the series of a chart with each other, and variances with the figures beside them."""
    yield from combinations(STATUSES, 2)
    yield from combinations(("ink", "column", "last year's columns"), 2)
    yield from (("good", "ink"), ("bad", "ink"))


def _alike_to(one: str, other: str) -> list[str]:
    """To whom two colours look alike, in words."""
    found = ["to everybody"] if distance(one, other) < LEAST_APART else []
    poor = [name for name in DEFICIENCIES if distance(one, other, name) < LEAST_APART]
    found += [f"to people with {', '.join(poor)}"] if poor and not found else []
    return [*found, *(["in black and white"] if grey_distance(one, other) < LEAST_APART else [])]
