"""Each text of a document is set once, however often it stands there. What is printed stays the same, byte for byte.

Packs are made of few texts that recur: words of tables, units, figures. WeasyPrint sets each where it stands, once for
the layout and, since it asks for a single paragraph only when it paints, once more for painting. What is kept is kept
for one document. The functions here take the places of WeasyPrint's as those of ``quicker_printing.py`` do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from weasyprint.draw import text as drawing
from weasyprint.layout import block, inline, preferred
from weasyprint.text import line_break
from weasyprint.text.ffi import pango
from weasyprint.text.line_break import Layout

# All that the setting of a text depends on, beside the text and the width.
_PROPERTIES = (
    "font_family", "font_size", "font_style", "font_stretch", "font_weight", "font_variation_settings", "font_kerning",
    "font_variant_ligatures", "font_variant_position", "font_variant_caps", "font_variant_numeric",
    "font_variant_alternates", "font_variant_east_asian", "font_feature_settings", "font_language_override", "lang",
    "direction", "letter_spacing", "word_spacing", "white_space", "overflow_wrap", "word_break", "tab_size",
    "text_decoration_line", "hyphens", "hyphenate_character", "hyphenate_limit_chars", "hyphenate_limit_zone",
)  # fmt: skip
_WRAPPING = ("normal", "pre-wrap", "pre-line")
_BREAKS = frozenset("\n\r\x0b\x0c\x85\u2028\u2029")


class _Kept:
    """Lines that were set in the document that is printed, and numbers of ways; None while each is set by itself."""

    lines: dict[tuple[object, ...], tuple[Any, ...]] | None = None
    ways: dict[tuple[object, ...], int]


_kept = _Kept()

THEIRS: dict[str, Any] = {
    "split": line_break.split_first_line,
    "strut": line_break.strut,
    "set": Layout.set_text,
    "draw": drawing.draw_first_line,
    "reactivate": Layout.reactivate,
}
PLACES: dict[str, list[tuple[object, str]]] = {
    "split": [(module, "split_first_line") for module in (line_break, inline, preferred)],
    "strut": [(module, "strut") for module in (line_break, inline, block) if hasattr(module, "strut")],
    "set": [(Layout, "set_text")],
    "draw": [(drawing, "draw_first_line")],
    "reactivate": [(Layout, "reactivate")],
}


@contextmanager
def texts_kept() -> Iterator[None]:
    """Keep what is set while a document is printed."""
    _kept.lines, _kept.ways = {}, {}
    try:
        yield
    finally:
        _kept.lines = None


def _split_first_line(
    text: str,
    style: Any,
    context: Any,
    max_width: float | None,
    justification_spacing: float,
    is_line_start: bool = True,
    minimum: bool = False,
) -> tuple[Any, ...]:
    """The first line of a text. One that fits is the same in whatever width it fits."""
    lines = _kept.lines
    if lines is None or justification_spacing:
        return _set_anew(text, style, context, max_width, justification_spacing, is_line_start, minimum)
    way = _way(style)
    found = lines.get((text, way))
    if found is None or not _fits(found, style, max_width):
        key = (text, way, max_width, is_line_start, minimum)
        found = lines.get(key)
        if found is None:
            found = lines[key] = _set_anew(text, style, context, max_width, 0, is_line_start, minimum)
            found[0].drawn = []
            if found[0].text == text and _fits(found, style, max_width):
                lines[text, way] = found
    return _lent(found[0], style, max_width), *found[1:]


def _set_anew(*asked: Any) -> tuple[Any, ...]:
    line: tuple[Any, ...] = THEIRS["split"](*asked)
    return line


def _fits(line: tuple[Any, ...], style: Any, max_width: float | None) -> bool:
    """Whether a line that ``split_first_line`` gives is all of its text, and fits."""
    rest, width = line[2], line[3]
    return rest is None and (max_width is None or width <= max_width or style["white_space"] not in _WRAPPING)


def _lent(layout: Any, style: Any, max_width: float | None) -> Any:
    """A layout for one more place, with Pango's of the first."""
    lent = object.__new__(Layout)
    vars(lent).update(vars(layout), style=style, max_width=max_width)
    return lent


def _way(style: Any) -> int:
    """How texts of a style are set, as a number for each document."""
    known = vars(style)
    if "way" not in known:
        values = (style[name] for name in _PROPERTIES)
        way = (id(style.font_config), *(tuple(each) if isinstance(each, (list, set)) else each for each in values))
        known["way"] = _kept.ways.setdefault(way, len(_kept.ways))
    number: int = known["way"]
    return number


def _strut(style: Any) -> tuple[float, float]:
    """Height and baseline of an empty line, looked up once a style."""
    known = vars(style)
    if "strut" not in known:
        known["strut"] = THEIRS["strut"](style)
    strut: tuple[float, float] = known["strut"]
    return strut


def _set_text(layout: Any, text: str, justify: bool = False) -> None:
    """Give a layout its text, as the single paragraph that it is to be when it is painted, where it is one."""
    pango.pango_layout_set_single_paragraph_mode(layout.layout, _BREAKS.isdisjoint(text))
    THEIRS["set"](layout, text, justify)


def _draw_first_line(stream: Any, textbox: Any, text_overflow: str, block_ellipsis: str, matrix: Any) -> Any:
    """Draw a text: where it was drawn before in this document by the same operators, at another place."""
    layout = textbox.pango_layout
    drawn = vars(layout).get("drawn")
    if drawn is None:
        return THEIRS["draw"](stream, textbox, text_overflow, block_ellipsis, matrix)
    if text_overflow == "ellipsis" or block_ellipsis != "none":
        # Shortens the layout, which is other places' too.
        set_for_itself(layout, textbox.style)
        return THEIRS["draw"](stream, textbox, text_overflow, block_ellipsis, matrix)
    if drawn:
        font, shown = drawn
        stream.set_text_matrix(*matrix.values)
        stream.set_font_size(*font)
        stream.stream.append(shown)
        return []
    before = len(stream.stream)
    emojis = THEIRS["draw"](stream, textbox, text_overflow, block_ellipsis, matrix)
    operators = stream.stream[before:]
    if not emojis and _is_of_one_font(operators):
        drawn[:] = stream._current_font, operators[-1]
    return emojis


def _is_of_one_font(operators: list[bytes]) -> bool:
    """Whether a text was drawn as a place, a font if it is another than before, and letters."""
    return len(operators) == 2 or (len(operators) == 3 and operators[1].endswith(b" Tf"))


def _again(layout: Any, style: Any) -> None:
    """The text for painting: as it was set, unless that was in several lines or is to be justified."""
    second = pango.pango_layout_get_line_readonly(layout.layout, 1)
    if style is not layout.style or layout.justification_spacing or second:
        set_for_itself(layout, style)


def set_for_itself(layout: Any, style: Any) -> None:
    """Set the text of a layout anew, in a layout of Pango's that no other place has."""
    layout.drawn = None
    THEIRS["reactivate"](layout, style)


OURS = {
    "split": _split_first_line,
    "strut": _strut,
    "set": _set_text,
    "draw": _draw_first_line,
    "reactivate": _again,
}
