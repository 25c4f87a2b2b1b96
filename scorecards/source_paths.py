"""The path of a source's files: which names fit it, and the month and the day of delivery that a name tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache

_PLACEHOLDER = re.compile(r"\{([^{}:]*)(?::([^{}]*))?\}")
_USUAL = {"period": "%Y-%m", "file_date": "%Y-%m-%d"}
_DIRECTIVES = {
    "Y": r"\d{4}", "y": r"\d{2}", "m": r"\d{2}", "d": r"\d{2}", "H": r"\d{2}", "M": r"\d{2}", "S": r"\d{2}",
    "b": r"[^\W\d_]{3}", "B": r"[^\W\d_]{3,9}",
}  # fmt: skip
_MOST_STARS = 3
_PACKED = re.compile(r"\.(gz|zst|zip)$", re.IGNORECASE)


@dataclass(frozen=True)
class FileName:
    """What a file's name tells: its month, its moment of delivery, and its name but for that moment and packing."""

    period: date | None
    moment: datetime | None
    logical: str


@dataclass(frozen=True)
class PathPattern:
    """A declared path with its placeholders.

    A placeholder may come more than once, as in ``{period:%Y}/{period:%m}.csv``: together they tell the month.
    """

    path: str

    @cached_property
    def placeholders(self) -> frozenset[str]:
        """The names of the placeholders in the path."""
        return frozenset(found[1] for found in _PLACEHOLDER.finditer(self.path))

    @property
    def glob(self) -> str:
        """The pattern by which files are looked for; what it finds may still not fit."""
        plain = re.sub(r"[\[?]", lambda found: f"[{found[0]}]", self.path)
        return re.sub(r"\*+", "*", _PLACEHOLDER.sub("*", plain))

    def problems(self) -> Iterator[str]:
        """What is wrong with the path as it is declared, as sentences."""
        if self.path.startswith(("/", "~")) or ".." in self.path.split("/"):
            yield "'path' must stay below the extracts folder"
        # Of more, the ways in which a long name may fit are more than can be tried.
        if len(re.findall(r"\*+", self.path)) > _MOST_STARS:
            yield f"'path' has more than {_MOST_STARS} stars; name the parts of the path that do not change"
        told: dict[str, set[str]] = {}
        for name, form in _PLACEHOLDER.findall(self.path):
            if name not in _USUAL:
                yield f"'path' has the unknown placeholder {{{name}}}; known: {{period}}, {{file_date}}"
                continue
            letters = set(re.findall(r"%(.)", form or _USUAL[name]))
            told[name] = told.get(name, set()) | letters
            for letter in sorted(letters - _DIRECTIVES.keys()):
                known = ", ".join(f"%{one}" for one in _DIRECTIVES)
                yield f"'path' has %{letter} in {{{name}:{form}}}, which is not known; known: {known}"
        for name, letters in told.items():
            wanted = [("the year", "Yy"), ("the month", "mbB"), *([("the day", "d")] if name == "file_date" else [])]
            for what, choices in wanted:
                if not letters & set(choices):
                    yield f"{{{name}}} in 'path' does not tell {what}; write it with %{choices[0]}"

    def fits(self, name: str) -> bool:
        """Whether a file of this name belongs to the source."""
        return _compiled(self.path)[0].fullmatch(name) is not None

    def read(self, name: str) -> FileName | None:
        """What the name tells; None where it does not fit. Raises ``ValueError`` for a month or day that is none."""
        return _read(self.path, name)


# A run asks for the same names several times.
@lru_cache(maxsize=65_536)
def _read(path: str, name: str) -> FileName | None:
    expression, forms = _compiled(path)
    match = expression.fullmatch(name)
    if match is None:
        return None
    moments: dict[str, datetime] = {}
    for placeholder in forms:
        texts = {letter: set[str]() for _, letter in forms[placeholder]}
        for group, letter in forms[placeholder]:
            texts[letter].add(match[group].lower())
        for found in texts.values():
            if len(found) > 1:
                raise ValueError(f"{{{placeholder}}} is both {' and '.join(sorted(found))}")
        words = " ".join(next(iter(found)) for found in texts.values())
        form = " ".join(f"%{letter}" for letter in texts)
        try:
            moments[placeholder] = datetime.strptime(words, form)
        except ValueError:
            what = "month" if placeholder == "period" else "day"
            raise ValueError(f"{'-'.join(words.split())} is no {what}") from None
    period = moments.get("period")
    return FileName(period.date().replace(day=1) if period else None, moments.get("file_date"), _logical(match))


def _logical(match: re.Match[str]) -> str:
    """The name without its day of delivery and the suffix of its packing; names of months in small letters."""
    name = match.string
    spans = [
        (*match.span(group), group) for group in match.groupdict() if re.fullmatch(r"(file_date|period)_\d+", group)
    ]
    for start, end, group in sorted(spans, reverse=True):
        told = "{file_date}" if group.startswith("file_date") else name[start:end].lower()
        name = f"{name[:start]}{told}{name[end:]}"
    return _PACKED.sub("", name)


@lru_cache(maxsize=256)
def _compiled(path: str) -> tuple[re.Pattern[str], dict[str, list[tuple[str, str]]]]:
    """The expression of the path, and for each placeholder the groups and directives that tell it."""
    forms: dict[str, list[tuple[str, str]]] = {}
    pattern, place = "", 0
    for turn, found in enumerate(_PLACEHOLDER.finditer(path)):
        pattern += _literal(path[place : found.start()])
        place = found.end()
        name = found[1]
        told = forms.setdefault(name, [])
        pattern += f"(?P<{name}_{turn}>"
        if found[2] is None and name == "file_date":
            # The usual day is written with or without hyphens.
            parts = [(f"{name}_{turn}_{letter}", letter) for letter in "Ymd"]
            groups = [f"(?P<{group}>{_DIRECTIVES[letter]})" for group, letter in parts]
            pattern += f"{groups[0]}(?P<_{turn}>-?){groups[1]}(?P=_{turn}){groups[2]}"
            told += parts
        else:
            form = found[2] or _USUAL.get(name, "")
            for part, piece in enumerate(re.split(r"(%.)", form)):
                if piece.startswith("%") and piece[1:] in _DIRECTIVES:
                    group = f"{name}_{turn}_{part}"
                    pattern += f"(?P<{group}>{_DIRECTIVES[piece[1]]})"
                    told.append((group, piece[1]))
                else:
                    pattern += re.escape(piece)
        pattern += ")"
    return re.compile(pattern + _literal(path[place:])), forms


def _literal(text: str) -> str:
    return re.sub(r"(?:\\\*)+", "[^/]*", re.escape(text))
