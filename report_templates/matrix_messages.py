"""What is said of the X-matrix: the sentence above it, and its marks in words for those who cannot see them."""

from __future__ import annotations

from report_templates.language import language
from report_templates.x_matrix import lists_of, marked_kpis
from transforms.pack import Pack

# The sentence is to stay on its line.
_MOST_IDLE = 4


def matrix_sentence(pack: Pack) -> str:
    """How many initiatives there are, and which objectives none of them should move."""
    say, lists = language(pack.locale), lists_of(pack)
    moved = {name for one in lists.priorities for name in one.objectives}
    idle = [card.name for card in lists.objectives if card.name not in moved]
    told = say.ngettext(
        "%(count)s initiative under way", "%(count)s initiatives under way", len(lists.priorities)
    )  # fmt: skip
    if not idle:
        return say("%(clause)s; every objective has one.", clause=told)
    named, more = "; ".join(idle[:_MOST_IDLE]), len(idle) - _MOST_IDLE
    if more > 0:
        named = say("%(names)s and %(more)s more", names=named, more=more)
    rest = say("no initiative moves %(names)s", names=named)
    return say("%(first)s; %(second)s.", first=told, second=rest)


def matrix_message(pack: Pack) -> str:
    """The alternative text: every row of the matrix with all its marks."""
    say, lists = language(pack.locale), lists_of(pack)
    names = {line.id: line.name for line in lists.kpis}
    parts = []
    for one in lists.priorities:
        marks = marked_kpis(lists, one)
        strong = "; ".join(names[name] for name, how in marks.items() if how == "strong" and name in names)
        told = [
            say("Initiative %(name)s: objectives %(objectives)s", name=one.name, objectives="; ".join(one.objectives))
        ]
        if strong:
            told.append(say("expected to change %(kpis)s", kpis=strong))
        if one.owner:
            told.append(say("answered for by %(owner)s", owner=one.owner))
        parts.append(", ".join(told))
    for name, served in lists.long_term:
        objectives = "; ".join(card.name for card in lists.objectives if card.id in served)
        parts.append(say("Long-term objective %(name)s: %(objectives)s", name=name, objectives=objectives))
    return say("X-matrix. %(rows)s.", rows=". ".join(parts))
