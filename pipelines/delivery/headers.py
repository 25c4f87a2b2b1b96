"""Headers of our messages that hold words of others: names, subjects and addresses.

Belongs here: how they are written. The standard library parses every header that it is given: it decodes encoded words
in a value, writes out what they hold, breaks of lines among it, and takes the quotes from names that it folds.
"""

from __future__ import annotations

import textwrap
from email.header import Header
from email.headerregistry import Address
from email.policy import Policy
from typing import Self

from report_templates.email import one_line

_WIDTH = 78


class WrittenHeader(str):
    """A header that is written in these lines, and read by nothing of ours before; its text is the value in words."""

    name: str
    lines: tuple[str, ...]
    max_count = 1

    def __new__(cls, name: str, text: str, lines: tuple[str, ...]) -> Self:
        """A header of this name."""
        made = super().__new__(cls, text)
        made.name, made.lines = name, lines
        return made

    def fold(self, *, policy: Policy) -> str:
        """The header as the library asks for it."""
        return policy.linesep.join(self.lines) + policy.linesep


def subject_header(text: str) -> WrittenHeader:
    """A subject whose words begin on the header's first line, which some programs show alone."""
    text = _plain(text)
    if not text.isascii() or any(len(word) > _WIDTH - 1 for word in text.split()):
        return WrittenHeader("Subject", text, _encoded("Subject", text))
    lines = textwrap.wrap(f"Subject: {text}", _WIDTH - 1, break_long_words=False, break_on_hyphens=False)
    return WrittenHeader("Subject", text, tuple(f"{' ' if place else ''}{line}" for place, line in enumerate(lines)))


def mailbox_header(header: str, name: str, address: str) -> WrittenHeader:
    """One address with the name of whose it is, or none: whatever the name is, it stays a name."""
    name, (user, _, domain) = _plain(name).replace("\\", "").replace('"', "'"), address.rpartition("@")
    text, spec = str(Address(name, user, domain)), Address("", user, domain).addr_spec
    if not name or (name.isascii() and len(f"{header}: {text}") <= _WIDTH):
        return WrittenHeader(header, text, (f"{header}: {text}",))
    *lines, last = _encoded(header, name)
    if len(f"{last} <{spec}>") <= _WIDTH:
        return WrittenHeader(header, text, (*lines, f"{last} <{spec}>"))
    return WrittenHeader(header, text, (*lines, last, f" <{spec}>"))


def _plain(text: str) -> str:
    """The text in one line, in which no encoded word begins: programs on the way decode more often than once."""
    return one_line(text).replace("=?", "= ?")


def _encoded(header: str, text: str) -> tuple[str, ...]:
    """A header whose value is encoded, whatever stands in it."""
    first, *others = Header(text, "utf-8", header_name=header, maxlinelen=_WIDTH - 2).encode(linesep="\n").split("\n")
    return (f"{header}: {first}", *others)
