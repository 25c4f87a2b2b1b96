"""Styles of elements begun in one go. What is printed stays the same, byte for byte.

WeasyPrint finds the value of each property of each element when it is asked for, some sixty of each style. Most are
told by no rule: they are the initial ones, or the parent's. The functions here take the places of WeasyPrint's as those
of ``quicker_printing.py`` do.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

import tinycss2
from weasyprint import css
from weasyprint.css.computed_values import PHYSICAL_FUNCTIONS
from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES

SVG_TAG = "{http://www.w3.org/2000/svg}svg"
_INLINE, _HINT = (1, 0, 0), (0, 0, 0)
THEIRS: dict[str, Any] = {
    "attributes": css.find_style_attributes,
    "style": css.ComputedStyle.__init__,
    "anonymous": css.AnonymousStyle.__init__,
    "missing": css.ComputedStyle.__missing__,
}
PLACES: dict[str, list[tuple[object, str]]] = {
    "attributes": [(css, "find_style_attributes")],
    "style": [(css.ComputedStyle, "__init__")],
    "anonymous": [(css.AnonymousStyle, "__init__")],
    "missing": [(css.ComputedStyle, "__missing__")],
}


def _style_attributes(
    tree: Element, presentational_hints: bool = False, base_url: str | None = None
) -> Iterator[tuple[tuple[int, int, int], Element, tuple[object, ...], str | None]]:
    """Declarations in attributes. Equal ones are one object: elements and what is in them then share their styles."""
    if presentational_hints:
        yield from THEIRS["attributes"](tree, presentational_hints, base_url)
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


_LOGICAL = frozenset(_LOGICAL_NAMES.values())
_OF_ROOT = {
    name: INITIAL_VALUES[name] for name in _AS_PARENT if name in INITIAL_VALUES and name not in INITIAL_NOT_COMPUTED
}


# A border without a style has no width, whatever its width is said to be.
_WIDTH_OF = {
    f"{line}_style": f"{line}_width"
    for line in ("border_top", "border_right", "border_bottom", "border_left", "outline")
}
# What is asked of styles that no rule speaks of, with its initial value: it grows while the first pages are laid out.
_ASKED: dict[str, Any] = dict.fromkeys(_WIDTH_OF.values(), 0)
_ASKED_OF_PARENTS: dict[str, Any] = {}


def _begin_style(style: Any, parent_style: Any, cascaded: Any, pseudo_type: str | None, *others: Any) -> None:
    """Begin the style of an element with all values of which no rule speaks, in one go instead of one by one.

    ``passed_on`` are those that are as they are from the root on.
    """
    THEIRS["style"](style, parent_style, cascaded, pseudo_type, *others)
    if pseudo_type is not None:
        return
    passed_on = dict(_ASKED_OF_PARENTS) if parent_style is None else vars(parent_style).get("passed_on", {})
    if not passed_on.keys().isdisjoint(cascaded):
        passed_on = {name: value for name, value in passed_on.items() if name not in cascaded}
    vars(style)["passed_on"] = passed_on
    style.update(_ASKED)
    for name in cascaded:
        style.pop(name, None)
        if name in _WIDTH_OF:
            style.pop(_WIDTH_OF[name], None)
    if not _LOGICAL.isdisjoint(cascaded):
        for name in PHYSICAL_FUNCTIONS:
            style.pop(name, None)
    style.update(passed_on)


def _begin_anonymous_style(style: Any, parent_style: Any) -> None:
    """The same for the style of a box that is of no element."""
    style.update(_ASKED)
    style.update(vars(parent_style).get("passed_on", {}))
    THEIRS["anonymous"](style, parent_style)


def _missing(style: Any, name: str) -> object:
    """The value of a property that was not asked for before: at once where no rule speaks of it, as of most."""
    if name not in style.cascaded:
        if name in _AS_PARENT:
            if name in _OF_ROOT:
                _ASKED_OF_PARENTS[name] = _OF_ROOT[name]
            if style.parent_style is not None:
                value = style[name] = style.parent_style[name]
                return value
        elif name in _AS_INITIAL and (
            name not in PHYSICAL_FUNCTIONS or _LOGICAL_NAMES[name, style["direction"]] not in style.cascaded
        ):
            value = style[name] = _ASKED[name] = _AS_INITIAL[name]
            return value
    return THEIRS["missing"](style, name)


OURS: dict[str, Any] = {
    "attributes": _style_attributes,
    "style": _begin_style,
    "anonymous": _begin_anonymous_style,
    "missing": _missing,
}
