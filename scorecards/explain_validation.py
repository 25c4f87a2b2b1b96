"""Pydantic's findings, told in the words of the people who write the files.

Belongs here: the translation of validation errors into ``Problem``. Does not belong here: any rule.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from scorecards.errors import Problem, did_you_mean
from scorecards.words import plural
from scorecards.yaml_reader import KeyPath, Lines, line_of

_BOUNDS = {
    "greater_than_equal": ("at least", "ge"), "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"), "less_than": ("less than", "lt"),
}  # fmt: skip


def problems_of(error: ValidationError, model: type[BaseModel], file: str, lines: Lines) -> Iterator[Problem]:
    """One ``Problem`` for each finding, at the line of its key."""
    for finding in error.errors(include_url=False):
        path = _key_path(finding["loc"], lines)
        message, remedy = _words(finding, _fields_at(model, finding["loc"][:-1]))
        named = _named_key(message, path, lines) if finding["type"] == "value_error" else path
        yield Problem(file, line_of(lines, named), ".".join(str(part) for part in path), message, remedy)


def _words(finding: Any, fields: Sequence[str]) -> tuple[str, str]:
    kind, value, context = finding["type"], finding["input"], finding.get("ctx", {})
    shown = _shown(value)
    if kind == "extra_forbidden":
        return "is not a known key here.", did_you_mean(str(finding["loc"][-1]), fields)
    if kind == "missing":
        return "is required and missing.", "Add it."
    if kind == "literal_error":
        expected = [text.strip("'") for text in context["expected"].replace(" or ", ", ").split(", ")]
        near = did_you_mean(str(value), expected)
        return f"{shown} is not one of {context['expected']}.", near if near.startswith("Did") else ""
    if kind == "value_error":
        return f"{context['error']}.", ""
    if value is None:
        return "has no value.", "Give it one, or leave the key out."
    if kind == "string_type" and isinstance(value, list):
        return f"{shown} is a list, and one value is wanted.", "Write the value alone, without brackets or dashes."
    if kind == "int_from_float":
        return f"{shown} is not a whole number.", "Leave the fraction out."
    if kind in ("string_type", "float_type", "int_type", "bool_type", "int_parsing", "float_parsing", "bool_parsing"):
        wanted = (
            kind.split("_")[0].replace("string", "text").replace("float", "a number").replace("int", "a whole number")
        )
        return f"{shown} is not {wanted.replace('bool', 'true or false')}.", "Quote it." if wanted == "text" else ""
    if kind in ("dict_type", "model_type", "model_attributes_type", "dataclass_type"):
        return f"{shown} is not a mapping of keys to values.", "Indent its keys below it."
    if kind in ("date_from_datetime_parsing", "date_parsing", "date_type", "date_from_datetime_inexact"):
        return f"{shown} is not a day.", "Write it as 2025-09-30."
    if kind == "string_pattern_mismatch":
        return f"{shown} does not have the right form ({context['pattern']}).", ""
    if kind in _BOUNDS:
        return f"{shown} is not {_BOUNDS[kind][0]} {context[_BOUNDS[kind][1]]:g}.", ""
    if kind in ("too_short", "too_long", "string_too_short", "string_too_long"):
        is_short = kind.endswith("short")
        number = context["min_length" if is_short else "max_length"]
        what = plural(number, "character" if kind.startswith("string") else "value")
        return f"{shown} is too {'short' if is_short else 'long'}: {'at least' if is_short else 'at most'} {what}.", ""
    if kind in ("list_type", "tuple_type"):
        return f"{shown} is not a list.", "Write it as [a, b], or one a line after a dash."
    if kind == "finite_number":
        return f"{shown} is not a finite number.", ""
    return f"{shown}: {finding['msg'][0].lower()}{finding['msg'][1:]}.", ""


def _named_key(message: str, path: KeyPath, lines: Lines) -> KeyPath:
    """The first key below the path that a sentence about several of them names and that is written, else the path."""
    keys = ["changed"] if message.startswith("from ") else re.findall(r"'([a-z_]+)", message)
    return next(((*path, key) for key in keys if (*path, key) in lines), path)


def _key_path(loc: tuple[str | int, ...], lines: Lines) -> KeyPath:
    """The location without pydantic's own marks (``[key]``, names of union members)."""
    path: KeyPath = ()
    for part in loc:
        if (*path, part) in lines:
            path = (*path, part)
    last = loc[-1] if loc else None
    is_key = isinstance(last, str) and not last.startswith("[") and last.isidentifier()
    return (*path, last) if is_key and last is not None and (not path or path[-1] != last) else path


def _fields_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """Names of the keys that are known at a location, by walking the models' annotations."""
    current: Any = model
    for part in loc:
        fields = getattr(current, "model_fields", None)
        if fields and part in fields:
            current = _inner(fields[part].annotation)
    fields = getattr(current, "model_fields", {})
    return list(fields)


def _inner(annotation: Any) -> Any:
    """The declared model inside a container, an Annotated or an optional type; the annotation itself if none."""
    if isinstance(annotation, type) and not get_origin(annotation):
        return annotation
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _inner(arguments[0])
    if origin in (dict, tuple, list, Union, types.UnionType):
        models = [_inner(argument) for argument in arguments]
        return next((m for m in models if isinstance(m, type) and issubclass(m, BaseModel)), annotation)
    return annotation


def _shown(value: Any) -> str:
    text = str(value)
    return f"'{text[:60]}{'…' if len(text) > 60 else ''}'"
