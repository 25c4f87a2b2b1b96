"""JSON Schemas: written by the command, named by every YAML file of the examples, and true of them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.cli.schemas import MODELS, schema_text
from scorecards.yaml_reader import read_yaml

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PROJECTS = ("meridian", "adventure_works", "starter")
FILES = sorted(
    path.relative_to(EXAMPLES).as_posix() for project in PROJECTS for path in (EXAMPLES / project).rglob("*.yaml")
)
FOLDERS = {"sources": "source", "kpis": "kpis", "commentary": "commentary"}


def kind_of(name: str) -> str:
    path = Path(name)
    return FOLDERS.get(path.parent.name, path.stem)


@pytest.mark.parametrize("project", PROJECTS)
def test_the_schemas_beside_an_example_are_those_of_the_models(project: str) -> None:
    for name in MODELS:
        written = EXAMPLES / project / "schema" / f"{name}.json"
        assert written.read_text(encoding="utf-8") == schema_text(name), f"{written.name} is out of date: make docs"


@pytest.mark.parametrize("name", FILES)
def test_a_file_names_its_schema_in_its_first_line_and_fits_it(name: str) -> None:
    path = EXAMPLES / name
    first = path.read_text(encoding="utf-8").splitlines()[0]
    marker = "# yaml-language-server: $schema="
    assert first.startswith(marker)
    schema = (path.parent / first.removeprefix(marker)).resolve()
    assert schema.name == f"{kind_of(name)}.json"
    data, _ = read_yaml(path, name)
    jsonschema.validate(data, json.loads(schema.read_text(encoding="utf-8")))


def test_a_misspelt_key_does_not_fit_its_schema() -> None:
    data, _ = read_yaml(EXAMPLES / "starter" / "scorecard.yaml", "scorecard.yaml")
    with pytest.raises(jsonschema.ValidationError, match="currencey"):
        jsonschema.validate({**data, "currencey": "EUR"}, json.loads(schema_text("scorecard")))


def test_the_command_writes_a_schema_for_every_kind_of_file(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["schema", "--to", str(tmp_path)])
    assert done.exit_code == 0
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(MODELS)
