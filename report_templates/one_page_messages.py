"""What a pack of a single page says of that for which it has no room.

Belongs here: counts of what has no line on the page. Which these are is ``one_page.py``.
"""

from __future__ import annotations

from report_templates.language import language
from transforms.pack import Pack


def not_shown_sentence(pack: Pack, *, initiatives: bool, units: bool, sight: bool, actions: bool) -> str:
    """How many there are of the kinds that the page shows none of, and how many of these are late; empty where none."""
    say, told = language(pack.locale), list[str]()
    if actions and pack.actions:
        count, overdue = len(pack.actions), sum(action.is_overdue for action in pack.actions)
        words = say.ngettext("%(count)s action", "%(count)s actions", count)
        told.append(say("%(things)s, %(count)s overdue", things=words, count=overdue) if overdue else words)
    if units and pack.children:
        told.append(say.ngettext("%(count)s unit below", "%(count)s units below", len(pack.children)))
    if sight and pack.line_of_sight:
        count = len(pack.line_of_sight)
        told.append(
            say.ngettext(
                "%(count)s objective that supports one above", "%(count)s objectives that support one above", count
            )
        )
    if initiatives and pack.initiatives:
        count, late = len(pack.initiatives), sum(initiative.is_late for initiative in pack.initiatives)
        words = say.ngettext("%(count)s initiative", "%(count)s initiatives", count)
        told.append(say("%(things)s, %(count)s late or behind", things=words, count=late) if late else words)
    return say("Not shown here: %(things)s.", things="; ".join(told)) if told else ""
