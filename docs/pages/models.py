"""Tables of keys from the language's models: key, what may be written, default, meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pages.markdown import code, plain, table
from pages.words import DEFAULTS, MEANINGS, TYPES

_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}


def models_of(root: type[BaseModel]) -> list[type[BaseModel]]:
    """The model and all that it holds, each once, in the order of reading."""
    found: list[type[BaseModel]] = [root]
    for field in root.model_fields.values():
        for inner in _models_in(field.annotation):
            found += [model for model in models_of(inner) if model not in found]
    return found


def keys_table(model: type[BaseModel]) -> str:
    """The docstring of a model and the table of its keys."""
    schema = model.model_json_schema(mode="validation")
    # A model that holds itself nowhere has its properties at the top.
    rows = [
        (code(key), _type(model, name, schema["properties"][key]), _default(model, name, field), meaning(model, name))
        for name, field in model.model_fields.items()
        for key in [field.alias or name]
    ]
    return f"{plain(model.__doc__)}\n\n{table(('key', 'type', 'default', 'meaning'), rows)}"


def meaning(model: type[BaseModel], name: str) -> str:
    """What a key means: the model's own words, else those of ``words.py``. Raises ``KeyError`` where there are none."""
    return model.model_fields[name].description or MEANINGS[f"{model.__name__}.{name}"]


def _type(model: type[BaseModel], name: str, schema: dict[str, Any]) -> str:
    return TYPES.get(f"{model.__name__}.{name}") or _words(schema)


def _words(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        kinds = list(dict.fromkeys(_words(one) for one in schema["anyOf"] if one.get("type") != "null"))
        return "share such as 12%" if kinds == ["text", "number"] else " or ".join(kinds)
    if "const" in schema:
        return code(schema["const"])
    if "enum" in schema:
        return ", ".join(code(value if value != "" else '""') for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_words(schema.get('items', {}))}"
    if schema.get("type") == "object":
        inner: dict[str, Any] = schema.get("additionalProperties") or next(
            iter(schema.get("patternProperties", {}).values()), {}
        )
        return f"mapping from name to {_words(inner)}"
    if schema.get("format") == "date":
        return "day such as 2025-09-30"
    kind = _WORDS.get(str(schema.get("type")), "text")
    return f"{kind} from {schema['minimum']} to {schema['maximum']}" if {"minimum", "maximum"} <= set(schema) else kind


def _default(model: type[BaseModel], name: str, field: FieldInfo) -> str:
    told = DEFAULTS.get(f"{model.__name__}.{name}")
    if told is not None:
        return told
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "all its defaults" if value.model_fields_set == set() else code(value)
    if value is None or value in ("", (), {}):
        return "–"
    return code({True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
