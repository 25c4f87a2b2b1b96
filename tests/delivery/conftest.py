"""A small company with its month published, before and after somebody has approved it; and a mail server for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipelines.cli.printing import Steps
from pipelines.cli.running import materialise
from pipelines.delivery.gate import approve
from pipelines.steps.editions import publish
from tests.delivery.mail_server import Script, mail_server
from tests.small_company import SmallCompany, small_company

PERIOD = date(2025, 6, 1)
RETRIES = "retries: {attempts: 3, first_after_seconds: 0.05, at_most_seconds: 0.2}\n"


@pytest.fixture(scope="session")
def _published(tmp_path_factory: pytest.TempPathFactory) -> SmallCompany:
    company = small_company(tmp_path_factory.mktemp("published") / "small")
    materialise("month_end", company.root, None, None, [PERIOD], "last", Steps(None))
    publish(company.setting(), PERIOD, "Ada")
    return company


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SCOREPACK_SMTP_URL", "SCOREPACK_MAIL_FROM", "SCOREPACK_SECRETS", "SCOREPACK_SMTP_TIMEOUT_SECONDS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def published(_published: SmallCompany, tmp_path: Path) -> SmallCompany:
    """The published month in a home of its own, not approved; what fails is soon tried again."""
    shutil.copytree(_published.root, tmp_path / "small", symlinks=True)
    company = SmallCompany(tmp_path / "small")
    company.write("delivery.yaml", RETRIES)
    return company


@pytest.fixture
def company(published: SmallCompany) -> SmallCompany:
    """The same, approved."""
    approve(published.setting(), PERIOD, "Grace")
    return published


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """A mail server that takes everything until it is told otherwise, and is the one that is used."""
    script = Script()
    with mail_server(script) as port:
        monkeypatch.setenv("SCOREPACK_SMTP_URL", f"smtp://127.0.0.1:{port}")
        monkeypatch.setenv("SCOREPACK_MAIL_FROM", "Scorepack <packs@example.com>")
        yield script
