"""What the parts of a score's change are called.

Belongs here: names, and the note beside the waterfall. How they are drawn is ``waterfall.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from report_templates.formatting import rounded
from transforms.pack import Contribution

TARGETS, WEIGHTS, ROLL_UP = "Changed targets", "Changed weights", "Scored otherwise than then"
_OF_NONE = {"target": TARGETS, "weights": WEIGHTS, "definition": ROLL_UP}
_ADDED = {"came": " (has a score now)", "went": " (has no score now)", "definition": " (defined anew)"}


def part_name(part: Contribution) -> str:
    """``Revenue``, ``Revenue (has no score now)``, ``Changed targets``."""
    if part.kpi is None:
        return _OF_NONE.get(part.part, part.name)
    return part.name + _ADDED.get(part.part, "")


def parts_note(parts: Sequence[Contribution]) -> str:
    """What the figures of the waterfall are, with a word on comparing unlike with unlike where that was done."""
    note = "Contributions to the overall score, in points."
    if any(part.part == "against target" and not rounded(part.points, 1).is_zero() for part in parts):
        note = f"{note} Targets that move every month count with their KPI."
    if any(part.part == "definition" and not rounded(part.points, 1).is_zero() for part in parts):
        return f"{note} What is defined anew was another figure then: its part is no performance."
    return note
