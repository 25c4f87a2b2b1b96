"""The warm process, the project and an undisturbed run, once for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture.commands import Warm, warmed
from tests.torture.comparing import company_under_fire
from tests.torture.rounds import Reference, reference


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    with warmed() as process:
        yield process


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("torture")


@pytest.fixture(scope="session")
def project(work: Path) -> Path:
    return company_under_fire(work / "small", "company").root


@pytest.fixture(scope="session")
def undisturbed(warm: Warm, project: Path, work: Path) -> Reference:
    return reference(warm, project, work)
