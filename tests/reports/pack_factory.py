# ruff: noqa: E501 (the tables of this file read better with one record on a line)
"""Realistic packs for tests of the reports, made without a project: deterministic, and consistent in themselves.

Scores are placed on the scale from the values, nodes are weighted means of what is below, and contributions sum to the
change of the overall score.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from scorecards.periods import add_months
from transforms.pack import (
    ActionRow,
    BandShown,
    ChildRow,
    Contribution,
    Direction,
    EditionNote,
    EditionRow,
    InitiativeRow,
    KpiLine,
    NodeRule,
    NodeScore,
    ObjectiveCard,
    Pack,
    PerspectivePage,
    Point,
    Remark,
    SeenEffect,
    Signal,
    SignalPoint,
    SourceRow,
    Status,
    Variation,
)  # fmt: skip
from transforms.signals import COMMON_CAUSE, LABELS, xmr_charts

PERIOD = date(2026, 10, 1)
BANDS = (
    BandShown("red", "off target", "bad", None),
    BandShown("amber", "near target", "warning", 70.0),
    BandShown("green", "on target", "good", 95.0),
)
HIGHEST = 120.0

# name, measured in, direction, target, floor, first and last value, window, leading, owner
Spec = tuple[str, str, Direction, float, float, float, float, str, bool, str]
Objectives = dict[str, list[Spec]]

COMPANY: dict[str, tuple[str, Objectives]] = {
    "Financial": (
        "How do we look to those who own us?",
        {
            "Grow revenue profitably": [
                ("Revenue", "currency", "higher", 44.0e6, 30.0e6, 43.1e6, 41.84e6, "month", False, "Chief Financial Officer"),
                ("Revenue growth on last year", "percent", "higher", 0.05, -0.05, 0.052, 0.031, "year to date", False, "Chief Financial Officer"),
            ],
            "Keep costs below growth": [
                ("Operating margin", "percent", "higher", 0.125, 0.09, 0.121, 0.119, "month", False, "Chief Financial Officer"),
                ("Cost to serve an order", "currency", "lower", 6.2, 8.0, 6.3, 6.9, "month", True, "Chief Operating Officer"),
            ],
            "Turn profit into cash": [
                ("Cash conversion", "percent", "higher", 0.90, 0.6, 0.89, 0.94, "trailing 12 months", False, "Treasurer"),
                ("Days of stock", "days", "lower", 78.0, 110.0, 84.0, 76.4, "month", True, "Treasurer"),
            ],
        },
    ),
    "Customer": (
        "How do our customers see us?",
        {
            "Keep our promises": [
                ("Complaints per 1,000 orders", "complaints", "lower", 9.0, 17.0, 8.7, 14.2, "month", False, "Chief Customer Officer"),
                ("First contact resolution", "percent", "higher", 0.75, 0.55, 0.74, 0.70, "month", True, "Head of Service"),
            ],
            "Be recommended": [
                ("Net promoter score", "points", "higher", 45.0, 25.0, 44.0, 38.2, "trailing 3 months", False, "Chief Customer Officer"),
                ("Product rating", "stars", "higher", 4.5, 3.5, 4.3, 4.42, "trailing 3 months", True, "Chief Marketing Officer"),
            ],
            "Win and keep customers": [
                ("Repeat customers", "percent", "higher", 0.48, 0.36, 0.462, 0.471, "trailing 12 months", False, "Chief Marketing Officer"),
                ("Share of new customers", "percent", "higher", 0.20, 0.12, 0.194, 0.215, "month", True, "Chief Marketing Officer"),
            ],
        },
    ),
    "Internal process": (
        "What must we excel at?",
        {
            "Deliver on time": [
                ("Delivered on time", "percent", "higher", 0.95, 0.84, 0.953, 0.884, "month", True, "Head of Logistics"),
                ("Order lead time", "days", "lower", 4.0, 6.0, 3.9, 4.6, "month", True, "Chief Operating Officer"),
            ],
            "Make it right first time": [
                ("Defects per 1,000 units", "defects", "lower", 3.5, 6.0, 3.9, 3.1, "month", True, "Plant Head"),
                ("Rework cost", "currency", "lower", 120_000.0, 260_000.0, 154_000.0, 131_500.0, "month", False, "Plant Head"),
            ],
            "Work safely": [
                ("Lost-time incidents", "incidents", "lower", 2.0, 8.0, 3.0, 1.0, "trailing 3 months", False, "Head of Safety"),
            ],
            "Renew the range": [
                ("Revenue from products under two years old", "percent", "higher", 0.30, 0.15, 0.24, 0.262, "trailing 12 months", True, "Head of Product"),
            ],
        },
    ),
    "Learning and growth": (
        "How do we keep the ability to change?",
        {
            "Keep our people": [
                ("Voluntary turnover", "percent", "lower", 0.12, 0.18, 0.117, 0.138, "trailing 12 months", False, "Chief People Officer"),
                ("Employee engagement", "points", "higher", 75.0, 55.0, 76.0, 71.0, "month", True, "Chief People Officer"),
            ],
            "Build skills": [
                ("Training hours a head", "hours", "higher", 30.0, 10.0, 26.0, 31.0, "trailing 12 months", True, "Chief People Officer"),
                ("Certified warehouse staff", "percent", "higher", 0.8, 0.4, 0.55, 0.71, "month", True, "Head of Logistics"),
            ],
            "Grow our own leaders": [
                ("Roles with a ready successor", "percent", "higher", 0.65, 0.35, 0.51, 0.58, "month", True, "Chief People Officer"),
            ],
            "Give people good data": [
                ("Reports delivered by day five", "percent", "higher", 1.0, 0.7, 0.82, 0.97, "month", True, "Chief Information Officer"),
            ],
        },
    ),
}  # fmt: skip

LINKS = {
    "keep_our_people": ("deliver_on_time", "make_it_right_first_time"),
    "build_skills": ("deliver_on_time", "work_safely"),
    "grow_our_own_leaders": ("renew_the_range", "keep_our_people"),
    "give_people_good_data": ("make_it_right_first_time", "keep_costs_below_growth"),
    "deliver_on_time": ("keep_our_promises",),
    "make_it_right_first_time": ("keep_our_promises", "keep_costs_below_growth"),
    "work_safely": ("keep_costs_below_growth",),
    "renew_the_range": ("win_and_keep_customers",),
    "keep_our_promises": ("be_recommended",),
    "be_recommended": ("win_and_keep_customers", "grow_revenue_profitably"),
    "win_and_keep_customers": ("grow_revenue_profitably",),
    "grow_revenue_profitably": ("turn_profit_into_cash",),
    "keep_costs_below_growth": ("turn_profit_into_cash",),
}


def company_pack() -> Pack:
    """The whole company: four perspectives of six KPIs, linked objectives, units below, initiatives, actions, rejects."""
    pack = build_pack("Whole company", "company", COMPANY, seed=7)
    children = tuple(
        _child(name, score, random.Random(i))
        for i, (name, score) in enumerate(
            [("Logistics", 64.0), ("Retail stores", 81.0), ("Online shop", 97.0), ("Manufacturing", 88.0)]
        )
    )
    return replace(
        pack,
        children=children,
        remarks=_remarks(),
        initiatives=_initiatives(),
        actions=_actions(),
        sources=_sources(),
    )


def person_pack() -> Pack:
    """A sales person's own scorecard: three KPIs in two perspectives, no units below, a line of sight."""
    spec: dict[str, tuple[str, Objectives]] = {
        "Customer": ("What do my customers get?", {
            "Sell what customers keep": [
                ("Orders won", "orders", "higher", 42.0, 20.0, 38.0, 45.0, "month", False, "Sales person 4f2a"),
                ("Returned orders", "percent", "lower", 0.06, 0.12, 0.055, 0.071, "trailing 3 months", False, "Sales person 4f2a"),
            ],
        }),
        "Learning and growth": ("How do I get better?", {
            "Know the range": [
                ("Product training hours", "hours", "higher", 6.0, 0.0, 2.0, 5.0, "trailing 3 months", True, "Sales person 4f2a"),
            ],
        }),
    }  # fmt: skip
    pack = build_pack("Sales person 4f2a", "person", spec, seed=3)
    return replace(
        pack,
        path=("Whole company", "Retail stores", "Field sales"),
        line_of_sight=(
            ("Sell what customers keep", ("Win and keep customers", "Grow revenue profitably")),
            ("Know the range", ("Build skills",)),
        ),
        sources=_sources()[:2],
    )


def department_pack() -> Pack:
    """The HR department's own scorecard: what it does for the company's objectives, in two perspectives."""
    spec: dict[str, tuple[str, Objectives]] = {
        "Customer": ("What do those get whom we serve?", {
            "Fill roles in time": [
                ("Days to fill a role", "days", "lower", 45.0, 70.0, 58.0, 51.0, "trailing 3 months", True, "Head of Hiring"),
                ("Offers accepted", "percent", "higher", 0.85, 0.6, 0.82, 0.79, "trailing 3 months", True, "Head of Hiring"),
            ],
            "Answer questions well": [
                ("Questions answered in two days", "percent", "higher", 0.9, 0.6, 0.86, 0.93, "month", True, "Head of Services"),
            ],
        }),
        "Internal process": ("What must we excel at?", {
            "Pay without a mistake": [
                ("Corrections per 1,000 payslips", "corrections", "lower", 2.0, 8.0, 3.1, 4.6, "month", False, "Head of Payroll"),
            ],
            "Keep our people": [
                ("Voluntary turnover", "percent", "lower", 0.12, 0.18, 0.117, 0.138, "trailing 12 months", False, "Chief People Officer"),
            ],
        }),
    }  # fmt: skip
    pack = build_pack("People", "department", spec, seed=13)
    return replace(
        pack,
        scorecard="people_department",
        scorecard_name="People department",
        rules=(replace(pack.rules[0], node="people_department"), *pack.rules[1:]),
        path=("Whole company",),
        line_of_sight=(
            ("Fill roles in time", ("Deliver on time", "Make it right first time")),
            ("Keep our people", ("Keep our people",)),
        ),
        actions=_actions()[1:2],
        sources=_sources()[2:3],
    )


def restated_pack() -> Pack:
    """The whole company's second edition: three figures changed, two by late data, one by a changed target."""
    pack = company_pack()
    margin, on_time = pack.kpis[2], next(line for line in pack.kpis if line.name == "Delivered on time")
    late = ("deliveries_2026-10.parquet (2026-11-12)",)
    rows = (
        EditionRow("value", on_time.id, 0.871, 0.884, ("data",), late),
        EditionRow("kpi", on_time.id, 28.2, 40.0, ("data",), late),
        EditionRow("kpi", margin.id, 79.4, 82.9, ("method",), ()),
    )
    return replace(pack, edition=EditionNote(2, "Late deliveries of the Cologne warehouse", rows))


def watched_pack() -> Pack:
    """The whole company with an XmR chart of every KPI, two themes, and an initiative for every fourth objective."""
    pack = company_pack()
    pages = tuple(
        replace(
            page,
            kpis=tuple(replace(line, signal=_signal(line)) for line in page.kpis),
            objectives=tuple(replace(each, theme=("a", "b")[place % 2]) for place, each in enumerate(page.objectives)),
        )
        for page in pack.perspectives
    )
    named = ("Sales academy", "Ask every customer", "Safe shifts", "Leaders in waiting")
    initiatives = []
    for name, each in zip(named, pack.objectives[::4], strict=True):
        line = next(line for line in pack.kpis if line.name in each.kpis or line.id in each.kpis)
        effect = SeenEffect(
            line.name, line.id, "", line.measured_in, line.decimals, 0.02, date(2026, 12, 1), False, "not yet"
        )
        initiatives.append(
            InitiativeRow(
                name, (each.name,), each.owner or "Head of Strategy", date(2026, 2, 1), date(2027, 3, 31), "on track",
                0.5, 0.6, False, None, None, "", name, (effect,),
            )
        )  # fmt: skip
    return replace(
        pack,
        perspectives=pages,
        initiatives=tuple(initiatives),
        themes=(("a", "Reliable service"), ("b", "A place to stay")),
    )


_BASELINE = 14


def _signal(line: KpiLine) -> Signal:
    """What the chart of a line's own history says, by the arithmetic of the signals."""
    values = [float(point.value or 0.0) for point in line.history]
    # Of a baseline, since most points of a process that moves would be special causes of limits from them all.
    charts = xmr_charts(np.array(values)[:, None], baseline=_BASELINE)
    mean, lower, upper = (float(found[0]) for found in (charts.mean, charts.lower, charts.upper))
    labels = [LABELS[code] for code in charts.labels[:, 0]]
    sides = [int(side) for side in charts.sides[:, 0]]
    way = {"higher": 1, "lower": -1}.get(line.direction, 0)
    told: list[Variation] = [
        "common cause" if label == COMMON_CAUSE else "improvement" if side * way > 0 else "concern" if side * way < 0 else "special cause"
        for label, side in zip(labels, sides, strict=True)
    ]  # fmt: skip
    running = next((i for i, side in enumerate(reversed(sides)) if side != sides[-1]), len(sides))
    return Signal(
        label=labels[-1], variation=told[-1], assurance="hit and miss", mean=mean, lower=lower, upper=upper,
        points=len(values), every="month", flagged=sum(label != COMMON_CAUSE for label in labels), is_trial=False,
        is_overlapping=line.window != "month", is_seasonal=False, side=sides[-1], running=running,
        is_rising=values[-1] > values[-2],
        history=tuple(SignalPoint(mean, lower, upper, *each) for each in zip(labels, told, sides, strict=True)),
        baseline=_BASELINE,
    )  # fmt: skip


def empty_pack() -> Pack:
    """Everything is missing: no values, no scores, no history, one source that never came."""
    pack = build_pack("Whole company", "company", COMPANY, seed=7)
    missing = NodeScore(None, None, 0.0, "no_data", None, None, {}, 0, (None,) * 25)
    pages = tuple(
        replace(
            page,
            node=replace(missing, applicable=len(page.kpis)),
            objectives=tuple(replace(o, node=replace(missing, applicable=len(o.kpis))) for o in page.objectives),
            kpis=tuple(_without_data(line) for line in page.kpis),
        )
        for page in pack.perspectives
    )
    source = SourceRow("orders", "Orders", "customer", "missing", (), None, 0, 0, (), ("revenue",))
    return replace(
        pack,
        known_on=None,
        node=replace(missing, applicable=24),
        perspectives=pages,
        contributions=(),
        sources=(source,),
    )


HOSTILE = (
    "<script>alert('x')</script>",
    "{{ 7*7 }} {% raw %}",
    "R&D & 'quotes' \"double\" </style></title>",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft und noch viel mehr davon " * 2,
    "معدل دوران الموظفين",
    "Rocket growth 🚀🔥",
    "url(file:///etc/passwd) <img src='http://192.0.2.1/x.png'>",
)


def hostile_pack() -> Pack:
    """Names, texts and owners that try to break the page: markup, template syntax, very long words, RTL, emoji."""
    texts = list(HOSTILE)
    spec: dict[str, tuple[str, Objectives]] = {}
    for p in range(4):
        kpis: list[Spec] = [
            (
                f"{texts[(p * 2 + k) % 7]} {p}{k}",
                "percent",
                "higher",
                0.9,
                0.5,
                0.8,
                0.4 + 0.12 * k,
                "month",
                False,
                texts[(p + k + 3) % 7],
            )
            for k in range(4)
        ]
        spec[f"{texts[p]} {p}"] = (
            texts[(p + 4) % 7],
            {f"{texts[(p + 2) % 7]} A{p}": kpis[:2], f"{texts[(p + 5) % 7]} B{p}": kpis[2:]},
        )
    pack = build_pack(texts[0], "company", spec, seed=5)
    remarks = tuple(
        Remark(line.id, None, texts[i % 7], texts[(i + 1) % 7], texts[(i + 2) % 7], "30 Nov")
        for i, line in enumerate(pack.kpis)
    )
    return replace(pack, organisation=texts[2], scorecard_name=texts[1], remarks=remarks, initiatives=_initiatives())


def large_pack(count: int = 100) -> Pack:
    """``count`` KPIs in four perspectives."""
    spec: dict[str, tuple[str, Objectives]] = {}
    first = 0
    for p in range(4):
        own = count // 4 + (p < count % 4)
        kpis: list[Spec] = [
            (
                f"KPI number {first + k}",
                "percent",
                "higher",
                0.9,
                0.5,
                0.8,
                0.5 + 0.02 * k,
                "month",
                k % 2 == 0,
                "Owner",
            )
            for k in range(own)
        ]
        spec[f"Perspective {p}"] = ("", {f"Objective {p}.{o}": kpis[o::5] for o in range(5)})
        first += own
    return build_pack("Whole company", "company", spec, seed=11)


def build_pack(unit_name: str, level: str, spec: dict[str, tuple[str, Objectives]], *, seed: int) -> Pack:
    """A consistent pack from a specification of perspectives, objectives and KPIs."""
    rng = random.Random(seed)
    total = sum(len(objectives) for _, objectives in spec.values())
    pages = tuple(
        _perspective(rng, i, name, question, objectives, 1 / len(spec), total)
        for i, (name, (question, objectives)) in enumerate(spec.items())
    )
    weights = [page.weight for page in pages]
    node = _mean([page.node for page in pages], weights, [line for page in pages for line in page.kpis])
    contributions = tuple(
        Contribution(line.id, line.name, page.id, line.weight * (line.score - line.score_previous))
        for page in pages
        for line in page.kpis
        if line.score is not None and line.score_previous is not None
    )
    return Pack(
        organisation="Meridian Outdoor", currency="EUR", locale="en_GB", scorecard="company",
        scorecard_name="Balanced Scorecard", unit="u1", unit_name=unit_name, unit_level=level, unit_head="Ada Example",
        path=(), period=PERIOD, known_on=date(2026, 11, 4), bands=BANDS, scale_anchors={"floor": 0.0, "target": 100.0, "stretch": 120.0},
        scale_lowest=0.0, scale_highest=HIGHEST, node=node, periods=tuple(add_months(PERIOD, i - 24) for i in range(25)),
        perspectives=pages, contributions=contributions, remarks=(), children=(), initiatives=(), actions=(), sources=(),
        line_of_sight=(), declarations_digest="3f9a1c", rules=tuple(_rules("company", pages)),
    )  # fmt: skip


def _rules(scorecard: str, pages: Sequence[PerspectivePage]) -> Iterator[NodeRule]:
    """The rules of a project that declares none."""
    yield NodeRule("scorecard", scorecard, "weighted mean", "renormalise", 0.5, 1)
    for page in pages:
        yield NodeRule("perspective", page.id, "weighted mean", "renormalise", 0.5, 1)
    for card in (card for page in pages for card in page.objectives):
        yield NodeRule("objective", card.id, "weighted mean", "renormalise", 0.0, 1)


def score_of(value: float, target: float, floor: float) -> float:
    """The score on a scale of 0 at the floor and 100 at the target, clamped to 0 and 120."""
    return min(max(100 * (value - floor) / (target - floor), 0.0), HIGHEST)


def band_of(score: float | None) -> BandShown | None:
    """The band of a score."""
    if score is None:
        return None
    return next(b for b in reversed(BANDS) if b.at_least is None or score >= b.at_least)


def _identifier(text: str) -> str:
    plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in text.lower())
    return plain[:40].strip("_") or "x"


def _perspective(
    rng: random.Random, index: int, name: str, question: str, objectives: Objectives, weight: float, total: int
) -> PerspectivePage:
    lines: list[KpiLine] = []
    cards: list[ObjectiveCard] = []
    for title, specs in objectives.items():
        key = _identifier(title)
        share = weight / len(objectives)
        own = [_line(rng, key, s, share / len(specs)) for s in specs]
        lines += own
        node = _mean([_of_line(line) for line in own], [1.0] * len(own), own)
        cards.append(
            ObjectiveCard(key, title, f"What '{title}' means.", own[0].owner if own else "", _identifier(name), None, node,
                          LINKS.get(key, ()), (), tuple(line.id for line in own), share)
        )  # fmt: skip
    node = _mean([c.node for c in cards], [1.0] * len(cards), lines)
    parts = tuple(
        Contribution(line.id, line.name, name, line.weight / weight * (line.score - line.score_previous))
        for line in lines
        if line.score is not None and line.score_previous is not None
    )
    page = f"{_identifier(name)}_{index}"
    return PerspectivePage(page, name, question, weight, node, tuple(cards), tuple(lines), parts)


def _line(rng: random.Random, objective: str, spec: Spec, weight: float) -> KpiLine:
    name, measured_in, direction, target, floor, first, last, window, leading, owner = spec
    size = abs(target - floor) * 0.09
    values = [first + (last - first) * max(0.0, (i - 10) / 14) ** 1.5 + rng.gauss(0, size) for i in range(25)]
    if all(float(v).is_integer() for v in (first, last, target)) and measured_in != "currency":
        values = [float(max(round(v), 0)) for v in values]
    # The last step is a clear one, so that the story of the month does not drown in the noise.
    values[-2] = last - (last - first) * 0.45 + rng.gauss(0, size * 0.25)
    values[-1] = last
    scores = [score_of(v, target, floor) for v in values]
    statuses: list[Status | None] = [band.status if (band := band_of(s)) else None for s in scores]
    history = tuple(
        Point(add_months(PERIOD, i - 24), v, target, s) for i, (v, s) in enumerate(zip(values, statuses, strict=True))
    )
    running = next((i for i, s in enumerate(reversed(statuses)) if s != statuses[-1]), 25)
    return KpiLine(
        id=_identifier(name), name=name, definition=f"{name}: what is counted, and what is left out of the count.",
        formula=f"{_identifier(name)} / base", window=window, owner=owner, measured_in=measured_in, decimals=None,
        direction=direction, leading=leading, objective=objective, value=last, numerator=None, denominator=None,
        missing_reason=None, target=target, floor=floor, previous=values[-2], last_year=values[-13], score=scores[-1],
        raw_score=scores[-1], score_previous=scores[-2], band=band_of(scores[-1]), weight=weight, history=history,
        months_in_status=running, data_known_on=date(2026, 11, 3), anchors=(("floor", floor), ("target", target)),
    )  # fmt: skip


def _of_line(line: KpiLine) -> NodeScore:
    floor = line.floor if line.floor is not None else 0.0
    scores = tuple(
        score_of(p.value, p.target, floor) if p.value is not None and p.target is not None else None
        for p in line.history
    )
    return NodeScore(line.score, line.band, 1.0, None, scores[-2], scores[-13], {}, 1, scores)


def _mean(nodes: Sequence[NodeScore], weights: Sequence[float], lines: Sequence[KpiLine]) -> NodeScore:
    total = sum(weights)
    history = tuple(
        sum((n.history[i] or 0.0) * w for n, w in zip(nodes, weights, strict=True)) / total for i in range(25)
    )
    counts: dict[Status, int] = {}
    for line in lines:
        if line.band is not None:
            counts[line.band.status] = counts.get(line.band.status, 0) + 1
    return NodeScore(
        history[-1], band_of(history[-1]), 1.0, None, history[-2], history[-13], counts, len(lines), history
    )


def _without_data(line: KpiLine) -> KpiLine:
    history = tuple(replace(p, value=None, status=None) for p in line.history)
    return replace(
        line, value=None, previous=None, last_year=None, score=None, raw_score=None, score_previous=None, band=None,
        missing_reason="no_data", history=history, months_in_status=0, data_known_on=None,
    )  # fmt: skip


def _child(name: str, score: float, rng: random.Random) -> ChildRow:
    def node(value: float) -> NodeScore:
        return NodeScore(
            value, band_of(value), 1.0, None, value + rng.uniform(-4, 4), None, {"bad": rng.randint(0, 2)}, 6, (value,)
        )

    nodes = [node(score + rng.uniform(-14, 14)) for _ in range(4)]
    return ChildRow(
        _identifier(name), name, "division", node(score), (*nodes[:3], None if name == "Online shop" else nodes[3])
    )


def _remarks() -> tuple[Remark, ...]:
    return (
        Remark("delivered_on_time", None, "The new warehouse system stood still for four days.", "Second shift at Cologne from 24 November.", "Head of Logistics", "30 Nov"),
        Remark("complaints_per_1_000_orders", None, "Two in three complaints name late parcels.", "Proactive delay notices go live on 1 December.", "Head of Service", "15 Dec"),
    )  # fmt: skip


def _initiatives() -> tuple[InitiativeRow, ...]:
    return (
        InitiativeRow("New warehouse system", ("deliver_on_time", "keep_costs_below_growth"), "Head of Logistics", date(2026, 3, 1), date(2026, 11, 30), "at risk", 0.6, 0.89, True, 1.2e6, 1.05e6, "On-time delivery back above 95 % by January"),
        InitiativeRow("Leadership academy", ("grow_our_own_leaders",), "Chief People Officer", date(2026, 1, 15), date(2027, 6, 30), "on track", 0.55, 0.54, False, 240_000.0, 118_000.0, "Two of three key roles with a ready successor"),
        InitiativeRow("Product renewal 2027", ("renew_the_range",), "Head of Product", date(2026, 9, 1), date(2027, 12, 31), "planned", 0.05, 0.12, False, 900_000.0, None, ""),
    )  # fmt: skip


def _actions() -> tuple[ActionRow, ...]:
    return (
        ActionRow("Agree a second carrier for express parcels", "Deliver on time", "Head of Logistics", date(2026, 10, 15), "open", True),
        ActionRow("Exit interviews for all leavers in Logistics", "Keep our people", "Chief People Officer", date(2026, 11, 30), "open", False),
        ActionRow("Re-train pickers on the new scanners", "Build skills", "Head of Logistics", date(2026, 10, 20), "closed", False),
    )  # fmt: skip


def _sources() -> tuple[SourceRow, ...]:
    return (
        SourceRow("ledger", "General ledger lines", "finance", "loaded", ("ledger_2026-10.csv",), date(2026, 11, 3), 18_204, 0, (), ("revenue", "operating_margin")),
        SourceRow("deliveries", "Deliveries with due and actual dates", "process", "loaded", ("deliveries_2026-10.parquet",), date(2026, 11, 4), 9_412, 37, (("delivered_at is not a date", 31), ("unknown unit 'W-99'", 6)), ("delivered_on_time",)),
        SourceRow("survey", "Engagement survey", "hr", "refused", ("survey_2026-10.xlsx",), date(2026, 11, 2), 0, 412, (("more rejects than the contract allows", 412),), ("employee_engagement",)),
        SourceRow("incidents", "Incidents at work", "process", "missing", (), None, 0, 0, (), ("lost_time_incidents",)),
    )  # fmt: skip
