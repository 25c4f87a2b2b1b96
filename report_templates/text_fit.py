"""How much room a text takes: estimates from the typeface's usual widths, to choose line counts and to cut names.

Belongs here: estimating. The exact layout is the renderer's; where an estimate is off, the page still holds everything,
since cut names stand in full in a chart's alternative text and in the tables.
"""

from __future__ import annotations

NARROW = frozenset("iljtfrI.,:;'|!()[]-·‘’ ")
WIDE = frozenset("mwMW@%—…")


def text_width(text: str, size: float) -> float:
    """The width of ``text`` set at ``size``, in the unit of ``size``."""
    return size * sum(_advance(character) for character in text)


def fitted(text: str, width: float, size: float) -> str:
    """``text``, or as much of it as fits ``width`` with an ellipsis at the end."""
    if text_width(text, size) <= width:
        return text
    room = width - text_width("…", size)
    kept = 0.0
    for i, character in enumerate(text):
        kept += size * _advance(character)
        if kept > room:
            return f"{text[:i].rstrip()}…"
    return text


def shortened(text: str, characters: int) -> str:
    """``text``, or its first whole words up to ``characters`` with an ellipsis at the end."""
    if len(text) <= characters:
        return text
    return f"{text[: characters - 1].rsplit(' ', 1)[0].rstrip(' ,;:–-')}…"


def line_count(text: str, width: float, size: float) -> int:
    """How many lines ``text`` takes in a column of ``width``, broken between words and inside longer ones."""
    lines, used, space = 1, 0.0, text_width(" ", size)
    for word in text.split(" "):
        needed = text_width(word, size)
        if used and used + space + needed > width:
            lines, used = lines + 1, 0.0
        if needed > width:
            broken = int(needed / width)
            lines, needed = lines + broken, needed - broken * width
        used += needed + (space if used else 0.0)
    return lines


def first_lines(text: str, lines: int, width: float, size: float) -> tuple[str, str]:
    """As many whole words of ``text`` as fit so many lines, at least one, and the rest."""
    words = text.split(" ")
    fitting, beyond = 1, len(words) + 1
    while beyond - fitting > 1:
        tried = (fitting + beyond) // 2
        if line_count(" ".join(words[:tried]), width, size) <= lines:
            fitting = tried
        else:
            beyond = tried
    return " ".join(words[:fitting]), " ".join(words[fitting:])


def _advance(character: str) -> float:
    if character in NARROW:
        return 0.32
    if character in WIDE or ord(character) > 0x2E7F:
        return 0.95
    if character.isupper():
        return 0.68
    return 0.63 if character.isdigit() else 0.57
