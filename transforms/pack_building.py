"""Filling packs: from the tables of a project to the records that the templates read.

Belongs here: looking up and arranging. Every number is computed elsewhere; only changes and counts are derived here,
from the numbers that are shown. Movement, balance and certainty are ``pack_insight_building.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from scorecards.organisation import Band, Perspective
from scorecards.periods import add_months
from scorecards.project import Project
from scorecards.strategy import Scorecard
from scorecards.units import UnitTree
from transforms.commitments import actions, initiatives
from transforms.kpis import SMALL_GROUP
from transforms.pack import (
    BandShown,
    ChildRow,
    KpiLine,
    MapLink,
    NodeScore,
    ObjectiveCard,
    Operand,
    Pack,
    PerspectivePage,
    Point,
    Rate,
    Remark,
    Status,
    UnitMove,
)
from transforms.pack_breakdowns import breakdowns
from transforms.pack_method import NodeRule
from transforms.pack_method_building import anchors_shown, node_rules, scoring_rule
from transforms.pack_signals import pack_signal
from transforms.pack_tables import PackTables, Row, history_periods
from transforms.pack_withheld import withheld_kpis
from transforms.plan import Plan
from transforms.roll_up import STATUSES
from transforms.scoring import band_for
from transforms.year_to_date import months_to_date, year_to_date

_LEAST_SHARERS = 3


def build_pack(
    project: Project, plan: Plan, tables: PackTables, scorecard_id: str, unit_id: str, is_private: bool = False
) -> Pack:
    """The pack of one unit and scorecard; ``is_private`` where its figures are for one person alone."""
    return replace(_Builder(project, plan, tables, scorecard_id, unit_id).pack(), is_private=is_private)


class _Builder:
    def __init__(self, project: Project, plan: Plan, tables: PackTables, scorecard_id: str, unit_id: str) -> None:
        self.project, self.plan, self.tables = project, plan, tables
        self.card_id, self.unit_id, self.period = scorecard_id, unit_id, tables.period
        self.card: Scorecard = project.strategy.scorecards[scorecard_id]
        self.tree: UnitTree = project.tree(tables.period)
        self.periods = history_periods(project, tables.period)
        self.to_date = months_to_date(tables.period, project.organisation.fiscal_year_starts)

    def pack(self) -> Pack:
        organisation, unit = self.project.organisation, self.tree.units[self.unit_id]
        calendar = self.project.calendar
        perspectives = tuple(
            self._perspective(pid, p) for pid, p in (self.card.perspectives or organisation.perspectives).items()
        )
        names = self._names(perspectives)
        applicable = {line.id for page in perspectives for line in page.kpis}
        known = [
            source.known_on
            for source in self.tables.sources
            if source.known_on and applicable.intersection(source.kpis)
        ]
        path = tuple(self.tree.units[name].name for name in reversed(list(self.tree.ancestors(self.unit_id))[1:]))
        return Pack(
            organisation=organisation.organisation,
            currency=organisation.currency,
            locale=organisation.locale,
            scorecard=self.card_id,
            scorecard_name=self.card.name,
            unit=self.unit_id,
            unit_name=unit.name,
            unit_level=unit.level,
            unit_head=unit.head,
            path=path,
            period=self.period,
            known_on=max(known, default=None),
            bands=tuple(_shown(band) for band in organisation.bands),
            scale_anchors=dict(organisation.scale.anchors),
            scale_lowest=organisation.scale.lowest,
            scale_highest=organisation.scale.highest,
            node=self._node("scorecard", self.card_id),
            periods=tuple(self.periods),
            perspectives=tuple(self._moved(page, names) for page in perspectives),
            **self.tables.insight.of(
                self.card_id,
                self.unit_id,
                names,
                self._may_be_ranked(unit.level),
                self.tables.moving_targets,
            ),
            weights_off=organisation.sensitivity.weights,
            remarks=tuple(self._remarks()),
            children=tuple(self._children()),
            initiatives=tuple(
                initiatives(self.project, self.tree, self.card, self.unit_id, self.period, self.tables.effects)
            ),
            actions=tuple(actions(self.project, self.tree, self.card, self.unit_id, self.period)),
            sources=tuple(source for source in self.tables.sources if applicable.intersection(source.kpis)),
            line_of_sight=tuple(self._line_of_sight()),
            declarations_digest=self.tables.declarations_digest,
            links=tuple(self._links()),
            themes=tuple(self._themes(perspectives)),
            rules=tuple(self._rules()),
            withheld=tuple(
                withheld_kpis(
                    self.project, self.tables, self.card_id, (self.unit_id, *self.tree.children[self.unit_id])
                )
            ),
            moves=self._moves(perspectives),
            days=(calendar.first_day(self.period), calendar.last_day(self.period)) if calendar.is_table else None,
        )

    def _rows(self, level: str, node: str, unit: str | None = None) -> dict[date, Row]:
        return self.tables.score_rows.get((self.card_id, unit or self.unit_id, level, node), {})

    def _node(self, level: str, node: str, unit: str | None = None) -> NodeScore:
        rows = self._rows(level, node, unit)
        now = rows.get(self.period, {})
        counts: dict[Status, int] = {status: now.get(f"{status}_count") or 0 for status in STATUSES}
        return NodeScore(
            score=now.get("score"),
            band=self._band(now),
            coverage=now.get("coverage") or 0.0,
            missing_reason=now.get("missing_reason") or (None if now else "not_applicable"),
            previous=rows.get(add_months(self.period, -1), {}).get("score"),
            last_year=rows.get(add_months(self.period, -12), {}).get("score"),
            by_status=counts,
            applicable=now.get("applicable_count") or 0,
            history=tuple(rows.get(period, {}).get("score") for period in self.periods),
        )

    def _band(self, row: Row) -> BandShown | None:
        """The band that the row names; where it has been renamed since, the one that the score would get today."""
        bands = self.project.organisation.bands
        named = next((band for band in bands if band.id == row.get("band")), None)
        band = named or band_for(row.get("score"), bands)
        return None if band is None else _shown(band)

    def _perspective(self, perspective_id: str, perspective: Perspective) -> PerspectivePage:
        declared = [(oid, o) for oid, o in self.card.objectives.items() if o.perspective == perspective_id]
        cards: list[ObjectiveCard] = []
        lines: list[KpiLine] = []
        for objective_id, objective in declared:
            own = [
                self._line(objective_id, kpi_id)
                for kpi_id in objective.kpis
                if self._rows("kpi", kpi_id).get(self.period)
            ]
            lines += own
            row = self._rows("objective", objective_id).get(self.period)
            if row is None and objective.kpis:
                continue
            cards.append(
                ObjectiveCard(
                    objective_id,
                    objective.name,
                    objective.description,
                    objective.owner,
                    perspective_id,
                    objective.theme,
                    self._node("objective", objective_id),
                    tuple(objective.leads_to),
                    self._supported(objective.supports),
                    tuple(line.id for line in own),
                    row["share"] if row else 0.0,
                )
            )
        row = self._rows("perspective", perspective_id).get(self.period)
        node = self._node("perspective", perspective_id)
        return PerspectivePage(
            perspective_id,
            perspective.name,
            perspective.question,
            row["share"] if row else 0.0,
            node,
            tuple(cards),
            tuple(lines),
        )

    def _moved(self, page: PerspectivePage, names: Mapping[tuple[str, str], str]) -> PerspectivePage:
        """The perspective with what moved its score."""
        parts = self.tables.insight.of_perspective(
            self.card_id, self.unit_id, page.id, names, self.tables.moving_targets
        )
        return replace(page, contributions=parts)

    def _supported(self, names: Iterable[str]) -> tuple[str, ...]:
        above = self.project.strategy.parent_objectives(self.card)
        return tuple(above[name].name for name in names if name in above)

    def _inputs(self, kpi_id: str) -> tuple[Operand, ...]:
        """The operands of the formula, whose names do not say it all."""
        found: list[Operand] = []
        for declared in self.plan.inputs_of(kpi_id):
            variant = self.plan.variants[declared.variant]
            rate: Rate = "average" if variant.measure.rate == "average" else "closing"
            found.append(
                Operand(
                    declared.name, variant.measure.value, variant.measure.source, tuple(variant.conditions),
                    str(declared.window), declared.offset, rate if variant.measure.currency else None,
                )
            )  # fmt: skip
        return tuple(found)

    def _line(self, objective_id: str, kpi_id: str) -> KpiLine:
        kpi, scores = self.project.kpis[kpi_id], self._rows("kpi", kpi_id)
        values = self.tables.value_rows.get((self.unit_id, kpi_id), {})
        now, score = values.get(self.period, {}), scores[self.period]
        ranges = self.tables.range_rows.get((self.card_id, self.unit_id, kpi_id), {})
        points = tuple(
            self._point(period, values.get(period), scores.get(period), ranges.get(period, {}))
            for period in self.periods
        )
        status = points[-1].status
        same = (
            next((i for i, point in enumerate(reversed(points)) if point.status != status), len(points))
            if status
            else 0
        )
        sources = [source for source in self.tables.sources if kpi_id in source.kpis]
        anchors = self.tables.anchor_rows.get((self.card_id, self.unit_id, kpi_id), {})
        to_date = year_to_date(kpi, self.tables.flows.get(kpi_id), self.to_date, values, scores)
        return KpiLine(
            id=kpi_id,
            name=kpi.name,
            definition=kpi.definition,
            formula=kpi.value,
            inputs=self._inputs(kpi_id),
            window=str(kpi.window),
            owner=kpi.owner,
            measured_in="" if kpi.scoring.texts else kpi.measured_in,
            decimals=kpi.decimals,
            direction=kpi.direction,
            leading=kpi.leading,
            objective=objective_id,
            value=now.get("value"),
            numerator=now.get("numerator"),
            denominator=now.get("denominator"),
            missing_reason=now.get("missing_reason") or score.get("missing_reason"),
            target=score["target"],
            floor=anchors.get("floor"),
            lower_target=_end_of_range(anchors, "lower"),
            upper_target=_end_of_range(anchors, "upper"),
            previous=values.get(add_months(self.period, -1), {}).get("value"),
            last_year=values.get(add_months(self.period, -12), {}).get("value"),
            score=score["score"],
            raw_score=score["raw_score"],
            score_previous=scores.get(add_months(self.period, -1), {}).get("score"),
            band=self._band(score),
            weight=score["share"],
            history=points,
            months_in_status=same,
            text=now.get("text"),
            texts=tuple(kpi.scoring.texts),
            value_period=now.get("value_period") if now.get("value_period") != self.period else None,
            breakdowns=breakdowns(kpi, self.tables.slice_rows.get((self.unit_id, kpi_id), {}), self.period),
            signal=None
            if kpi.scoring.texts
            else pack_signal(self.tables, self.card_id, self.unit_id, kpi_id, kpi, points),
            data_known_on=max((source.known_on for source in sources if source.known_on), default=None),
            is_running_total=kpi_id in self.tables.running_totals,
            to_date=to_date.value,
            to_date_target=to_date.target,
            value_above=self._value_above(kpi_id),
            forecast=self.tables.forecasts.get((self.unit_id, kpi_id), ()),
            frequency=kpi.frequency,
            anchors=anchors_shown(self.project.organisation.scale, anchors),
            target_origins=self.tables.target_origins.get((self.card_id, self.unit_id, kpi_id), ()),
            scoring=scoring_rule(kpi),
            coverage=score["coverage"],
            moves=tuple(move for move in self.tables.moves.get(self.unit_id, ()) if self._counts(move, kpi_id)),
        )

    def _moves(self, perspectives: Sequence[PerspectivePage]) -> tuple[UnitMove, ...]:
        """Who joined or left of those that any KPI here counts."""
        counted = {move for page in perspectives for line in page.kpis for move in line.moves}
        return tuple(move for move in self.tables.moves.get(self.unit_id, ()) if move in counted)

    def _counts(self, move: UnitMove, kpi_id: str) -> bool:
        """Whether the KPI counts the unit: on its side of the move it has values, or such as are withheld."""
        rows = self.tables.value_rows.get((move.unit, kpi_id), {})
        return any(
            row["value"] is not None or row["missing_reason"] == SMALL_GROUP
            for month, row in rows.items()
            if (month >= move.period) == move.has_joined
        )

    def _value_above(self, kpi_id: str) -> float | None:
        """The value of the unit above. With fewer than three units below it, it would tell one what another has."""
        above = self.tree.units[self.unit_id].parent
        if above is None or kpi_id not in self.tables.summed:
            return None
        values = self.tables.value_rows
        here = [values.get((unit, kpi_id), {}).get(self.period, {}).get("value") for unit in self.tree.children[above]]
        if sum(value is not None for value in here) < _LEAST_SHARERS:
            return None
        found: float | None = values.get((above, kpi_id), {}).get(self.period, {}).get("value")
        return found

    def _point(self, period: date, value: Row | None, score: Row | None, ends: Mapping[str, float]) -> Point:
        band = self._band(score) if score else None
        return Point(
            period,
            value["value"] if value else None,
            score["target"] if score else None,
            band.status if band else None,
            _end_of_range(ends, "lower"),
            _end_of_range(ends, "upper"),
        )

    def _may_be_ranked(self, level: str) -> bool:
        """Units are ranked on their packs; those of the lowest declared level, which are persons, are not."""
        return level != self.project.organisation.levels[-1]

    def _names(self, perspectives: Sequence[PerspectivePage]) -> dict[tuple[str, str], str]:
        """What nodes, KPIs and units are called, and for each KPI the name of its perspective."""
        names = {("perspective", page.id): page.name for page in perspectives}
        names |= {("objective", name): objective.name for name, objective in self.card.objectives.items()}
        names |= {("kpi", name): kpi.name for name, kpi in self.project.kpis.items()}
        names |= {("of", line.id): page.name for page in perspectives for line in page.kpis}
        return names | {("unit", name): unit.name for name, unit in self.tree.units.items()}

    def _remarks(self) -> Iterable[Remark]:
        for comment in self.project.comments.get(self.period, ()):
            if comment.unit == self.unit_id and comment.scorecard in (None, self.card_id):
                yield Remark(comment.kpi, comment.objective, comment.text, comment.response, comment.owner, comment.due)

    def _children(self) -> Iterable[ChildRow]:
        perspectives = list(self.card.perspectives or self.project.organisation.perspectives)
        for child in self.tree.children[self.unit_id]:
            if not self._rows("scorecard", self.card_id, child).get(self.period):
                continue
            nodes = tuple(
                self._node("perspective", name, child)
                if self._rows("perspective", name, child).get(self.period)
                else None
                for name in perspectives
            )
            unit = self.tree.units[child]
            node = self._node("scorecard", self.card_id, child)
            yield ChildRow(child, unit.name, unit.level, node, nodes, self._missing(child))

    def _missing(self, unit: str) -> tuple[tuple[str, int], ...]:
        """Why KPIs of a unit's scorecard have no score, where one was to be had: the most frequent reason first."""
        reasons: Counter[str] = Counter()
        for kpi_id in (kpi_id for objective in self.card.objectives.values() for kpi_id in objective.kpis):
            score = self._rows("kpi", kpi_id, unit).get(self.period)
            if score is not None and score["score"] is None and self.project.kpis[kpi_id].scored:
                value = self.tables.value_rows.get((unit, kpi_id), {}).get(self.period, {})
                reasons[value.get("missing_reason") or score.get("missing_reason") or "not_scored"] += 1
        return tuple(reasons.most_common())

    def _themes(self, perspectives: Sequence[PerspectivePage]) -> Iterable[tuple[str, str]]:
        here = {card.theme for page in perspectives for card in page.objectives}
        return ((name, theme.name) for name, theme in self.project.strategy.themes.items() if name in here)

    def _links(self) -> Iterable[MapLink]:
        for row in self.tables.link_rows.get((self.card_id, self.unit_id), ()):
            yield MapLink(**{name: row[name] for name in MapLink.__dataclass_fields__})

    def _rules(self) -> Iterable[NodeRule]:
        for rule in node_rules(self.project, self.card_id):
            if self._rows(rule.level, rule.node).get(self.period):
                yield rule

    def _line_of_sight(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        for objective_id, objective in self.card.objectives.items():
            if objective.supports and self._rows("objective", objective_id).get(self.period):
                yield objective.name, self._supported(objective.supports)


def _end_of_range(anchors: Mapping[str, float], side: str) -> float | None:
    """The end of a range on one side: its own target, or the common one where the side has anchors; None if open."""
    has_side = any(name.startswith(f"{side}_") for name in anchors)
    return anchors.get(f"{side}_target", anchors.get("target")) if has_side else None


def _shown(band: Band) -> BandShown:
    return BandShown(band.id, band.name, band.status, band.at_least)
