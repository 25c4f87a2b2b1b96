"""How scores above the KPIs are made: what is averaged, what a missing part does, and how much data there must be.

Belongs here: sentences from the rules of the pack's own nodes. What most nodes do is said of all, and what others do is
said by their names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from report_templates.formatting import percent
from report_templates.language import language
from report_templates.score_figures import exact_figure
from transforms.pack import NodeRule, Pack


def node_lines(pack: Pack) -> tuple[str, ...]:
    """How scores are combined, what missing parts do, and what a score needs; none for a pack without nodes."""
    say = language(pack.locale)
    rules = [rule for rule in pack.rules if (rule.level, rule.node) in _names(pack)]
    combined = [rule for rule in rules if rule.method != "self-standing"]
    how = _told(pack, rules, rules, lambda rule: _method(pack, rule))
    missing = _told(pack, combined, combined, lambda rule: _missing(pack, rule))
    needy = [rule for rule in combined if _needs(pack, rule)]
    needed = _told(pack, needy, combined, lambda rule: _needs(pack, rule))
    return tuple(
        line
        for told, line in (
            (how, say("Combining: above the KPIs, a score is %(how)s.", how=how)),
            (missing, say("Missing parts: %(what)s.", what=missing)),
            (needed, say("Needed for a score: %(what)s.", what=needed)),
        )
        if told
    )


def _method(pack: Pack, rule: NodeRule) -> str:
    say = language(pack.locale)
    low, high = exact_figure(pack, pack.scale_lowest), exact_figure(pack, pack.scale_anchors["target"])
    if rule.method == "geometric mean":
        return say("the weighted geometric mean of its parts' scores, zero where one of them is zero or less")
    if rule.method == "harmonic mean":
        return say("the weighted harmonic mean of its parts' scores, zero where one of them is zero or less")
    if rule.method == "worst":
        return say("the lowest score of its parts, however little they weigh")
    if rule.method == "share on target":
        return say("the share of its weight that scores %(high)s or more, from %(low)s for none to %(high)s for all",
                   low=low, high=high)  # fmt: skip
    if rule.method == "self-standing":
        return say("the score of %(kpi)s alone", kpi=rule.own_kpi)
    return say("the weighted mean of its parts' scores")


def _missing(pack: Pack, rule: NodeRule) -> str:
    say = language(pack.locale)
    if rule.missing == "strict":
        return say("where a part has no score, there is none")
    if rule.method == "worst":
        return say("a part without a score is left out")
    return say("a part without a score is left out, and the others' weights are scaled up to 100 %%")


def _needs(pack: Pack, rule: NodeRule) -> str:
    say, found = language(pack.locale), []
    if rule.minimum_coverage > 0:
        share = percent(rule.minimum_coverage, _decimals(rule.minimum_coverage), pack.locale)
        found.append(say("data for %(share)s of the weight", share=share))
    if rule.minimum_parts > 1:
        found.append(
            say.ngettext("%(count)s part with a score", "%(count)s parts with a score", rule.minimum_parts)
        )  # fmt: skip
    return say.listed(found)


def _decimals(share: float) -> int:
    return next((digits for digits in (0, 1) if round(share * 100, digits) == round(share * 100, 6)), 2)


def _told(pack: Pack, rules: Sequence[NodeRule], of_all: Sequence[NodeRule], clause: Callable[[NodeRule], str]) -> str:
    """Each clause with the nodes that it holds for; the most frequent without their names where it holds elsewhere."""
    groups: dict[str, list[NodeRule]] = {}
    for rule in rules:
        groups.setdefault(clause(rule), []).append(rule)
    ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
    is_elsewhere = len(rules) == len(of_all)
    return "; ".join(
        told if number == 0 and is_elsewhere else f"{told} ({_nodes(pack, group, of_all)})"
        for number, (told, group) in enumerate(ordered)
    )


def _nodes(pack: Pack, group: Sequence[NodeRule], of_all: Sequence[NodeRule]) -> str:
    """The nodes' names; all of a level in one word, where it has several."""
    say, names = language(pack.locale), _names(pack)
    whole = {"perspective": say("all perspectives"), "objective": say("all objectives")}
    found: list[str] = []
    for level in ("scorecard", "perspective", "objective"):
        here = [rule for rule in group if rule.level == level]
        if level in whole and len(here) > 1 and len(here) == sum(rule.level == level for rule in of_all):
            found.append(whole[level])
        else:
            found += [names[level, rule.node] for rule in here]
    return say.listed(found)


def _names(pack: Pack) -> dict[tuple[str, str], str]:
    """What the nodes that stand in the pack are called."""
    say = language(pack.locale)
    found = {("perspective", page.id): page.name for page in pack.perspectives if page.objectives}
    found |= {("objective", card.id): card.name for card in pack.objectives}
    return found | {("scorecard", pack.scorecard): say("the whole scorecard")}
