"""Rules about ``recipients.yaml`` and ``delivery.yaml``: names that exist, addresses, holidays.

Belongs here: what can be said without a period. Units without recipients are told by `scorepack recipients`.
"""

from __future__ import annotations

from collections.abc import Iterator

from scorecards.errors import Problem, did_you_mean
from scorecards.packs import PDF
from scorecards.people import THEMSELVES
from scorecards.project import Project
from scorecards.units import PERSON
from scorecards.working_days import public_holidays


def check_delivery(project: Project) -> Iterator[Problem]:
    """Problems of who receives packs, and of when these are due."""
    place, cards = project.places["recipients.yaml"], list(project.strategy.scorecards)
    seen: dict[str, int] = {}
    for index, recipient in enumerate(project.recipients):
        at = ("recipients", index)
        yield from place.unknown((*at, "units"), recipient.units, project.unit_ids, "unit")
        yield from place.unknown((*at, "scorecards"), recipient.scorecards, cards, "scorecard")
        if recipient.scope == THEMSELVES:
            yield from _is_one_person(project, index)
        if not project.delivery.allows(recipient.email):
            message = f"'{recipient.email}' is of a domain that packs may not go to."
            yield place.problem((*at, "email"), message, "Add the domain to 'domains' in delivery.yaml, or correct it.")
        if "link" in recipient.formats and project.delivery.link is None:
            yield place.problem((*at, "formats"), "needs a 'link' in delivery.yaml.", "Say where packs are served.")
        others = [form for form in recipient.formats if form != PDF]
        if recipient.password is not None and others:
            message = f"asks for a password and {others[0]}: only PDFs are encrypted."
            yield place.problem((*at, "formats"), message, "Leave one of them out.")
        first = seen.setdefault(recipient.email.lower(), index)
        if first != index and _differs(project, first, index):
            message = f"'{recipient.email}' is declared above with another name, language, format or password."
            yield place.problem((*at, "email"), message, "The first that has a unit counts for it.", "warning")
    yield from _roles(project)
    for name, key, addresses in (
        ("recipients.yaml", "alerts", project.alerts), ("delivery.yaml", "owner", project.delivery.owner)
    ):  # fmt: skip
        for index, address in enumerate(addresses):
            if not project.delivery.allows(address):
                message = f"'{address}' is of a domain that packs may not go to, and would be told who receives them."
                remedy = "Add the domain to 'domains' in delivery.yaml, or correct it."
                yield project.places[name].problem((key, index), message, remedy)
    due = project.delivery.due
    if due is not None and due.country is not None:
        try:
            public_holidays(due.country, due.region, project.organisation.first_period.year)
        except ValueError as error:
            yield project.places["delivery.yaml"].problem(("due", "country"), f"{error}.")


def _is_one_person(project: Project, index: int) -> Iterator[Problem]:
    """Who receives what is about themselves is one person, in every row of units.csv."""
    place, recipient = project.places["recipients.yaml"], project.recipients[index]
    at = ("recipients", index, "units")
    if len(set(recipient.units)) > 1:
        message = f"'{THEMSELVES}' with {len(set(recipient.units))} units: nobody is several persons."
        yield place.problem(at, message, "Name the one unit that this person is.")
    for other in project.recipients[:index]:
        if other.scope != THEMSELVES:
            continue
        is_address, is_person = other.email.lower() == recipient.email.lower(), set(other.units) == set(recipient.units)
        if is_address and not is_person:
            message = f"'{recipient.email}' is another person's address above: each would read what the other is told."
            yield place.problem(("recipients", index, "email"), message, "Give each person an address of their own.")
        if is_person and not is_address:
            message = f"'{other.email}' above is the same person: what is for them alone goes to two addresses."
            remedy = "Keep one of them, unless both are read by this person alone."
            yield place.problem(("recipients", index, "email"), message, remedy, "warning")
    for unit in project.units:
        if unit.id in recipient.units and unit.level != PERSON:
            message = f"'{unit.id}' is a {unit.level}, and '{THEMSELVES}' is for persons."
            yield place.problem(at, message, f"Name a unit of the level {PERSON}, or another scope.")
            return


def _roles(project: Project) -> Iterator[Problem]:
    place, cards = project.places["recipients.yaml"], list(project.strategy.scorecards)
    for index, role in enumerate(project.roles):
        at = ("from_sources", index)
        source = project.sources.get(role.source)
        if source is None:
            message = f"'{role.source}' is not a source."
            yield place.problem((*at, "source"), message, did_you_mean(role.source, list(project.sources)))
            continue
        if source.unit is None:
            message = f"'{role.source}' names no unit."
            yield place.problem((*at, "source"), message, "Give it 'unit': whose packs would be sent?")
        for key, name in (("name", role.name), ("email", role.email)):
            if name not in source.staged:
                message = f"'{name}' is not a column of {role.source} that is kept."
                yield place.problem((*at, key), message, did_you_mean(name, list(source.staged)))
            elif name in source.hashed:
                message = f"'{name}' of {role.source} is kept as a hash only."
                yield place.problem((*at, key), message, "Whoever is to receive packs must be known by name.")
        yield from place.unknown((*at, "scorecards"), role.scorecards, cards, "scorecard")


def _differs(project: Project, first: int, other: int) -> bool:
    one, two = (
        (found.name, found.language, found.formats, found.password)
        for found in (project.recipients[first], project.recipients[other])
    )
    return one != two
