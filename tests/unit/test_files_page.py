"""The page on files: every contract on it can be declared as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scorecards.sources import Source

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "files.md"
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_contract_on_the_page_can_be_declared(block: str) -> None:
    declared: dict[str, Any] = yaml.load(block, yaml.BaseLoader)
    whole = {"source": "x", "domain": "hr", "period": "none", "columns": {"id": {}}} | declared
    assert Source.model_validate(whole).path == declared["path"]


def test_the_page_has_contracts() -> None:
    assert len(BLOCKS) > 7
