"""One KPI as the tables and charts show it: every figure already written, every small chart already placed.

Belongs here: turning a ``KpiLine`` into texts and geometry. Which page shows it is ``views.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from report_templates.chart_targets import targets_of
from report_templates.charts import Bullet, Sparkline, bullet, sparkline
from report_templates.column_chart import LABEL_SIZE, LABELS_WIDTH
from report_templates.days import day_in_year, month
from report_templates.formatting import MISSING, MOST_SHARE, NARROW_SPACE, RowScale, percent, percent_scale, points
from report_templates.history import MOST_MONTHS
from report_templates.kpi_messages import chart_message, scale_of
from report_templates.language import language
from report_templates.reasons import reason_words
from report_templates.score_figures import score_figure
from report_templates.signal_messages import VARIATION_STATUS, assurance_text, variation_text
from report_templates.text_fit import text_width
from transforms.pack import BandShown, KpiLine, NodeScore, Pack, Status

_UNBROKEN = (
    "actual", "target", "variance", "variance_share", "previous", "last_year", "to_date", "to_date_target", "variation",
    "assurance", "weight", "known_on",
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """A score as shown: its figure, the status that picks sign and colour, and the band's word."""

    score: str
    status: Status | None
    word: str


@dataclass(frozen=True)
class KpiRow:
    """A row of the KPI table, every figure written.

    ``variance_share`` is the second variance column: percent of the target, or points with ``pp``. ``is_better``
    colours the variance by its meaning, not its sign; ``note`` says in words what is missing, or is empty. The status
    of ``variation`` picks its colour beside its sign and word. ``range_labels`` stand at the upper and the lower end of
    a range in the KPI's chart.
    """

    line: KpiLine
    scale: RowScale
    measured_in: str
    actual: str
    target: str
    variance: str
    variance_share: str
    is_better: bool | None
    previous: str
    last_year: str
    spark: Sparkline
    spark_title: str
    bullet: Bullet
    verdict: Verdict
    upper: str
    lower: str
    variation: str
    variation_status: str
    assurance: str
    weight: str
    note: str
    range_labels: tuple[str, str]
    to_date: str
    to_date_target: str
    known_on: str


def kpi_row(pack: Pack, line: KpiLine, months: int = MOST_MONTHS) -> KpiRow:
    """The row of ``line`` in the numbers' manner of ``pack``; its sparkline shows so many ``months``."""
    scale = scale_of(pack, line)
    history = line.history
    variance = scale.between(line.value, line.aim)
    to_date = scale.over(line.to_date, line.to_date_target)
    targets, uppers = targets_of(history).lines
    lower, upper = (line.signal.lower, line.signal.upper) if line.signal else (None, None)
    limits = scale.apart(lower, upper)
    return KpiRow(
        line=line,
        scale=scale,
        measured_in=scale.label,
        actual=line.text or scale.figure(line.value),
        target=target_figure(line, scale),
        variance=MISSING if scale.texts else scale.difference_figure(variance, signed=True),
        variance_share=_variance_share(line, scale, variance),
        is_better=line.is_better if variance else None,
        previous=scale.over(line.previous).figure(line.previous),
        last_year=scale.over(line.last_year).figure(line.last_year),
        spark=sparkline([p.value for p in history], targets, slots=months, uppers=uppers),
        spark_title=chart_message(pack, line),
        bullet=score_bullet(pack, line.score),
        verdict=verdict(pack, line.score, line.band),
        upper=limits.figure(upper),
        lower=limits.figure(lower),
        variation=variation_text(line, pack.locale),
        variation_status=VARIATION_STATUS.get(line.variation, "none"),
        assurance=assurance_text(line, pack.locale),
        weight=percent(line.weight, 1, pack.locale),
        note=_note(line, pack.locale),
        range_labels=_range_labels(line, scale),
        to_date=to_date.figure(line.to_date),
        to_date_target=to_date.figure(line.to_date_target),
        known_on=day_in_year(line.data_known_on, pack.period.year, pack.locale),
    )


def column_texts(rows: Iterable[KpiRow], weights: Iterable[float], locale: str) -> dict[str, list[str]]:
    """What stands unbroken in the columns of a table of KPIs, by column; ``weights`` are those of its groups."""
    texts: dict[str, list[str]] = {"weight": [percent(weight, 1, locale) for weight in weights]}
    for row in rows:
        found = {name: getattr(row, name) for name in _UNBROKEN}
        found |= {
            "score": f"■ {row.verdict.score}",
            "judged": max(row.variation, row.assurance, key=len),
            "to_date_both": max(row.to_date, row.to_date_target, key=len),
        }
        for name, text in found.items():
            texts.setdefault(name, []).append(text)
    return texts


def target_figure(line: KpiLine, scale: RowScale) -> str:
    """The target as a table shows it; of a range its ends, or the one that there is."""
    ends = [end for end in (line.lower_target, line.upper_target) if end is not None]
    if line.direction != "within" or not ends or line.lower_target == line.upper_target:
        return scale.figure(line.target)
    scale = scale.apart(line.lower_target, line.upper_target)
    if len(ends) == 1:
        return f"{'≥' if line.lower_target is not None else '≤'}{NARROW_SPACE}{scale.figure(ends[0])}"
    return f"{scale.figure(ends[0])}{NARROW_SPACE}–{NARROW_SPACE}{scale.figure(ends[1])}"


def verdict(pack: Pack, score: float | None, band: BandShown | None) -> Verdict:
    """Figure, status and word of any score; a missing one is an en dash and ``no score``."""
    if score is None or band is None:
        say = language(pack.locale)
        return Verdict(score_figure(pack, score), None, say("no score") if score is None else say("no band"))
    return Verdict(score_figure(pack, score), band.status, band.name)


def node_verdict(pack: Pack, node: NodeScore) -> Verdict:
    """Figure, status and word of a scorecard's, perspective's or objective's score."""
    return verdict(pack, node.score, node.band)


def score_bullet(pack: Pack, score: float | None, width: float = 80) -> Bullet:
    """A score on the pack's one scale."""
    target = pack.scale_anchors.get("target", 100.0)
    return bullet(score, pack.bands, pack.scale_lowest, pack.scale_highest, target, width)


def _variance_share(line: KpiLine, scale: RowScale, variance: float | None) -> str:
    if scale.is_percent:
        return MISSING if variance is None else points(scale.difference_figure(variance, signed=True), scale.locale)
    share = line.variance_share
    # So it does across zero.
    if share is None or abs(share) >= MOST_SHARE or (line.value or 0.0) * (line.aim or 0.0) < 0:
        return MISSING
    return _signed_share(share if variance else 0.0, scale.locale)


def _signed_share(share: float, locale: str) -> str:
    """``−0.6 %`` of a target; from a tenth on without decimals, and never zero where it is not."""
    decimals = 1 if abs(share) < 0.0995 else 0
    return f"{percent_scale(decimals, locale).figure(share, signed=True)}{NARROW_SPACE}%"


def _range_labels(line: KpiLine, scale: RowScale) -> tuple[str, str]:
    """The ends of a range as a chart names them; as targets where that word fits beside the chart."""
    scale = scale.apart(line.lower_target, line.upper_target)
    ends = f"≤ {scale.figure(line.upper_target)}", f"≥ {scale.figure(line.lower_target)}"
    named = [target_label(end, scale.locale) for end in ends]
    fits = max(text_width(label, LABEL_SIZE) for label in named) <= LABELS_WIDTH - 1.0
    return (named[0], named[1]) if fits else ends


def target_label(figure: str, locale: str) -> str:
    """The target as a chart names it beside its line."""
    say = language(locale)
    return say("target %(figure)s", figure=figure)


def _note(line: KpiLine, locale: str) -> str:
    say = language(locale)
    if line.value is None:
        return say("No value: %(reason)s.", reason=reason_words(line.missing_reason, locale))
    if line.value_period is not None:
        return say("Of %(month)s.", month=month(line.value_period, locale))
    if line.score is None:
        return say("No score: %(reason)s.", reason=reason_words(line.missing_reason or "no_target", locale))
    return ""
