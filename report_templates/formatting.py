"""How a number or a status is written on the page.

Belongs here: rounding, separators, units and signs. Does not belong here: months and days (``days.py``), sentences
(``messages.py``) and any arithmetic beyond rounding and scaling.

One rule for all numbers: they are rounded half up from their shortest decimal form, so that text, table and chart show
the same digits. At most three significant digits stand on the page unless the KPI declares its decimals; whole numbers
below 10,000 are written in full, and percentages have one decimal. Figures below a thousandth are counted in
millionths and less (×10⁻⁶), so that they keep their digits and stay short. What is not zero is never written as zero: a
difference is that of the figures shown, and the exact one where these look equal and are not.
"""

from __future__ import annotations

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
MOST_SHARE = 10.0
"""Beyond tenfold a percentage of the target says less than the two figures."""
_HALF_A_POINT, _FIFTIETH = 0.005, 0.02
# Below it decimals would be longer than their digits; below the noise a figure is what float arithmetic left over, and
# a difference that is less than the other of its figures is too.
_SMALL, _NOISE, _NOISE_OF_FIGURES = 0.001, 1e-12, 1e-9
# What is zero at the decimals of its row takes so many more, to show its first digit; two ends that look equal, more.
_MORE_FOR_DIGIT, _MORE_TO_TELL_APART = 2, 4
# What is a whole digit but for float noise.
_NEARLY_ONE = 1 - 1e-9
_SUPERIOR = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def rounded(value: float, decimals: int) -> Decimal:
    """``value`` at ``decimals`` places, half up, from its shortest decimal form; never a negative zero."""
    result = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return result.copy_abs() if result.is_zero() else result


def decimals_of(value: Decimal) -> int:
    """How many decimals a figure has, without zeros at its end."""
    return max(0, -int(value.normalize().as_tuple().exponent))


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
    return f"{figure}{NARROW_SPACE}{points_unit(locale)}"


def points_unit(locale: str) -> str:
    """What differences of percentages are counted in: ``pp``."""
    return language(locale).pgettext("percentage points", "pp")


def in_points(share: float) -> float:
    """A difference of fractions in percentage points."""
    return _times(share, 100)


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
        decimals = self.places(value)
        if value is not None and self._looks_like_zero(value, decimals):
            least = number(10.0**-decimals, decimals, self.locale, signed=signed)
            return f"<{least}" if value > 0 else f">{MINUS}{least.lstrip('+')}"
        return number(_scaled(value, self.divisor), decimals, self.locale, signed=signed)

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
            return points(self.difference_figure(abs(value)), self.locale)
        return self._of_difference(value).text(abs(value))

    def difference_figure(self, value: float | None, *, signed: bool = False) -> str:
        """The bare figure of a difference; one that is less than the last digit of its figures has its own first."""
        return self._of_difference(value).figure(value, signed=signed)

    def between(self, value: float | None, other: float | None) -> float | None:
        """``value`` minus ``other`` as they are shown; where these look equal and are not, the exact difference."""
        if value is None or other is None or not (isfinite(value) and isfinite(other)):
            return None
        shown = self.shown_between(value, other)
        exact = float(Decimal(repr(float(value))) - Decimal(repr(float(other))))
        noise = max(_NOISE * self.divisor, _NOISE_OF_FIGURES * max(abs(value), abs(other)))
        return shown or (exact if abs(exact) > noise else 0.0)

    def shown_between(self, value: float, other: float) -> float:
        """``value`` minus ``other`` as they are shown."""
        shown, against = (rounded(_per(v, self.divisor), self.over(v).places(v)) for v in (value, other))
        return float((shown - against) * Decimal(repr(float(self.divisor))))

    def is_nothing(self, difference: float) -> bool:
        """Whether a difference rounds to zero at these decimals."""
        return rounded(_per(difference, self.divisor), self.decimals).is_zero()

    def apart(self, value: float | None, other: float | None) -> RowScale:
        """The same scale with as many more decimals as it takes, a few at most, for two figures not to look equal."""
        if value is None or other is None or not (isfinite(value) and isfinite(other)):
            return self
        for more in range(_MORE_TO_TELL_APART + 1):
            scale = replace(self, decimals=self.decimals + more)
            if scale.figure(value) != scale.figure(other):
                return scale
        return self

    def places(self, value: float | None) -> int:
        """The decimals of the scale, or as many more as show the first digit of what would be written as zero."""
        if value is None or not self._looks_like_zero(value, self.decimals):
            return self.decimals
        first = -floor(log10(abs(_per(value, self.divisor))))
        return min(first, self.decimals + _MORE_FOR_DIGIT)

    def places_of_difference(self, value: float | None) -> int:
        """The decimals of the scale, or a few more, which show the first digit of what is less than its last one."""
        least = 10.0**-self.decimals
        if value is None or not _NOISE < abs(_per(value, self.divisor)) < least * _NEARLY_ONE:
            return self.decimals
        first = -floor(log10(abs(_per(value, self.divisor))))
        return first if first <= self.decimals + _MORE_FOR_DIGIT else self.decimals

    def _of_difference(self, value: float | None) -> RowScale:
        scale = self.over(value)
        return replace(scale, decimals=scale.places_of_difference(value))

    def _looks_like_zero(self, value: float, decimals: int) -> bool:
        """Whether a figure that is not zero would be written as if it were; float noise is zero."""
        shown = abs(_per(value, self.divisor))
        return _NOISE < shown < inf and rounded(shown, decimals).is_zero()


def row_scale(line: KpiLine, currency: str, locale: str = "en_GB") -> RowScale:
    """The scale that all figures of one KPI share.

    It is chosen from actual and target and from what these are compared with; where there are none, from the KPI's
    earlier values. A comparison of ten times their size or more does not count: it would take the actual's digits.
    Declared decimals become one more where the difference from the target, as shown, would be another percentage of it
    than the true one, by half a point or more and by a fiftieth of it: 39 against 40 is no 1.7 % less, 39.3 is.
    """
    if line.texts:
        return RowScale(1.0, 0, "", "", "", locale, texts=line.texts)
    own = _known(line.value, line.target, line.lower_target, line.upper_target)
    most = _OUT_OF_SIZE * _largest(own) or inf
    compared = [value for value in _known(line.previous, line.last_year) if abs(value) < most]
    values = own + compared if own else _known(*_earlier(line))
    scale = figure_scale(values, line.measured_in, line.decimals, currency, locale)
    if scale.is_fitted or scale.is_percent or scale.is_yes_or_no or _tells_share(line, scale):
        return scale
    return replace(scale, decimals=scale.decimals + 1)


def _tells_share(line: KpiLine, scale: RowScale) -> bool:
    """Whether the percentage of the variance is about that which the figures shown give."""
    share, value, aim = line.variance_share, line.value, line.aim
    if share is None or value is None or not aim or abs(share) >= MOST_SHARE:
        return True
    difference = scale.shown_between(value, aim)
    shown = float(rounded(_per(aim, scale.divisor), scale.places(aim))) * scale.divisor
    return not shown or abs(difference / abs(shown) - share) < max(_HALF_A_POINT, _FIFTIETH * abs(share))


def figure_scale(
    values: Iterable[float], measured_in: str, declared_decimals: int | None, currency: str, locale: str = "en_GB"
) -> RowScale:
    """The scale that these figures share: the same divisor and decimals, chosen from the largest."""
    values = list(values)
    largest = _largest(values)
    if measured_in == "percent":
        decimals = declared_decimals if declared_decimals is not None else _decimals_of_percent(largest)
        return percent_scale(decimals, locale)
    if measured_in == YES_OR_NO:
        say = language(locale)
        return RowScale(1.0, 0, say("yes/no"), "", "", locale, is_yes_or_no=True)
    divisor, suffix = _magnitude(largest, locale)
    if divisor < 1 and declared_decimals is not None and not rounded(largest, declared_decimals).is_zero():
        divisor, suffix = 1.0, ""
    fitting = _decimals(largest, values, divisor)
    declared = declared_decimals if divisor == 1 else None
    decimals, is_fitted = (fitting, True) if declared is None else (declared, False)
    is_prefixed = (measured_in == "currency" or is_currency(measured_in)) and has_currency_first(locale)
    unit = currency if measured_in == "currency" else measured_in
    label = " ".join(part for part in ((unit, suffix) if is_prefixed else (suffix, unit)) if part)
    gap = f"{NARROW_SPACE}{suffix}" if suffix else ""
    if is_prefixed:
        return RowScale(divisor, decimals, label, f"{unit}\u00a0", gap, locale, is_fitted=is_fitted)
    after = f"{gap}\u00a0{unit}" if unit else gap
    return RowScale(divisor, decimals, label, "", after, locale, is_fitted=is_fitted)


def percent_scale(decimals: int, locale: str) -> RowScale:
    """The scale of fractions that are written as percentages."""
    return RowScale(0.01, decimals, "%", "", f"{NARROW_SPACE}%", locale, is_percent=True)


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
def is_currency(word: str) -> bool:
    """Whether it is a currency's code after ISO 4217, one of the past among them: ``EUR``, and not ``FTE``."""
    from babel.core import get_global

    return word in get_global("all_currencies")


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
    if _NOISE <= largest < _SMALL * 0.9995:
        power = 3 * floor(log10(largest / 0.9995) / 3)
        return 10.0**power, f"×10{str(power).translate(_SUPERIOR)}"
    return 1.0, ""


def _decimals_of_percent(largest: float) -> int:
    """One; below 1 % two, and below a tenth of that as many as two significant digits take."""
    if not _NOISE <= largest < 0.01:
        return 1
    return max(2, 1 - floor(log10(largest * 100 / 0.9995)))


def _decimals(largest: float, values: Iterable[float], divisor: float) -> int:
    if divisor == 1 and all(float(v).is_integer() for v in values):
        return 0
    return _fitting(largest / divisor)


def _fitting(shown: float) -> int:
    """The decimals with which a figure has three significant digits, six at most; one for zero."""
    if not shown:
        return 1
    # What rounds up to the next power of ten has its number of digits: 0.9999 is shown as 1.00.
    return min(max(0, 2 - floor(log10(shown / 0.9995))), 6)


def _known(*values: float | None) -> list[float]:
    return [value for value in values if value is not None and isfinite(value)]


def _largest(values: Iterable[float | None]) -> float:
    return max((abs(value) for value in values if value is not None and isfinite(value)), default=0.0)


def _earlier(line: KpiLine) -> list[float | None]:
    return [line.previous, line.last_year, *(p.value for p in line.history), *(p.target for p in line.history)]


def _scaled(value: float | None, divisor: float) -> float | None:
    return value if value is None or divisor == 1 else _per(value, divisor)


def _times(value: float, factor: float) -> float:
    # In decimals, since 0.285 * 100 is 28.499999999999996 in binary and would round the wrong way.
    if not isfinite(value):
        return value
    return float(Decimal(repr(float(value))) * Decimal(repr(float(factor))))


def _per(value: float, divisor: float) -> float:
    return float(Decimal(repr(float(value))) / Decimal(repr(divisor))) if isfinite(value) else value
