"""What a value of one KPI scores: the anchors in force with their scores, or the rules that give it.

Belongs here: the words for one KPI. What all KPIs of a pack have in common is ``method_of_scores.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

from report_templates.declared_words import anchor_words
from report_templates.formatting import RowScale
from report_templates.kpi_messages import scale_of
from report_templates.language import language
from report_templates.method_of_scores import ways_of
from report_templates.reasons import reason_words
from report_templates.score_figures import exact_figure
from scorecards.organisation import SIDES
from transforms.pack import KpiLine, Pack, ScoreStep


def scale_words(pack: Pack, line: KpiLine) -> str:
    """``0 at 84.0 % (floor), 100 at 95.0 % (target)``, or how else the score comes about."""
    say, rule = language(pack.locale), line.scoring
    if rule.way == "texts":
        return ", ".join(
            say("%(score)s for %(text)s", score=exact_figure(pack, step.score), text=step.when) for step in rule.steps
        )
    if rule.way == "steps":
        return "; ".join(_step(pack, step) for step in rule.steps)
    if rule.way == "formula":
        return rule.formula
    if rule.way not in ("line", "range"):
        return "; ".join(ways_of(pack, line))
    placed = ", ".join(_anchors(pack, line, scale_of(pack, line))) or reason_words("no_target", pack.locale)
    return "; ".join([placed, *ways_of(pack, line)])


def _anchors(pack: Pack, line: KpiLine, scale: RowScale) -> Iterator[str]:
    say = language(pack.locale)
    for name, value in line.anchors:
        side = next((side for side in SIDES if name.startswith(f"{side}_")), "")
        anchor = name.removeprefix(f"{side}_")
        score, words = exact_figure(pack, pack.scale_anchors[anchor]), anchor_words(anchor, pack.locale)
        if side == "lower":
            words = say("lower %(anchor)s", anchor=words)
        elif side == "upper":
            words = say("upper %(anchor)s", anchor=words)
        yield say("%(score)s at %(value)s (%(anchor)s)", score=score, value=scale.text(value), anchor=words)


def _step(pack: Pack, step: ScoreStep) -> str:
    say, score = language(pack.locale), exact_figure(pack, step.score)
    band = next((band.name for band in pack.bands if band.id == step.band), "")
    if band:
        score = say("%(score)s (%(band)s)", score=score, band=band)
    if not step.when:
        return say("%(score)s in all other cases", score=score)
    return say("%(score)s where %(condition)s", score=score, condition=step.when)
