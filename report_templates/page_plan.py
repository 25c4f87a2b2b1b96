"""How much goes on a page: which perspectives share one, and how large their charts may grow.

Belongs here: estimates in millimetres of what the style sheets make of a section. They decide about looks only; the
page breaks themselves are the renderer's, and nothing is lost where an estimate is off.
"""

from __future__ import annotations

from dataclasses import dataclass

from report_templates.page_messages import longest_legend
from report_templates.text_fit import line_count
from transforms.pack import KpiLine, Pack, PerspectivePage, Remark

PAGE_HEIGHT = 176.5
CHARTS_ONLY_HEIGHT = 171.0
CONTENT_WIDTH = 273.0
GUTTER = 7.0
CAPTION = 6.9
LEAST_CHART, SHARED_CHART, READABLE_CHART, SPILLING_CHART, MOST_CHART = 15.5, 20.0, 24.0, 32.0, 62.0
MOST_COLUMNS = (3, 4, 5)
HEADING, TABLE_HEAD, GROUP_ROW, KPI_ROW = 17.5, 5.5, 5.9, 5.9
LEGEND, BETWEEN = 5.0, 7.0
POINTS = 0.3528  # millimetres
BODY, SMALL = 8 * POINTS, 6.5 * POINTS


@dataclass(frozen=True)
class ChartGrid:
    """The grid of a perspective's charts: how many side by side, and each one's size in millimetres."""

    columns: int
    chart_width: float
    chart_height: float


@dataclass(frozen=True)
class Placement:
    """Where a perspective stands: on a new page or below the one before; its charts with it or on the page after."""

    starts_page: bool
    grid: ChartGrid
    charts_start_page: bool = False


def plan_pages(pack: Pack) -> tuple[Placement, ...]:
    """One placement per perspective with a KPI; neighbours share a page as long as their charts stay readable there."""
    pages: list[list[PerspectivePage]] = []
    for perspective in shown_perspectives(pack):
        if pages and _shared_height(pack, [*pages[-1], perspective])[0] >= SHARED_CHART:
            pages[-1].append(perspective)
        else:
            pages.append([perspective])
    placements: list[Placement] = []
    for shared in pages:
        height, most_columns = _shared_height(pack, shared)
        if height >= LEAST_CHART:
            height = min(height, MOST_CHART)
            placements += [Placement(i == 0, _grid(p, height, _columns(p, most_columns))) for i, p in enumerate(shared)]
        else:
            placements.append(_on_two_pages(pack, shared[0]))
    return tuple(placements)


def shown_perspectives(pack: Pack) -> tuple[PerspectivePage, ...]:
    """The perspectives that get a section: those with at least one KPI of this unit."""
    return tuple(page for page in pack.perspectives if page.kpis)


def _shared_height(pack: Pack, shared: list[PerspectivePage]) -> tuple[float, int]:
    """The height left for each row of charts when ``shared`` stand on one page, and the most columns it takes.

    Wide charts first; more stand side by side only where they would else be too low to read.
    """
    legends = _legend(pack) * max(sum(has_charts(p) for p in shared) - 1, 0)
    free = PAGE_HEIGHT + BETWEEN + legends - sum(_fixed(pack, p) + BETWEEN for p in shared)
    best = (-1.0, MOST_COLUMNS[0])
    for most_columns in MOST_COLUMNS:
        columns = [_columns(p, most_columns) for p in shared]
        rows = sum(-(-len(charted(p)) // c) for p, c in zip(shared, columns, strict=True))
        captions = sum(_captions(p, c) for p, c in zip(shared, columns, strict=True))
        if not rows:
            return (MOST_CHART if free >= 0 else -1.0), most_columns
        best = max(best, ((free - captions) / rows, most_columns), key=lambda found: found[0])
        if best[0] >= READABLE_CHART:
            break
    return best


def _on_two_pages(pack: Pack, page: PerspectivePage) -> Placement:
    """The table on one page and the charts, grown, on the next; many charts flow on in rows of a fixed height."""
    count = len(charted(page))
    columns = 3 if count <= 9 else 4
    rows = -(-count // columns)
    height = (CHARTS_ONLY_HEIGHT - _legend(pack) - _captions(page, columns)) / rows
    if height < SPILLING_CHART:
        return Placement(True, _grid(page, SPILLING_CHART, columns))
    return Placement(True, _grid(page, min(height, MOST_CHART), columns), charts_start_page=True)


def _columns(page: PerspectivePage, most: int) -> int:
    """As few columns as the fewest rows of at most ``most`` charts need; a lone chart takes half the width."""
    count = len(charted(page))
    if count == 4 and most == MOST_COLUMNS[0]:
        return 2
    return max(2, -(-count // -(-count // most))) if count else 1


def _grid(page: PerspectivePage, height: float, columns: int) -> ChartGrid:
    width = (CONTENT_WIDTH - GUTTER * (columns - 1)) / columns
    return ChartGrid(columns, round(width, 2), round(height, 2))


def _fixed(pack: Pack, page: PerspectivePage) -> float:
    heading = HEADING + 3.9 * (line_count(f"{page.name} {page.question}", 245.0, 12.5 * POINTS) - 1)
    groups = sum(
        max(GROUP_ROW, 2.2 + 3.8 * line_count(card.name, 160.0, BODY), 2.2 + 3.1 * line_count(card.owner, 42.0, SMALL))
        for card in page.objectives
    )
    return (
        heading
        + TABLE_HEAD
        + groups
        + sum(_row_height(line) for line in page.kpis)
        + _remarks_height(pack, page)
        + (_legend(pack) if has_charts(page) else 0)
    )


def _legend(pack: Pack) -> float:
    return LEGEND + 3.1 * (line_count(longest_legend(pack.locale), CONTENT_WIDTH, SMALL) - 1)


def _row_height(line: KpiLine) -> float:
    note = " " + "x" * 30 if line.value is None or line.score is None else ""
    return max(
        KPI_ROW,
        2.2 + 3.8 * line_count(line.name + note, 35.0, BODY),
        2.2 + 3.1 * line_count(line.owner, 32.4, SMALL),
        2.2 + 3.8 * line_count(line.measured_in, 26.4, 7.2 * POINTS),
    )


def remarks_on(pack: Pack, page: PerspectivePage) -> tuple[Remark, ...]:
    """What was written about the perspective's KPIs and objectives."""
    about = {line.id for line in page.kpis} | {card.id for card in page.objectives}
    return tuple(r for r in pack.remarks if (r.kpi or r.objective) in about)


def _remarks_height(pack: Pack, page: PerspectivePage) -> float:
    found = remarks_on(pack, page)
    lines = sum(
        max(
            line_count(r.text, 93.0, SMALL * 1.1),
            line_count(r.response, 73.0, SMALL * 1.1),
            line_count(r.owner, 47.0, SMALL * 1.1),
        )
        for r in found
    )
    return 3.0 + TABLE_HEAD + 2.8 * len(found) + 3.4 * lines if found else 0.0


def charted(page: PerspectivePage) -> list[KpiLine]:
    """The KPIs that get a chart: those with a value in any month shown."""
    return [line for line in page.kpis if any(p.value is not None for p in line.history)]


def has_xmr(line: KpiLine) -> bool:
    """Whether a KPI's chart shows signals: its values do not share months, and limits are known in a month shown."""
    signal = line.signal
    if signal is None or signal.is_overlapping:
        return False
    return any(place is not None and place.lower is not None for place in signal.history)


def has_charts(page: PerspectivePage) -> bool:
    """Whether any KPI of the perspective gets a chart."""
    return bool(charted(page))


def _captions(page: PerspectivePage, columns: int) -> float:
    """The height of all chart captions, row by row of the grid; the longest name of a row decides."""
    lines = charted(page)
    width = (CONTENT_WIDTH - GUTTER * (columns - 1)) / columns
    needed = [line_count(f"■ {line.name} {line.measured_in}", width, BODY) for line in lines]
    return sum(CAPTION + 3.6 * (max(needed[i : i + columns]) - 1) for i in range(0, len(needed), columns))
