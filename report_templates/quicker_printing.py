"""WeasyPrint made quicker at what packs have much of. What it prints stays the same, byte for byte, less hard packed.

Each function here takes the place of one of WeasyPrint's, and says what that one repeats. A test prints packs with and
without them; with another version of WeasyPrint than the one tried they stay away. Charts, which look the same but are
written otherwise, are ``chart_drawing.py``.
"""

from __future__ import annotations

import zlib
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import pydyf
import weasyprint
from weasyprint import draw
from weasyprint.draw import border
from weasyprint.draw.color import get_color
from weasyprint.formatting_structure import boxes
from weasyprint.layout import absolute, background, block, column, float, grid, inline, page, percent, table
from weasyprint.text.line_break import Layout

from report_templates import quicker_styles, quicker_texts

_TRIED = "70"
# The last three hundredths of a file's size would take two thirds of the time of packing it.
PACKING = SimpleNamespace(compressobj=lambda level: zlib.compressobj(min(level, 6)))
_THEIRS: dict[str, Any] = {
    **quicker_styles.THEIRS,
    **quicker_texts.THEIRS,
    "deactivate": Layout.deactivate,
    "percentages": percent.resolve_percentages,
    "backgrounds": background.layout_box_backgrounds,
    "outline": border.draw_outline,
    "bytes": pydyf._to_bytes,
    "dictionary": pydyf.Dictionary.data,
    "stream": pydyf.Stream.data,
    "packing": pydyf.zlib,
}
_PLACES: dict[str, list[tuple[object, str]]] = {
    **quicker_styles.PLACES,
    **quicker_texts.PLACES,
    "deactivate": [(Layout, "deactivate")],
    "percentages": [
        (module, "resolve_percentages") for module in (absolute, block, column, float, grid, inline, page, table)
    ],
    "backgrounds": [(background, "layout_box_backgrounds")],
    "outline": [(border, "draw_outline"), (draw, "draw_outline")],
    "bytes": [(pydyf, "_to_bytes")],
    "dictionary": [(pydyf.Dictionary, "data")],
    "stream": [(pydyf.Stream, "data")],
    "packing": [(pydyf, "zlib")],
}


def be_quick() -> None:
    """Put the functions of this module in the places of WeasyPrint's, where it is of the version that they know."""
    if weasyprint.__version__.partition(".")[0] != _TRIED:
        return
    ours = {
        **quicker_styles.OURS,
        **quicker_texts.OURS,
        "deactivate": _stay,
        "percentages": _resolve_percentages,
        "backgrounds": _layout_box_backgrounds,
        "outline": _draw_outline,
        "bytes": _to_bytes,
        "dictionary": property(_dictionary),
        "stream": property(_stream),
        "packing": PACKING,
    }
    _put(ours)


def be_as_ever() -> None:
    """Put WeasyPrint's own functions back."""
    _put(_THEIRS)


def _put(functions: dict[str, Any]) -> None:
    for name, places in _PLACES.items():
        for owner, attribute in places:
            setattr(owner, attribute, functions[name])


def _stay(layout: Any) -> None:
    """Keep the text as it is set, which WeasyPrint drops and sets anew when it paints."""


_OF_WIDTH = ("margin_left", "margin_right", "padding_left", "padding_right", "width", "min_width", "max_width")
_UPRIGHT = ("margin_top", "margin_bottom", "padding_top", "padding_bottom")
_HEIGHTS = ("height", "min_height", "max_height")
_BORDERS = ("border_top_width", "border_right_width", "border_bottom_width", "border_left_width")


def _resolve_percentages(box: Any, containing_block: Any) -> None:
    """Lengths of a box in pixels, in one go; boxes whose lengths need arithmetic are left to WeasyPrint."""
    style = box.style
    lengths = vars(style).get("lengths")
    if lengths is None:
        lengths = _lengths(box, containing_block)
        if lengths is None:
            _THEIRS["percentages"](box, containing_block)
            return
    drawn = vars(box)
    drawn.update(lengths)
    collapses = style["border_collapse"] == "collapse"
    for name in _BORDERS:
        # Those of collapsed borders may be there already.
        if not (collapses and hasattr(box, name)):
            drawn[name] = style[name]
    if style["box_sizing"] != "content-box":
        percent.adjust_box_sizing(box, "width")
        percent.adjust_box_sizing(box, "height")


def _lengths(box: Any, containing_block: Any) -> dict[str, object] | None:
    """Lengths of a box but its borders', kept for all boxes of its style where none is a share; None: theirs to do."""
    if isinstance(containing_block, boxes.Box):
        width, height = containing_block.width, containing_block.height
    else:
        width, height = containing_block
    style, found, has_shares = box.style, dict[str, object](), False
    upright = height if isinstance(box, boxes.PageBox) else width
    for names, whole in ((_OF_WIDTH, width), (_UPRIGHT, upright), (_HEIGHTS, height)):
        for name in names:
            value = style[name]
            if value is None or value == "auto":
                found[name] = 0 if name in ("min_width", "min_height") else value
                continue
            unit = getattr(value, "unit", None)
            if unit == "px":
                found[name] = value.value
            elif unit == "%" and whole != "auto":
                found[name], has_shares = whole * value.value / 100, True
            else:
                return None
    if not has_shares:
        vars(style)["lengths"] = found
    return found


_ROUND = (
    "border_top_left_radius",
    "border_top_right_radius",
    "border_bottom_right_radius",
    "border_bottom_left_radius",
)


def _layout_box_backgrounds(
    page: Any, box: Any, get_image_from_uri: Any, layout_children: bool = True, style: Any = None
) -> None:
    """Find the backgrounds of a box and of all in it; of a style that has none that is looked up once."""
    if style is not None or box is page or not _is_bare(box.style):
        _THEIRS["backgrounds"](page, box, get_image_from_uri, layout_children, style)
        return
    # Not by its attributes' dict: what stands in for a box hands them on.
    box.background = None
    for corner in _ROUND:
        setattr(box, corner, (0, 0))
    if layout_children:
        for child in box.all_children():
            _layout_box_backgrounds(page, child, get_image_from_uri)


def _is_bare(style: Any) -> bool:
    """Whether boxes of a style have no background, no image at their borders, and sharp corners."""
    known = vars(style)
    if "bare" not in known:
        images = (style["border_image_source"], style["mask_border_source"], *style["background_image"])
        known["bare"] = (
            all(image[0] == "none" for image in images)
            and all((0, "px") in style[corner] for corner in _ROUND)
            and not style["box_shadow"]
            and (style["visibility"] == "hidden" or get_color(style, "background_color").alpha == 0)
        )
    bare: bool = known["bare"]
    return bare


def _draw_outline(stream: Any, box: Any) -> None:
    """Draw the outline of a box and of all in it, where there is any."""
    if box.style["outline_width"]:
        _THEIRS["outline"](stream, box)
        return
    for child in box.children:
        if isinstance(child, boxes.Box):
            _draw_outline(stream, child)


def _to_bytes(item: Any) -> bytes:
    """Anything as PDF writes it, the most frequent kinds asked for first."""
    kind = type(item)
    if kind is str:
        return str.encode(item, "ascii")
    if kind is bytes:
        return bytes(item)
    if kind is int:
        return b"%d" % item
    if kind is float:
        return b"%d" % item if item.is_integer() else (b"%f" % item).rstrip(b"0")
    return bytes(_THEIRS["bytes"](item))


def _dictionary(item: Any) -> bytes:
    """A dictionary as PDF writes it."""
    return b"<<%b>>" % b"".join([b"/%b %b" % (_to_bytes(key), _to_bytes(value)) for key, value in item.items()])


def _stream(item: Any) -> bytes:
    """A stream as PDF writes it: most of what is in one is in bytes already."""
    content = b"\n".join([each if type(each) is bytes else _to_bytes(each) for each in item.stream])
    return bytes(_THEIRS["stream"].fget(SimpleNamespace(stream=[content], extra=item.extra, compress=item.compress)))


def written_once(_document: object, pdf: Any) -> None:
    """Keep every object's bytes: WeasyPrint makes them twice, for the file and for the file's digest."""
    add = pdf.add_object

    def add_kept(added: Any) -> None:
        if isinstance(added, pydyf.Stream):
            added.__class__ = _StreamOnce
        add(added)

    pdf.objects[:] = [each if each.free == "f" else _Written(each) for each in pdf.objects]
    pdf.add_object = add_kept


class _Written(pydyf.Object):  # type: ignore[misc]
    """An object of a PDF in its final bytes."""

    data = b""
    compressible = False

    def __init__(self, source: Any) -> None:
        super().__init__()
        self.number, self.generation = source.number, source.generation
        self.data, self.compressible = source.data, source.compressible


class _StreamOnce(pydyf.Stream):  # type: ignore[misc]
    """A stream that is compressed once, however often it is asked for."""

    @cached_property
    def data(self) -> bytes:
        return bytes(super().data)
