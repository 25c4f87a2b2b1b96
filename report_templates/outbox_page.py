"""The page on which the messages of an outbox are looked at, each as a mail program would show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from report_templates.templates import environment


@dataclass(frozen=True)
class ShownMessage:
    """A message: its file beside the page, its headers, names of attached files, and its two bodies."""

    file: str
    to: str
    subject: str
    date: str
    attached: tuple[str, ...]
    html: str
    text: str


def outbox_page(folder: str, messages: Sequence[ShownMessage]) -> bytes:
    """The page. It asks for nothing from anywhere; bodies stand in frames of their own in which no script runs."""
    template = environment().get_template("outbox/page.html")
    return template.render(folder=folder, messages=messages, locale="en_GB").encode()
