"""How a number, a month or a status is written on the page.

Belongs here: rounding, separators, units and signs. Does not belong here: sentences (``messages.py``) and any
arithmetic beyond rounding and scaling.

One rule for all numbers: they are rounded half up from their shortest decimal form, so that text, table and chart show
the same digits. At most three significant digits stand on the page unless the KPI declares its decimals; whole numbers
below 10,000 are written in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from math import floor, isfinite, log10

from scorecards.kpis import YES_OR_NO
from transforms.pack import KpiLine, Status

MINUS = "\u2212"
NARROW_SPACE = "\u202f"
MISSING = "–"
SIGNS: dict[Status | None, str] = {"good": "●", "warning": "▲", "bad": "■", None: "○"}
STATUS_WORDS: dict[Status | None, str] = {
    "good": "on target",
    "warning": "near target",
    "bad": "off target",
    None: "no score",
}

SHOWN_STATUSES: tuple[Status, ...] = ("good", "warning", "bad")

_MARKS = {"en": (".", ","), "de": (",", ".")}
_SCALES = {
    "en": ((1e9, "bn"), (1e6, "m"), (1e4, "k")),
    "de": ((1e9, "Mrd."), (1e6, "Mio."), (1e4, "Tsd.")),
}
_DIVISORS = {1e9: 1e9, 1e6: 1e6, 1e4: 1e3}
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_REASONS = {
    "no_data": "no data was delivered",
    "window_incomplete": "months of its window are missing",
    "no_rows": "the data hold nothing for this unit",
    "no_rate": "an exchange rate is missing",
    "division_by_zero": "there was nothing to divide by",
    "not_a_number": "the formula gives no number",
    "no_target": "no target is set",
    "anchors_not_monotone": "its targets contradict each other",
    "several_texts": "the rows do not agree on one text",
    "unit_late": "the data of a unit have not come yet",
    "no_logarithm": "its scale is logarithmic, and there is no logarithm of zero or less",
    "not_yes_or_no": "the value is neither yes nor no",
    "text_not_listed": "the text has no score",
    "no_score": "its rules give no score here",
    "too_few_to_compare": "there is too little to compare it with",
    "unscored": "it is shown for information only",
    "nothing_scored": "nothing below it has a score",
    "part_missing": "a part of it has no score",
    "too_few_parts": "too few of its parts have a score",
    "own_kpi_missing": "the KPI that it is judged by has no score",
    "coverage_below_minimum": "too little of the weight has data",
    "not_scored": "there is no score",
    "not_scored_then": "there was no score then",
    "no_value": "there is no value",
    "no_earlier_value": "there was no value then",
    "definition_changed": "it was defined otherwise then",
    "does_not_add_up": "figures of units do not add up to it",
    "not_measured_below": "no unit below has a value",
    "not_applicable": "it does not apply to this unit",
}


def rounded(value: float, decimals: int) -> Decimal:
    """``value`` at ``decimals`` places, half up, from its shortest decimal form; never a negative zero."""
    result = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return result.copy_abs() if result.is_zero() else result


def number(value: float | None, decimals: int = 0, locale: str = "en_GB", *, signed: bool = False) -> str:
    """``value`` with thousands separators and a true minus sign; ``signed`` adds a plus; an en dash where missing."""
    if value is None or not isfinite(value):
        return MISSING
    exact = rounded(value, decimals)
    point, group = _MARKS[_language(locale)]
    text = f"{abs(exact):,.{decimals}f}".translate(str.maketrans(",.", group + point))
    if exact < 0:
        return MINUS + text
    return f"+{text}" if signed and exact > 0 else text


def percent(share: float | None, decimals: int = 0, locale: str = "en_GB", *, signed: bool = False) -> str:
    """A fraction as a percentage: 0.884 with one decimal is ``88.4 %``, joined by a narrow no-break space."""
    if share is None or not isfinite(share):
        return MISSING
    return f"{number(_times(share, 100), decimals, locale, signed=signed)}{NARROW_SPACE}%"


def shown_change(score: float | None, earlier: float | None) -> float | None:
    """Points between two scores as they are shown with one decimal; None where either is missing."""
    if score is None or earlier is None:
        return None
    return float(rounded(score, 1) - rounded(earlier, 1))


def month(period: date) -> str:
    """``October 2026``."""
    return f"{_MONTHS[period.month - 1]} {period.year}"


def month_name(period: date) -> str:
    """``October``."""
    return _MONTHS[period.month - 1]


def short_month(period: date, *, year: bool = False) -> str:
    """``Oct``, or ``Oct 25`` with the year."""
    name = _MONTHS[period.month - 1][:3]
    return f"{name}\u00a0{period.year % 100:02d}" if year else name


def day(value: date | None) -> str:
    """``4 November 2026``; an en dash where missing."""
    return MISSING if value is None else f"{value.day}\u00a0{_MONTHS[value.month - 1]} {value.year}"


def short_day(value: date | None) -> str:
    """``4 Nov 26``; an en dash where missing."""
    return MISSING if value is None else f"{value.day}\u00a0{_MONTHS[value.month - 1][:3]}\u00a0{value.year % 100:02d}"


def day_and_month(value: date | None) -> str:
    """``4 Nov``; an en dash where missing."""
    return MISSING if value is None else f"{value.day}\u00a0{_MONTHS[value.month - 1][:3]}"


def money(amount: float | None, currency: str, locale: str = "en_GB") -> str:
    """An amount on its own scale with at most three significant digits: ``EUR 1.20 m``; an en dash where missing."""
    if amount is None or not isfinite(amount):
        return MISSING
    divisor, suffix = _magnitude(abs(amount), _language(locale))
    figure = number(_scaled(amount, divisor), _decimals(abs(amount), [amount], divisor) if divisor > 1 else 0, locale)
    scaled = f"{figure}{NARROW_SPACE}{suffix}" if suffix else figure
    return f"{currency}\u00a0{scaled}" if _language(locale) == "en" else f"{scaled}\u00a0{currency}"


def due_text(text: str) -> str:
    """A due day as somebody wrote it; an ISO date becomes ``30 Nov 26``."""
    try:
        return short_day(date.fromisoformat(text))
    except ValueError:
        return text


def reason_words(reason: str | None) -> str:
    """The words of a typed reason; an unknown one is read out as it is spelt."""
    return "not known" if not reason else _REASONS.get(reason, reason.replace("_", " "))


@dataclass(frozen=True)
class RowScale:
    """What one KPI's figures share.

    The divisor, the decimals, the unit's label for a column and its words in a sentence.
    """

    divisor: float
    decimals: int
    label: str
    before: str
    after: str
    locale: str
    is_percent: bool = False
    is_yes_or_no: bool = False

    def figure(self, value: float | None, *, signed: bool = False) -> str:
        """The bare figure for a column that names its unit; 1 and 0 as words where they are yes and no."""
        if self.is_yes_or_no and value in (0.0, 1.0) and not signed:
            return "yes" if value else "no"
        return number(_scaled(value, self.divisor), self.decimals, self.locale, signed=signed)

    def text(self, value: float | None) -> str:
        """The figure with its unit, for a sentence: ``EUR 41.8 m``, ``88.4 %``, ``4.6 days``."""
        figure = self.figure(value)
        if figure == MISSING:
            return figure
        is_one = figure.lstrip(MINUS) == "1" and self.after.endswith("s") and not self.after.endswith("ss")
        return f"{self.before}{figure}{self.after[:-1] if is_one else self.after}"

    def difference(self, value: float | None) -> str:
        """The size of a difference with its unit, without sign; percentages differ in points: ``6.6 pp``."""
        if value is None:
            return MISSING
        if self.is_percent:
            return f"{self.figure(abs(value))}{NARROW_SPACE}pp"
        return self.text(abs(value))

    def between(self, value: float | None, other: float | None) -> float | None:
        """``value`` minus ``other`` as they are shown, so that the figures on the page add up to the last digit."""
        if value is None or other is None or not (isfinite(value) and isfinite(other)):
            return None
        shown, against = (rounded(_times(v, 1 / self.divisor), self.decimals) for v in (value, other))
        return float((shown - against) * Decimal(repr(float(self.divisor))))

    def is_nothing(self, difference: float) -> bool:
        """Whether a difference rounds to zero at these decimals."""
        return rounded(_times(difference, 1 / self.divisor), self.decimals).is_zero()


def row_scale(line: KpiLine, currency: str, locale: str = "en_GB") -> RowScale:
    """The scale that all figures of one KPI share, chosen from actual and target (else from its earlier values)."""
    own = [v for v in (line.value, line.target, line.lower_target, line.upper_target) if v is not None and isfinite(v)]
    values = own or [v for v in _earlier(line) if v is not None and isfinite(v)]
    return figure_scale(values, line.measured_in, line.decimals, currency, locale)


def figure_scale(
    values: Iterable[float], measured_in: str, declared_decimals: int | None, currency: str, locale: str = "en_GB"
) -> RowScale:
    """The scale that these figures share: the same divisor and decimals, chosen from the largest."""
    values = list(values)
    largest = max((abs(v) for v in values), default=0.0)
    if measured_in == "percent":
        decimals = declared_decimals if declared_decimals is not None else (2 if 0 < largest < 0.01 else 1)
        return RowScale(0.01, decimals, "%", "", f"{NARROW_SPACE}%", locale, is_percent=True)
    if measured_in == YES_OR_NO:
        return RowScale(1.0, 0, YES_OR_NO, "", "", locale, is_yes_or_no=True)
    divisor, suffix = _magnitude(largest, _language(locale))
    fitting = _decimals(largest, values, divisor)
    decimals = declared_decimals if declared_decimals is not None and divisor == 1 else fitting
    is_money = measured_in == "currency" or bool(re.fullmatch("[A-Z]{3}", measured_in))
    unit = currency if measured_in == "currency" else measured_in
    label = f"{unit} {suffix}".strip() if is_money else f"{suffix} {unit}".strip()
    gap = f"{NARROW_SPACE}{suffix}" if suffix else ""
    if is_money and _language(locale) == "en":
        return RowScale(divisor, decimals, label, f"{unit}\u00a0", gap, locale)
    return RowScale(divisor, decimals, label, "", f"{gap}\u00a0{unit}" if unit else gap, locale)


def _language(locale: str) -> str:
    language = locale.split("_")[0].split("-")[0].lower()
    return language if language in _MARKS else "en"


def _magnitude(largest: float, language: str) -> tuple[float, str]:
    for threshold, suffix in _SCALES[language]:
        # A value that rounds up to the threshold belongs to it: 999,960 is shown as 1.00 m, not as 1,000 k.
        if largest >= threshold * 0.9995:
            return _DIVISORS[threshold], suffix
    return 1.0, ""


def _decimals(largest: float, values: Iterable[float], divisor: float) -> int:
    if divisor == 1 and all(float(v).is_integer() for v in values):
        return 0
    shown = largest / divisor
    if shown == 0:
        return 1
    # What rounds up to the next power of ten has its number of digits: 0.9999 is shown as 1.00.
    return min(max(0, 2 - floor(log10(shown * 1.0005))), 6)


def _earlier(line: KpiLine) -> list[float | None]:
    return [line.previous, line.last_year, *(p.value for p in line.history), *(p.target for p in line.history)]


def _scaled(value: float | None, divisor: float) -> float | None:
    return value if value is None or divisor == 1 else _times(value, 1 / divisor)


def _times(value: float, factor: float) -> float:
    # In decimals, since 0.285 * 100 is 28.499999999999996 in binary and would round the wrong way.
    if not isfinite(value):
        return value
    return float(Decimal(repr(float(value))) * Decimal(repr(float(factor))))
