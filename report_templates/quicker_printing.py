"""WeasyPrint made quicker at what packs have much of. What it prints stays the same, byte for byte, less hard packed.

Each function here takes the place of one of WeasyPrint's, and says what that one repeats. A test prints packs with and
without them; with another version of WeasyPrint than the one tried they stay away. Charts, which look the same but are
written otherwise, are ``chart_drawing.py``.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import cached_property, lru_cache
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element

import pydyf
import tinycss2
import weasyprint
from weasyprint import css, draw
from weasyprint.css.computed_values import PHYSICAL_FUNCTIONS
from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES
from weasyprint.draw import border
from weasyprint.draw.color import get_color
from weasyprint.formatting_structure import boxes
from weasyprint.layout import absolute, background, block, column, float, grid, inline, page, percent, table
from weasyprint.text.line_break import Layout

from report_templates import quicker_texts

_TRIED = "70"
# The last three hundredths of a file's size would take two thirds of the time of packing it.
PACKING = SimpleNamespace(compressobj=lambda level: zlib.compressobj(min(level, 6)))
SVG_TAG = "{http://www.w3.org/2000/svg}svg"
_INLINE, _HINT = (1, 0, 0), (0, 0, 0)
_THEIRS: dict[str, Any] = {
    **quicker_texts.THEIRS,
    "attributes": css.find_style_attributes,
    "missing": css.ComputedStyle.__missing__,
    "deactivate": Layout.deactivate,
    "percentages": percent.resolve_percentages,
    "backgrounds": background.layout_box_backgrounds,
    "outline": border.draw_outline,
    "bytes": pydyf._to_bytes,
    "packing": pydyf.zlib,
}
_PLACES: dict[str, list[tuple[object, str]]] = {
    **quicker_texts.PLACES,
    "attributes": [(css, "find_style_attributes")],
    "missing": [(css.ComputedStyle, "__missing__")],
    "deactivate": [(Layout, "deactivate")],
    "percentages": [
        (module, "resolve_percentages") for module in (absolute, block, column, float, grid, inline, page, table)
    ],
    "backgrounds": [(background, "layout_box_backgrounds")],
    "outline": [(border, "draw_outline"), (draw, "draw_outline")],
    "bytes": [(pydyf, "_to_bytes")],
    "packing": [(pydyf, "zlib")],
}


def be_quick() -> None:
    """Put the functions of this module in the places of WeasyPrint's, where it is of the version that they know."""
    if weasyprint.__version__.partition(".")[0] != _TRIED:
        return
    ours = {
        **quicker_texts.OURS,
        "attributes": _style_attributes,
        "missing": _missing,
        "deactivate": _stay,
        "percentages": _resolve_percentages,
        "backgrounds": _layout_box_backgrounds,
        "outline": _draw_outline,
        "bytes": _to_bytes,
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


def _style_attributes(
    tree: Element, presentational_hints: bool = False, base_url: str | None = None
) -> Iterator[tuple[tuple[int, int, int], Element, tuple[object, ...], str | None]]:
    """Declarations in attributes. Equal ones are one object: elements and what is in them then share their styles."""
    if presentational_hints:
        yield from _THEIRS["attributes"](tree, presentational_hints, base_url)
        return
    for element in tree.iter():
        get = element.get
        if style := get("style"):
            yield _INLINE, element, _declarations(style), base_url
        if lang := get("lang"):
            yield _HINT, element, _declaration(f'-weasy-lang:"{lang}"'), base_url
        if anchor := get("id"):
            yield _HINT, element, _declaration(f'-weasy-anchor:"{anchor}"'), base_url
        if element.tag == "a" and (name := get("name")):
            yield _HINT, element, _declaration(f'-weasy-anchor:"{name}"'), base_url
        if element.tag == SVG_TAG:
            for attribute in ("width", "height"):
                if length := get(attribute):
                    yield _HINT, element, _declaration(f"{attribute}:{length}"), base_url


@lru_cache(maxsize=4096)
def _declarations(text: str) -> tuple[object, ...]:
    return tuple(tinycss2.parse_blocks_contents(text))


@lru_cache(maxsize=4096)
def _declaration(text: str) -> tuple[object, ...]:
    return (tinycss2.parse_one_declaration(text),)


_SPECIAL = {"page", "position", "float", "display"}


def _is_plain(name: str) -> bool:
    return name not in _SPECIAL and not name.startswith(("text_decoration_", "__"))


_AS_PARENT = frozenset(name for name in INHERITED if _is_plain(name) and name not in PHYSICAL_FUNCTIONS)
_AS_INITIAL = {
    name: value
    for name, value in INITIAL_VALUES.items()
    if _is_plain(name) and name not in INHERITED and name not in INITIAL_NOT_COMPUTED
}
_LOGICAL_NAMES = {
    (name, direction): function(block="ttb", inline=direction)
    for name, function in PHYSICAL_FUNCTIONS.items()
    for direction in ("ltr", "rtl")
}


def _missing(style: Any, name: str) -> object:
    """The value of a property that was not asked for before: at once where no rule speaks of it, as of most."""
    if name not in style.cascaded:
        if name in _AS_PARENT:
            if style.parent_style is not None:
                value = style[name] = style.parent_style[name]
                return value
        elif name in _AS_INITIAL and (
            name not in PHYSICAL_FUNCTIONS or _LOGICAL_NAMES[name, style["direction"]] not in style.cascaded
        ):
            value = style[name] = _AS_INITIAL[name]
            return value
    return _THEIRS["missing"](style, name)


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
    return bytes(_THEIRS["bytes"](item))


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
