"""A first contract as the text of a file in ``sources/``, with what is unsure as comments."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from scorecards.words import on_one_line
from warehouse.inferring import Draft

_PLAIN = re.compile(r"[A-Za-zÀ-ÿ_][\wÀ-ÿ./ -]*[\wÀ-ÿ]|[A-Za-z_]")
_WORDS = {"null", "true", "false", "yes", "no", "on", "off"}
_WIDTH = 118


def contract_text(draft: Draft, file: str, rows: int, verdict: str) -> str:
    """The contract with a heading that says from which file it was guessed, and how the file fares under it."""
    lines = [f"# A first contract, guessed from {file} ({rows:,} rows). {verdict}"]
    lines += ["# Look at every line: one file tells what is there, not what is meant."]
    lines += [f"# {remark}" for remark in draft.remarks]
    lines += [f"{key}: {_value(value)}" for key, value in draft.keys.items()]
    lines.append("columns:")
    for name, keys in draft.columns.items():
        line = f"  {name}: {_value(keys)}"
        remarks = "; ".join(draft.column_remarks.get(name, ()))
        if remarks and len(line) + len(remarks) > _WIDTH:
            lines.append(f"  # {remarks}:")
            remarks = ""
        lines.append(f"{line}  # {remarks}" if remarks else line)
    # A header that is quoted in a remark may hold a line break.
    return "\n".join(map(on_one_line, lines)) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_value(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        is_plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
        return value if is_plain else json.dumps(value, ensure_ascii=False)
    return str(value)
