"""Words that every room needs when it speaks of numbers."""

from __future__ import annotations

import re

_BREAKS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


TURNING = "\u202a-\u202e\u2066-\u2069"
"""Signs that turn the direction of writing, in which a name can show as another, for a class of a pattern."""


_TURNED = re.compile(f"[{TURNING}]")


def without_turning(text: str) -> str:
    """The text without these signs; letters written from right to left, and marks beside them, need none."""
    return _TURNED.sub("", text)


def plural(number: int, word: str, several: str = "") -> str:
    """``1 unit``, ``2 units``; ``several`` is the plural of a word that takes more than an s."""
    return f"{number} {word if number == 1 else several or f'{word}s'}"


def on_one_line(text: str, sign: str = "\N{SYMBOL FOR NEWLINE}") -> str:
    """The text with a sign in the place of every break, so that what others wrote cannot begin a line of its own."""
    return _BREAKS.sub(sign, text)
