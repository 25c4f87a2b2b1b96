"""What people learn and say: training records, courses held, and the monthly pulse survey on engagement."""

from __future__ import annotations

from collections.abc import Sequence

from examples.meridian.simulation import story
from examples.meridian.simulation.dice import Choice, Dice
from examples.meridian.simulation.story import Month, level
from examples.meridian.simulation.table import Table
from examples.meridian.simulation.workforce import Employee

COURSES = {
    "Safe lifting": ("compulsory", 150), "First aid": ("compulsory", 400), "Data protection": ("compulsory", 100),
    "Fitting footwear": ("product", 350), "Tent care and repair": ("product", 300), "Layers": ("product", 250),
    "Difficult conversations": ("leadership", 750), "Leading shifts": ("leadership", 800), "Lean": ("method", 600),
    "Warehouse system": ("method", 450), "Spreadsheets": ("method", 350), "Français": ("language", 200),
}  # fmt: skip
_COMPULSORY = Choice({name: 1.0 for name, (kind, _) in COURSES.items() if kind == "compulsory"})
_CHOSEN = Choice({name: 1.0 for name, (kind, _) in COURSES.items() if kind != "compulsory"})
_MODES = Choice({"classroom": 0.55, "online": 0.35, "on the job": 0.10})
MODE_COLUMN_FROM = -22


def training(month: Month, staff: Sequence[Employee]) -> Table:
    """Records of completed training; from the second year on with the extra column ``delivery_mode``."""
    dice, days, rows = Dice("training", month.text), month.days, []
    appetite = level(story.TRAINING, month.index)
    for employee in staff:
        eagerness = 0.62 if employee.workplace.kind == "sales" else 0.47
        if dice.chance(eagerness * (0.35 + 0.65 * appetite)):
            # Compulsory training goes on whatever the budget; the rest gives way.
            course = _COMPULSORY.pick(dice) if dice.chance(0.3 / (0.3 + 0.7 * appetite)) else _CHOSEN.pick(dice)
            hours = COURSES[course][1] * (1 if dice.chance(0.7) else 2)
            rows.append([employee.id, employee.workplace.unit, dice.day(days), course, COURSES[course][0], hours])
    rows.sort(key=lambda row: (row[2], row[0]))
    for number, row in enumerate(rows, 1):
        row.insert(0, f"T{month.first:%y%m}-{number:04d}")
    names = "record_id employee_id unit completed_on course kind hours"
    if month.index >= MODE_COLUMN_FROM:
        names += " delivery_mode"
        for row in rows:
            row.append(_MODES.pick(dice))
    return Table.of(names, rows, "hours")


def courses(month: Month) -> Table:
    """Courses that the learning team held: seats, people who came, sum of their ratings from 1 to 5, and cost."""
    dice, rows = Dice("courses", month.text), []
    appetite = level(story.TRAINING, month.index)
    for number in range(1, dice.whole(9 + 13 * appetite) + 1):
        course = _COMPULSORY.pick(dice) if dice.chance(0.25) else _CHOSEN.pick(dice)
        seats = int(dice.between(10, 17))
        attended = min(seats, max(3, dice.whole(seats * dice.around(0.68 + 0.20 * appetite, 0.25))))
        ratings = sum(min(max(dice.whole(dice.around(4.15, 0.3)), 1), 5) for _ in range(attended))
        cost = int(dice.around(52_000 + 5_500 * COURSES[course][1] // 100, 0.25))
        course_id, held_on = f"C{month.first:%y%m}-{number:02d}", dice.day(month.days)
        rows.append((course_id, "development", held_on, course, seats, attended, ratings, cost))
    return Table.of("course_id held_by held_on course seats attended rating_points cost_eur", rows, "cost_eur")


def engagement(month: Month, staff: Sequence[Employee]) -> Table:
    """Answers to the pulse survey, on scales from 0 to 10, by about a quarter of the staff."""
    dice, days, rows = Dice("engagement", month.text), month.days[7:21], []
    mood = {
        "logistics": level(story.ENGAGEMENT_LOGISTICS, month.index),
        "stores": level(story.ENGAGEMENT_STORES, month.index),
    }
    elsewhere = level(story.ENGAGEMENT_ELSEWHERE, month.index)
    for employee in staff:
        # Answers are anonymous, so a single person has no unit of their own here.
        if not employee.id.startswith("E") or not dice.chance(0.25):
            continue
        centre = mood.get(employee.workplace.kind, elsewhere)
        engaged, recommends, manager = (
            min(max(dice.whole(dice.around(centre + lift, 0.42)), 0), 10) for lift in (0.0, 0.35, 0.25)
        )
        rows.append([employee.workplace.unit, dice.day(days), engaged, recommends, manager])
    rows.sort(key=lambda row: (row[1], row[0], row[2], row[3], row[4]))
    for number, row in enumerate(rows, 1):
        row.insert(0, f"PS{month.first:%y%m}-{number:04d}")
    return Table.of("answer_id unit answered_on engagement recommends manager_support", rows)
