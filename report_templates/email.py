"""The bodies of the message that brings a recipient their packs: plain text and HTML with the same content.

Belongs here: subject and bodies. Building the MIME message and sending it is ``pipelines.delivery``. The HTML is made
of tables with styles on the elements themselves and asks for nothing from anywhere, so that every mail program shows
it.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from report_templates.counts import counted
from report_templates.days import day, month
from report_templates.declared_words import OVERALL, in_its_language
from report_templates.exceptions import ExceptionRow, exceptions
from report_templates.formatting import SIGNS, number, shown_change
from report_templates.headline import headline
from report_templates.kpi_rows import Verdict, node_verdict
from report_templates.language import Language, language
from report_templates.messages import period_words
from transforms.pack import NodeScore, Pack

MOST_EXCEPTIONS = 8
WIDTH = 72


@dataclass(frozen=True)
class EmailBodies:
    """A message's subject (one line) and its two bodies."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class ScoreLine:
    """A line of the message's score table."""

    name: str
    verdict: Verdict
    change: str
    off_target: str


@dataclass(frozen=True)
class PackSummary:
    """What the message says about one pack."""

    pack: Pack
    title: str
    headline: str
    scores: tuple[ScoreLine, ...]
    exceptions: tuple[ExceptionRow, ...]
    left_out: int
    data_line: str


def render_email(packs: Sequence[Pack], recipient_name: str) -> EmailBodies:
    """The message for one recipient of one or more packs of one period, in the language of the first.

    Raises ``ValueError`` when there is no pack.
    """
    if not packs:
        raise ValueError("a message needs at least one pack")
    packs = [in_its_language(pack) for pack in packs]
    say, summaries = language(packs[0].locale), [_summary(pack) for pack in packs]
    greeting = say("Dear %(name)s,", name=_one_line(recipient_name)) if recipient_name.strip() else say("Good day,")
    opening = _opening(packs)
    return EmailBodies(
        subject=_subject(packs),
        text=_text(say, greeting, opening, summaries),
        html=_html(say, greeting, opening, summaries),
    )


def _subject(packs: Sequence[Pack]) -> str:
    first = packs[0]
    say, when = language(first.locale), month(first.period, first.locale)
    if len(packs) == 1:
        verdict = node_verdict(first.node, first.locale)
        score = f"{verdict.score}, {verdict.word}" if first.node.score is not None else verdict.word
        return _one_line(f"{first.scorecard_name} {when}: {first.unit_name} {score}")
    return _one_line(
        say.ngettext(
            "%(organisation)s: %(count)s scorecard pack for %(month)s",
            "%(organisation)s: %(count)s scorecard packs for %(month)s",
            len(packs), organisation=first.organisation, month=when,
        )
    )  # fmt: skip


def _opening(packs: Sequence[Pack]) -> str:
    say, pack, when = language(packs[0].locale), packs[0], period_words(packs[0])
    if len(packs) == 1:
        return say(
            "Attached is the %(scorecard)s of %(unit)s for %(period)s. In short:",
            scorecard=pack.scorecard_name, unit=pack.unit_name, period=when,
        )  # fmt: skip
    return say.ngettext(
        "Attached is %(count)s scorecard pack for %(period)s. In short:",
        "Attached are %(count)s scorecard packs for %(period)s. In short:",
        len(packs), period=when,
    )  # fmt: skip


def _summary(pack: Pack) -> PackSummary:
    found, say = exceptions(pack), language(pack.locale)
    nodes = [(say(OVERALL), pack.node), *((page.name, page.node) for page in pack.perspectives)]
    return PackSummary(
        pack=pack,
        title=f"{pack.unit_name}, {pack.scorecard_name}, {month(pack.period, pack.locale)}",
        headline=headline(pack),
        scores=tuple(_score_line(pack, name, node) for name, node in nodes),
        exceptions=found[:MOST_EXCEPTIONS],
        left_out=max(len(found) - MOST_EXCEPTIONS, 0),
        data_line=say("Data known on %(day)s.", day=day(pack.known_on, pack.locale))
        if pack.known_on
        else say("No data has arrived."),
    )


def _score_line(pack: Pack, name: str, node: NodeScore) -> ScoreLine:
    say = language(pack.locale)
    return ScoreLine(
        name=name,
        verdict=node_verdict(node, pack.locale),
        change=number(shown_change(node.score, node.previous), 1, pack.locale, signed=True)
        if node.change is not None
        else "",
        off_target=counted(node, "bad", pack.locale) if node.applicable else say("no KPI applies"),
    )


def _text(say: Language, greeting: str, opening: str, summaries: Sequence[PackSummary]) -> str:
    lines = [greeting, "", *_wrapped(opening), ""]
    for summary in summaries:
        title = _one_line(summary.title)
        lines += [title, "=" * min(len(title), WIDTH), *_wrapped(summary.headline), ""]
        lines += [_score_text(line) for line in summary.scores]
        if summary.exceptions:
            lines += ["", say("Exceptions:")]
            for row in summary.exceptions:
                lines += _wrapped(f"{SIGNS[row.status]} {_exception_text(row)}", indent="  ")
            if summary.left_out:
                lines.append("  " + say("and %(count)s more, see the pack", count=summary.left_out))
        lines += ["", summary.data_line, ""]
    return "\n".join(lines)


def _score_text(line: ScoreLine) -> str:
    name = textwrap.shorten(_one_line(line.name), 24, placeholder="…")
    change = f" ({line.change})" if line.change else ""
    band = f"{SIGNS[line.verdict.status]} {line.verdict.word}"
    return f"{name:<25}{line.verdict.score:>4}  {band}{change}; {line.off_target}"


def _exception_text(row: ExceptionRow) -> str:
    who = f" {row.owner}{', ' + row.due if row.due else ''}."
    return _one_line(f"{row.line.name}: {row.doing} {row.why} {row.response}{who}")


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(_one_line(text), WIDTH, subsequent_indent=indent, break_on_hyphens=False) or [""]


def _html(say: Language, greeting: str, opening: str, summaries: Sequence[PackSummary]) -> str:
    from report_templates.rendering import environment

    template = environment().get_template("email_message/message.html")
    return template.render(locale=say.locale, greeting=greeting, opening=opening, summaries=summaries)


def _one_line(text: str) -> str:
    # Not str.split(): it would break at the no-break spaces inside numbers. Controls could end a header line.
    return " ".join(
        "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text).split(" ")
    ).strip()
