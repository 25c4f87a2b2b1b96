"""How values become scores: on the line through the anchors, or in the other ways that KPIs of the pack declare.

Belongs here: sentences about the ways that the pack's own KPIs use, and about no other.
"""

from __future__ import annotations

from collections.abc import Iterator

from report_templates.declared_words import anchor_words
from report_templates.language import language
from report_templates.named_kpis import named_kpis
from report_templates.score_figures import exact_figure
from transforms.pack import Comparison, KpiLine, Pack


def score_lines(pack: Pack) -> tuple[str, ...]:
    """The scale, for KPIs on a line, and all other ways of scoring with the KPIs that are scored so."""
    say = language(pack.locale)
    on_line = [line for line in pack.kpis if line.scoring.way in ("line", "range")]
    groups: dict[str, list[KpiLine]] = {}
    for line in pack.kpis:
        for way in ways_of(pack, line):
            groups.setdefault(way, []).append(line)
    if on_line and all(line.scoring.is_logarithmic for line in on_line):
        groups.pop(_logarithmic(pack))
    others = [f"{way} ({named_kpis(pack, lines, pack.kpis)})" for way, lines in groups.items()]
    found = [_scale(pack, on_line)] if on_line else []
    if others:
        found.append(say("Scored otherwise: %(ways)s.", ways="; ".join(others)) if on_line
                     else say("Scores of KPIs: %(ways)s.", ways="; ".join(others)))  # fmt: skip
    return tuple(found)


def _scale(pack: Pack, on_line: list[KpiLine]) -> str:
    say = language(pack.locale)
    placed = ", ".join(
        say(
            "%(score)s at the %(anchor)s",
            score=exact_figure(pack, score), anchor=anchor_words(name, pack.locale),
        )
        for name, score in sorted(pack.scale_anchors.items(), key=lambda item: item[1])
    )  # fmt: skip
    if all(line.scoring.is_logarithmic for line in on_line):
        return say(
            "Scale: a KPI scores %(anchors)s; between two anchors equal ratios of the value earn equal points.",
            anchors=placed,
        )
    return say(
        "Scale: a KPI scores %(anchors)s; between two anchors the score lies on a straight line.", anchors=placed
    )


def _logarithmic(pack: Pack) -> str:
    say = language(pack.locale)
    return say("between two anchors equal ratios of the value earn equal points")


def ways_of(pack: Pack, line: KpiLine) -> Iterator[str]:
    """What is other than on a straight line through the anchors."""
    say, rule = language(pack.locale), line.scoring
    low, high = exact_figure(pack, pack.scale_lowest), exact_figure(pack, pack.scale_anchors["target"])
    if rule.is_logarithmic:
        yield _logarithmic(pack)
    if rule.way == "range":
        yield say("%(high)s within the range, below and above it on a line of its own", high=high)
    elif rule.way == "yes or no":
        yes, no = (low, high) if line.direction == "lower" else (high, low)
        yield say("%(yes)s for yes and %(no)s for no", yes=yes, no=no)
    elif rule.way == "texts":
        yield say("by text, each with a score of its own")
    elif rule.way == "steps":
        yield say("by rules, of which the first that holds gives the score")
        if any(step.band for step in rule.steps):
            yield say("some rules give a band of their own, whatever the score")
    elif rule.way == "formula":
        yield say("by a formula")
    elif rule.comparison is not None:
        yield compared_words(pack, rule.comparison)
    elif rule.way == "unscored":
        yield say("shown without a score")


def compared_words(pack: Pack, comparison: Comparison) -> str:
    """How the place of a value among others becomes its score."""
    say = language(pack.locale)
    low, high = exact_figure(pack, pack.scale_lowest), exact_figure(pack, pack.scale_anchors["target"])
    middle = exact_figure(pack, (pack.scale_lowest + pack.scale_anchors["target"]) / 2)
    tenth = exact_figure(pack, (pack.scale_anchors["target"] - pack.scale_lowest) / 10)
    if comparison.by == "min-max":
        how = say("from %(low)s for the worst to %(high)s for the best", low=low, high=high)
    elif comparison.by == "z-score":
        how = say("%(middle)s at the mean, %(tenth)s more for each standard deviation better",
                  middle=middle, tenth=tenth)  # fmt: skip
    else:
        how = say("from %(low)s to %(high)s by the share of the others that are worse", low=low, high=high)
    if comparison.to == "siblings":
        whom = say("the units of the same parent")
    elif comparison.to == "level":
        whom = say("all units of the same level")
    else:
        whom = say.ngettext("its own value of the last %(count)s month", "its own values of the last %(count)s months",
                            comparison.months)  # fmt: skip
    return say("by place among %(whom)s, %(how)s, with at least %(least)s of them", whom=whom, how=how,
               least=comparison.at_least)  # fmt: skip
