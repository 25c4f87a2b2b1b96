"""Counts in words, as many sentences need them: months, KPIs, and the KPIs of a status.

Belongs here: a number with its noun. English has one plural, other languages have several; so each noun is a message.
"""

from __future__ import annotations

from report_templates.language import language
from transforms.pack import NodeScore, Status


def counted(node: NodeScore, status: Status, locale: str) -> str:
    """``2 of 6 KPIs off target``: the count that stands beside every average."""
    say, of_all = language(locale), node.applicable
    if of_all and not any(node.by_status.values()):
        return say.ngettext("its KPI has no score", "none of %(count)s KPIs has a score", of_all)
    found = node.by_status.get(status, 0)
    if status == "bad":
        return say.ngettext(
            "%(found)s of %(count)s KPI off target", "%(found)s of %(count)s KPIs off target", of_all, found=found
        )
    if status == "warning":
        return say.ngettext(
            "%(found)s of %(count)s KPI near target", "%(found)s of %(count)s KPIs near target", of_all, found=found
        )
    return say.ngettext(
        "%(found)s of %(count)s KPI on target", "%(found)s of %(count)s KPIs on target", of_all, found=found
    )


def spans(count: int, every: str, locale: str) -> str:
    """``3 months``, ``1 quarter``: how many points of a chart, which has one every month, quarter or year."""
    say = language(locale)
    if every == "quarter":
        return say.ngettext("%(count)s quarter", "%(count)s quarters", count)
    if every == "year":
        return say.ngettext("%(count)s year", "%(count)s years", count)
    return say.ngettext("%(count)s month", "%(count)s months", count)


def ordinal(count: int, locale: str) -> str:
    """``second``, ``11th``, ``22nd``, as it stands before ``month``."""
    say = language(locale)
    small = (
        say.pgettext("before month", "zeroth"), say.pgettext("before month", "first"),
        say.pgettext("before month", "second"), say.pgettext("before month", "third"),
        say.pgettext("before month", "fourth"), say.pgettext("before month", "fifth"),
        say.pgettext("before month", "sixth"), say.pgettext("before month", "seventh"),
        say.pgettext("before month", "eighth"), say.pgettext("before month", "ninth"),
        say.pgettext("before month", "tenth"),
    )  # fmt: skip
    if 0 <= count < len(small):
        return small[count]
    ending = "th" if 10 <= count % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    if not say.is_english:
        return say.pgettext("before month", "%(count)sth", count=count)
    return f"{count}{ending}"
