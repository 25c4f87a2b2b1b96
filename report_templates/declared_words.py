"""The words of declarations that are not a project's own.

Belongs here: translating what a project has where it declares nothing, and the words that the language of declarations
brings for windows, directions and states. Whatever a project declares in its own words stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from report_templates.counts import spans
from report_templates.language import Language, language, mark
from scorecards.kpis import YES_OR_NO
from transforms.pack import BandShown, Finding, NodeScore, Operand, Pack, PerspectivePage

OVERALL = mark("Overall")
# What a project has that names no bands and perspectives of its own.
_BANDS = {word: word for word in (mark("off target"), mark("near target"), mark("on target"))}
_PERSPECTIVES = {
    word: word for word in (mark("Financial"), mark("Customer"), mark("Internal process"), mark("Learning and growth"))
}
_WINDOWS = {
    "month": mark("month"), "quarter": mark("quarter"), "quarter to date": mark("quarter to date"),
    "year": mark("year"), "year to date": mark("year to date"),
}  # fmt: skip
_OFTEN = {"month": mark("monthly"), "quarter": mark("quarterly"), "year": mark("yearly")}
_DIRECTIONS = {"higher": mark("higher"), "lower": mark("lower"), "within": mark("within")}
_STATES = {
    "planned": mark("planned"), "on track": mark("on track"), "at risk": mark("at risk"), "late": mark("late"),
    "done": mark("done"), "open": mark("open"), "closed": mark("closed"),
    "in progress": mark("in progress"), "waiting": mark("waiting"),
    "loaded": mark("loaded"), "missing": mark("missing"), "not due": mark("not due"), "refused": mark("refused"),
}  # fmt: skip
_DOMAINS = {"hr": mark("hr"), "finance": mark("finance"), "customer": mark("customer"), "process": mark("process")}
_CAUSES = {
    "data": mark("data"), "method": mark("method"), "target": mark("target"), "weight": mark("weight"),
    "unit tree": mark("unit tree"),
}  # fmt: skip
_LEVELS = {
    "company": mark("company"), "division": mark("division"), "department": mark("department"),
    "team": mark("team"), "person": mark("person"),
}  # fmt: skip
_MEASURED_IN = {"percent": mark("percent"), YES_OR_NO: mark("yes/no")}
_ORIGINS = {"sum of the units below": mark("sum of the units below")}
_ANCHORS = {"floor": mark("floor"), "target": mark("target"), "stretch": mark("stretch")}


def in_its_language(pack: Pack) -> Pack:
    """The pack with the bands and perspectives that are not its project's own words in its language."""
    say = language(pack.locale)
    if say.is_english:
        return pack
    return _Translation(say).of(pack)


def window_words(window: str, locale: str) -> str:
    """``trailing 12 months``."""
    say = language(locale)
    if found := re.fullmatch(r"trailing (\d+) months", window):
        months = int(found[1])
        return say.ngettext("trailing %(count)s months", "trailing %(count)s months", months)
    return _translated(say, _WINDOWS, window)


def frequency_words(frequency: str, locale: str) -> str:
    """How often a KPI is measured: ``monthly``, ``quarterly``, ``yearly``."""
    return _translated(language(locale), _OFTEN, frequency)


def direction_words(direction: str, locale: str) -> str:
    """Which way is better: ``higher``, ``lower``, ``within``."""
    return _translated(language(locale), _DIRECTIONS, direction)


def state_words(state: str, locale: str) -> str:
    """The state of an initiative, an action or a source; of an action it may be the project's own word."""
    return _translated(language(locale), _STATES, state)


def domain_words(domain: str, locale: str) -> str:
    """``hr``, ``finance``, ``customer``, ``process``."""
    return _translated(language(locale), _DOMAINS, domain)


def cause_words(cause: str, locale: str) -> str:
    """Why an edition says something else: ``data``, ``method``."""
    return _translated(language(locale), _CAUSES, cause)


def measured_words(measured_in: str, currency: str, locale: str) -> str:
    """What a KPI is counted in: ``percent``, the currency, or the project's own word."""
    return currency if measured_in == "currency" else _translated(language(locale), _MEASURED_IN, measured_in)


def anchor_words(anchor: str, locale: str) -> str:
    """``floor``, ``target``, ``stretch``; a project may have others."""
    return _translated(language(locale), _ANCHORS, anchor)


def level_words(level: str, count: int, locale: str) -> str:
    """So many units of a level: ``12 divisions``; a project's own level gets an s in English and none elsewhere."""
    say = language(locale)
    if level == "company":
        return say.ngettext("%(count)s company", "%(count)s companies", count)
    if level == "division":
        return say.ngettext("%(count)s division", "%(count)s divisions", count)
    if level == "department":
        return say.ngettext("%(count)s department", "%(count)s departments", count)
    if level == "team":
        return say.ngettext("%(count)s team", "%(count)s teams", count)
    if level == "person":
        return say.ngettext("%(count)s person", "%(count)s persons", count)
    return say.ngettext("%(count)s %(level)s", "%(count)s %(level)ss", count, level=level)


def level_name(level: str, locale: str) -> str:
    """The name of one of the levels that a project has when it names none; its own stays."""
    return _translated(language(locale), _LEVELS, level)


def origin_words(origins: Sequence[str], locale: str) -> str:
    """Where a target comes from: ``targets.csv``, ``sum of the units below``, or the formula as it is declared."""
    say = language(locale)
    return "; ".join(_translated(say, _ORIGINS, origin) for origin in origins)


def operand_text(operand: Operand, locale: str, window: str = "") -> str:
    """``revenue: SUM(net) of sales, where region = 'north'; month, 12 months earlier``; ``window`` need not be told."""
    say = language(locale)
    measured = say("%(measure)s of %(source)s", measure=operand.measure, source=operand.source)
    conditions = [say("where %(condition)s", condition=condition) for condition in operand.conditions]
    if operand.rate == "average":
        measured = say("%(measured)s, converted at the month's average rate", measured=measured)
    elif operand.rate == "closing":
        measured = say("%(measured)s, converted at the month's closing rate", measured=measured)
    over = [] if operand.window == window else [window_words(operand.window, locale)]
    if operand.months_earlier:
        over.append(say("%(months)s earlier", months=spans(operand.months_earlier, "month", locale)))
    told = f"{operand.name}: {', '.join([measured, *conditions])}"
    return f"{told}; {', '.join(over)}" if over else told


def _translated(say: Language, known: Mapping[str, str], word: str) -> str:
    return say(known[word]) if word in known else word


class _Translation:
    """Replaces names in the records of a pack."""

    def __init__(self, say: Language) -> None:
        self.say = say

    def of(self, pack: Pack) -> Pack:
        named, balance = self._perspective, pack.balance
        return replace(
            pack,
            bands=tuple(self._band(band) for band in pack.bands),
            node=self._node(pack.node),
            perspectives=tuple(self._page(page) for page in pack.perspectives),
            children=tuple(
                replace(
                    child, node=self._node(child.node), level=level_name(child.level, self.say.locale),
                    perspectives=tuple(None if node is None else self._node(node) for node in child.perspectives),
                )
                for child in pack.children
            ),
            balance=None if balance is None else replace(
                balance, best=named(balance.best), worst=named(balance.worst), heaviest=named(balance.heaviest)
            ),
            findings=tuple(self._finding(finding) for finding in pack.findings),
            certainty=tuple(replace(each, name=named(each.name)) for each in pack.certainty),
        )  # fmt: skip

    def _finding(self, finding: Finding) -> Finding:
        other = self._perspective(finding.other) if finding.level == "perspective" else finding.other
        return replace(finding, perspective=self._perspective(finding.perspective), other=other)

    def _perspective(self, name: str) -> str:
        return _translated(self.say, {**_PERSPECTIVES, OVERALL: OVERALL}, name)

    def _page(self, page: PerspectivePage) -> PerspectivePage:
        return replace(
            page,
            name=self._perspective(page.name),
            node=self._node(page.node),
            objectives=tuple(replace(card, node=self._node(card.node)) for card in page.objectives),
            kpis=tuple(replace(line, band=self._shown(line.band)) for line in page.kpis),
        )

    def _node(self, node: NodeScore) -> NodeScore:
        return replace(node, band=self._shown(node.band))

    def _shown(self, band: BandShown | None) -> BandShown | None:
        return None if band is None else self._band(band)

    def _band(self, band: BandShown) -> BandShown:
        return replace(band, name=_translated(self.say, _BANDS, band.name))
