"""The examination: everything that a month end would stumble over, each with how it is mended.

Belongs here: what is examined, in which order. What is found is for the modules ``of_*`` to say.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from pipelines.operating import of_delivery, of_home, of_machine, of_packages
from pipelines.operating.findings import Finding, Found, Patient, fine, mend, note
from scorecards.errors import DeclarationError
from scorecards.project import Project, load_project
from scorecards.words import plural
from warehouse.home import Home


def declarations(patient: Patient) -> Iterator[Found]:
    """Whether the project's files are sound, and its extracts folder there."""
    try:
        project = load_project(patient.root, None)
    except DeclarationError as error:
        count = sum(problem.severity == "error" for problem in error.problems)
        yield mend(f"{plural(count, 'error')} in the declarations.", "scorepack check")
        return
    flawed = sorted(f"{period:%Y-%m}" for period in project.flaws)
    if flawed:
        yield mend(f"The commentary of {', '.join(flawed)} has errors: its packs are not sent.", "scorepack check")
    else:
        yield fine(f"{plural(len(project.sources), 'source')}, {plural(len(project.kpis), 'KPI')}, no error.")


def extracts(patient: Patient) -> Iterator[Found]:
    """Whether the folder of deliveries can be read."""
    if patient.project is None:
        yield note("Not examined: the declarations have errors.")
        return
    if not any(source.is_in_extracts for source in patient.project.sources.values()):
        yield fine("No delivery is looked for in a folder.")
        return
    folder = patient.project.extracts
    try:
        count = sum(1 for _ in folder.iterdir())
    except OSError as error:
        words = (error.strerror or str(error)).lower()
        yield mend(f"{folder} cannot be read: {words}.", "Mount or make it, or name another with --extracts.")
    else:
        yield fine(f"{plural(count, 'entry', 'entries')} in {folder}.")


CHECKS: dict[str, Callable[[Patient], Iterator[Found]]] = {
    "declarations": declarations,
    "extracts": extracts,
    "pango": of_machine.pango,
    "fonts": of_machine.fonts,
    "signs": of_machine.signs,
    "packages": of_packages.packages,
    "time zones": of_machine.time_zones,
    "clock": of_machine.clock,
    "disk": of_home.disk,
    "permissions": of_home.permissions,
    "journal": of_home.journal,
    "warehouse": of_home.warehouse,
    "analysts' copy": of_home.analysts_copy,
    "lock": of_home.lock,
    "dagster": of_home.dagster,
    "secrets": of_delivery.secrets,
    "smtp": of_delivery.smtp,
    "messages": of_delivery.messages,
    "who is told": of_delivery.who_is_told,
}
"""What is examined, in this order, by the name under which it is told."""


def examine(root: Path, home: Path | None = None, extracts: Path | None = None) -> Iterator[Finding]:
    """Every finding about a project and its home, as they are found. Nothing is made, sent or waited for.

    Raises ``CallError`` where the folder is no project.
    """
    project: Project | None
    try:
        project = load_project(root, extracts)
    except DeclarationError:
        project = None
    patient = Patient(root, Home(home or root / ".scorepack"), project, datetime.now(UTC))
    for name, check in CHECKS.items():
        yield from (Finding(name, *found) for found in _found(check, patient))


def _found(check: Callable[[Patient], Iterator[Found]], patient: Patient) -> list[Found]:
    found: list[Found] = []
    try:
        # Nothing but findings is printed: WeasyPrint has words of its own for a library or for fonts that it lacks.
        with redirect_stdout(StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for each in check(patient):
                found.append(each)  # noqa: PERF402 - what was found before an error counts
    except Exception as error:  # whatever it meets, the others are looked at all the same
        words = " ".join(str(error).split("\n")[0].split()) or type(error).__name__
        found.append(mend(f"It cannot be examined: {words}", "Mend what stands above first."))
    return found
