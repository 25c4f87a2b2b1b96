"""How a number or a status is written on the page.

Belongs here: rounding, separators, units and signs. Does not belong here: months and days (``days.py``), sentences
(``messages.py``) and any arithmetic beyond rounding and scaling.

One rule for all numbers: they are rounded half up from their shortest decimal form, so that text, table and chart show
the same digits. At most three significant digits stand on the page unless the KPI declares its decimals; whole numbers
below 10,000 are written in full, and percentages have one decimal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from math import floor, inf, isfinite, log10

from report_templates.language import language, mark
from scorecards.kpis import YES_OR_NO
from transforms.pack import KpiLine, Status

MINUS = "\u2212"
NARROW_SPACE = "\u202f"
MISSING = "–"
SIGNS: dict[Status | None, str] = {"good": "●", "warning": "▲", "bad": "■", None: "○"}
STATUS_WORDS: dict[Status | None, str] = {
    "good": mark("on target"),
    "warning": mark("near target"),
    "bad": mark("off target"),
    None: mark("no score"),
}

SHOWN_STATUSES: tuple[Status, ...] = ("good", "warning", "bad")

_DIVISORS = {1e9: 1e9, 1e6: 1e6, 1e4: 1e3}
_OUT_OF_SIZE = 10.0


def rounded(value: float, decimals: int) -> Decimal:
    """``value`` at ``decimals`` places, half up, from its shortest decimal form; never a negative zero."""
    result = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return result.copy_abs() if result.is_zero() else result


def number(value: float | None, decimals: int = 0, locale: str = "en_GB", *, signed: bool = False) -> str:
    """``value`` with thousands separators and a true minus sign; ``signed`` adds a plus; an en dash where missing."""
    if value is None or not isfinite(value):
        return MISSING
    exact = rounded(value, decimals)
    point, group = _marks(locale)
    text = f"{abs(exact):,.{decimals}f}".translate(str.maketrans(",.", group + point))
    if exact < 0:
        return MINUS + text
    return f"+{text}" if signed and exact > 0 else text


def percent(share: float | None, decimals: int = 0, locale: str = "en_GB", *, signed: bool = False) -> str:
    """A fraction as a percentage: 0.884 with one decimal is ``88.4 %``, joined by a narrow no-break space."""
    if share is None or not isfinite(share):
        return MISSING
    return f"{number(_times(share, 100), decimals, locale, signed=signed)}{NARROW_SPACE}%"


def points(figure: str, locale: str) -> str:
    """A difference of percentages: ``6.6 pp``."""
    unit = language(locale).pgettext("percentage points", "pp")
    return f"{figure}{NARROW_SPACE}{unit}"


def status_word(status: Status | None, locale: str) -> str:
    """``off target`` in the pack's language."""
    return language(locale)(STATUS_WORDS[status])


def money(amount: float | None, currency: str, locale: str = "en_GB") -> str:
    """An amount on its own scale with at most three significant digits: ``EUR 1.20 m``; an en dash where missing."""
    if amount is None or not isfinite(amount):
        return MISSING
    divisor, suffix = _magnitude(abs(amount), locale)
    figure = number(_scaled(amount, divisor), _decimals(abs(amount), [amount], divisor) if divisor > 1 else 0, locale)
    scaled = f"{figure}{NARROW_SPACE}{suffix}" if suffix else figure
    return f"{currency}\u00a0{scaled}" if has_currency_first(locale) else f"{scaled}\u00a0{currency}"


@dataclass(frozen=True)
class RowScale:
    """What one KPI's figures share.

    The divisor, the decimals, the unit's label for a column and its words in a sentence. ``is_fitted`` where the
    decimals follow from the size of the figures, so that larger ones take fewer.
    """

    divisor: float
    decimals: int
    label: str
    before: str
    after: str
    locale: str
    is_percent: bool = False
    is_yes_or_no: bool = False
    is_fitted: bool = False
    texts: tuple[str, ...] = ()

    def over(self, *values: float | None) -> RowScale:
        """The same scale with the decimals that the largest of these figures has room for, and no more than here."""
        largest = _largest(values)
        if not self.is_fitted or not largest:
            return self
        return replace(self, decimals=min(self.decimals, _fitting(largest / self.divisor)))

    def figure(self, value: float | None, *, signed: bool = False) -> str:
        """The bare figure for a column that names its unit; yes, no and texts as words."""
        if self.is_yes_or_no and value in (0.0, 1.0) and not signed:
            say = language(self.locale)
            return say("yes") if value else say("no")
        if self.texts and not signed:
            return _text_at(self.texts, value)
        return number(_scaled(value, self.divisor), self.decimals, self.locale, signed=signed)

    def text(self, value: float | None) -> str:
        """The figure with its unit, for a sentence: ``EUR 41.8 m``, ``88.4 %``, ``4.6 days``."""
        figure = self.figure(value)
        if figure == MISSING:
            return figure
        is_one = (
            language(self.locale).is_english
            and figure.lstrip(MINUS) == "1"
            and self.after.endswith("s")
            and not self.after.endswith("ss")
        )
        return f"{self.before}{figure}{self.after[:-1] if is_one else self.after}"

    def difference(self, value: float | None) -> str:
        """The size of a difference with its unit, without sign; percentages differ in points: ``6.6 pp``."""
        if value is None:
            return MISSING
        if self.is_percent:
            return points(self.figure(abs(value)), self.locale)
        return self.over(value).text(abs(value))

    def between(self, value: float | None, other: float | None) -> float | None:
        """``value`` minus ``other`` as they are shown, so that the figures on the page add up to the last digit."""
        if value is None or other is None or not (isfinite(value) and isfinite(other)):
            return None
        shown, against = (rounded(_times(v, 1 / self.divisor), self.over(v).decimals) for v in (value, other))
        return float((shown - against) * Decimal(repr(float(self.divisor))))

    def is_nothing(self, difference: float) -> bool:
        """Whether a difference rounds to zero at these decimals."""
        return rounded(_times(difference, 1 / self.divisor), self.decimals).is_zero()


def row_scale(line: KpiLine, currency: str, locale: str = "en_GB") -> RowScale:
    """The scale that all figures of one KPI share.

    It is chosen from actual and target and from what these are compared with; where there are none, from the KPI's
    earlier values. A comparison of ten times their size or more does not count: it would take the actual's digits.
    """
    if line.texts:
        return RowScale(1.0, 0, "", "", "", locale, texts=line.texts)
    own = _known(line.value, line.target, line.lower_target, line.upper_target)
    most = _OUT_OF_SIZE * _largest(own) or inf
    compared = [value for value in _known(line.previous, line.last_year) if abs(value) < most]
    values = own + compared if own else _known(*_earlier(line))
    return figure_scale(values, line.measured_in, line.decimals, currency, locale)


def figure_scale(
    values: Iterable[float], measured_in: str, declared_decimals: int | None, currency: str, locale: str = "en_GB"
) -> RowScale:
    """The scale that these figures share: the same divisor and decimals, chosen from the largest."""
    values = list(values)
    largest = _largest(values)
    if measured_in == "percent":
        decimals = declared_decimals if declared_decimals is not None else (2 if 0 < largest < 0.01 else 1)
        return RowScale(0.01, decimals, "%", "", f"{NARROW_SPACE}%", locale, is_percent=True)
    if measured_in == YES_OR_NO:
        say = language(locale)
        return RowScale(1.0, 0, say("yes/no"), "", "", locale, is_yes_or_no=True)
    divisor, suffix = _magnitude(largest, locale)
    fitting = _decimals(largest, values, divisor)
    declared = declared_decimals if divisor == 1 else None
    decimals, is_fitted = (fitting, True) if declared is None else (declared, False)
    is_money = measured_in == "currency" or bool(re.fullmatch("[A-Z]{3}", measured_in))
    is_prefixed = is_money and has_currency_first(locale)
    unit = currency if measured_in == "currency" else measured_in
    label = " ".join(part for part in ((unit, suffix) if is_prefixed else (suffix, unit)) if part)
    gap = f"{NARROW_SPACE}{suffix}" if suffix else ""
    if is_prefixed:
        return RowScale(divisor, decimals, label, f"{unit}\u00a0", gap, locale, is_fitted=is_fitted)
    after = f"{gap}\u00a0{unit}" if unit else gap
    return RowScale(divisor, decimals, label, "", after, locale, is_fitted=is_fitted)


def _text_at(texts: tuple[str, ...], place: float | None) -> str:
    return texts[int(place) - 1] if place in range(1, len(texts) + 1) and place is not None else MISSING


@cache
def _marks(locale: str) -> tuple[str, str]:
    """The decimal mark and the mark between thousands."""
    say = language(locale)
    if say.is_english:
        return ".", ","
    symbols = say.customs.number_symbols["latn"]
    return symbols["decimal"], symbols["group"]


@cache
def has_currency_first(locale: str) -> bool:
    """Whether the currency stands before the amount, not after it."""
    say = language(locale)
    return say.is_english or say.customs.currency_formats["standard"].pattern.startswith("¤")


@cache
def _suffixes(locale: str) -> tuple[tuple[float, str], ...]:
    say = language(locale)
    billion, million, thousand = (
        say.pgettext("after a figure", "bn"), say.pgettext("after a figure", "m"), say.pgettext("after a figure", "k")
    )  # fmt: skip
    return (1e9, billion), (1e6, million), (1e4, thousand)


def _magnitude(largest: float, locale: str) -> tuple[float, str]:
    for threshold, suffix in _suffixes(locale):
        # A value that rounds up to the threshold belongs to it: 999,960 is shown as 1.00 m, not as 1,000 k.
        if largest >= threshold * 0.9995:
            return _DIVISORS[threshold], suffix
    return 1.0, ""


def _decimals(largest: float, values: Iterable[float], divisor: float) -> int:
    if divisor == 1 and all(float(v).is_integer() for v in values):
        return 0
    return _fitting(largest / divisor)


def _fitting(shown: float) -> int:
    """The decimals with which a figure has three significant digits, six at most; one for zero."""
    if not shown:
        return 1
    # What rounds up to the next power of ten has its number of digits: 0.9999 is shown as 1.00.
    return min(max(0, 2 - floor(log10(shown * 1.0005))), 6)


def _known(*values: float | None) -> list[float]:
    return [value for value in values if value is not None and isfinite(value)]


def _largest(values: Iterable[float | None]) -> float:
    return max((abs(value) for value in values if value is not None and isfinite(value)), default=0.0)


def _earlier(line: KpiLine) -> list[float | None]:
    return [line.previous, line.last_year, *(p.value for p in line.history), *(p.target for p in line.history)]


def _scaled(value: float | None, divisor: float) -> float | None:
    return value if value is None or divisor == 1 else _times(value, 1 / divisor)


def _times(value: float, factor: float) -> float:
    # In decimals, since 0.285 * 100 is 28.499999999999996 in binary and would round the wrong way.
    if not isfinite(value):
        return value
    return float(Decimal(repr(float(value))) * Decimal(repr(float(factor))))
