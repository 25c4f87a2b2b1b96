"""The command line on whole projects: in this process, or as a process of its own where that is the point."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.cli.app import main
from tests.small_company import SmallCompany, small_company


@dataclass(frozen=True)
class Answer:
    """What a command answered: its exit code and everything that it printed."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


Command = Callable[..., Answer]


@pytest.fixture
def company(tmp_path: Path) -> SmallCompany:
    """A project with deliveries of two months."""
    return small_company(tmp_path / "small", ("2025-01", "2025-02"))


@pytest.fixture
def scorepack(company: SmallCompany, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run a command on the company in this process, as ``scorepack`` itself would; no answer may hold a traceback."""

    def run(*words: str, project: Path | None = None) -> Answer:
        monkeypatch.setattr(sys, "argv", ["scorepack", *words, "--project", str(project or company.root)])
        capfd.readouterr()
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        answer = Answer(code, *capfd.readouterr())
        assert "Traceback" not in answer.text
        return answer

    return run


@pytest.fixture
def process(company: SmallCompany) -> Command:
    """The same as a process of its own."""

    def run(*words: str) -> Answer:
        command = [str(Path(sys.executable).with_name("scorepack")), *words, "--project", str(company.root)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert "Traceback" not in ended.stdout + ended.stderr
        return Answer(ended.returncode, ended.stdout, ended.stderr)

    return run
