"""What the header of a column suggests, in English and German: a person, a unit, a month, a key, a domain.

Belongs here: words only. They are guesses for a first contract, which a person looks through.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_PERSON = (
    r"(first|last|given|family|full|middle|maiden|sur|fore|employee|person|customer|contact|nick)_?names?|name|"
    r"(vor|nach|familien|geburts|mitarbeiter|kunden)namen?|e_?mails?(_.*)?|(.*_)?(e_?mail|mail)(_address|_adresse)?|"
    r"(.*_)?(birth|born|dob|geburt|geb)(_?(date|day|datum|tag|jahr|year|on))?|date_of_birth|born_on|"
    r"(.*_)?(wages?|pay|verdienst|bezuege)(_.*)?|.*(salary|salaries|gehalt|gehaelter|lohn|loehne)(_.*)?|"
    r"(.*_)?(phone|mobile|telefon|handy|tel)(_.*)?|(home_|postal_)?(address|adresse|anschrift|street|strasse)(_.*)?|"
    r"(.*_)?(iban|ssn|svnr|sv_nummer|tax_id|steuer_id|passport|national_id)(_.*)?|"
    r"(employee|staff|personnel|person|worker|mitarbeiter|personal|pers)_?(id|no|nr|number|nummer|code)|"
    r"gender|sex|geschlecht|religion|konfession|nationality|nationalitaet|disability|behinderung|marital_status"
)
_UNIT = (
    r"(.*_)?(unit|units|org|department|dept|division|team|branch|shop|store|site|plant|region|location|cost_cent(er|re)|"
    r"abteilung|bereich|standort|filiale|werk|kostenstelle|einheit|gesellschaft|company)(_(id|code|name|nr|no))?"
)
_TIME = r"(.*_)?(date|day|month|period|datum|tag|monat|periode|on|am|at|zeit|time|stichtag)|(date|datum)_.*"
_KEY = r"(.*_)?(id|nr|no|number|nummer|key|code|schluessel|uuid|line)|(id|nr|no)_.*"
_CODE = r"(.*_)?(account|konto|code|plz|zip|postcode|postal_code|kostenstelle|cost_cent(er|re))(_(code|no|nr|number))?"
_MONEY = (
    r"(.*_)?(eur|usd|gbp|chf|amount|betrag|cost|costs|kosten|price|preis|revenue|umsatz|sales|turnover|salary|gehalt|"
    r"net|gross|netto|brutto|value|wert)"
)
_DOMAINS = {
    "hr": r"employee|staff|personnel|mitarbeiter|personal|fte|headcount|hire|leaver|absence|salary|training|gehalt",
    "finance": r"account|amount|ledger|budget|cost|revenue|konto|betrag|umsatz|kosten|posting|invoice|rechnung|eur|usd",
    "customer": r"customer|order|complaint|sale|receipt|satisfaction|kunde|auftrag|reklamation|visit",
}


def id_of(header: str, taken: Iterable[str]) -> str:
    """An id for a header that is not taken: lower-case letters, digits and _, beginning with a letter."""
    text = header.lower()
    for letter, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("%", " pct "), ("€", " eur ")):
        text = text.replace(letter, plain)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = re.sub(r"[^a-z0-9]+", "_", text).strip("_") or "column"
    text = text if text[0].isalpha() else f"c_{text}"
    known, number = set(taken), 2
    found = text
    while found in known:
        found, number = f"{text}_{number}", number + 1
    return found


def is_personal(column: str) -> bool:
    """Whether the id of a column suggests data about a person."""
    return bool(re.fullmatch(_PERSON, column))


def is_unit(column: str) -> bool:
    """Whether it suggests an organisation unit."""
    return bool(re.fullmatch(_UNIT, column))


def is_time(column: str) -> bool:
    """Whether it suggests a day or a month."""
    return bool(re.fullmatch(_TIME, column))


def is_key(column: str) -> bool:
    """Whether it suggests a key."""
    return bool(re.fullmatch(_KEY, column))


def is_code(column: str) -> bool:
    """Whether it suggests a code that may be written in digits, and is no number all the same."""
    return bool(re.fullmatch(_CODE, column))


def is_money(column: str) -> bool:
    """Whether it suggests an amount, which may have cents in another file."""
    return bool(re.fullmatch(_MONEY, column))


def domain_of(folder: str, words: str) -> str:
    """The domain that the folder is named after, else the one that most words suggest, else process."""
    named = [part for part in folder.lower().split("/") if part in (*_DOMAINS, "process")]
    if named:
        return named[-1]
    counts = {domain: len(re.findall(pattern, words)) for domain, pattern in _DOMAINS.items()}
    best = max(counts, key=lambda domain: counts[domain])
    return best if counts[best] else "process"
