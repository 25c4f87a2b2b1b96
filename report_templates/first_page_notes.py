"""What the first page says below its headline that the figures do not say: whom they count, and who sees others.

Belongs here: the sentences in their order. What people wrote stands in the pack; a restated edition is told by
``edition_messages.py``.
"""

from __future__ import annotations

from report_templates.language import language
from report_templates.who_counts import moved_now
from transforms.pack import Pack


def first_page_notes(pack: Pack) -> tuple[str, ...]:
    """The sentences of the first page, none where nothing is to be said."""
    return tuple(note for note in (moved_now(pack), own_score_note(pack)) if note)


def own_score_note(pack: Pack) -> str:
    """On a person's own pack, that others see another score or none; empty where all see the same."""
    if not pack.is_score_own:
        return ""
    say = language(pack.locale)
    return say("This score is yours alone: others see one without what is withheld from them, or none.")
