"""What ``scorepack doctor`` says of installations that lack something: each is a real one, with a Python of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.operating.installations import doctor_of, installation
from tests.small_company import SmallCompany, small_company

PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
EMPTY = '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig></fontconfig>\n'
OLD_PANGO = """\
import weasyprint.text.ffi as ffi

class Old:
    def __getattr__(self, name, real=ffi.pango):
        return (lambda: 14006) if name == "pango_version" else getattr(real, name)

ffi.pango = Old()
"""


@pytest.fixture
def project(tmp_path: Path) -> SmallCompany:
    return small_company(tmp_path / "small", ("2025-01",))


def told(python: Path, project: SmallCompany, **settings: str) -> tuple[int, dict[str, list[tuple[str, str, str]]]]:
    """The exit code, and what is not fine of what is found on the machine, by check; nothing else is printed."""
    answer = doctor_of(python, project.root, "--json", **settings)
    assert answer.stderr == ""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for row in json.loads(answer.stdout):
        if row["state"] != "fine" and row["check"] in ("pango", "fonts", "signs", "packages", "time zones"):
            found.setdefault(row["check"], []).append((row["state"], row["says"], row["remedy"]))
    return answer.returncode, found


def test_an_installation_that_lacks_nothing_is_sound(tmp_path: Path, project: SmallCompany) -> None:
    assert told(installation(tmp_path / "venv"), project) == (0, {})


def test_libraries_that_set_text_are_missing(tmp_path: Path, project: SmallCompany) -> None:
    for name in ("libpango-1.0.so", "libpango-1.0.so.0"):
        (tmp_path / name).touch()
    code, found = told(installation(tmp_path / "venv"), project, LD_LIBRARY_PATH=str(tmp_path))
    [(state, says, remedy)] = found.pop("pango")
    assert (code, state, found) == (1, "mend", {})
    assert says.startswith("No pack can be printed: cannot load library 'libpango-1.0-0'")
    assert remedy == f"Install the system's packages {PANGO} (Debian's names)."


def test_libraries_that_set_text_are_too_old(tmp_path: Path, project: SmallCompany) -> None:
    code, found = told(installation(tmp_path / "venv", start=OLD_PANGO), project)
    says, remedy = "Pango is 1.40.6; packs need 1.44 or newer.", f"Bring the system's packages {PANGO} up to date."
    assert (code, found) == (1, {"pango": [("mend", says, remedy)]})


def test_the_typeface_is_missing_and_cannot_be_made(tmp_path: Path, project: SmallCompany) -> None:
    python = installation(tmp_path / "venv")
    (tmp_path / "venv/share").unlink()
    for place in ("venv/share", "cache"):
        (tmp_path / place).touch()
    code, found = told(python, project, XDG_CACHE_HOME=str(tmp_path / "cache"))
    [(state, says, remedy)] = found["fonts"]
    assert (code, state) == (1, "mend")
    assert says.startswith("The typeface of packs is not there and cannot be made: [Errno 20] Not a directory")
    assert remedy == "Let whoever installed Scorepack run: python -m report_templates.fonts"


def test_the_system_has_no_fonts_and_a_name_needs_one(tmp_path: Path, project: SmallCompany) -> None:
    units = project.root / "units.csv"
    project.write("units.csv", units.read_text(encoding="utf-8").replace("Shop North", "Shop \u05d0", 1))
    (tmp_path / "fonts.conf").write_text(EMPTY)
    code, found = told(installation(tmp_path / "venv"), project, FONTCONFIG_FILE=str(tmp_path / "fonts.conf"))
    none = "The system has no fonts: a sign that the packs' typeface lacks is printed as a box."
    sign = "No font here has \u05d0 (U+05D0): a pack shows a box, as in 'Shop \u05d0'."
    assert code == 0
    assert found == {
        "fonts": [("note", none, "Install fonts, such as Debian's fonts-dejavu-core or fonts-noto.")],
        "signs": [("note", sign, "Install a font that has it, or write the text without it.")],
    }


def test_packages_that_every_command_needs_are_missing(tmp_path: Path, project: SmallCompany) -> None:
    code, found = told(installation(tmp_path / "venv", without=["polars", "holidays"]), project)
    polars = ("The package polars is missing: Scorepack needs polars<2.2,>=2.1.", "pip install 'polars<2.2,>=2.1'")
    days = ("The package holidays is missing: Scorepack needs holidays>=0.100.", "pip install 'holidays>=0.100'")
    rest = ("note", "Nothing else was examined.", "Install them, then: scorepack doctor")
    assert (code, found) == (1, {"packages": [("mend", *polars), ("mend", *days), rest]})


def test_a_package_that_this_project_needs_is_missing(tmp_path: Path, project: SmallCompany) -> None:
    python = installation(tmp_path / "venv", without=["apprise", "pikepdf", "s3fs"])
    assert told(python, project) == (0, {})
    code, found = told(python, project, SCOREPACK_NOTICES="json://localhost")
    says = "The package apprise is missing: scorepack[delivery], for SCOREPACK_NOTICES."
    assert (code, found) == (1, {"packages": [("mend", says, "pip install 'scorepack[delivery]'")]})


def test_packages_are_of_versions_that_scorepack_does_not_know(tmp_path: Path, project: SmallCompany) -> None:
    versions = {"polars": "1.9.0", "jinja2": "2.11", "backports.zstd": "1.30", "apprise": "0.9"}
    code, found = told(installation(tmp_path / "venv", versions=versions), project)
    polars = ("The package polars is 1.9.0: Scorepack needs polars<2.2,>=2.1.", "pip install 'polars<2.2,>=2.1'")
    jinja = ("The package jinja2 is 2.11: Scorepack needs jinja2>=3.1.", "pip install 'jinja2>=3.1'")
    assert (code, found) == (1, {"packages": [("mend", *polars), ("mend", *jinja)]})


def test_time_zone_data_are_missing(tmp_path: Path, project: SmallCompany) -> None:
    python, remedy = (
        installation(tmp_path / "venv", without=["tzdata"]),
        "Install the package tzdata, of the system or pip.",
    )
    assert told(python, project) == (0, {})
    utc = ("mend", "The time zone UTC is not known here.", remedy)
    assert told(python, project, PYTHONTZPATH="") == (1, {"time zones": [utc]})
    project.write("delivery.yaml", "due: {working_day: 3, time_zone: Europe/Berlin}\n")
    code, found = told(python, project, PYTHONTZPATH="")
    assert (code, found["time zones"]) == (1, [("mend", "The time zone Europe/Berlin is not known here.", remedy)])
