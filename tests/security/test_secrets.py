"""A canary for each secret: everything that a project's life writes and prints is searched for them, and is private."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipelines.delivery.secrets import secret
from scorecards.errors import CallError
from tests.searching import places
from tests.servers import free_port
from tests.small_company import SmallCompany, small_company

SMTP, PDF, DATABASE, STORE, KEY = (f"c4n4ry-{name}-9f3a" for name in ("smtp", "pdf", "database", "store", "hash"))
CANARIES = (SMTP, PDF, DATABASE, STORE, KEY)
CONNECTIONS = """\
connections:
  ledger: {driver: postgresql, timeout_seconds: 2}
locations:
  bucket: {kind: s3, bucket: extracts, endpoint: "http://127.0.0.1:9"}
  server: {kind: sftp, host: 127.0.0.1, port: 9, known_hosts: known_hosts}
"""
SOURCE = "unit: unit\nperiod: day\nkey: [day]\ncolumns: {unit: {}, day: {type: date}}\n"
BROKEN = ("ledger", "bucket", "server")


@dataclass
class Life:
    """A project, and what its commands printed."""

    company: SmallCompany
    environment: Mapping[str, str]
    umask: int
    printed: list[str] = field(default_factory=list)

    def run(self, *words: str) -> int:
        """Run a command as a process of its own, under the umask."""
        command = [sys.executable, "-m", "pipelines.cli.app", *words, "--project", str(self.company.root)]
        ended = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=240, env=self.environment,
            umask=self.umask, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        self.printed.append(f"$ {words}\n{ended.stdout}{ended.stderr}")
        return ended.returncode


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    root = tmp_path_factory.mktemp("life")
    company = small_company(root / "small", ("2025-01", "2025-02"))
    secrets = root / "secrets"
    secrets.write_text(f"PDF_OF_ADA={PDF}\n")
    secrets.chmod(0o600)
    company.write(
        "recipients.yaml",
        "recipients:\n  - {name: Ada, email: ada@example.com, units: [company], password: PDF_OF_ADA}\n",
    )
    company.write("delivery.yaml", "retries: {attempts: 1, first_after_seconds: 0.05, at_most_seconds: 0.1}\n")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SCOREPACK_")},
        "SCOREPACK_SECRETS": str(secrets),
        "SCOREPACK_HASH_KEY": KEY * 4,
        "SCOREPACK_SMTP_URL": f"smtp://user:{SMTP}@127.0.0.1:{free_port()}",
        "SCOREPACK_MAIL_FROM": "Packs <packs@example.com>",
        "SCOREPACK_SMTP_TIMEOUT_SECONDS": "1",
        "SCOREPACK_CONNECTION_LEDGER": f"postgresql://reader:{DATABASE}@127.0.0.1:9/x",
        "SCOREPACK_LOCATION_SERVER_PASSWORD": STORE,
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": STORE,
        "TMPDIR": str(root / "tmp"),
    }
    (root / "tmp").mkdir(mode=0o700)
    # Under the loosest umask there is: no tighter one makes anything looser.
    made = Life(company, environment, 0o000)
    assert made.run("check") == 0
    assert made.run("backfill", "2025-01", "2025-02") == 0
    assert made.run("publish", "2025-02", "--by", "Ada") == 0
    assert made.run("approve", "2025-02", "--by", "Ada") == 0
    # To a server that is not there, then into the outbox, so that the locked pack is written.
    assert made.run("send", "2025-02") == 1
    made.environment = {name: value for name, value in environment.items() if "SMTP" not in name}
    assert made.run("send", "2025-02") == 0
    made.environment = environment
    for words in (
        ("status", "--json"), ("deliveries", "2025-02", "--json"), ("show", "company", "2025-02"), ("rejects",),
        ("explain", "revenue", "company", "2025-02"), ("export", "scores"), ("recipients", "2025-02"),
        ("export", "deliveries", "--to", str(company.root / "out.csv")), ("audit",), ("send", "9999-99"),
    ):  # fmt: skip
        made.run(*words)
    (company.root / "known_hosts").write_text("")
    with (company.root / "scorecard.yaml").open("a") as file:
        file.write(CONNECTIONS)
    origins = {"ledger": "connection: ledger\nquery: SELECT 1", "bucket": "location: bucket\npath: x.csv"}
    for name in BROKEN:
        origin = origins.get(name, "location: server\npath: x.csv")
        source = company.write(f"sources/{name}.yaml", f"source: {name}\ndomain: finance\n{origin}\n{SOURCE}")
        assert made.run("check", "--json") == 0
        assert made.run("run", "2025-02") != 0
        source.unlink()
    return made


def test_all_that_is_written_is_private(life: Life) -> None:
    home = life.company.root / ".scorepack"
    loose = [
        f"{path.relative_to(life.company.root)} {stat.S_IMODE(path.lstat().st_mode):04o}"
        for path in (home, *home.rglob("*"), life.company.root / "out.csv")
        if not path.is_symlink() and stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]
    assert loose == []
    assert sum(1 for path in home.rglob("*") if path.is_file()) > 20


def test_no_secret_is_written_or_printed(life: Life) -> None:
    printed = "\n".join(life.printed)
    assert [name for name in CANARIES if name.lower() in printed.lower()] == []
    for name in BROKEN:
        assert name in printed
    assert "No such file" not in printed
    assert places(life.company.root, *CANARIES) == []
    assert "Traceback" not in printed


def test_the_search_would_find_them(life: Life, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(SMTP.encode("utf-16-le"))
    assert places(tmp_path, SMTP) == [f"x: {SMTP}"]
    assert any("company" in place for place in places(life.company.root / ".scorepack" / "outbox", "ada@example.com"))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_a_file_of_secrets_that_others_may_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    file = tmp_path / "secrets"
    file.write_text("PDF_OF_ADA=x\n")
    file.chmod(mode)
    monkeypatch.setenv("SCOREPACK_SECRETS", str(file))
    with pytest.raises(CallError, match=r"can be read by others\. Run: chmod 600"):
        secret("PDF_OF_ADA")
    file.chmod(0o600)
    assert secret("PDF_OF_ADA") == "x"
