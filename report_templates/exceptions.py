"""Which KPIs need looking at, in which order, with the answers to three questions each.

Belongs here: choosing and ordering KPIs by status and signal. What is said of one is ``kpi_messages.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from report_templates.days import due_text
from report_templates.formatting import MISSING
from report_templates.kpi_messages import doing, why
from report_templates.language import language
from report_templates.signal_messages import is_exception, urgency
from transforms.pack import KpiLine, Pack, Remark, Status


@dataclass(frozen=True)
class ExceptionRow:
    """A KPI with the answers to three questions; ``explanation`` and ``response`` are what people wrote.

    Where nobody wrote anything, ``response`` says so, and ``is_explained`` is false. ``due`` is as the page has it,
    ``due_on`` as it was written.
    """

    line: KpiLine
    doing: str
    why: str
    explanation: str
    response: str
    owner: str
    due: str
    due_on: str
    is_explained: bool

    @property
    def status(self) -> Status | None:
        """The status of the KPI's band, which picks sign and colour."""
        return None if self.line.band is None else self.line.band.status


def exceptions(pack: Pack) -> tuple[ExceptionRow, ...]:
    """All KPIs that are off target, and those whose chart shows a special cause of concern.

    They stand in the order of ``signal_messages.urgency``, within which the one that costs the score most comes first.
    """
    return _ranked_rows(pack, [line for line in pack.kpis if is_exception(line)])


def near_target(pack: Pack) -> tuple[ExceptionRow, ...]:
    """All other KPIs whose band is near target, the one that costs the score most first, with the same answers."""
    return _others(pack, "warning")


def on_target(pack: Pack) -> tuple[ExceptionRow, ...]:
    """All other KPIs whose band is on target, in the same order."""
    return _others(pack, "good")


def without_value(pack: Pack) -> tuple[ExceptionRow, ...]:
    """All KPIs without a value, in the pack's order."""
    return tuple(_exception(pack, line) for line in pack.kpis if line.value is None)


def remark_on(remarks: Sequence[Remark], line: KpiLine) -> Remark | None:
    """What was written about this KPI, else about its objective."""
    about = [r for r in remarks if r.kpi == line.id]
    about += [r for r in remarks if r.kpi is None and r.objective is not None and r.objective == line.objective]
    return about[0] if about else None


def _others(pack: Pack, status: Status) -> tuple[ExceptionRow, ...]:
    found = [line for line in pack.kpis if line.band is not None and line.band.status == status]
    return _ranked_rows(pack, [line for line in found if not is_exception(line)])


def _ranked_rows(pack: Pack, lines: Sequence[KpiLine]) -> tuple[ExceptionRow, ...]:
    def cost(line: KpiLine) -> float:
        return line.weight * (pack.scale_anchors["target"] - (line.score if line.score is not None else 0.0))

    return tuple(_exception(pack, line) for line in sorted(lines, key=lambda line: (urgency(line), -cost(line))))


def _exception(pack: Pack, line: KpiLine) -> ExceptionRow:
    remark, say = remark_on(pack.remarks, line), language(pack.locale)
    response = remark.response or MISSING if remark else say("No explanation given.")
    return ExceptionRow(
        line=line,
        doing=doing(pack, line),
        why=why(pack, line),
        explanation=remark.text if remark else "",
        response=response,
        owner=(remark.owner if remark else "") or line.owner or say("No owner yet"),
        due=due_text(remark.due, pack.locale) if remark else "",
        due_on=remark.due if remark else "",
        is_explained=remark is not None,
    )
