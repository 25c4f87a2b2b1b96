"""The message that brings a recipient a pack: its subject, and plain text and HTML with the same content.

Belongs here: filling the templates of ``email_message/``, which a project may replace. Building the MIME message and
sending it is ``pipelines.delivery``. The HTML is made of tables with styles on the elements themselves and asks for
nothing from anywhere, so that every mail program shows it.
"""

from __future__ import annotations

import textwrap
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from report_templates.formatting import SIGNS
from report_templates.language import language
from report_templates.look import OURS, Look
from report_templates.pack_message import PackMessage, ScoreLine
from report_templates.templates import environment, told
from scorecards.words import without_turning

if TYPE_CHECKING:
    from jinja2 import Template

WIDTH = 72


@dataclass(frozen=True)
class Letter:
    """What a message says beside the pack: to whom, what comes with it, and what it takes the place of.

    ``attached`` are the names of attached files and ``link`` leads to the pack; both may be empty. ``corrects`` is the
    number of the edition that it corrects, 0 for none. ``proof_for`` names who a proof copy would go to.
    """

    recipient: str
    attached: tuple[str, ...] = ()
    link: str = ""
    corrects: int = 0
    is_encrypted: bool = False
    proof_for: str = ""


@dataclass(frozen=True)
class EmailBodies:
    """A message's subject (one line) and its two bodies."""

    subject: str
    text: str
    html: str


def render_email(message: PackMessage, letter: Letter, look: Look = OURS) -> EmailBodies:
    """The message about a pack for one recipient. Raises ``DeclarationError`` where a project's template fails."""
    given = {
        "locale": message.locale, "message": message, "letter": letter, "recipient": one_line(letter.recipient),
        "opening": _begun(message, letter), "wrapped": wrapped, "score_row": score_row, "one_line": one_line,
    }  # fmt: skip
    with told(look):
        subject, text, html = (
            _template(look, name).render(given) for name in ("subject.txt", "message.txt", "message.html")
        )
    return EmailBodies(_marked(one_line(subject), message.locale, letter), text.strip("\n") + "\n", html)


def _marked(subject: str, locale: str, letter: Letter) -> str:
    """The subject with the words that it may not lack, whatever a project's template says."""
    say = language(locale)
    for is_so, mark in ((letter.corrects, say("Correction")), (letter.proof_for, say("Proof copy"))):
        subject = subject if not is_so or mark in subject else f"{mark}: {subject}"
    return subject


def _begun(message: PackMessage, letter: Letter) -> str:
    """The opening, with a capital where it does not follow the greeting: German goes on in small letters after that."""
    opening = _opening(message, letter)
    if not letter.corrects or opening.startswith(message.scorecard):
        return opening
    return opening[:1].upper() + opening[1:]


def _opening(message: PackMessage, letter: Letter) -> str:
    say = language(message.locale)
    named = {"scorecard": message.scorecard, "unit": message.unit, "period": message.period}
    if not message.scores:
        if letter.attached:
            return say("Attached is the %(scorecard)s of %(unit)s for %(period)s.", **named)
        return say("The %(scorecard)s of %(unit)s for %(period)s is ready.", **named)
    if letter.attached:
        return say("Attached is the %(scorecard)s of %(unit)s for %(period)s. In short:", **named)
    if letter.link:
        return say("The %(scorecard)s of %(unit)s for %(period)s is ready. In short:", **named)
    return say("The %(scorecard)s of %(unit)s for %(period)s in short:", **named)


def one_line(text: str) -> str:
    """The text without line breaks and control characters; no-break spaces inside numbers stay."""
    # Not str.split(): it would break at the no-break spaces. Controls could end a header line.
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in without_turning(text))
    return " ".join(part for part in kept.split(" ") if part)


def wrapped(text: str, indent: str = "") -> str:
    """The text in lines of at most 72 signs, all but the first indented."""
    return "\n".join(textwrap.wrap(one_line(text), WIDTH, subsequent_indent=indent, break_on_hyphens=False))


def score_row(line: ScoreLine) -> str:
    """A line of the score table, in columns."""
    name = textwrap.shorten(one_line(line.name), 24, placeholder="…")
    change = f" ({line.change})" if line.change else ""
    return f"{name:<25}{line.score:>4}  {SIGNS[line.status]} {line.band}{change}; {line.off_target}"


@lru_cache(maxsize=48)
def _template(look: Look, name: str) -> Template:
    return environment(look).get_template(f"email_message/{name}")
