"""JSON Schemas of the declaration files, generated from the models."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from scorecards.delivery import Delivery
from scorecards.kpis import KpiFile
from scorecards.organisation import Organisation
from scorecards.packs import Packs
from scorecards.people import Commentary, Recipients
from scorecards.sources import Source
from scorecards.strategy import Strategy

MODELS: dict[str, type[BaseModel]] = {
    "scorecard": Organisation,
    "strategy": Strategy,
    "source": Source,
    "kpis": KpiFile,
    "recipients": Recipients,
    "delivery": Delivery,
    "packs": Packs,
    "commentary": Commentary,
}


def schema_text(name: str) -> str:
    """The schema of one kind of file, as the file holds it."""
    schema = MODELS[name].model_json_schema(mode="validation")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, indent=1, ensure_ascii=False, default=str) + "\n"


def write_schemas(project: Path, to: Path | None = None) -> list[Path]:
    """Write all schemas into ``schema/`` of the project, or into ``to``."""
    folder = to or project / "schema"
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in MODELS:
        path = folder / f"{name}.json"
        path.write_text(schema_text(name), encoding="utf-8")
        written.append(path)
    return written
