"""A small company whose month is computed and published, to be copied by each test that harms it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.delivery.gate import approve
from pipelines.steps.editions import publish
from tests.disks import small_disk
from tests.small_company import SmallCompany, small_company

PERIOD = date(2025, 6, 1)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("SCOREPACK_", "DAGSTER_"))]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def _published(tmp_path_factory: pytest.TempPathFactory) -> SmallCompany:
    company = small_company(tmp_path_factory.mktemp("operated") / "small")
    materialise("month_end", company.root, None, None, [PERIOD], "last", Steps(None))
    publish(company.setting(), PERIOD, "Ada")
    approve(company.setting(), PERIOD, "Grace")
    return company


@pytest.fixture
def company(_published: SmallCompany, tmp_path: Path) -> SmallCompany:
    """The published and approved month, in a home of its own."""
    shutil.copytree(_published.root, tmp_path / "small", symlinks=True)
    return SmallCompany(tmp_path / "small")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 20 MB."""
    with small_disk(tmp_path / "disk", "20m") as place:
        yield place
