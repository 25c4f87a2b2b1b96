"""Reading YAML so that every value still knows its line.

Belongs here: text to plain data plus a map from key path to line. Only null, true/false and numbers are resolved: a
month, a date, ``yes`` or ``no`` stay text, so that no country code or enum value turns into a boolean.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import yaml

from scorecards.errors import DeclarationError, Problem

KeyPath = tuple[str | int, ...]
Lines = dict[KeyPath, int]

MOST_BYTES = 10 << 20
"""The size of the largest declaration that is read."""

_MOST_NODES = 200_000
_MOST_LEVELS = 40
_MOST_BRACKETS = 500
_MOST_DIGITS = 400
_TOO_LARGE = object()
_BRACKET = re.compile(r"[\[\]{}]")
# What stands before the first word of a line: every level takes a sign of it.
_DEEP_LINE = re.compile(r"^[ \t?:-]{1000}", re.MULTILINE)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = {"", "~", "null"}
_BOOLEANS = {"true": True, "false": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def read_yaml(path: Path, shown: str) -> tuple[Any, Lines]:
    """Read one YAML file.

    ``shown`` is the file's name as errors tell it. Returns the data and the line (from 1) of every key path.
    Raises ``DeclarationError`` for text that is not UTF-8 or not YAML, for duplicate keys and for alias bombs.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _problem(shown, 0, f"is larger than {MOST_BYTES >> 20} MiB.", "Split it.")
        text = path.read_text(encoding="utf-8-sig")
        _require_shallow(text, shown)
        node = yaml.compose(text, Loader=_Loader)
    except RecursionError:
        raise _problem(shown, 0, "is nested too deeply.", "Flatten it.") from None
    except UnicodeDecodeError as error:
        raise _problem(
            shown, 0, f"is not UTF-8 text ({error.reason} at byte {error.start}).", "Save it as UTF-8."
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        line = mark.line + 1 if mark else 0
        raise _problem(shown, line, f"is not valid YAML: {what}.", "Check indentation, colons and quotes.") from None
    lines: Lines = {(): 1}
    if node is None:
        return {}, lines
    return _Builder(shown, lines).build(node, ()), lines


def line_of(lines: Lines, path: KeyPath) -> int:
    """The line of the key path, or of the nearest enclosing key that exists."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 0)


class _Builder:
    def __init__(self, shown: str, lines: Lines) -> None:
        self.shown, self.lines, self.count = shown, lines, 0

    def build(self, node: yaml.Node, path: KeyPath) -> Any:
        self.count += 1
        line = node.start_mark.line + 1
        if self.count > _MOST_NODES:
            raise _problem(
                self.shown, line, f"holds more than {_MOST_NODES:,} values.", "Split it, or drop the aliases."
            )
        if len(path) > _MOST_LEVELS:
            raise _problem(self.shown, line, f"is nested more than {_MOST_LEVELS} levels deep.", "Flatten it.")
        self.lines.setdefault(path, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        value = _scalar(node)
        if value is _TOO_LARGE:
            raise _problem(self.shown, line, "is too large a number.", "Write it in quotes if it is a text.")
        return value

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise _problem(self.shown, line, "has a key that is not a plain word.", "Use a name as the key.")
            key = str(key_node.value)
            if key in result:
                raise _problem(self.shown, line, f"declares '{key}' twice.", "Remove or rename one of them.")
            self.lines[(*path, key)] = line
            result[key] = self.build(value_node, (*path, key))
        return result


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if node.style in ("'", '"', "|", ">"):  # type: ignore[attr-defined]
        return text
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if len(text) > _MOST_DIGITS:
        return _TOO_LARGE if _FLOAT.fullmatch(text) else text
    if _INTEGER.fullmatch(text):
        return int(text)
    if not _FLOAT.fullmatch(text):
        return text
    value = float(text)
    return value if math.isfinite(value) else _TOO_LARGE


def _require_shallow(text: str, shown: str) -> None:
    """Raise ``DeclarationError`` for nesting beyond all sense, which would end the parser and this process with it.

    Brackets inside texts and comments count as well; so many of them stand open in no sound file.
    """
    found, depth = _DEEP_LINE.search(text), 0
    for bracket in () if found else _BRACKET.finditer(text):
        depth += 1 if bracket[0] in "[{" else -1 if depth else 0
        if depth > _MOST_BRACKETS:
            found = bracket
            break
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise _problem(shown, line, f"is nested more than {_MOST_LEVELS} levels deep.", "Flatten it.")


def _problem(shown: str, line: int, message: str, remedy: str) -> DeclarationError:
    return DeclarationError([Problem(shown, line, "", message, remedy)])
