import ast
import re
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text().splitlines()
PIN = re.compile(r"(?P<name>[a-z0-9.-]+)(\[[a-z0-9,-]+\])?==(?P<version>[^ ;]+)( ; (?P<marker>[^\\]+))? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
PINS = [pin for line in LOCK if (pin := PIN.fullmatch(line))]
ROOMS = ["scorecards", "transforms", "warehouse", "report_templates", "pipelines"]


def test_the_lock_holds_names_versions_markers_and_hashes_and_nothing_else() -> None:
    strange = [line for line in LOCK if not PIN.fullmatch(line) and not HASH.fullmatch(line)]
    assert strange == []
    assert len(PINS) > 50


def test_what_only_the_mutation_check_needs_is_pinned_apart_and_in_the_same_form() -> None:
    lines = (ROOT / "requirements-mutate.txt").read_text().splitlines()
    assert [line for line in lines if not PIN.fullmatch(line) and not HASH.fullmatch(line)] == []
    apart = {pin["name"]: pin["version"] for line in lines if (pin := PIN.fullmatch(line))}
    assert not apart.keys() & {pin["name"] for pin in PINS}
    wanted = [Requirement(declared) for declared in PROJECT["dependency-groups"]["mutate"]]
    assert all(each.specifier.contains(apart[each.name]) for each in wanted)


EXTRAS = [each for declared in PROJECT["project"]["optional-dependencies"].values() for each in declared]


@pytest.mark.parametrize(
    "declared", [*PROJECT["project"]["dependencies"], *EXTRAS, *PROJECT["dependency-groups"]["dev"]]
)
def test_every_declared_dependency_is_pinned_within_its_range(declared: str) -> None:
    wanted = Requirement(declared)
    pinned = [pin["version"] for pin in PINS if pin["name"] == canonicalize_name(wanted.name)]
    assert pinned
    assert all(wanted.specifier.contains(each) for each in pinned)


def test_what_is_installed_is_what_the_lock_pins() -> None:
    here = [pin for pin in PINS if not pin["marker"] or Marker(pin["marker"]).evaluate()]
    assert {pin["name"]: version(pin["name"]) for pin in here} == {pin["name"]: pin["version"] for pin in here}


@pytest.mark.parametrize("room", ROOMS)
def test_importing_a_package_of_ours_imports_nothing_else(room: str) -> None:
    for file in (ROOT / room).rglob("__init__.py"):
        statements = ast.parse(file.read_text()).body
        assert [type(statement) for statement in statements] == [ast.Expr], file


def test_make_alone_lists_every_target_with_what_it_does() -> None:
    listed = subprocess.run(["make", "-C", ROOT, "-s"], capture_output=True, text=True, check=True).stdout
    targets = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets
    described = dict(re.findall(r"^make (\w+) +(\S.*)$", listed, re.MULTILINE))
    assert sorted(described) == sorted(targets[1].split())
    assert max(map(len, listed.splitlines())) <= 80
