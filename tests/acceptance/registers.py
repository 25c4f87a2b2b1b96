"""A project over files that nobody has seen before, and the accounts of what became of their rows.

Belongs here: declaring, delivering, running through the command line, and reading back what was accepted, rejected and
told. What the files look like is written in the tests.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tests.acceptance.conftest import Answer, Command

_FILES = {
    "scorecard.yaml": """\
organisation: Public Registers
currency: GBP
first_period: 2021-01
levels: [authority, trust]
perspectives:
  customer: {name: Patients}
""",
    "units.csv": """\
id,name,level,parent
all,All trusts,authority,
north,North Trust,trust,all
south,South Trust,trust,all
""",
    "strategy.yaml": """\
scorecards:
  main:
    name: Register
    objectives:
      keep: {name: Keep the register, perspective: customer, kpis: [rows]}
""",
    "kpis/all.yaml": """\
measures:
  rows: {source: register, value: COUNT(*)}
kpis:
  rows:
    name: Rows
    definition: Rows of the register that count in the month.
    owner: Registrar
    value: rows
    measured_in: rows
    direction: higher
    scored: false
""",
}


@dataclass(frozen=True)
class Account:
    """What became of one delivered file.

    ``rows`` and ``rejected`` are the program's own counts, ``refused`` is why the file is refused as a whole;
    ``reasons`` and ``raw`` are what ``scorepack rejects --export`` says of each line.
    """

    rows: int
    rejected: int
    refused: str
    reasons: Mapping[int, list[str]]
    raw: Mapping[int, list[str]]

    @property
    def accepted(self) -> int:
        return 0 if self.refused else self.rows - self.rejected


@dataclass(frozen=True)
class Register:
    """The project's folder, and the command line on it."""

    root: Path
    scorepack: Command

    def declare(self, contract: str, source: str = "register", files: Mapping[str, str] = MappingProxyType({})) -> None:
        """Write the project with a contract, without source and domain; ``files`` replace the usual ones."""
        heading = f"source: {source}\ndomain: customer\n"
        for name, text in {**_FILES, f"sources/{source}.yaml": heading + contract, **files}.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def deliver(self, name: str, content: bytes | str) -> None:
        """Lay a file among the extracts."""
        path = self.root / "extracts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def run(self, first: str, last: str) -> Answer:
        """Backfill the months."""
        return self.scorepack("backfill", first, last, "--packs", "none", project=self.root)

    def status(self) -> str:
        """What ``scorepack status`` tells, on one line."""
        return " ".join(self.scorepack("status", project=self.root).text.split())

    def values(self, kpi: str, unit: str = "all") -> dict[str, float]:
        """The KPI's values by month, where it has one."""
        rows = [row for row in self._exported("kpi_values") if (row["kpi"], row["unit"]) == (kpi, unit)]
        return {str(row["period"])[:7]: float(str(row["value"])) for row in rows if row["value"] is not None}

    def accounts(self) -> dict[str, Account]:
        """The account of every delivered file that counts or stands refused."""
        file = self.root / "out.csv"
        done = self.scorepack("rejects", "--export", str(file), project=self.root)
        assert done.code == 0, done.text
        reasons: dict[str, dict[int, list[str]]] = {}
        raw: dict[str, dict[int, list[str]]] = {}
        csv.field_size_limit(1 << 24)
        with file.open(encoding="utf-8-sig", newline="") as handle:
            for row in csv.DictReader(handle):
                assert row["rule"]
                line = int(row["line"])
                reasons.setdefault(row["file"], {}).setdefault(line, []).append(row["reason"])
                raw.setdefault(row["file"], {}).setdefault(line, []).append(row["raw"])
        found = {
            (name := str(row["file"])): Account(
                rows=int(str(row["rows"])),
                rejected=int(str(row["rejected"])),
                refused=str(row["refused"] or ""),
                reasons=reasons.get(name, {}),
                raw=raw.get(name, {}),
            )
            for row in self._exported("loads")
        }
        for account in found.values():
            assert sum(map(len, account.reasons.values())) == account.rejected
        return found

    def _exported(self, table: str) -> list[dict[str, object]]:
        file = self.root / f"{table}.json"
        done = self.scorepack("export", table, "--to", str(file), project=self.root)
        assert done.code == 0, done.text
        rows: list[dict[str, object]] = json.loads(file.read_text())
        return rows
