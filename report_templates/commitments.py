"""Initiatives and actions in the order in which they are looked at, and who promised what by when.

Belongs here: order and words of what was promised, the owner's own word beside what its days say. Which initiatives and
actions a pack has is in the pack.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from report_templates.days import due_text
from report_templates.declared_words import state_words
from report_templates.language import language
from transforms.pack import ActionRow, InitiativeRow


def late_first(initiatives: Iterable[InitiativeRow]) -> tuple[InitiativeRow, ...]:
    """Late ones first, those that are done last."""
    return tuple(sorted(initiatives, key=lambda each: (not each.is_late, each.status == "done")))


def timing_words(initiative: InitiativeRow, locale: str) -> str:
    """``late`` by its owner's word, ``past its due day``, ``behind its time``; empty where it is in time."""
    say = language(locale)
    if not initiative.is_late:
        return ""
    if initiative.status == "late":
        return say("late")
    if initiative.elapsed is not None and initiative.elapsed >= 1:
        return say("past its due day")
    return say("behind its time")


def owners_word(initiative: InitiativeRow, locale: str) -> str:
    """The declared status; beside words on its time that it does not say itself, as what the owner says of it."""
    say, word = language(locale), state_words(initiative.status, locale)
    if not initiative.is_late or initiative.status == "late":
        return word
    return say("its owner says: %(status)s", status=word)


def overdue_first(actions: Iterable[ActionRow]) -> tuple[ActionRow, ...]:
    """Overdue ones first, then by the day when they are due."""
    return tuple(sorted(actions, key=lambda each: (not each.is_overdue, each.due is None, each.due or date.max)))


def promised_by(owner: str, due: str, locale: str) -> str:
    """``Owner: Chief Executive, due 31 Dec 26``, as far as it is known; a name and a day alone would look signed."""
    say, day = language(locale), due_text(due, locale)
    if owner and due:
        return say("Owner: %(owner)s, due %(day)s", owner=owner, day=day)
    if owner:
        return say("Owner: %(owner)s", owner=owner)
    return say("Due %(day)s", day=day) if due else ""
