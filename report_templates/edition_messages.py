"""What a restated pack says of the edition before it.

Belongs here: the words of the page "What changed since edition n". What changed is in the pack.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import floor, log10

from report_templates.declared_words import OVERALL, cause_words
from report_templates.formatting import MINUS, MISSING, SIGNS, RowScale, decimals_of, number, rounded
from report_templates.kpi_messages import scale_of
from report_templates.language import language
from report_templates.score_figures import band_of
from transforms.pack import EditionRow, Pack

_MOST_LOADS = 4
# Beyond what is usual, so many decimals are shown where the figures would look alike, or their change another one.
_MORE_PLACES = 10
_OFF_BY = 0.1
_DIGITS = 6


@dataclass(frozen=True)
class ShownRow:
    """A figure as the page shows it."""

    name: str
    before: str
    after: str
    change: str
    because: str
    loads: str


def edition_sentence(pack: Pack) -> str:
    """How many figures and bands are other than in the edition before, and why it was published again."""
    edition, say = pack.edition, language(pack.locale)
    assert edition is not None
    values = sum(row.level == "value" for row in edition.rows)
    scores = len(edition.rows) - values
    reason = say("Published again: %(reason)s.", reason=edition.reason.rstrip(".")) if edition.reason else ""
    told = []
    if edition.rows:
        told.append(say(
            "%(values)s and %(scores)s are other than in edition %(number)s, %(bands)s.",
            values=say.ngettext("%(count)s KPI value", "%(count)s KPI values", values),
            scores=say.ngettext("%(count)s score", "%(count)s scores", scores),
            number=edition.number - 1, bands=_bands_changed(pack, edition.rows),
        ))  # fmt: skip
    if edition.is_own_other:
        told.append(say("Your own figures are other than in edition %(number)s.", number=edition.number - 1))
    if edition.is_beside_other:
        told.append(
            say(
                "Figures of earlier months, with which this pack compares, are other than in edition %(number)s.",
                number=edition.number - 1,
            )
        )
    if not told:
        told.append(say("No figure of this pack is other than in edition %(number)s.", number=edition.number - 1))
    return " ".join([*told, reason]).strip()


def restated_line(pack: Pack) -> str:
    """``Edition 2, restated: 3 KPI values and 4 scores …``, for the first page; empty for a first edition."""
    edition, say = pack.edition, language(pack.locale)
    if edition is None or edition.number < 2:
        return ""
    return say("Edition %(number)s, restated: %(told)s", number=edition.number, told=edition_sentence(pack))


def edition_rows(pack: Pack) -> list[ShownRow]:
    """The figures in the order of the pack: the whole, perspectives, objectives, KPIs, each with its values."""
    edition = pack.edition
    assert edition is not None
    place = {name: index for index, name in enumerate(_names(pack))}
    levels = ("scorecard", "perspective", "objective", "kpi", "value")
    rows = sorted(edition.rows, key=lambda row: (levels.index(row.level), place.get((_level(row), row.node), 0)))
    return [_shown(pack, row) for row in rows]


def _bands_changed(pack: Pack, rows: Sequence[EditionRow]) -> str:
    say, count = language(pack.locale), sum(_has_other_band(pack, row) for row in rows)
    return say.ngettext("%(count)s band changed", "%(count)s bands changed", count) if count else say("no band changed")


def _has_other_band(pack: Pack, row: EditionRow) -> bool:
    return row.level != "value" and band_of(pack, row.before) != band_of(pack, row.after)


def _level(row: EditionRow) -> str:
    return "kpi" if row.level == "value" else row.level


def _names(pack: Pack) -> dict[tuple[str, str], str]:
    names = {("scorecard", pack.scorecard): language(pack.locale)(OVERALL)}
    names |= {("perspective", page.id): page.name for page in pack.perspectives}
    names |= {("objective", card.id): card.name for card in pack.objectives}
    return names | {("kpi", line.id): line.name for line in pack.kpis}


def _shown(pack: Pack, row: EditionRow) -> ShownRow:
    say, name = language(pack.locale), _names(pack).get((_level(row), row.node), row.node)
    if row.level == "value":
        scale = scale_of(pack, next(line for line in pack.kpis if line.id == row.node))
        usual = scale
        places = _telling(
            row.before, row.after, usual.decimals,
            lambda more: _apart(_at(usual, more), row.before, row.after),
        )  # fmt: skip
        scale = _at(usual, places)
        before, after = (MISSING if value is None else scale.text(value) for value in (row.before, row.after))
        between = scale.between(row.after, row.before)
        sign = MINUS if between is not None and between < 0 else "+"
        moved = MISSING if between is None else f"{sign}{scale.difference(between)}"
    else:
        name = say("%(name)s: score", name=name)
        places = _telling(row.before, row.after, pack.point_digits, lambda more: _moved(row.before, row.after, more))
        before, after = (
            MISSING if value is None else number(value, places, pack.locale) for value in (row.before, row.after)
        )
        moved = number(_moved(row.before, row.after, places), places, pack.locale, signed=True)
        if _has_other_band(pack, row):
            before, after = (
                _with_band(pack, text, value) for text, value in ((before, row.before), (after, row.after))
            )
    over = len(row.loads) - _MOST_LOADS
    loads = [*row.loads[:_MOST_LOADS], *([say("%(count)s more", count=over)] if over > 0 else [])]
    because = ", ".join(cause_words(cause, pack.locale) for cause in row.because)
    return ShownRow(name, before, after, moved, because, ", ".join(loads))


def _with_band(pack: Pack, text: str, score: float | None) -> str:
    """A score with the word of its band, where that is what changed; a missing one stays a dash."""
    band = band_of(pack, score)
    return text if band is None else f"{text} {SIGNS[band.status]} {band.name}"


def figures_apart(before: float | None, after: float | None) -> tuple[str, str]:
    """Two figures of whatever kind, with six digits or as many more as show by how much they differ; ``missing``."""
    known = [value for value in (before, after) if value is not None]
    largest = max(map(abs, known), default=0.0)
    places = max(0, _DIGITS - 1 - floor(log10(largest))) if largest else 0
    if len(known) == 2:
        places = _telling(known[0], known[1], places, lambda more: _moved(known[0], known[1], more))
    least = max((decimals_of(rounded(value, places)) for value in known), default=0)
    shown = ["missing" if value is None else number(value, least) for value in (before, after)]
    return shown[0], shown[1]


def _at(scale: RowScale, places: int) -> RowScale:
    """The scale with so many decimals; more than are usual are kept, whatever the size of a figure has room for."""
    return scale if places == scale.decimals else replace(scale, decimals=places, is_fitted=False)


def _apart(scale: RowScale, before: float | None, after: float | None) -> float | None:
    """The change that two figures show; None where they look equal."""
    return None if scale.figure(before) == scale.figure(after) else scale.between(after, before)


def _moved(before: float | None, after: float | None, places: int) -> float | None:
    if before is None or after is None:
        return None
    return float(rounded(after, places) - rounded(before, places))


def _telling(before: float | None, after: float | None, usual: int, moved: Callable[[int], float | None]) -> int:
    """The decimals at which the change that two figures show is about the true one: none would be no help.

    ``moved`` gives the change that is shown at so many decimals.
    """
    if before is None or after is None:
        return usual
    change = after - before
    for places in range(usual, usual + _MORE_PLACES + 1):
        found = moved(places)
        if found and abs(found - change) <= _OFF_BY * abs(change):
            return places
    return usual
