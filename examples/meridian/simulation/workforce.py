"""Who works at Meridian, month by month: headcount snapshots, leavers and the hires that replace them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from examples.meridian.simulation import story
from examples.meridian.simulation.company import NEWCOMER, NEWCOMER_STARTS, PERSONS, WORKPLACES, Workplace
from examples.meridian.simulation.dice import Choice, Dice
from examples.meridian.simulation.story import Month, level
from examples.meridian.simulation.table import Table

_PERSON = {unit: Workplace(unit, "sales", 1, 0.0, 569_000, 0.0) for unit in PERSONS}
_GENDERS = Choice({"female": 0.49, "male": 0.50, "other": 0.01})
_HIRING_CHANNELS = Choice({"website": 0.42, "referral": 0.27, "agency": 0.13, "job board": 0.18})
_HIRING_COST = {"website": 96_000, "referral": 118_000, "agency": 640_000, "job board": 182_000}
_ABSENCE = {"stores": 0.050, "service": 0.055, "plant": 0.048, "sales": 0.026, "office": 0.031}
_WINTER = {12: 1.15, 1: 1.35, 2: 1.35, 3: 1.15, 6: 0.85, 7: 0.8, 8: 0.8}


@dataclass(frozen=True)
class Employee:
    """One employee; ``readiness`` from 0 to 1 tells how early a key role gets its ready successor."""

    id: str
    workplace: Workplace
    fte: int
    gender: str
    entry_on: date
    permanent: bool
    key_role: bool
    readiness: float


@dataclass(frozen=True)
class _Vacancy:
    workplace: Workplace
    requested_on: date
    starts_on: date


class Workforce:
    """The staff as it changes. ``advance`` must be called for one month after the other."""

    def __init__(self, first: Month) -> None:
        dice = Dice("staff", "start")
        self._last_number = 10_000
        self._vacancies: list[_Vacancy] = []
        self.staff: list[Employee] = []
        for workplace in WORKPLACES:
            for _ in range(workplace.heads):
                entry = first.first - timedelta(days=int(dice.between(40, 5400)))
                self.staff.append(self._employee(dice, workplace, entry))
        for unit in PERSONS:
            if unit != NEWCOMER:
                self._join_sales(unit, first.first - timedelta(days=int(dice.between(400, 4000))))

    def advance(self, month: Month) -> tuple[Table, Table, Table]:
        """One month: its headcount snapshot, its leavers and its hires."""
        dice = Dice("staff", month.text)
        if month.index == NEWCOMER_STARTS:
            self._join_sales(NEWCOMER, month.first)
        hires = self._hire(dice, month)
        leavers = self._leave(dice, month)
        return self._snapshot(dice, month), leavers, hires

    def _employee(self, dice: Dice, workplace: Workplace, entry_on: date) -> Employee:
        self._last_number += 1
        fte = int(dice.between(10, 17)) * 5 if dice.chance(workplace.part_time) else 100
        key_role, permanent = dice.chance(0.07), dice.chance(0.91)
        return Employee(
            f"E{self._last_number}", workplace, fte, _GENDERS.pick(dice), entry_on, permanent, key_role, dice.roll()
        )

    def _join_sales(self, unit: str, entry_on: date) -> None:
        # A salesperson's unit is their pseudonym, and so is the id under which HR delivers them.
        gender = "female" if unit < "p_7" else "male"
        self.staff.append(Employee(unit, _PERSON[unit], 100, gender, entry_on, True, False, 0.0))

    def _hire(self, dice: Dice, month: Month) -> Table:
        due = [vacancy for vacancy in self._vacancies if vacancy.starts_on <= month.last]
        due.sort(key=lambda vacancy: (vacancy.starts_on, vacancy.workplace.unit))
        self._vacancies = [vacancy for vacancy in self._vacancies if vacancy.starts_on > month.last]
        # Managers are less content with people found in a hurry.
        mood = 4.15 - (level(story.HIRING_DAYS, month.index) - 48) * 0.018
        rows = []
        for vacancy in due:
            employee = self._employee(dice, vacancy.workplace, vacancy.starts_on)
            self.staff.append(employee)
            channel = _HIRING_CHANNELS.pick(dice)
            rating = min(max(dice.whole(dice.around(mood, 0.35)), 1), 5)
            cost = int(dice.around(_HIRING_COST[channel], 0.5))
            days = (vacancy.requested_on, vacancy.starts_on)
            rows.append((f"H-{employee.id[1:]}", "recruiting", vacancy.workplace.unit, *days, channel, cost, rating))
        names = "hire_id recruited_by hiring_unit requested_on started_on channel cost_eur manager_rating"
        return Table.of(names, rows, "cost_eur")

    def _leave(self, dice: Dice, month: Month) -> Table:
        curves = {"logistics": story.LEAVERS_LOGISTICS, "stores": story.LEAVERS_STORES}
        waves = {kind: level(curve, month.index) for kind, curve in curves.items()}
        stayers, rows, days = [], [], month.days
        for employee in self.staff:
            place = employee.workplace
            voluntary = place.yearly_leavers / 12 * waves.get(place.kind, 1.0)
            roll = dice.roll() if place.yearly_leavers else 1.0
            if roll >= voluntary + 0.0030 or employee.entry_on > month.first:
                stayers.append(employee)
                continue
            reason = "voluntary" if roll < voluntary else "involuntary" if roll < voluntary + 0.0014 else "retirement"
            left_on = dice.day(days)
            tenure = (left_on.year - employee.entry_on.year) * 12 + left_on.month - employee.entry_on.month
            rows.append((employee.id, place.unit, left_on, reason, tenure))
            self._replace(dice, month, place, left_on)
        self.staff = stayers
        return Table.of("employee_id unit left_on reason tenure_months", sorted(rows, key=lambda row: (row[2], row[0])))

    def _replace(self, dice: Dice, month: Month, workplace: Workplace, left_on: date) -> None:
        requested_on = left_on - timedelta(days=int(dice.between(10, 45)))
        waiting = dice.around(level(story.HIRING_DAYS, month.index), 0.45)
        starts_on = max(requested_on + timedelta(days=int(waiting)), month.last + timedelta(days=1))
        self._vacancies.append(_Vacancy(workplace, requested_on, starts_on))

    def _snapshot(self, dice: Dice, month: Month) -> Table:
        absence = {**_ABSENCE, "logistics": level(story.ABSENCE_LOGISTICS, month.index)}
        winter, working = _WINTER.get(month.first.month, 1.0), month.working_days
        ready = level(story.READY_SUCCESSORS, month.index)
        rows = []
        for employee in self.staff:
            # Most months nobody is ill; who is, is away for several days.
            share = absence[employee.workplace.kind] * winter
            absent = min(int(dice.between(1, 9)), working) if dice.chance(share * working / 4.5) else 0
            contract = "permanent" if employee.permanent else "temporary"
            is_ready = employee.key_role and employee.readiness < ready
            rows.append((
                month.last, employee.id, employee.workplace.unit, employee.fte, contract,
                employee.gender, employee.entry_on, employee.key_role, is_ready, working, absent,
            ))  # fmt: skip
        names = "snapshot_on employee_id unit fte contract gender entry_on key_role successor_ready"
        return Table.of(f"{names} working_days absent_days", sorted(rows, key=lambda row: str(row[1])), "fte")
