"""The pack: everything that one unit's scorecard says about one period, as plain frozen records.

This is the only part of ``transforms`` that the templates know. Belongs here: the records. How they are filled from
frames is ``pack_building.py``; how a number is written or a sentence phrased is ``report_templates``.

Numbers are exact: fractions for percentages, unrounded scores. ``None`` always means missing and comes with a reason
where the record has a place for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from scorecards.organisation import shown_digits
from scorecards.periods import Frequency
from transforms.pack_edition import EditionNote, EditionRow
from transforms.pack_insight import Balance, Certainty, ChangePart, Contribution, Finding, UnitChange
from transforms.pack_method import ON_A_LINE, Comparison, NodeRule, ScoreStep, ScoringRule
from transforms.variances import Direction, aim_of, is_better_side

__all__ = [
    "Balance", "Certainty", "ChangePart", "Comparison", "Contribution", "Direction", "EditionNote", "EditionRow",
    "Finding", "NodeRule", "ScoreStep", "ScoringRule", "UnitChange", "aim_of", "is_better_side",
]  # fmt: skip

Status = Literal["bad", "warning", "good"]
Variation = Literal["improvement", "concern", "special cause", "common cause"]
Assurance = Literal["consistently passes", "consistently fails", "hit and miss"]
Rate = Literal["average", "closing"]
EffectVerdict = Literal[
    "not yet", "too few before", "shares months", "as usual", "as expected", "the other way", "both ways"
]
LinkStatus = Literal["untested", "undecided", "supported", "contradicted"]
Label = Literal["outside", "trend", "two of three", "shift", "common cause"]

LEAST_MONTHS_OF_LINKS: Final = 24
"""With fewer months a link of the strategy map is untested."""


@dataclass(frozen=True)
class BandShown:
    """A band of scores as shown: its word, and the status that picks sign and colour."""

    id: str
    name: str
    status: Status
    at_least: float | None


@dataclass(frozen=True)
class NodeScore:
    """The score of a scorecard, perspective or objective in one period.

    ``coverage`` is the share of applicable weight with data (0 to 1). ``by_status`` counts the scored KPIs below by the
    status of their band; ``applicable`` counts all KPIs that apply, scored or not.
    """

    score: float | None
    band: BandShown | None
    coverage: float
    missing_reason: str | None
    previous: float | None
    last_year: float | None
    by_status: dict[Status, int]
    applicable: int
    history: tuple[float | None, ...]

    @property
    def has_gap(self) -> bool:
        """Whether less than all of its weight has data, as percentages are shown."""
        return self.coverage < 0.9995

    @property
    def change(self) -> float | None:
        """Points since the previous period; None where either is missing."""
        return None if self.score is None or self.previous is None else self.score - self.previous

    @property
    def change_on_year(self) -> float | None:
        """Points since the same month of last year; None where either is missing."""
        return None if self.score is None or self.last_year is None else self.score - self.last_year


@dataclass(frozen=True)
class Point:
    """One month of a KPI: value and target in its own terms, and the status of its band (None where not scored).

    Where the target is a range, ``lower`` and ``upper`` are its ends, each None where it is open.
    """

    period: date
    value: float | None
    target: float | None
    status: Status | None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class SignalPoint:
    """A point of an XmR chart: mean and limits of its stretch in the KPI's own terms, its label and what that means.

    ``side`` is 1 above the mean, -1 below it, 0 on it.
    """

    mean: float | None
    lower: float | None
    upper: float | None
    label: Label
    variation: Variation
    side: int


@dataclass(frozen=True)
class Signal:
    """What the XmR chart of a KPI says about this period, from all months up to it.

    ``mean``, ``lower`` and ``upper`` are in the KPI's own terms, limits no further than the KPI can be; for a KPI
    judged on its change since last year they lie round last year's value. ``points`` counts the points since the last
    rebase, of which ``flagged`` are no common cause; with ``is_trial`` they are fewer than 12; there is one ``every``
    month, quarter or year. With ``is_overlapping`` the values share months, so that the chart does not carry a
    judgement. ``running`` counts the points, this one included, on the same side of the mean, or for a trend those of
    the trend. ``history`` has one entry for every point of the KPI's history, None without a value. Limits are those of
    the first ``baseline`` points (None: of all) ``since`` the last rebase (None: since the first), with ``is_screened``
    without the largest ranges.
    """

    label: Label | None
    variation: Variation | None
    assurance: Assurance | None
    mean: float | None
    lower: float | None
    upper: float | None
    points: int
    every: Frequency
    flagged: int
    is_trial: bool
    is_overlapping: bool
    is_seasonal: bool
    side: int
    running: int
    is_rising: bool
    history: tuple[SignalPoint | None, ...]
    is_screened: bool = True
    baseline: int | None = None
    since: date | None = None

    @property
    def is_judged(self) -> bool:
        """Whether the chart carries a judgement of this period: a single point has nothing to be judged by."""
        return self.variation is not None and self.has_range and self.points > 1

    @property
    def has_range(self) -> bool:
        """Whether its limits, if any, are a usual range: values share no months, and the process has not changed."""
        return not self.is_overlapping and not self.is_unsettled

    @property
    def is_unsettled(self) -> bool:
        """Whether most points are special causes, so that the limits are no usual range: the process has changed."""
        return not self.is_trial and 2 * self.flagged > self.points


@dataclass(frozen=True)
class SliceRow:
    """A KPI for one value of a column; the value's name is empty where the column is."""

    name: str
    value: float | None
    missing_reason: str | None
    numerator: float | None
    denominator: float | None
    previous: float | None
    last_year: float | None


@dataclass(frozen=True)
class Breakdown:
    """A KPI broken down by the values of one column, in alphabetical order."""

    column: str
    rows: tuple[SliceRow, ...]


@dataclass(frozen=True)
class Operand:
    """One operand of a KPI's formula: a measure of a source, under conditions, over a window so many months earlier.

    ``rate`` says by which of the month's exchange rates it is converted; None where it is not.
    """

    name: str
    measure: str
    source: str
    conditions: tuple[str, ...]
    window: str
    months_earlier: int
    rate: Rate | None = None


@dataclass(frozen=True)
class UnitMove:
    """A unit, by id and name, that joined another in a month or left it, with all that stands below it.

    ``is_whole`` says that figures over several months count it in all of them, or in none.
    """

    period: date
    unit: str
    name: str
    has_joined: bool
    is_whole: bool


@dataclass(frozen=True)
class KpiLine:
    """A KPI of this unit in this period.

    ``measured_in`` is ``percent`` (values are fractions), ``currency`` or a word. ``inputs`` are the operands of
    the formula. ``weight`` is the KPI's share of the whole scorecard's applicable weight. ``history`` holds up to 25
    months, oldest first, the last being this period. ``lower_target`` and ``upper_target`` are the ends of a range
    (direction within), each None where it is open. ``text`` is the value where that is a text, and ``texts``
    are all that it may be: its figures are their places, from 1. It has no chart of signals. ``value_period`` is
    the month that the value is of, where that is earlier than this period.
    ``to_date`` and ``to_date_target`` are of the fiscal year to date, where these follow from what is declared.
    ``forecast`` are the months after this one that somebody has forecast, without a gap, oldest first.
    ``value_above`` is that of the unit above, where the values of at least three units add up to it.
    ``months_in_status`` counts how many months running, this one included, the band's status has been what it is.
    ``anchors`` are the values in force that stand for scores, by the scores; of a range each side has its own.
    ``target_origins`` say where the target comes from: ``targets.csv``, ``sum of the units below``, or a formula.
    ``moves`` are the units with a value of it that joined or left below within the history, oldest first.
    ``coverage`` is that of its score as published: 1 with a score, 0 without, None where it is not scored.
    ``is_running_total`` says that it sums up from the start of the fiscal year or quarter.
    """

    id: str
    name: str
    definition: str
    formula: str
    window: str
    owner: str
    measured_in: str
    decimals: int | None
    direction: Direction
    leading: bool
    objective: str
    value: float | None
    numerator: float | None
    denominator: float | None
    missing_reason: str | None
    target: float | None
    floor: float | None
    previous: float | None
    last_year: float | None
    score: float | None
    raw_score: float | None
    score_previous: float | None
    band: BandShown | None
    weight: float
    history: tuple[Point, ...]
    months_in_status: int
    data_known_on: date | None
    inputs: tuple[Operand, ...] = ()
    lower_target: float | None = None
    upper_target: float | None = None
    text: str | None = None
    texts: tuple[str, ...] = ()
    value_period: date | None = None
    breakdowns: tuple[Breakdown, ...] = ()
    signal: Signal | None = None
    to_date: float | None = None
    to_date_target: float | None = None
    forecast: tuple[Point, ...] = ()
    value_above: float | None = None
    frequency: Frequency = "month"
    anchors: tuple[tuple[str, float], ...] = ()
    target_origins: tuple[str, ...] = ()
    scoring: ScoringRule = ON_A_LINE
    moves: tuple[UnitMove, ...] = ()
    coverage: float | None = None
    is_running_total: bool = False

    @property
    def share_above(self) -> float | None:
        """The unit's share of the value of the unit above; None where there is none to be had."""
        if self.value is None or self.value < 0 or not self.value_above or self.value_above < 0:
            return None
        return self.value / self.value_above

    @property
    def aim(self) -> float | None:
        """What the actual is measured against: the target, or of a range the end that it has passed."""
        return aim_of(self.value, self.target, self.lower_target, self.upper_target, self.direction)

    @property
    def variation(self) -> Variation | None:
        """Signal or noise; None where the KPI's chart carries no judgement of this period."""
        return self.signal.variation if self.signal is not None and self.signal.is_judged else None

    @property
    def variance(self) -> float | None:
        """Actual minus target, in the KPI's own terms; none inside a range."""
        return None if self.value is None or self.aim is None else self.value - self.aim

    @property
    def variance_share(self) -> float | None:
        """The variance over the target's size; None for percentages (they differ in points) and a target of zero."""
        if self.variance is None or self.measured_in == "percent" or not self.aim:
            return None
        return self.variance / abs(self.aim)

    @property
    def is_better(self) -> bool | None:
        """Whether the actual is on the good side of the target; None where there is no variance or it is zero."""
        return is_better_side(self.variance, self.direction) if self.variance else None


@dataclass(frozen=True)
class MapLink:
    """What the scores so far say of a link of the strategy map, by the ids of its objectives.

    ``lag`` and ``correlation`` are None where it is untested, ``chance`` too; ``months`` is how many count.
    """

    driver: str
    outcome: str
    status: LinkStatus
    months: int
    lag: int | None
    correlation: float | None
    chance: float | None


@dataclass(frozen=True)
class ObjectiveCard:
    """An objective with its score, its place on the strategy map and the parent's objectives that it supports."""

    id: str
    name: str
    description: str
    owner: str
    perspective: str
    theme: str | None
    node: NodeScore
    leads_to: tuple[str, ...]
    supports: tuple[str, ...]
    kpis: tuple[str, ...]
    weight: float


@dataclass(frozen=True)
class PerspectivePage:
    """A perspective with its objectives and KPIs, in order of declaration; ``weight`` is its share of the scorecard.

    ``contributions`` sum to the change of its own score since the previous period.
    """

    id: str
    name: str
    question: str
    weight: float
    node: NodeScore
    objectives: tuple[ObjectiveCard, ...]
    kpis: tuple[KpiLine, ...]
    contributions: tuple[Contribution, ...] = ()


@dataclass(frozen=True)
class Remark:
    """What somebody wrote about a KPI, an objective, or (with both None) the whole."""

    kpi: str | None
    objective: str | None
    text: str
    response: str
    owner: str
    due: str


@dataclass(frozen=True)
class ChildRow:
    """A unit directly below with the same scorecard: its overall score and one node for every perspective, in order.

    ``missing`` are the reasons why KPIs of it have no score that counts, each with how many.
    """

    unit: str
    name: str
    level: str
    node: NodeScore
    perspectives: tuple[NodeScore | None, ...]
    missing: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class SeenEffect:
    """What an initiative should do to a KPI, and what has been seen of it so far.

    ``expected`` is the change that is declared, ``shows_from`` the month from which it should show. ``before`` is the
    mean of the ``months_before`` up to its start, ``since`` that of the ``months`` from then on, both in the KPI's own
    terms, or for a seasonal KPI of the change on last year. ``lower`` and ``upper`` are the usual range before.
    ``unit`` is empty for the initiative's own unit. ``span_before`` and ``span_since`` are the first and the last month
    of those that count, None where none does; ``newer`` is how many months there are after these, which wait for a
    value that shares none with them.
    """

    kpi: str
    kpi_id: str
    unit: str
    measured_in: str
    decimals: int | None
    expected: float
    shows_from: date
    is_seasonal: bool
    verdict: EffectVerdict
    before: float | None = None
    months_before: int = 0
    since: float | None = None
    months: int = 0
    lower: float | None = None
    upper: float | None = None
    span_before: tuple[date, date] | None = None
    span_since: tuple[date, date] | None = None
    newer: int = 0


@dataclass(frozen=True)
class InitiativeRow:
    """An initiative; ``elapsed`` is the share of its time that has passed.

    ``status`` is its owner's word. ``is_late`` says whether that is ``late``, or progress trails the time by more than
    a tenth, or the due day is over.
    """

    name: str
    objectives: tuple[str, ...]
    owner: str
    start: date | None
    due: date | None
    status: str
    progress: float
    elapsed: float | None
    is_late: bool
    budget: float | None
    spent: float | None
    expected: str
    id: str = ""
    effects: tuple[SeenEffect, ...] = ()

    @property
    def is_overspent(self) -> bool:
        """Whether more has been spent than its budget."""
        return self.spent is not None and self.budget is not None and self.spent > self.budget


@dataclass(frozen=True)
class ActionRow:
    """A promised step that is open, or was closed in this period, with the name of its objective.

    ``status`` is the declared word, as far as it holds for the period.
    """

    action: str
    objective: str
    owner: str
    due: date | None
    status: str
    is_overdue: bool


@dataclass(frozen=True)
class SourceRow:
    """What is known of a source for this period; the counts are of the period's current loads."""

    source: str
    description: str
    domain: str
    state: Literal["loaded", "missing", "not due", "refused"]
    files: tuple[str, ...]
    known_on: date | None
    rows: int
    rejected: int
    reasons: tuple[tuple[str, int], ...]
    kpis: tuple[str, ...]


@dataclass(frozen=True)
class WithheldKpi:
    """A KPI of which figures are withheld as those of small groups, in so many units: this one and those below."""

    name: str
    units: int


@dataclass(frozen=True)
class Pack:
    """One unit's scorecard for one period.

    ``path`` names the units above, from the top. ``contributions`` sum to the overall change since the previous period,
    ``contributions_on_year`` to that since the same month of last year. ``line_of_sight`` pairs the objectives here
    with the names of the parent scorecards' objectives that they support. ``certainty`` is of the whole, then of every
    perspective with a score, when weights may be off by ``weights_off`` (a share). ``unit_changes`` tells of KPIs of
    units with others below what each of these did since the previous period. ``edition`` is None until it is published.
    ``links`` tell of the links between objectives that apply here; one that is missing there is untested.
    ``themes`` are id and name of those that an objective here belongs to.
    ``days`` are the first and the last day of a period that a calendar of its own makes of other days than the month's;
    else None. ``is_private`` where it shows a person's own figures, which are withheld from everybody else, and
    ``is_score_own`` where with these its overall score is another than the one that others see.
    ``rules`` say how the scores of the nodes that stand here are combined. ``withheld`` are the KPIs of which this
    period's values are withheld here or directly below, as figures of small groups. ``moves`` are the units that joined
    or left below within the history and count in a KPI here, oldest first.
    """

    organisation: str
    currency: str
    locale: str
    scorecard: str
    scorecard_name: str
    unit: str
    unit_name: str
    unit_level: str
    unit_head: str
    path: tuple[str, ...]
    period: date
    known_on: date | None
    bands: tuple[BandShown, ...]
    scale_anchors: dict[str, float]
    scale_lowest: float
    scale_highest: float
    node: NodeScore
    periods: tuple[date, ...]
    perspectives: tuple[PerspectivePage, ...]
    contributions: tuple[Contribution, ...]
    remarks: tuple[Remark, ...]
    children: tuple[ChildRow, ...]
    initiatives: tuple[InitiativeRow, ...]
    actions: tuple[ActionRow, ...]
    sources: tuple[SourceRow, ...]
    line_of_sight: tuple[tuple[str, tuple[str, ...]], ...]
    declarations_digest: str
    contributions_on_year: tuple[Contribution, ...] = ()
    balance: Balance | None = None
    findings: tuple[Finding, ...] = ()
    certainty: tuple[Certainty, ...] = ()
    weights_off: float = 0.0
    unit_changes: tuple[UnitChange, ...] = ()
    edition: EditionNote | None = None
    links: tuple[MapLink, ...] = ()
    themes: tuple[tuple[str, str], ...] = ()
    days: tuple[date, date] | None = None
    is_private: bool = False
    is_score_own: bool = False
    rules: tuple[NodeRule, ...] = ()
    withheld: tuple[WithheldKpi, ...] = ()
    moves: tuple[UnitMove, ...] = ()

    @property
    def score_digits(self) -> int:
        """Decimals with which scores are shown on this scale."""
        return shown_digits(self.scale_anchors, self.scale_lowest, self.scale_highest)

    @property
    def point_digits(self) -> int:
        """Decimals with which changes and parts of scores are shown."""
        return max(self.score_digits, 1)

    @property
    def kpis(self) -> tuple[KpiLine, ...]:
        """All KPI lines, perspective by perspective."""
        return tuple(line for perspective in self.perspectives for line in perspective.kpis)

    @property
    def objectives(self) -> tuple[ObjectiveCard, ...]:
        """All objectives, perspective by perspective."""
        return tuple(card for perspective in self.perspectives for card in perspective.objectives)
