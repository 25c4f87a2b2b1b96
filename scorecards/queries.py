"""Queries of a source: their parameters, found by the rules of SQL and never by searching the text.

Belongs here: what can be told of a query without its database. The text itself stays as it was written: only the
places of ``:period`` and ``:period_end`` become the driver's own marks of parameters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlglot import Token, TokenType
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import SqlglotError

from scorecards.errors import did_you_mean

PARAMETERS = ("period", "period_end")
_BEGINNINGS = (TokenType.SELECT, TokenType.WITH, TokenType.VALUES, TokenType.L_PAREN, TokenType.TABLE)
_NAME = re.compile(r"[A-Za-z_]\w*")


class QueryFlaw(ValueError):
    """A query that cannot be asked: the line in its text, what is wrong, and what would be right."""

    def __init__(self, line: int, message: str, remedy: str) -> None:
        super().__init__(message)
        self.line, self.message, self.remedy = line, message, remedy


@dataclass(frozen=True)
class Query:
    """A query without its last semicolon, the places of its parameters, and whether it orders its rows itself."""

    text: str
    places: tuple[tuple[int, int, str], ...]
    is_ordered: bool

    @property
    def parameters(self) -> list[str]:
        """The parameters that occur, each once, in the order of ``PARAMETERS``."""
        return [name for name in PARAMETERS if name in {found for _, _, found in self.places}]

    def numbered(self, mark: str) -> str:
        """The text with ``$1`` (or ``?1``) for the first of ``parameters``, and so on."""
        pieces, last = [], 0
        for start, end, name in self.places:
            pieces += [self.text[last:start], f"{mark}{self.parameters.index(name) + 1}"]
            last = end
        return "".join([*pieces, self.text[last:]])


def read_query(text: str) -> Query:
    """Find the parameters of a query.

    Raises ``QueryFlaw`` where it is not one SELECT, or names an unknown parameter.
    """
    tokens = _tokens(text)
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens.pop()
    if not tokens or tokens[0].token_type not in _BEGINNINGS:
        line = tokens[0].line if tokens else 1
        raise QueryFlaw(line, "is not a query.", "Write one SELECT, or the path of a file that ends in .sql.")
    places: list[tuple[int, int, str]] = []
    depth, is_ordered = 0, False
    for token in tokens:
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if token.token_type == TokenType.SEMICOLON:
            raise QueryFlaw(token.line, "holds more than one statement.", "Keep one SELECT.")
        if token.token_type == TokenType.ORDER_BY and depth == 0:
            is_ordered = True
        if token.token_type == TokenType.COLON and not _is_slice(text, token.start):
            found = _NAME.match(text, token.end + 1)
            if found and found[0] not in PARAMETERS:
                remedy = f"{did_you_mean(found[0], PARAMETERS)} Others are not known."
                raise QueryFlaw(token.line, f"has the unknown parameter ':{found[0]}'.", remedy)
            if found:
                places.append((token.start, found.end(), found[0]))
    return Query(text[: tokens[-1].end + 1], tuple(places), is_ordered)


@lru_cache(maxsize=256)
def is_monthly(text: str) -> bool:
    """Whether a query asks for one month; False for what is no query."""
    try:
        return bool(read_query(text).parameters)
    except QueryFlaw:
        return False


def is_query_file(text: str) -> bool:
    """Whether the text is the path of a file that holds the query."""
    return bool(re.fullmatch(r"[^\n;]+\.sql", text.strip(), re.IGNORECASE))


def query_text(root: Path, declared: str) -> str:
    """The text of the query file. Raises ``QueryFlaw`` where it cannot be read."""
    path = root / declared
    if not path.resolve().is_relative_to(root.resolve()):
        raise QueryFlaw(0, "is a link that leads out of the project: it is not read.", "Put the file itself there.")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise QueryFlaw(0, "is not UTF-8 text.", "Save it as UTF-8.") from None
    except OSError:
        raise QueryFlaw(0, "does not exist or cannot be read.", "Name a file below the project folder.") from None


def _tokens(text: str) -> list[Token]:
    try:
        return list(Postgres().tokenize(text))
    except SqlglotError:
        raise QueryFlaw(1, "cannot be taken apart.", "Close every quote and every comment.") from None


def _is_slice(text: str, colon: int) -> bool:
    """Whether a colon stands between the bounds of an array's slice, as in ``months[1:3]``: right after a value."""
    return colon > 0 and re.match(r'[\w)\]"]', text[colon - 1]) is not None
