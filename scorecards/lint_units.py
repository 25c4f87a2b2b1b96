"""Rules about units: that each has its scorecard, and that no person is named, nor told by an id."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from scorecards.errors import Problem
from scorecards.lint_facts import Facts, listed
from scorecards.lint_rule import rule
from scorecards.people import THEMSELVES
from scorecards.tables import Unit
from scorecards.units import PERSON


@rule(
    "note",
    "Units have no scorecard.",
    remedy="Widen units: of a scorecard, or say in rules_off why they need none.",
    source="Kaplan and Norton, The Strategy-Focused Organization (2001), part two",
)
def unit_without_scorecard(facts: Facts) -> Iterator[Problem]:
    """A unit that gets no pack cannot see how its work serves the strategy.

    That may be meant, for persons or for units that only hold others together; then say so.
    """
    tree = facts.tree
    covered = {unit for card in facts.cards.values() for unit in tree.select(card.units)}
    without = [unit for unit in tree.units if unit not in covered]
    if without and facts.cards:
        verb = "has" if len(without) == 1 else "have"
        yield Problem("units.csv", tree.units[without[0]].line, "id", f"{listed(without)} {verb} no scorecard.")


@rule(
    "warning",
    "Persons have names of their own in units.csv.",
    remedy="Name a person by the id, or give the name the id's last part as a word: p_4f2a91, Account manager 4f2a91.",
    source="General Data Protection Regulation, article 4(5): what tells whose a pseudonym is, is kept apart",
)
def person_with_a_name(facts: Facts) -> Iterator[Problem]:
    """A person's unit stands under its name in every table and in packs that others read.

    Its id is a pseudonym, and so is its name, as long as that is the id or has what stands behind the id's last `_` as
    a word. The person's own name belongs into `recipients.yaml` or the source of a role.
    """
    named: dict[str, Unit] = {}
    for unit in facts.project.units:
        if unit.level == PERSON and not _is_made_of_its_id(unit):
            named.setdefault(unit.id, unit)
    if named:
        first, shown = next(iter(named.values())), listed([f"'{unit}'" for unit in named])
        is_one = len(named) == 1
        what = (
            "is a person and has a name that its id does" if is_one else "are persons and have names that their ids do"
        )
        yield Problem("units.csv", first.line, "name", f"{shown} {what} not make.")


@rule(
    "warning",
    "Ids of persons are words or names.",
    remedy="Give the person an id that says nothing, such as p_4f2a91, in units.csv and in the extracts.",
    source="General Data Protection Regulation, article 4(5): what tells whose a pseudonym is, is kept apart",
)
def person_told_by_an_id(facts: Facts) -> Iterator[Problem]:
    """A person's id stands in tables, exports and the names of files, where others read it.

    Words say who it is: an id without a digit is taken for such, as `kim_sample` is, and so is one with a word of the
    name or address to which the person's own pack goes, as `sample_4711` has.
    """
    known: dict[str, set[str]] = {}
    for one in facts.project.recipients:
        if one.scope == THEMSELVES:
            for own in one.units:
                known.setdefault(own, set()).update(_words(f"{one.name} {one.email.rpartition('@')[0]}"))
    told: dict[str, Unit] = {}
    for unit in facts.project.units:
        words = _words(unit.id)
        is_of_words = bool(words) and not re.search(r"\d", unit.id)
        if unit.level == PERSON and (is_of_words or words & known.get(unit.id, set())):
            told.setdefault(unit.id, unit)
    if told:
        first, shown = next(iter(told.values())), listed([f"'{unit}'" for unit in told])
        what = "is a person's id and says" if len(told) == 1 else "are persons' ids and say"
        yield Problem("units.csv", first.line, "id", f"{shown} {what} who it is.")


def _words(text: str) -> set[str]:
    """The words of three letters and more, without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return set(re.findall(r"[a-z]{3,}", "".join(sign for sign in plain if not unicodedata.combining(sign))))


def _is_made_of_its_id(unit: Unit) -> bool:
    words = re.findall(r"[^\W_]+", unit.name.casefold())
    return unit.name == unit.id or unit.id.rpartition("_")[2].casefold() in words
