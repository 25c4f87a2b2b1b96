"""Words that every room needs when it speaks of numbers."""

from __future__ import annotations


def plural(number: int, word: str) -> str:
    """``1 unit``, ``2 units``."""
    return f"{number} {word}{'' if number == 1 else 's'}"
