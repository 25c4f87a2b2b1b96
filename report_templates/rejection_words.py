"""The reasons of rejected rows, as the page of data lists them.

Belongs here: the forms in which contracts tell why a row is rejected, for translation. They come as text, since they
are kept with the load; a form that is not known stands as it came.
"""

from __future__ import annotations

import re
from functools import cache

from report_templates.language import language, mark

_FORMS = (
    mark("required: %(column)s: is empty"),
    mark("required: %(column)s: gives no value"),
    mark("enum: %(column)s: … is not one of %(values)s"),
    mark("type: %(column)s: … has more than %(count)s digits"),
    mark(
        "type: %(column)s: … has no percent sign, which percent: true expects; percent: where written takes it as it "
        "stands"
    ),
    mark("type: %(column)s: … has a percent sign: declare %(remedy)s to keep it as a fraction"),
    mark("type: %(column)s: … has a currency sign: declare it as symbol to accept it"),
    mark("type: %(column)s: … has another currency sign than the declared %(symbols)s"),
    mark("type: %(column)s: … is not a date (%(formats)s)"),
    mark("type: %(column)s: … is not a date"),
    mark("type: %(column)s: … is not a date and time (%(formats)s)"),
    mark("type: %(column)s: … is not a date and time"),
    mark("type: %(column)s: … is not a month (%(formats)s)"),
    mark("type: %(column)s: … is not a month"),
    mark("type: %(column)s: … is not true or false"),
    mark("type: %(column)s: … is not one of %(values)s"),
    mark("type: %(column)s: … is not a whole number"),
    mark("type: %(column)s: … is not a number or a percentage"),
    mark("type: %(column)s: … is not a percentage"),
    mark("type: %(column)s: … is not a number"),
    mark("minimum: %(column)s: … is below %(limit)s"),
    mark("maximum: %(column)s: … is above %(limit)s"),
    mark("matches: %(column)s: … does not match %(pattern)s"),
    mark("unit: %(column)s: … is not a declared unit"),
    mark("period: %(column)s: … lies in no period of %(file)s"),
    mark("period: %(column)s: has no start"),
    mark("period: %(column)s: … is before its start in %(start)s"),
    mark("period: %(column)s: has no period"),
    mark("period: %(column)s: belongs to …, the file is for %(period)s"),
    mark("period: %(column)s: belongs to …"),
    mark("period: %(column)s: … is before the first period %(period)s"),
    mark("form: the row repeats the header"),
    mark("error: %(column)s: … is an error of the workbook"),
    mark(
        "error: %(column)s: holds a formula without a stored value: have the workbook opened and saved by a "
        "spreadsheet program, or ask for values"
    ),
    mark("duplicate: %(columns)s: repeats an earlier row"),
    mark("duplicate: %(columns)s: conflicts with an earlier row of the same key"),
    mark("duplicate: %(columns)s: conflicts with an earlier row of the same values"),
)


def rejection_words(reason: str, locale: str) -> str:
    """The reason in the language of a pack."""
    say = language(locale)
    if say.is_english:
        return reason
    for form in _FORMS:
        if found := _pattern(form).fullmatch(reason):
            return say(form, **found.groupdict())
    return reason


@cache
def _pattern(form: str) -> re.Pattern[str]:
    parts = re.split(r"%\((\w+)\)s", form)
    return re.compile("".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts)))
