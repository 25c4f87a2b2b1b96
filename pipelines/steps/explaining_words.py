"""What one has to know of an operand that its figures do not tell: sentences, one subject each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from scorecards.periods import period_text
from scorecards.project import Project
from scorecards.words import plural
from transforms.plan import KpiInput, Variant


def notes_on(
    project: Project, declared: KpiInput, variant: Variant, months: Sequence[date], people: str | None = None
) -> Iterator[str]:
    """The sentences about one operand; ``months`` are those that are taken, ``people`` counts whom it is about."""
    kpi = project.kpis[declared.kpi]
    if not declared.in_value:
        using = [anchor for anchor, text in kpi.anchors.items() if declared.name.split(".")[0] in text]
        yield f"No part of the value: the formula of {' and '.join(using) or 'an anchor'} uses it."
    if "." in declared.name:
        path = declared.name.rpartition(".")[0]
        yield f"An operand of {path}, a KPI that the formula uses and that is computed in its place."
    if declared.offset:
        yield f"Looks back {plural(declared.offset, 'month')}."
    yield from _over_time(variant, months)
    yield from _combined(variant)
    if variant.measure.currency is not None:
        rate = "mean rate" if variant.measure.rate == "average" else "closing rate"
        yield (
            f"Amounts in another currency than {project.organisation.currency} ({variant.measure.currency}) are "
            f"converted one by one, each at the {rate} of its month, and rounded at the tenth place."
        )
    if declared.min_months is not None:
        yield f"{plural(declared.min_months, 'month')} of the window are enough."
    if people is not None:
        yield f"It tells of people ({people}): figures of the units below are not listed, so that no small group shows."
    if variant.zero_when_empty:
        yield "A month without rows counts as zero once its data have come."


def _over_time(variant: Variant, months: Sequence[date]) -> Iterator[str]:
    over_time = variant.measure.over_time
    if over_time in ("first", "last"):
        yield f"A level, not added up over months: that of {period_text(months[0]) if months else 'one month'} counts."
    elif over_time == "average":
        yield "A level, not added up over months: the mean of its months counts."
    elif over_time != "sum":
        yield f"A level: the {over_time} of each unit's months, then added up over units."
    if variant.late.kind == "left out" and over_time == "average" and not variant.zero_when_empty:
        yield (
            "A unit without a snapshot in a month counts as zero then for the units above, while its own mean is over "
            "the months that it has."
        )
    if variant.late.kind == "last known":
        longest = plural(variant.late.months, "month")
        yield f"Where a unit's snapshot has not come, its last known one stands in for up to {longest}."


def _combined(variant: Variant) -> Iterator[str]:
    kinds = {part.kind for part in variant.parts}
    if "distinct" in kinds:
        yield "Different values are counted once over all units and months: their own counts do not add up to it."
    if "quantile" in kinds:
        yield "A percentile of all rows together: those of units and months do not combine to it."
    if kinds & {"minimum", "maximum"}:
        yield "An extreme of all rows together: units and months do not add up to it."
    if "text" in kinds:
        yield f"The one text that all rows have, as its place among: {', '.join(variant.texts)}."
