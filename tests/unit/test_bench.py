"""The benchmarks fail where what they measure breaks a promise; what they measure is given here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import backfill, ingest
from bench.backfill import Cost, Fixed


@pytest.mark.parametrize(
    ("seconds", "gigabytes", "code"), [(1.6, 3.9, 0), (1.8, 3.9, 1), (1.6, 4.1, 1)], ids=["kept", "slow", "large"]
)
def test_ingest_exits_with_1_when_it_is_too_slow_or_needs_too_much_memory(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], seconds: float, gigabytes: float, code: int
) -> None:
    def make(root: Path, rows: int, form: str) -> None:
        extracts = root / form / "project/extracts"
        extracts.mkdir(parents=True)
        (extracts / f"orders.{form}").write_bytes(b"-")

    def measured(words: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        ours, is_csv = "ours" in words, "csv" in words
        # Only CSV breaks a promise; what the bare statement needs is promised to nobody.
        found = {"seconds": 1.0, "peak GB": 1.0 if ours else 9.0}
        if ours and is_csv:
            found = {"seconds": seconds, "peak GB": gigabytes}
        return subprocess.CompletedProcess(words, 0, json.dumps(found))

    monkeypatch.setattr(ingest, "make", make)
    monkeypatch.setattr(ingest.subprocess, "run", measured)
    monkeypatch.setattr(sys, "argv", ["bench.ingest"])
    assert ingest.main() == code
    assert capsys.readouterr().out.count("BROKEN") == code


@pytest.mark.parametrize(
    ("months", "fresh", "again", "code"),
    [(29.0, 3.9, 3.9, 0), (31.0, 3.9, 3.9, 1), (29.0, 4.1, 3.9, 1), (29.0, 3.9, 4.1, 1)],
    ids=["kept", "ratio", "new home", "once more"],
)
def test_backfill_exits_with_1_when_months_or_a_run_cost_too_much(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    months: float, fresh: float, again: float, code: int,
) -> None:  # fmt: skip
    def cost(project: Path, command: str, *_: str) -> Cost:
        return Cost(months if command == "backfill" else 10.0, 99.0)

    monkeypatch.setattr(backfill, "generate", lambda *_: None)
    monkeypatch.setattr(backfill, "write_as_one_month", lambda *_: 1)
    monkeypatch.setattr(backfill, "cost", cost)
    monkeypatch.setattr(backfill, "fixed_cost", lambda _, *, fresh, taken=(again, fresh): Fixed(9.0, taken[fresh]))
    monkeypatch.setattr(sys, "argv", ["bench.backfill"])
    assert backfill.main() == code
    assert capsys.readouterr().out.count("BROKEN") == code
