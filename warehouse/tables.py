"""The computed tables: their columns, types and meaning, in one place.

Schemas carry the names of the layers. These tables are a contract: the reference page is written from here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column: its DuckDB type and what it means."""

    type: str
    meaning: str


@dataclass(frozen=True, eq=False)
class Table:
    """A computed table. ``partition`` is the column whose values a step replaces as one; ``key`` identifies a row."""

    schema: str
    name: str
    meaning: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    partition: str = "period"
    is_published: bool = True

    @property
    def full_name(self) -> str:
        """The name with its schema."""
        return f"{self.schema}.{self.name}"

    @property
    def ddl(self) -> str:
        """The statement that makes the table."""
        columns = ", ".join(f'"{name}" {column.type}' for name, column in self.columns.items())
        return f"CREATE TABLE IF NOT EXISTS {self.full_name} ({columns})"


_PERIOD = Column("DATE", "First day of the month.")
_UNIT = Column("VARCHAR", "Organisation unit, by id.")
_KPI = Column("VARCHAR", "KPI, by id.")
_CARD = Column("VARCHAR", "Scorecard, by id.")
_SLICE = Column("VARCHAR", "Column and value of a dimension, such as gender=female; empty for the whole.")
_REASON = Column("VARCHAR", "Why the value is missing; null where there is one.")

CELLS = Table(
    "measures",
    "measure_cells",
    "Parts of measures by the unit that the rows name, before the tree and windows.",
    ("measure", "part", "period", "unit", "slice"),
    {
        "measure": Column("VARCHAR", "Measure, with an input's further filter in brackets."),
        "part": Column("VARCHAR", "Aggregate of the measure's formula."),
        "period": _PERIOD,
        "unit": _UNIT,
        "slice": _SLICE,
        "exact": Column("DECIMAL(38, 10)", "The part where rows are whole numbers or decimals."),
        "real": Column("DOUBLE", "The part where rows are floats."),
        "rows": Column("BIGINT", "Rows that counted."),
    },
    is_published=False,
)
UNITS_WITHHELD = Table(
    "kpis",
    "units_withheld",
    "By which patterns a month's figures tell of people in the months that they look at: two patterns of a month may "
    "tell together what neither does.",
    ("period", "month", "people", "units", "withheld"),
    {
        "period": _PERIOD,
        "month": Column("DATE", "Month that figures of the period look at."),
        "people": Column("VARCHAR", "The group: the measure that counts it, and the column in which it has values."),
        "counted_by": Column("VARCHAR", "The measure that counts it."),
        "units": Column("VARCHAR", "Digest of the month's units, each with the one above it."),
        "made_of": Column("VARCHAR", "Digest of the rule, and of what the month's cells were computed from."),
        "withheld": Column("VARCHAR", "The units of which wholes, and of which parts are withheld, as JSON."),
    },
    is_published=False,
)
COVERAGE = Table(
    "measures",
    "source_months",
    "Months that each source's current loads speak of, and what the cells were computed from.",
    ("source", "period"),
    {
        "source": Column("VARCHAR", "Source, by id."),
        "period": _PERIOD,
        "is_covered": Column("BOOLEAN", "Whether the data speak of the month."),
        "fingerprint": Column("VARCHAR", "Digest of loads and declarations behind the month's cells."),
    },
    is_published=False,
)
COMPUTED = Table(
    "runs",
    "computed_months",
    "What each step's tables of a month were computed from: a month that has not changed is not computed again.",
    ("step", "period"),
    {
        "step": Column("VARCHAR", "Step, such as kpis or scores."),
        "period": _PERIOD,
        "fingerprint": Column("VARCHAR", "Digest of the cells, declarations and program behind the month's tables."),
    },
    is_published=False,
)
KPI_VALUES = Table(
    "kpis",
    "kpi_values",
    "Values of KPIs by unit and month, with their operands or the reason why they are missing.",
    ("period", "unit", "kpi", "window", "slice"),
    {
        "period": _PERIOD,
        "unit": _UNIT,
        "kpi": _KPI,
        "window": Column("VARCHAR", "The window: the KPI's own, or a further one."),
        "slice": _SLICE,
        "is_main": Column("BOOLEAN", "Whether it is the KPI as declared: its own window, the whole. That is scored."),
        "value_period": Column("DATE", "The month that the value is of: the last date of the KPI's frequency."),
        "value": Column("DOUBLE", "The value in its own terms; a percentage as a fraction."),
        "text": Column("VARCHAR", "The text, for a KPI whose value is one; the value is then its position."),
        "numerator": Column("DOUBLE", "Left operand of the formula's outermost division."),
        "denominator": Column("DOUBLE", "Right operand of the same."),
        "missing_reason": _REASON,
    },
)
KPI_INPUTS = Table(
    "kpis",
    "kpi_inputs",
    "The operands of every formula.",
    ("period", "unit", "kpi", "window", "slice", "input"),
    {
        "period": _PERIOD,
        "unit": _UNIT,
        "kpi": _KPI,
        "window": KPI_VALUES.columns["window"],
        "slice": _SLICE,
        "input": Column("VARCHAR", "Name of the input in the formula, after that of the KPI that uses it, if any."),
        "measure": CELLS.columns["measure"],
        "value": Column("DOUBLE", "Value of the measure over the window."),
        "months_present": Column("BIGINT", "Months of the window that count for the unit."),
        "months_expected": Column("BIGINT", "Months that the window has."),
        "window_from": Column("DATE", "First month of the window."),
        "window_to": Column("DATE", "Last month of the window."),
        "missing_reason": _REASON,
    },
)
COMPARISONS = Table(
    "kpis",
    "comparisons",
    "KPI values beside those of the declared offsets before, such as the previous month and last year.",
    ("period", "unit", "kpi", "window", "slice", "offset_months"),
    {
        "period": _PERIOD,
        "unit": _UNIT,
        "kpi": _KPI,
        "window": KPI_VALUES.columns["window"],
        "slice": _SLICE,
        "offset_months": Column("BIGINT", "How many months before."),
        "reference_period": Column("DATE", "The month that is compared with."),
        "value": KPI_VALUES.columns["value"],
        "reference": Column("DOUBLE", "The value of that month, computed as of it."),
        "change": Column("DOUBLE", "Value less reference, in the KPI's own terms."),
        "change_share": Column("DOUBLE", "The change over the size of the reference; null for percentages."),
    },
)
SCORES = Table(
    "scores",
    "scores",
    "Scores of KPIs, objectives, perspectives and scorecards.",
    ("scorecard", "period", "unit", "level", "node"),
    {
        "scorecard": _CARD,
        "period": _PERIOD,
        "unit": _UNIT,
        "level": Column("VARCHAR", "kpi, objective, perspective or scorecard."),
        "node": Column("VARCHAR", "Id of what is scored."),
        "parent": Column("VARCHAR", "Id of what it counts into."),
        "score": Column("DOUBLE", "Score on the declared scale, clamped."),
        "raw_score": Column(
            "DOUBLE",
            "Of a KPI the score before clamping; of a node its method applied to the raw scores of its parts, so that "
            "clamping it need not give score.",
        ),
        "band": Column("VARCHAR", "Band of the score, or the one that a scoring step names."),
        "weight": Column("DOUBLE", "Share of the parent's weight, among what applies; 0 for unscored KPIs."),
        "share": Column("DOUBLE", "Share of the whole scorecard's weight, among what applies."),
        "effective_share": Column(
            "DOUBLE",
            "The same after weights are renormalised over what is present. Where all above are weighted means, the "
            "overall score is the sum of the KPIs' scores by these; below other methods it is a share of weight only.",
        ),
        "coverage": Column("DOUBLE", "Share of applicable weight that had data."),
        "target": Column("DOUBLE", "Target in force, for KPIs; null for a range with two ends, which anchors hold."),
        "leading_score": Column("DOUBLE", "Mean score of the leading KPIs below, by what they weigh; null for KPIs."),
        "lagging_score": Column("DOUBLE", "Mean score of the lagging KPIs below, by what they weigh; null for KPIs."),
        "bad_count": Column("INTEGER", "KPIs below in a band of status bad; null for KPIs."),
        "warning_count": Column("INTEGER", "KPIs below in a band of status warning; null for KPIs."),
        "good_count": Column("INTEGER", "KPIs below in a band of status good; null for KPIs."),
        "scored_count": Column("INTEGER", "KPIs below that have a score; null for KPIs."),
        "applicable_count": Column("INTEGER", "KPIs below that apply and are meant to be scored; null for KPIs."),
        "missing_reason": _REASON,
    },
)
ANCHORS = Table(
    "scores",
    "anchors",
    "Anchors and references in force.",
    ("scorecard", "period", "unit", "kpi", "anchor"),
    {
        "scorecard": _CARD,
        "period": _PERIOD,
        "unit": _UNIT,
        "kpi": _KPI,
        "anchor": Column("VARCHAR", "Name of the anchor, such as target or lower_floor, or of the reference."),
        "value": Column("DOUBLE", "Its value, in the KPI's own terms."),
        "origin": Column("VARCHAR", "Line of targets.csv, the formula, or that it is the sum of the units below."),
    },
)
SIGNALS = Table(
    "signals",
    "signals",
    "What the XmR chart of every KPI, drawn from all months up to the period, says about the period.",
    ("scorecard", "period", "unit", "kpi"),
    {
        "scorecard": _CARD,
        "period": _PERIOD,
        "unit": _UNIT,
        "kpi": _KPI,
        "basis": Column("VARCHAR", "What is judged: value, or change on last year (for seasonal KPIs)."),
        "points": Column(
            "BIGINT", "Points of the chart: months with a value, up to the period, since the last rebase."
        ),
        "mean": Column("DOUBLE", "Mean of the points (of the first n where the baseline is fixed)."),
        "mean_moving_range": Column(
            "DOUBLE", "Mean distance of neighbouring points, those left out that are 3.267 times the mean or more."
        ),
        "lower": Column(
            "DOUBLE",
            "Lower limit: mean - 2.66 mean moving ranges; the mean itself where the KPI never moves, "
            "null where it hardly ever does.",
        ),
        "upper": Column(
            "DOUBLE",
            "Upper limit: mean + 2.66 mean moving ranges; the mean itself where the KPI never moves, "
            "null where it hardly ever does.",
        ),
        "is_trial": Column("BOOLEAN", "Whether the limits rest on fewer than 12 points."),
        "is_overlapping": Column(
            "BOOLEAN",
            "Whether consecutive values share months, as over trailing windows: the chart then moves too smoothly for "
            "its limits, and packs do not speak of signals.",
        ),
        "flagged": Column(
            "BIGINT",
            "Points of the chart with any label but common cause. Where they are more than half of 12 points or more, "
            "packs say that there is no usual range, and show neither limits nor variation nor assurance.",
        ),
        "outside": Column("BIGINT", "Points of the chart outside the limits."),
        "label": Column(
            "VARCHAR",
            "Of the period's point: outside, trend, two of three, shift or common cause; null without a value.",
        ),
        "variation": Column(
            "VARCHAR",
            "improvement, concern, special cause (where neither way is better) or common cause; null without a value.",
        ),
        "assurance": Column(
            "VARCHAR",
            "Target against limits: consistently passes, consistently fails, or hit and miss; null without either.",
        ),
    },
)
LINK_EVIDENCE = Table(
    "signals",
    "link_evidence",
    "What the scores so far say of every link of the strategy map: whether the driver's movements went before those of "
    "the outcome. No proof of cause.",
    ("scorecard", "period", "unit", "driver", "outcome"),
    {
        "scorecard": _CARD,
        "period": _PERIOD,
        "unit": _UNIT,
        "driver": Column("VARCHAR", "Objective that the link starts from, by id."),
        "outcome": Column("VARCHAR", "Objective that it leads to, by id."),
        "status": Column(
            "VARCHAR",
            "untested: too few months with both scores, or too few in which both moved. supported, contradicted: the "
            "driver's changes went before like or opposite ones of the outcome. undecided: that could well be chance.",
        ),
        "months": Column("BIGINT", "Newest months without a gap in which both have a score, at most 60."),
        "lag": Column(
            "BIGINT",
            "Months from the driver's change to the outcome's: of the lags tried the one whose correlation is least "
            "likely to be chance, for the pairs that it has; it need not be the largest. The shortest of equal ones.",
        ),
        "correlation": Column("DOUBLE", "Spearman's rank correlation of the monthly changes at that lag."),
        "effective_pairs": Column("DOUBLE", "What the pairs of changes are worth after their memory and season."),
        "chance": Column(
            "DOUBLE", "Chance of a correlation at least so far from zero at one of the lags tried, if nothing is in it."
        ),
    },
)
_NODE = {
    "scorecard": _CARD,
    "period": _PERIOD,
    "unit": _UNIT,
    "level": SCORES.columns["level"],
    "node": SCORES.columns["node"],
}
_COMPARED = Column("VARCHAR", "The month compared with: previous period, or last year.")
KPI_DEFINITIONS = Table(
    "kpis",
    "kpi_definitions",
    "How each KPI was declared when its values were computed: what they are measured in, and whether more is better. "
    "The digest tells changes of definition from changes of value.",
    ("period", "kpi"),
    {
        "period": _PERIOD,
        "kpi": _KPI,
        "digest": Column("VARCHAR", "Digest of formula, inputs, measures, windows and scoring."),
        "measured_in": Column(
            "VARCHAR",
            "Unit of the KPI's values, targets and changes of value: percent (as a fraction), the code of a currency, "
            "or the word that is declared; null where none is.",
        ),
        "direction": Column("VARCHAR", "Which way is better: higher, lower or within a range."),
        "withheld_by": Column(
            "VARCHAR",
            "The rule of small groups that its figures obey, as JSON: at_least (0: there was none), across_months, "
            "digests of the parts of people that were told of and of the month's units, and of each measure behind it "
            "the source and how the people are counted whom it is about.",
        ),
    },
)
SCORE_CHANGES = Table(
    "insight",
    "score_changes",
    "Why each score moved: its change since an earlier month, split over its KPIs. Points sum to the change.",
    ("scorecard", "period", "unit", "level", "node", "compared_with", "part", "kpi"),
    {
        **_NODE,
        "compared_with": _COMPARED,
        "part": Column(
            "VARCHAR",
            "value, target: of the KPI. came, went: the KPI has a score at one end only. definition: KPI or roll-up "
            "were declared otherwise then. units: what units did that joined or left. weights: weights were. Null "
            "where there is no split.",
        ),
        "kpi": Column("VARCHAR", "KPI, by id; null for weights, and for the definition of a roll-up."),
        "points": Column("DOUBLE", "Points of the node's score."),
        "missing_reason": Column("VARCHAR", "Why the change cannot be split; null where it is."),
    },
)
VALUE_CHANGES = Table(
    "insight",
    "value_changes",
    "Why each KPI value moved: its change since an earlier month over the units directly below, of ratios into rate "
    "and mix. Changes sum to that of the value.",
    ("period", "unit", "kpi", "compared_with", "sub_unit"),
    {
        "period": _PERIOD,
        "unit": _UNIT,
        "kpi": _KPI,
        "compared_with": _COMPARED,
        "sub_unit": Column(
            "VARCHAR", "Unit directly below; null for what none of them reports, such as rows of the unit itself."
        ),
        "change": Column("DOUBLE", "What it adds to the value's change, in the KPI's own terms."),
        "rate": Column("DOUBLE", "Of it, for ratios: by its own rate, at its mean share of the denominator."),
        "mix": Column("DOUBLE", "Of it, for ratios: by its share of the denominator."),
        "missing_reason": Column("VARCHAR", "Why the change cannot be split; null where it is."),
    },
)
BALANCE = Table(
    "insight",
    "balance",
    "How far the perspectives of a scorecard lie apart. Means are by effective weight, over perspectives with a score.",
    ("scorecard", "period", "unit"),
    {
        "scorecard": _CARD,
        "period": _PERIOD,
        "unit": _UNIT,
        "perspectives": Column("BIGINT", "Perspectives with a score."),
        "arithmetic": Column("DOUBLE", "Weighted arithmetic mean of their scores."),
        "geometric": Column("DOUBLE", "Weighted geometric mean of their scores; null where one is negative."),
        "shortfall": Column("DOUBLE", "How far the geometric mean falls below the arithmetic one."),
        "spread": Column("DOUBLE", "Points between the best and the worst perspective."),
        "best": Column("VARCHAR", "Perspective with the highest score."),
        "worst": Column("VARCHAR", "Perspective with the lowest score."),
        "heaviest": Column("VARCHAR", "Perspective with the most weight."),
        "heaviest_share": Column("DOUBLE", "Its share of the weight."),
    },
)
BALANCE_FINDINGS = Table(
    "insight",
    "balance_findings",
    "What is out of balance on a scorecard; no row where nothing is.",
    ("scorecard", "period", "unit", "finding", "perspective", "level", "node"),
    {
        "scorecard": _CARD,
        "period": _PERIOD,
        "unit": _UNIT,
        "finding": Column(
            "VARCHAR",
            "heavy_perspective: more weight than balance.most_weight. far_apart: a spread over balance.most_spread. "
            "hides_red: without the best perspective the score's band would be lower. holds_red: red below a good one.",
        ),
        "perspective": Column("VARCHAR", "Perspective that is heavy, worst, hides or holds."),
        "level": Column("VARCHAR", "Level of the node."),
        "node": Column("VARCHAR", "The best perspective (far_apart), or the red node that is hidden or held."),
    },
)
CERTAINTY = Table(
    "insight",
    "certainty",
    "How sure combined scores are: ranges when every declared weight may be off by sensitivity.weights.",
    ("scorecard", "period", "unit", "level", "node"),
    {
        **_NODE,
        "score": SCORES.columns["score"],
        "low": Column("DOUBLE", "5th percentile of the score over all draws of weights."),
        "high": Column("DOUBLE", "95th percentile of the same."),
        "band_chance": Column("DOUBLE", "Share of draws in which the score is in another band."),
        "rank": Column("BIGINT", "Rank of a scorecard's score among units of the level that have it; 1 is best."),
        "ranked": Column("BIGINT", "How many units are ranked."),
        "rank_low": Column("BIGINT", "5th percentile of the rank over all draws."),
        "rank_high": Column("BIGINT", "95th percentile of the same."),
        "rank_chance": Column("DOUBLE", "Share of draws in which the rank is another."),
    },
)
PACKS = Table(
    "packs",
    "packs",
    "Files of rendered packs: one row for each, the PDF of every pack among them.",
    ("period", "scorecard", "unit", "format"),
    {
        "period": _PERIOD,
        "scorecard": _CARD,
        "unit": _UNIT,
        "format": Column(
            "VARCHAR", "pdf, html or xlsx, as the layout declares; de_DE.pdf: in a language besides the pack's own."
        ),
        "file": Column("VARCHAR", "Path below the home."),
        "digest": Column("VARCHAR", "SHA-256 of the file."),
        "pages": Column("BIGINT", "Number of pages of a PDF; null for other formats."),
        "bytes": Column("BIGINT", "Size of the file."),
        "score": Column("DOUBLE", "Overall score shown."),
        "inputs": Column("VARCHAR", "Digest of what the pack was rendered from."),
        "is_private": Column(
            "BOOLEAN",
            "Whether it shows a person's own figures, for that person alone; exports do not identify its bytes then.",
        ),
    },
)
LOADS = Table(
    "landing",
    "loads",
    "Deliveries taken in or refused, as the journal records them.",
    ("load",),
    {
        "load": Column("VARCHAR", "Id of the load; in exports of sources about people its number."),
        "source": COVERAGE.columns["source"],
        "file": Column("VARCHAR", "Path below the extracts folder."),
        "period": Column("DATE", "Month of a monthly file."),
        "known_on": Column("DATE", "Day on which it was known."),
        "digest": Column("VARCHAR", "SHA-256 of the delivered bytes; of sources about people it is not exported."),
        "rows": Column("BIGINT", "Rows in the file."),
        "rejected": Column("BIGINT", "Rows in quarantine; among them those whose reference or look-up leads nowhere."),
        "is_current": Column("BOOLEAN", "Whether its rows count today."),
        "refused": Column("VARCHAR", "Why it was refused as a whole."),
    },
    partition="source",
)
REJECTS = Table(
    "quarantine",
    "rejects",
    "Rejected rows of all loads.",
    ("load", "line", "record", "reason"),
    {
        "load": LOADS.columns["load"],
        "source": COVERAGE.columns["source"],
        "file": LOADS.columns["file"],
        "line": Column("BIGINT", "Line in the file (row of the sheet or table for Excel and Parquet)."),
        "record": Column("BIGINT", "Number of the record in a JSON array, of which many may share a line; else null."),
        "rule": Column("VARCHAR", "Rule that the row broke."),
        "reason": Column("VARCHAR", "What is wrong."),
        "raw": Column("VARCHAR", "The row as delivered."),
    },
    partition="source",
)

_EDITION = Column("INTEGER", "Number of the published version of the period: 1 the original, later ones restated.")
EDITIONS = Table(
    "editions",
    "editions",
    "Published versions of periods.",
    ("period", "edition"),
    {
        "period": _PERIOD,
        "edition": _EDITION,
        "published_at": Column("VARCHAR", "When it was published, in UTC."),
        "by": Column("VARCHAR", "Who published it."),
        "reason": Column("VARCHAR", "Why it was published again; empty for the original."),
        "declarations": Column("VARCHAR", "SHA-256 of the list of declarations behind it, in the landing archive."),
        "packs": Column("INTEGER", "How many packs it has."),
    },
)
EDITION_CHANGES = Table(
    "editions",
    "edition_changes",
    "What each edition says otherwise than the one before it, and because of what.",
    ("period", "edition", "scorecard", "unit", "level", "node"),
    {
        "period": _PERIOD,
        "edition": _EDITION,
        "scorecard": _CARD,
        "unit": _UNIT,
        "level": Column(
            "VARCHAR", "value (of a KPI), or the level of a score: kpi, objective, perspective, scorecard."
        ),
        "node": Column("VARCHAR", "Id of the KPI or of what is scored."),
        "before": Column("DOUBLE", "What the edition before says; null where it was missing."),
        "after": Column("DOUBLE", "What this edition says; null where it is missing."),
        "because": Column("VARCHAR", "Causes, separated by commas: data, method, target, weight, unit tree."),
        "loads": Column("VARCHAR", "Deliveries behind a change of data, separated by commas."),
    },
)


def _frozen(table: Table, meaning: str) -> Table:
    """The twin of a table that editions keep."""
    columns = {"edition": _EDITION, **table.columns}
    return Table("editions", f"edition_{table.name}", meaning, (*table.key, "edition"), columns)


EDITION_KPI_VALUES = _frozen(KPI_VALUES, "Values of KPIs as published, edition by edition.")
EDITION_SCORES = _frozen(SCORES, "Scores as published, edition by edition.")
EDITION_PACKS = _frozen(
    PACKS, "Files of packs as published, edition by edition; each is an object of the landing archive."
)

TABLES = (
    LOADS, REJECTS, CELLS, UNITS_WITHHELD, COVERAGE, COMPUTED, KPI_VALUES, KPI_INPUTS, COMPARISONS,
    KPI_DEFINITIONS, SCORES, ANCHORS, SIGNALS, LINK_EVIDENCE, SCORE_CHANGES, VALUE_CHANGES, BALANCE, BALANCE_FINDINGS,
    CERTAINTY, PACKS, EDITIONS, EDITION_CHANGES, EDITION_KPI_VALUES, EDITION_SCORES, EDITION_PACKS,
)  # fmt: skip
BY_NAME = {table.name: table for table in TABLES}
