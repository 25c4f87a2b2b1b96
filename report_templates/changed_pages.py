"""The pages of a pack that differ from what was printed before, printed alone: what one looks at while one writes.

Belongs here: finding them. A group is what begins a page, with what follows on it; a group is printed as a whole.
"""

from __future__ import annotations

import hashlib
import re

from report_templates.look import OURS, Look
from report_templates.rendering import PrintedPack, page_document, style_sheet
from transforms.pack import Pack

MOST_GROUPS = 3
"""So many of the changed groups are printed, the first of the pack: more would take as long as all."""
_GROUP = re.compile(r'(?=<section class="page[ "])')


def print_changed(pack: Pack, before: str, look: Look = OURS) -> tuple[PrintedPack | None, str]:
    """The changed pages alone, and the pack's document, which is to be handed in as ``before`` the next time.

    None where nothing was printed before, and where no page or every page has changed.
    Raises as ``print_pack`` does.
    """
    from report_templates.printing import print_document

    document = page_document(pack, look).replace(pack.declarations_digest[:12], "")
    style = style_sheet(look)
    known = hashlib.sha256(style.encode()).hexdigest()
    drawn = f"<!-- {known} -->{document}"
    head, groups, end = _parts(document)
    if not before.startswith(drawn[: drawn.index("<body")]) or len(groups) == 1:
        return None, drawn
    were = set(_parts(before)[1])
    changed = [group for group in groups if group not in were]
    if not changed or len(changed) == len(groups):
        return None, drawn
    part = head + "".join(changed[:MOST_GROUPS]) + end
    printed = print_document(part, style, hashlib.sha256(part.encode()).digest()[:16], look.root)
    assert printed is not None
    return PrintedPack(*printed), drawn


def _parts(document: str) -> tuple[str, list[str], str]:
    inner, end, rest = document.rpartition("</body>")
    head, *groups = _GROUP.split(inner)
    return head, groups, end + rest
