"""The sentences that open the pages behind the summary: strategy map, initiatives, data.

Belongs here: one sentence per page, made from counts.
"""

from __future__ import annotations

from collections.abc import Sequence

from report_templates.exceptions import ExceptionRow
from report_templates.formatting import number, percent
from report_templates.language import language
from report_templates.reasons import reason_words
from report_templates.score_figures import exact_figure, score_figure
from transforms.pack import ChildRow, KpiLine, Pack

_MOST_NAMES = 12


def map_sentence(pack: Pack) -> str:
    """The strategy map's message: how many objectives stand where, and the lowest of them."""
    say, of_all = language(pack.locale), len(pack.objectives)
    cards = [card for card in pack.objectives if card.node.band is not None]
    if not cards:
        return say.ngettext(
            "None of %(count)s objective has a score.", "None of %(count)s objectives has a score.", of_all
        )
    off = sum(card.node.band is not None and card.node.band.status == "bad" for card in cards)
    lowest = min(cards, key=lambda card: card.node.score or 0.0)
    score = score_figure(pack, lowest.node.score)
    return say.ngettext(
        "%(off)s of %(count)s objective off target; the lowest is %(lowest)s at %(score)s.",
        "%(off)s of %(count)s objectives off target; the lowest is %(lowest)s at %(score)s.",
        of_all, off=off, lowest=lowest.name, score=score,
    )  # fmt: skip


def scorecard_sentence(pack: Pack) -> str:
    """How many KPIs stand where, and how much of the weight has data."""
    say, counts = language(pack.locale), pack.node.by_status
    off, near, on = (counts.get(status, 0) for status in ("bad", "warning", "good"))
    rest = pack.node.applicable - off - near - on
    parts = [
        say.ngettext(
            "%(off)s of %(count)s KPI off target, %(near)s near it, %(on)s on it",
            "%(off)s of %(count)s KPIs off target, %(near)s near it, %(on)s on it",
            pack.node.applicable, off=off, near=near, on=on,
        )
    ]  # fmt: skip
    if rest:
        parts.append(say("%(rest)s without a score", rest=rest))
    if pack.node.has_gap:
        parts.append(say("%(share)s of the weight has data", share=percent(pack.node.coverage, 0, pack.locale)))
    return say("%(clause)s.", clause="; ".join(parts))


def scorecard_legend(pack: Pack, has_to_date: bool) -> str:
    """What the scorecard's columns mean where their heads do not say it."""
    say = language(pack.locale)
    told = say(
        "Δ: actual less target, coloured by its meaning. Line: actual, dashed: target. Score: %(score)s is the target. "
        "◆ concern, ◇ improvement, ◈ neither.",
        score=exact_figure(pack, pack.scale_anchors["target"]),
    )
    to_date = say("Year to date: where it follows from what is declared.")
    return f"{told} {to_date}" if has_to_date else told


def left_out_of_table(lines: Sequence[KpiLine], locale: str) -> str:
    """The KPIs that a single page has no row for, by name as far as a line holds."""
    return language(locale).ngettext(
        "%(count)s KPI with a better score has no row here: %(names)s.",
        "%(count)s KPIs with better scores have no row here: %(names)s.",
        len(lines), names=_some([line.name for line in lines], locale),
    )  # fmt: skip


def left_out_exceptions(found: Sequence[ExceptionRow], locale: str, *, follows: bool = True) -> str:
    """The exceptions of which a single page tells no more than their row of figures, by name.

    ``follows`` says that others stand before them.
    """
    say = language(locale)
    off = _some([row.line.name for row in found if row.status == "bad"], locale)
    concerns = _some([row.line.name for row in found if row.status != "bad"], locale)
    if off and concerns and follows:
        return say("Also off target: %(off)s; special causes of concern: %(concerns)s.", off=off, concerns=concerns)
    if off and concerns:
        return say("Off target: %(off)s; special causes of concern: %(concerns)s.", off=off, concerns=concerns)
    if off:
        return say("Also off target: %(off)s.", off=off) if follows else say("Off target: %(off)s.", off=off)
    return say("Special causes of concern: %(concerns)s.", concerns=concerns)


def _some(names: Sequence[str], locale: str) -> str:
    """The first names, and how many more there are."""
    say, shown, more = language(locale), ", ".join(names[:_MOST_NAMES]), len(names) - _MOST_NAMES
    return say("%(names)s and %(more)s more", names=shown, more=more) if more > 0 else shown


def exceptions_sentence(pack: Pack, found: Sequence[ExceptionRow]) -> str:
    """How many exceptions there are, and how many of those off target nobody has explained."""
    say, off = language(pack.locale), [row for row in found if row.status == "bad"]
    silent = sum(not row.is_explained for row in off)
    parts = [
        say.ngettext(
            "%(found)s of %(count)s KPI off target", "%(found)s of %(count)s KPIs off target",
            pack.node.applicable, found=len(off),
        )
    ]  # fmt: skip
    if len(found) > len(off):
        parts.append(
            say.ngettext(
                "%(count)s further special cause of concern", "%(count)s further special causes of concern",
                len(found) - len(off),
            )
        )  # fmt: skip
    if silent:
        parts.append(say("%(silent)s of those off target without an explanation", silent=silent))
    return say("%(clause)s.", clause="; ".join(parts))


def cascade_sentence(pack: Pack) -> str:
    """How many units stand below, and how many objectives serve one above."""
    say = language(pack.locale)
    parts = [say.ngettext("%(count)s unit below", "%(count)s units below", len(pack.children))] if pack.children else []
    if pack.line_of_sight:
        parts.append(
            say.ngettext(
                "%(serving)s of %(count)s objective here support one above",
                "%(serving)s of %(count)s objectives here support one above",
                len(pack.objectives), serving=len(pack.line_of_sight),
            )
        )  # fmt: skip
    return say("%(clause)s.", clause="; ".join(parts))


def has_gaps(units: Sequence[ChildRow]) -> bool:
    """Whether a score of any of these units does not speak for all of its weight."""
    nodes = [node for unit in units for node in (unit.node, *unit.perspectives) if node and node.score is not None]
    return any(node.has_gap for node in nodes)


def gaps_sentence(units: Sequence[ChildRow], locale: str) -> str:
    """Which units have scores on less than all of their weight, and why; empty where none has."""
    say = language(locale)
    below = [unit for unit in units if unit.node.applicable and unit.node.has_gap]
    told = [
        say(
            "%(unit)s %(share)s (%(reasons)s)",
            unit=unit.name,
            share=percent(unit.node.coverage, 0, locale),
            reasons="; ".join(_counted(reason, count, locale) for reason, count in unit.missing),
        )
        for unit in below
    ]
    return say("Coverage below 100 %%: %(units)s.", units=_some(told, locale)) if told else ""


def _counted(reason: str, count: int, locale: str) -> str:
    """``2 KPIs: no data was delivered``."""
    words = reason_words(reason, locale)
    return language(locale).ngettext("%(count)s KPI: %(reason)s", "%(count)s KPIs: %(reason)s", count, reason=words)


def share_sentence(pack: Pack) -> str:
    """What share of the unit above each KPI that adds up has here; empty where none."""
    say = language(pack.locale)
    told = [
        f"{line.name} {percent(line.share_above, 0, pack.locale)}" for line in pack.kpis if line.share_above is not None
    ]
    if not told or not pack.path:
        return ""
    return say("Share of %(unit)s: %(shares)s.", unit=pack.path[-1], shares="; ".join(told))


def initiatives_sentence(pack: Pack) -> str:
    """How many initiatives and actions there are, and how many of them are late, by their owner or by their days."""
    say = language(pack.locale)
    late = sum(initiative.is_late for initiative in pack.initiatives)
    overdue = sum(action.is_overdue for action in pack.actions)
    parts = []
    if pack.initiatives:
        parts.append(
            say.ngettext(
                "%(late)s of %(count)s initiative late or behind its time",
                "%(late)s of %(count)s initiatives late or behind their time",
                len(pack.initiatives), late=late,
            )
        )  # fmt: skip
    if pack.actions:
        parts.append(
            say.ngettext(
                "%(overdue)s of %(count)s action overdue", "%(overdue)s of %(count)s actions overdue",
                len(pack.actions), overdue=overdue,
            )
        )  # fmt: skip
    return say("%(clause)s.", clause=", ".join(parts))


def data_sentence(pack: Pack) -> str:
    """Coverage, and which sources did not arrive whole."""
    say = language(pack.locale)
    parts = [say("%(share)s of the weight has data", share=percent(pack.node.coverage, 0, pack.locale))]
    for source in pack.sources:
        if source.state == "missing":
            parts.append(say("source %(source)s is missing", source=source.source))
        elif source.state == "refused":
            parts.append(say("source %(source)s was refused", source=source.source))
    rejected = sum(s.rejected for s in pack.sources if s.state == "loaded")
    if rejected:
        rows = number(rejected, 0, pack.locale)
        parts.append(say.ngettext("%(rows)s row rejected", "%(rows)s rows rejected", rejected, rows=rows))
    return say("%(clause)s.", clause="; ".join(parts))


def withheld_sentence(pack: Pack) -> str:
    """How many figures are withheld as those of small groups, and of which KPIs; empty where none is."""
    if not pack.withheld:
        return ""
    say, count = language(pack.locale), sum(kpi.units for kpi in pack.withheld)
    named = {"kpis": say.listed([kpi.name for kpi in pack.withheld])}
    if pack.children:
        return say.ngettext(
            "%(count)s figure, here or directly below, is withheld, so that no small group of people can be "
            "identified: %(kpis)s.",
            "%(count)s figures, here and directly below, are withheld, so that no small group of people can be "
            "identified: %(kpis)s.",
            count, **named,
        )  # fmt: skip
    return say.ngettext(
        "%(count)s figure is withheld, so that no small group of people can be identified: %(kpis)s.",
        "%(count)s figures are withheld, so that no small group of people can be identified: %(kpis)s.",
        count, **named,
    )  # fmt: skip


def longest_legend(locale: str) -> str:
    """The words of the legend that explains charts of both kinds, as the template of a perspective puts them."""
    say = language(locale)
    return " ".join(
        (
            say(
                "Lines: usual range shaded, mean dashed, target dark; special causes %(concern)s concern, "
                "%(improvement)s improvement, %(neither)s neither.",
                concern="◆", improvement="◇", neither="◈",
            ),
            say(
                "Columns from zero: last year light, target outlined, gap %(better)s or %(worse)s, forecast hatched.",
                better=say("better"), worse=say("worse"),
            ),
            say(
                "Marks below the months: %(good)s on, %(warning)s near, %(bad)s off target.",
                good="●", warning="▲", bad="■",
            ),
        )
    )  # fmt: skip
