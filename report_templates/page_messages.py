"""The sentences that open the pages behind the summary: strategy map, initiatives, data.

Belongs here: one sentence per page, made from counts.
"""

from __future__ import annotations

from report_templates.formatting import number, percent
from report_templates.language import language
from transforms.pack import Pack


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
    score = number(lowest.node.score, 0, pack.locale)
    return say.ngettext(
        "%(off)s of %(count)s objective off target; the lowest is %(lowest)s at %(score)s.",
        "%(off)s of %(count)s objectives off target; the lowest is %(lowest)s at %(score)s.",
        of_all, off=off, lowest=lowest.name, score=score,
    )  # fmt: skip


def initiatives_sentence(pack: Pack) -> str:
    """How many initiatives and actions there are, and how many of them are late."""
    say = language(pack.locale)
    late = sum(initiative.is_late for initiative in pack.initiatives)
    overdue = sum(action.is_overdue for action in pack.actions)
    parts = []
    if pack.initiatives:
        parts.append(
            say.ngettext(
                "%(late)s of %(count)s initiative late", "%(late)s of %(count)s initiatives late",
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
            say("Columns from zero: last year light behind, target as a line."),
            say(
                "Marks below the months: %(good)s on target, %(warning)s near target, %(bad)s off target.",
                good="●", warning="▲", bad="■",
            ),
        )
    )  # fmt: skip
