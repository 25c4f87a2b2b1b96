"""Words that every room needs when it speaks of numbers."""

from __future__ import annotations


def plural(number: int, word: str, several: str = "") -> str:
    """``1 unit``, ``2 units``; ``several`` is the plural of a word that takes more than an s."""
    return f"{number} {word if number == 1 else several or f'{word}s'}"
