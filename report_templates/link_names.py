"""Links of a PDF described by what they lead to, as readers of screens say them, and not by the id of the place.

Belongs here: one function in the place of WeasyPrint's that puts links on a page. It imports WeasyPrint.
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import pydyf
from weasyprint import pdf
from weasyprint.pdf.anchors import add_links

# Status signs before a name say nothing of the place.
_SIGNS = "●▲■○◆◇◈ \u202f\xa0"


def name_links() -> None:
    """Have every PDF from now on describe its links by their words."""
    pdf.add_links = _add_links


def _add_links(links_and_anchors: Any, *where: Any) -> None:
    add_links(links_and_anchors, *where)
    for _, _, _, box in links_and_anchors[0]:
        words = link_words(box.element)
        if words and "Contents" in getattr(box, "link_annotation", ()):
            box.link_annotation["Contents"] = pydyf.String(words)


def link_words(element: Element | None) -> str:
    """What a link says, without signs; empty where it says nothing."""
    return "" if element is None else " ".join("".join(element.itertext()).split()).strip(_SIGNS)
