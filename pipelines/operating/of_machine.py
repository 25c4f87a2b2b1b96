"""Findings about the machine: what sets text, time zones and the clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipelines.operating.findings import Found, Patient, fine, mend, note
from scorecards.declared_texts import declared_texts
from warehouse.examining import journal_state

_PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
# WeasyPrint's own bound (https://doc.courtbouillon.org/weasyprint/stable/first_steps.html).
_OLDEST_PANGO = 1, 44
_MOST_SIGNS = 5
_SLACK = timedelta(minutes=2)


def pango(_: Patient) -> Iterator[Found]:
    """Whether WeasyPrint finds the libraries that set text, and they can do what packs need."""
    try:
        from weasyprint.text.ffi import pango as library
    except OSError as error:
        words = str(error).splitlines()[0]
        yield mend(f"No pack can be printed: {words}", f"Install the system's packages {_PANGO} (Debian's names).")
        return
    number = library.pango_version()
    version, oldest = (number // 10000, number // 100 % 100, number % 100), ".".join(map(str, _OLDEST_PANGO))
    told = ".".join(map(str, version))
    if version < _OLDEST_PANGO:
        yield mend(
            f"Pango is {told}; packs need {oldest} or newer.", f"Bring the system's packages {_PANGO} up to date."
        )
    else:
        yield fine(f"Pango {told} sets text.")


def fonts(_: Patient) -> Iterator[Found]:
    """Whether the packs' typeface is there, or can be made, and fonts of the system for what it lacks."""
    from report_templates.fonts import font_files

    remedy = "Let whoever installed Scorepack run: python -m report_templates.fonts"
    try:
        found = font_files()
        empty = [path for path in found.values() if not path.stat().st_size]
    except OSError as error:
        yield mend(f"The typeface of packs is not there and cannot be made: {error}.", remedy)
        return
    if empty:
        yield mend(f"The font file {empty[0]} is empty.", f"Delete it. {remedy}")
    else:
        yield fine(f"{len(found)} cuts in {next(iter(found.values())).parent}.")
    if not _has_fonts_of_system():
        words = "The system has no fonts: a sign that the packs' typeface lacks is printed as a box."
        yield note(words, "Install fonts, such as Debian's fonts-dejavu-core or fonts-noto.")


def _has_fonts_of_system() -> bool:
    """Whether fontconfig names any; where the libraries cannot be loaded, of which ``pango`` tells, nobody can say."""
    try:
        from weasyprint.text.ffi import ffi, fontconfig
    except Exception:  # a second attempt at what failed fails in other ways
        return True
    settings = ffi.gc(fontconfig.FcInitLoadConfigAndFonts(), fontconfig.FcConfigDestroy)
    return bool(fontconfig.FcConfigGetFonts(settings, fontconfig.FcSetSystem).nfont)


def signs(patient: Patient) -> Iterator[Found]:
    """Whether every sign of what the project says has a look here; one that has none is printed as a box."""
    if patient.project is None:
        yield note("Not examined: the declarations have errors.")
        return
    from report_templates.missing_signs import missing_signs

    project = patient.project
    missing = missing_signs(declared_texts(project), project.root, project.packs.style.font)
    for sign, text in list(missing.items())[:_MOST_SIGNS]:
        yield note(
            f"No font here has {sign} (U+{ord(sign):04X}): a pack shows a box, as in '{text[:60]}'.",
            "Install a font that has it, or write the text without it.",
        )
    if len(missing) > _MOST_SIGNS:
        yield note(f"No font here has {len(missing) - _MOST_SIGNS} signs more.")
    if not missing:
        yield fine("Every sign of names and texts has a look in the fonts here.")


def time_zones(patient: Patient) -> Iterator[Found]:
    """Whether the machine knows the zones that hours are declared in."""
    zones = {"Europe/Berlin"}
    if patient.project is not None:
        due = patient.project.delivery.due
        zones = {patient.project.organisation.time_zone, (due and due.time_zone) or "UTC"}
    for zone in sorted(zones):
        try:
            here = patient.now.astimezone(ZoneInfo(zone))
        except (ZoneInfoNotFoundError, OSError, ValueError):
            yield mend(f"The time zone {zone} is not known here.", "Install the package tzdata, of the system or pip.")
        else:
            yield fine(f"In {zone} it is {here:%Y-%m-%d %H:%M}.")


def clock(patient: Patient) -> Iterator[Found]:
    """Whether the clock goes forward, as far as records show, and agrees with that of the home's disk."""
    remedy = "Set the clock, and let it be kept by NTP (timedatectl set-ntp true)."
    found = journal_state(patient.home)
    last = found.last_at if found else None
    if last is not None and last > patient.now + _SLACK:
        yield mend(
            f"The journal's last entry is of {last:%Y-%m-%d %H:%M} UTC: it is {patient.now:%Y-%m-%d %H:%M}.", remedy
        )
        return
    if patient.home.root.is_dir():
        probe = patient.home.root / f".clock.{os.getpid()}.tmp"
        try:
            probe.touch()
            apart = abs(probe.stat().st_mtime - patient.now.timestamp())
        except OSError:
            apart = 0.0
        finally:
            _forget(probe)
        if apart > _SLACK.total_seconds():
            words = f"The clock of the home's disk is {apart / 60:.0f} minutes apart from this machine's."
            yield mend(words, "Set both by NTP: what is newer is told by them.")
            return
    yield fine(f"{patient.now:%Y-%m-%d %H:%M} UTC, after all that is recorded.")


def _forget(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
