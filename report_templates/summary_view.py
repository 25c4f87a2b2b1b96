"""What the summary shows: the tiles of scores, the waterfall, and the tables that fill the room below.

Belongs here: choosing and arranging for that one page. How much fits is ``summary_plan.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from report_templates.charts import Sparkline, sparkline
from report_templates.declared_words import OVERALL
from report_templates.exceptions import ExceptionRow, near_target, on_target, without_value
from report_templates.formatting import percent
from report_templates.geometry import Page
from report_templates.insight_messages import range_sentence
from report_templates.kpi_rows import Verdict, node_verdict
from report_templates.language import language
from report_templates.messages import balance_sentence, perspective_sentence
from report_templates.page_plan import shown_perspectives
from report_templates.summary_plan import GAP, NOTE, SECTION_HEAD, TABLE_HEAD, TILE_GAP, SummaryPlan, exception_height
from report_templates.waterfall import Waterfall, waterfall
from transforms.pack import NodeScore, Pack

SMALL_SCORECARD = 8


@dataclass(frozen=True)
class ScoreTile:
    """The overall score or a perspective's, as the top of the summary shows it."""

    name: str
    anchor: str | None
    node: NodeScore
    verdict: Verdict
    spark: Sparkline
    spark_width: float
    weight: str
    sentence: str


@dataclass(frozen=True)
class StatusTable:
    """KPIs of one status as the summary lists them; ``left_out`` counts those that did not fit."""

    title: str
    rows: tuple[ExceptionRow, ...]
    left_out: int


def score_tiles(pack: Pack, page: Page, months: int) -> tuple[ScoreTile, ...]:
    """The overall score's tile, then one per perspective with a KPI; sparklines show so many ``months``."""
    overall = " ".join(text for text in (balance_sentence(pack), range_sentence(pack)) if text)
    whole = _tile(pack, page, language(pack.locale)(OVERALL), None, pack.node, "", overall, months)
    return (
        whole,
        *(
            _tile(
                pack,
                page,
                p.name,
                f"perspective-{p.id}",
                p.node,
                percent(p.weight, 0, pack.locale),
                perspective_sentence(pack, p),
                months,
            )
            for p in shown_perspectives(pack)
        ),
    )


def _tile(
    pack: Pack, page: Page, name: str, anchor: str | None, node: NodeScore, weight: str, sentence: str, months: int
) -> ScoreTile:
    target = pack.scale_anchors.get("target", 100.0)
    count = len(shown_perspectives(pack)) + 1
    width = round((page.width - TILE_GAP * (count - 1)) / count - 1.0, 1)
    return ScoreTile(
        name=name,
        anchor=anchor,
        node=node,
        verdict=node_verdict(pack, node),
        spark=sparkline(node.history, [target] * len(node.history), round(width * 2.2), 20, months),
        spark_width=width,
        weight=weight,
        sentence=sentence,
    )


def waterfall_of(pack: Pack, plan: SummaryPlan, found: Sequence[ExceptionRow]) -> Waterfall | None:
    """The waterfall since the previous period in the size planned; None where there is nothing to compare.

    The exceptions that the page tells of keep their rows.
    """
    node = pack.node
    if node.score is None or node.previous is None or not pack.contributions:
        return None
    return waterfall(
        node.previous,
        node.score,
        pack.contributions,
        plan.waterfall_width,
        plan.waterfall_height,
        locale=pack.locale,
        digits=pack.score_digits,
        most=plan.waterfall_rows - 1,
        kept={row.line.id for row in found[: plan.exceptions]},
    )


def other_tables(pack: Pack, plan: SummaryPlan) -> tuple[StatusTable, ...]:
    """What else the summary has room for: KPIs without a value, then those near target, of a small scorecard all."""
    say = language(pack.locale)
    wanted = [(say("Without a value"), without_value(pack)), (say("Near target"), near_target(pack))]
    if len(pack.kpis) <= SMALL_SCORECARD:
        wanted.append((say("On target"), on_target(pack)))
    tables, room = [], plan.room
    for title, rows in wanted:
        room -= GAP + SECTION_HEAD + TABLE_HEAD + NOTE
        shown: list[ExceptionRow] = []
        for row in rows:
            room -= exception_height(row, plan.exceptions_width)
            if room < 0:
                break
            shown.append(row)
        if shown:
            tables.append(StatusTable(title, tuple(shown), len(rows) - len(shown)))
        else:
            room += GAP + SECTION_HEAD + TABLE_HEAD + NOTE
        if room < 0:
            break
    return tuple(tables)
