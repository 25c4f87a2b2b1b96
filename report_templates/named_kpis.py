"""Some of a pack's KPIs in a sentence: by their names, or by their number where these are many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from report_templates.language import language
from transforms.pack import KpiLine, Pack

MOST_NAMED: Final = 5


def named_kpis(pack: Pack, lines: Sequence[KpiLine], of_all: Sequence[KpiLine]) -> str:
    """``Revenue and Margin``, ``7 KPIs``; ``all KPIs`` where they are all of those that the sentence is about."""
    say = language(pack.locale)
    if len(lines) == len(of_all) > 1:
        return say("all KPIs")
    if len(lines) <= MOST_NAMED:
        return say.listed([line.name for line in lines])
    return say.ngettext("%(count)s KPI", "%(count)s KPIs", len(lines))
