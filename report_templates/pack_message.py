"""What the message that brings a pack says about it, in one language: the words, before they take any form.

Belongs here: choosing and wording, from the pack alone. It is frozen with an edition, so that a message says what its
pack says however late it is sent. Its form is ``email.py`` and the templates in ``email_message/``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from report_templates.counts import counted
from report_templates.days import day, month, month_name
from report_templates.declared_words import OVERALL, in_its_language
from report_templates.edition_messages import edition_sentence
from report_templates.exceptions import ExceptionRow, exceptions
from report_templates.first_page_notes import first_page_notes
from report_templates.headline import headline
from report_templates.kpi_rows import node_verdict
from report_templates.language import language
from report_templates.messages import period_words, previous_period
from report_templates.score_figures import change_figure
from transforms.pack import NodeScore, Pack, Status

MOST_EXCEPTIONS = 8


@dataclass(frozen=True)
class ScoreLine:
    """A line of the message's score table."""

    name: str
    score: str
    band: str
    status: Status | None
    change: str
    off_target: str


@dataclass(frozen=True)
class ExceptionLine:
    """An exception: the KPI, what it is doing and why, what is done about it, and by whom."""

    name: str
    status: Status | None
    doing: str
    why: str
    response: str
    who: str


@dataclass(frozen=True)
class PackMessage:
    """What is said about one pack, in the language of ``locale``.

    ``standing`` is the score with its band, or that there is none; texts may be empty and lists too, where no figure is
    to be said (``without_figures``). ``restated`` says what an edition after the first
    changes, in a sentence, and ``changes`` counts the figures; empty and 0 for the first. ``notes`` are those of
    the first page, on whom figures count and who sees others.
    """

    locale: str
    organisation: str
    scorecard: str
    unit: str
    month: str
    month_before: str
    period: str
    standing: str
    headline: str
    scores: tuple[ScoreLine, ...]
    exceptions: tuple[ExceptionLine, ...]
    left_out: int
    data_line: str
    edition: int
    restated: str
    changes: int
    notes: str = ""


def message_of(pack: Pack, locale: str | None = None) -> PackMessage:
    """What the message about a pack says, in the pack's own language or in another."""
    pack = in_its_language(replace(pack, locale=locale) if locale else pack)
    say, found = language(pack.locale), exceptions(pack)
    verdict = node_verdict(pack, pack.node)
    nodes = [(say(OVERALL), pack.node), *((page.name, page.node) for page in pack.perspectives)]
    edition = pack.edition.number if pack.edition else 0
    return PackMessage(
        locale=pack.locale,
        organisation=pack.organisation,
        scorecard=pack.scorecard_name,
        unit=pack.unit_name,
        month=month(pack.period, pack.locale),
        month_before=month_name(previous_period(pack), pack.locale),
        period=period_words(pack),
        standing=f"{verdict.score}, {verdict.word}" if pack.node.score is not None else verdict.word,
        headline=headline(pack),
        scores=tuple(_score_line(pack, name, node) for name, node in nodes),
        exceptions=tuple(_exception_line(row) for row in found[:MOST_EXCEPTIONS]),
        left_out=max(len(found) - MOST_EXCEPTIONS, 0),
        data_line=say("Data known on %(day)s.", day=day(pack.known_on, pack.locale))
        if pack.known_on
        else say("No data has arrived."),
        edition=edition,
        restated=edition_sentence(pack) if edition > 1 else "",
        changes=pack.edition.changes if pack.edition else 0,
        notes=" ".join(first_page_notes(pack)),
    )


def without_figures(message: PackMessage) -> PackMessage:
    """The same without any figure, for those whose pack is locked: that it is there, of what, and as of when."""
    return replace(message, standing="", headline="", scores=(), exceptions=(), left_out=0, restated="", notes="")


def without_standing(message: PackMessage) -> PackMessage:
    """The same with a subject that says no score: subjects show on locked screens, and over shoulders."""
    return replace(message, standing="")


def _score_line(pack: Pack, name: str, node: NodeScore) -> ScoreLine:
    say, verdict = language(pack.locale), node_verdict(pack, node)
    return ScoreLine(
        name=name,
        score=verdict.score,
        band=verdict.word,
        status=verdict.status,
        change=change_figure(pack, node.score, node.previous) if node.change is not None else "",
        off_target=counted(node, "bad", pack.locale) if node.applicable else say("no KPI applies"),
    )


def _exception_line(row: ExceptionRow) -> ExceptionLine:
    who = f"{row.owner}{', ' + row.due if row.due else ''}."
    return ExceptionLine(row.line.name, row.status, row.doing, row.why, row.response, who)
