"""Why a score moved: the change of the overall score split exactly over its KPIs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from transforms.pack import Contribution, PerspectivePage

ScoreAndShare = tuple[float, float]


def contributions(
    now: Mapping[str, ScoreAndShare], before: Mapping[str, ScoreAndShare], overall: tuple[float | None, float | None],
    perspectives: Iterable[PerspectivePage],
) -> tuple[Contribution, ...]:  # fmt: skip
    """The points that each KPI adds to the change of the overall score, largest first; they sum to the change.

    ``now`` and ``before`` give score and effective share (shares sum to 1 each). A KPI's part is its change in score
    at the mean of both shares, plus its change in share times how far it stands from the overall score (the two-period
    split of Marshall and Edgeworth). A KPI that is there only once enters at the overall score, so that it adds what it
    differs by. Empty when either overall score is missing.
    """
    score_now, score_before = overall
    if score_now is None or score_before is None:
        return ()
    lines = {line.id: (line.name, page.name) for page in perspectives for line in page.kpis}
    centre = (score_now + score_before) / 2
    found: list[Contribution] = []
    for kpi in sorted({*now, *before}):
        score_1, share_1 = now.get(kpi, (score_now, 0.0))
        score_0, share_0 = before.get(kpi, (score_before, 0.0))
        points = (share_1 + share_0) / 2 * (score_1 - score_0) + (share_1 - share_0) * (
            (score_1 + score_0) / 2 - centre
        )
        name, perspective = lines.get(kpi, (kpi, ""))
        found.append(Contribution(kpi, name, perspective, points))
    return tuple(sorted(found, key=lambda part: (-abs(part.points), part.kpi)))
