"""How much goes on a page: which perspectives share one, and how large their charts may grow.

Belongs here: estimates in millimetres of what the style sheets make of a section. They decide about looks only; the
page breaks themselves are the renderer's, and nothing is lost where an estimate is off.
"""

from __future__ import annotations

from dataclasses import dataclass

from report_templates.geometry import POINTS, Page
from report_templates.history import MOST_MONTHS
from report_templates.kpi_columns import columns_for, row_height
from report_templates.marked_text import plain
from report_templates.messages import perspective_sentence
from report_templates.page_messages import longest_legend
from report_templates.score_figures import most_digits
from report_templates.shared_scales import shared_reaches
from report_templates.text_fit import line_count
from transforms.pack import KpiLine, Pack, PerspectivePage, Remark

# The estimates are a little high: a page holds more than its height of them. What stands above charts alone takes room.
MORE_THAN_A_PAGE, ABOVE_CHARTS = 2.5, 3.0
GUTTER = 7.0
CAPTION = 6.9
LEAST_CHART, SHARED_CHART, READABLE_CHART, SPILLING_CHART, MOST_CHART = 15.5, 20.0, 24.0, 32.0, 62.0
HEADING, TABLE_HEAD, GROUP_ROW = 17.5, 5.5, 5.9
LEGEND, BETWEEN = 5.0, 7.0
# The room of what may follow the unit above a chart: where its scale ends, and a forecast.
_SCALE, _FORECAST = " " + "x" * 15, " " + "x" * 25
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


def plan_pages(pack: Pack, page: Page) -> tuple[Placement, ...]:
    """One placement per perspective with a KPI; neighbours share a page as long as their charts stay readable there."""
    pages: list[list[PerspectivePage]] = []
    for perspective in shown_perspectives(pack):
        if pages and _shared_height(pack, [*pages[-1], perspective], page)[0] >= SHARED_CHART:
            pages[-1].append(perspective)
        else:
            pages.append([perspective])
    placements: list[Placement] = []
    for shared in pages:
        height, most_columns = _shared_height(pack, shared, page)
        if height >= LEAST_CHART:
            height = min(height, MOST_CHART)
            grids = [_grid(page, height, _columns(p, most_columns, page)) for p in shared]
            placements += [Placement(i == 0, grid) for i, grid in enumerate(grids)]
        else:
            placements.append(_on_two_pages(pack, shared[0], page))
    return tuple(placements)


def shown_perspectives(pack: Pack) -> tuple[PerspectivePage, ...]:
    """The perspectives that get a section: those with at least one KPI of this unit."""
    return tuple(page for page in pack.perspectives if page.kpis)


def _shared_height(pack: Pack, shared: list[PerspectivePage], page: Page) -> tuple[float, int]:
    """The height left for each row of charts when ``shared`` stand on one page, and the most columns it takes.

    Wide charts first; more stand side by side only where they would else be too low to read.
    """
    legends = _legend(pack, page) * max(sum(has_charts(p) for p in shared) - 1, 0)
    room = page.height + MORE_THAN_A_PAGE
    free = room + BETWEEN + legends - sum(_fixed(pack, p, page) + BETWEEN for p in shared)
    best = (-1.0, page.charts_across()[0])
    for most_columns in page.charts_across():
        columns = [_columns(p, most_columns, page) for p in shared]
        rows = sum(-(-len(charted(p)) // c) for p, c in zip(shared, columns, strict=True))
        captions = sum(_captions(p, c, page) for p, c in zip(shared, columns, strict=True))
        if not rows:
            return (MOST_CHART if free >= 0 else -1.0), most_columns
        best = max(best, ((free - captions) / rows, most_columns), key=lambda found: found[0])
        if best[0] >= READABLE_CHART:
            break
    return best


def _on_two_pages(pack: Pack, perspective: PerspectivePage, page: Page) -> Placement:
    """The table on one page and the charts, grown, on the next; many charts flow on in rows of a fixed height."""
    count, best = len(charted(perspective)), page.charts_across()[0]
    if not count:
        return Placement(True, _grid(page, SPILLING_CHART, best))
    columns = best if count <= 3 * best else best + 1
    rows = -(-count // columns)
    height = (page.height - ABOVE_CHARTS - _legend(pack, page) - _captions(perspective, columns, page)) / rows
    if height < SPILLING_CHART:
        return Placement(True, _grid(page, SPILLING_CHART, columns))
    return Placement(True, _grid(page, min(height, MOST_CHART), columns), charts_start_page=True)


def _columns(perspective: PerspectivePage, most: int, page: Page) -> int:
    """As few columns as the fewest rows of at most ``most`` charts need; a lone chart takes half the width or less."""
    count, best = len(charted(perspective)), page.charts_across()[0]
    if count == 4 and most == best == 3:
        return 2
    return max(2, best - 1, -(-count // -(-count // most))) if count else 1


def _grid(page: Page, height: float, columns: int) -> ChartGrid:
    width = (page.width - GUTTER * (columns - 1)) / columns
    return ChartGrid(columns, round(width, 2), round(height, 2))


def _fixed(pack: Pack, perspective: PerspectivePage, page: Page) -> float:
    named = f"{perspective.name} {perspective.question}"
    heading = HEADING + 3.9 * (line_count(named, page.width - 28.0, 12.5 * POINTS) - 1)
    heading += 4.1 * (line_count(perspective_sentence(pack, perspective), page.width - 31.0, 8.5 * POINTS) - 1)
    name, owner = page.part(160.0), page.part(42.0)
    groups = sum(
        max(GROUP_ROW, 2.2 + 3.8 * line_count(card.name, name, BODY), 2.2 + 3.1 * line_count(card.owner, owner, SMALL))
        for card in perspective.objectives
    )
    columns = columns_for(page, most_digits(pack))
    return (
        heading
        + TABLE_HEAD
        + groups
        + sum(row_height(line, columns, page) for line in perspective.kpis)
        + _remarks_height(pack, perspective, page)
        + (_legend(pack, page) if has_charts(perspective) else 0)
    )


def _legend(pack: Pack, page: Page) -> float:
    return LEGEND + 3.1 * (line_count(longest_legend(pack.locale), page.width, SMALL) - 1)


def remarks_on(pack: Pack, page: PerspectivePage) -> tuple[Remark, ...]:
    """What was written about the perspective's KPIs and objectives."""
    about = {line.id for line in page.kpis} | {card.id for card in page.objectives}
    return tuple(r for r in pack.remarks if (r.kpi or r.objective) in about)


def _remarks_height(pack: Pack, perspective: PerspectivePage, page: Page) -> float:
    found = remarks_on(pack, perspective)
    lines = sum(
        max(
            line_count(plain(r.text), page.part(93.0), SMALL * 1.1),
            line_count(plain(r.response), page.part(73.0), SMALL * 1.1),
            line_count(r.owner, page.part(47.0), SMALL * 1.1),
        )
        for r in found
    )
    return 3.0 + TABLE_HEAD + 2.8 * len(found) + 3.4 * lines if found else 0.0


def charted(page: PerspectivePage) -> list[KpiLine]:
    """The KPIs that get a chart: those with a value in any month shown."""
    return [line for line in page.kpis if any(p.value is not None for p in line.history)]


def has_xmr(line: KpiLine) -> bool:
    """Whether a KPI's chart shows signals: it has a usual range, and limits are known in a month shown."""
    signal = line.signal
    if signal is None or not signal.has_range:
        return False
    return any(place is not None and place.lower is not None for place in signal.history)


def has_columns(line: KpiLine) -> bool:
    """Whether a KPI's chart on the page of its perspective shows columns: so does one with a forecast."""
    return not has_xmr(line) or bool(line.forecast)


def has_charts(page: PerspectivePage) -> bool:
    """Whether any KPI of the perspective gets a chart."""
    return bool(charted(page))


def _captions(perspective: PerspectivePage, columns: int, page: Page) -> float:
    """The height of all chart captions, row by row of the grid; the longest name of a row decides."""
    lines = charted(perspective)
    width = (page.width - GUTTER * (columns - 1)) / columns
    reaches = shared_reaches([line for line in lines if has_columns(line)], MOST_MONTHS)
    several = {name for name, reach in reaches.items() if reach.is_one_of_several}
    needed = [
        line_count(
            f"■ {line.name} {line.measured_in}{_SCALE * (line.id in several)}{_FORECAST * bool(line.forecast)}",
            width,
            BODY,
        )
        for line in lines
    ]
    return sum(CAPTION + 3.6 * (max(needed[i : i + columns]) - 1) for i in range(0, len(needed), columns))
