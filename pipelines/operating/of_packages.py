"""Findings about Python packages: those that Scorepack always needs, and what this project needs beyond them.

Nothing is imported here that may be missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from pipelines.operating.findings import Found, Patient, fine, mend, note

_NOTICES = "SCOREPACK_NOTICES"
_NEEDED = {"postgresql": "adbc-driver-postgresql", "sqlite": "adbc-driver-sqlite", "s3": "s3fs", "sftp": "sshfs"}


def missing() -> Iterator[Found]:
    """Packages that are not installed and without which no command works."""
    for wanted in _always():
        if _installed(wanted.name) is None:
            yield mend(f"The package {wanted.name} is missing: Scorepack needs {_plain(wanted)}.", _remedy(wanted))


def packages(patient: Patient) -> Iterator[Found]:
    """Whether packages are there, in versions that Scorepack knows, those included that only this project needs."""
    needed, lacking = _of_project(patient), 0
    for wanted in [*_always(), *(each for each in _declared() if each.name in needed)]:
        found, why = _installed(wanted.name), needed.get(wanted.name)
        if found is None and why is not None:
            yield mend(f"The package {wanted.name} is missing: {why}.", f"pip install '{why.split(',')[0]}'")
        elif found is not None and not wanted.specifier.contains(found, prereleases=True):
            yield mend(f"The package {wanted.name} is {found}: Scorepack needs {_plain(wanted)}.", _remedy(wanted))
        else:
            continue
        lacking += 1
    if not lacking:
        yield fine("All that this project needs are installed, in versions that Scorepack knows.")
    if patient.project is None:
        yield note("Which others are needed shows when the declarations are sound.")


def _of_project(patient: Patient) -> dict[str, str]:
    """Packages that this project needs beyond the usual, each with its extra and for what."""
    needed: dict[str, str] = {}
    if os.environ.get(_NOTICES):
        needed["apprise"] = f"scorepack[delivery], for {_NOTICES}"
    if patient.project is not None:
        if any(one.password is not None for one in patient.project.recipients):
            needed["pikepdf"] = "scorepack[delivery], for packs with a password"
        for connection in patient.project.organisation.connections.values():
            needed[_NEEDED[connection.driver]] = f"scorepack[databases], for {connection.driver}"
        for location in patient.project.organisation.locations.values():
            if location.kind in _NEEDED:
                needed[_NEEDED[location.kind]] = f"scorepack[remote], for {location.kind}"
    return needed


def _declared() -> list[Requirement]:
    return [Requirement(each) for each in requires("scorepack") or ()]


def _always() -> list[Requirement]:
    """What is needed on this Python and this machine, whatever the project."""
    return [each for each in _declared() if each.marker is None or each.marker.evaluate({"extra": ""})]


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _plain(wanted: Requirement) -> str:
    return f"{wanted.name}{wanted.specifier}"


def _remedy(wanted: Requirement) -> str:
    return f"pip install '{_plain(wanted)}'"
