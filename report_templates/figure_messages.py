"""What figures say to those who cannot see them: the alternative texts of charts that show scores.

Belongs here: messages and numbers of a figure, in words. The text of a KPI's chart is in ``kpi_messages.py``.
"""

from __future__ import annotations

from report_templates.days import month
from report_templates.formatting import percent
from report_templates.language import language
from report_templates.map_links import known_links, link_words
from report_templates.movement_words import part_name, ranked
from report_templates.score_figures import is_no_point, least_points, points_figure, score_figure
from transforms.pack import InitiativeRow, NodeScore, Pack, Status


def node_history_message(pack: Pack, name: str, node: NodeScore, months: int) -> str:
    """The alternative text of a score's sparkline of so many ``months``."""
    say, history = language(pack.locale), node.history[-months:]
    known = [value for value in history if value is not None]
    if not known:
        return say("%(name)s: no score in the months shown.", name=name)
    lowest, highest = (score_figure(pack, value) for value in (min(known), max(known)))
    return say(
        "%(name)s: score %(score)s in %(month)s; in the %(count)s months shown between %(lowest)s and %(highest)s.",
        name=name, score=score_figure(pack, node.score), month=month(pack.period, pack.locale),
        count=len(history), lowest=lowest, highest=highest,
    )  # fmt: skip


def score_message(name: str, score: str, word: str, locale: str) -> str:
    """The alternative text of a score's bar."""
    say = language(locale)
    return say("%(name)s: score %(score)s, %(band)s", name=name, score=score, band=word)


def links_message(pack: Pack) -> str:
    """The alternative text of the strategy map's links: every one of them with what is known of it, in words."""
    say = language(pack.locale)
    links = [link_words(pack, link) for link in known_links(pack).values()]
    return (
        say("Links: %(links)s.", links="; ".join(links)) if links else say("No links between objectives are declared.")
    )


def waterfall_message(pack: Pack) -> str:
    """The alternative text of the waterfall: both scores and every contribution that is not nothing as shown."""
    say, locale = language(pack.locale), pack.locale
    if pack.node.previous is None or pack.node.score is None:
        return say("There is no previous score to compare with.")
    parts = [
        f"{part_name(c, locale)} {points_figure(pack, c.points, signed=True)}" for c in ranked(pack, pack.contributions)
    ]
    listed = "; ".join(parts) if parts else say("no KPI moved it by %(least)s points or more", least=least_points(pack))
    return say(
        "Score from %(before)s to %(now)s, contributions in points: %(parts)s.",
        before=points_figure(pack, pack.node.previous), now=points_figure(pack, pack.node.score), parts=listed,
    )  # fmt: skip


def progress_message(initiative: InitiativeRow, locale: str) -> str:
    """The alternative text of an initiative's progress bar."""
    say, done = language(locale), percent(initiative.progress, 0, locale)
    if initiative.elapsed is None:
        return say("%(initiative)s: %(done)s done.", initiative=initiative.name, done=done)
    return say(
        "%(initiative)s: %(done)s done, %(elapsed)s of its time has passed.",
        initiative=initiative.name, done=done, elapsed=percent(initiative.elapsed, 0, locale),
    )  # fmt: skip


def side_of(pack: Pack, points: float) -> Status | None:
    """The status whose colour a contribution takes.

    Good where it added, bad where it took, none where it rounds to zero.
    """
    return None if is_no_point(pack, points) else "good" if points > 0 else "bad"
