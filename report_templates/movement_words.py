"""What the parts of a score's change are called, and which of them are worth a name.

Belongs here: names, their order, and the note beside the waterfall. How they are drawn is ``waterfall.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from report_templates.language import language, mark
from report_templates.score_figures import is_no_point
from transforms.pack import Contribution, Pack

TARGETS, WEIGHTS = mark("Changed targets"), mark("Changed weights")
UNITS = mark("Units that joined or left")
ROLL_UP = mark("Scored otherwise than then")
_OF_NONE = {"target": TARGETS, "units": UNITS, "weights": WEIGHTS, "definition": ROLL_UP}
_ADDED = {
    "came": mark("%(kpi)s (has a score now)"),
    "went": mark("%(kpi)s (has no score now)"),
    "definition": mark("%(kpi)s (defined anew)"),
}


def part_name(part: Contribution, locale: str) -> str:
    """``Revenue``, ``Revenue (has no score now)``, ``Changed targets``."""
    say = language(locale)
    if part.kpi is None:
        return say(_OF_NONE[part.part]) if part.part in _OF_NONE else part.name
    return say(_ADDED[part.part], kpi=part.name) if part.part in _ADDED else part.name


def ranked(pack: Pack, contributions: Sequence[Contribution]) -> list[Contribution]:
    """Contributions that round to something, the largest first; ties stay in the pack's order."""
    shown = [c for c in contributions if not is_no_point(pack, c.points)]
    return sorted(shown, key=lambda c: -abs(c.points))


def parts_note(pack: Pack, parts: Sequence[Contribution]) -> str:
    """What the figures of the waterfall are, with a word on comparing unlike with unlike where that was done."""
    say = language(pack.locale)
    sentences = [say("Contributions to the overall score, in points.")]
    if any(part.part == "against target" and not is_no_point(pack, part.points) for part in parts):
        sentences.append(say("Targets that move every month count with their KPI."))
    if any(part.part == "definition" and not is_no_point(pack, part.points) for part in parts):
        sentences.append(say("What is defined anew was another figure then: its part is no performance."))
    if any(part.part == "units" and not is_no_point(pack, part.points) for part in parts):
        sentences.append(say("What units did that joined or left is no performance: it is who counts."))
    return " ".join(sentences)
