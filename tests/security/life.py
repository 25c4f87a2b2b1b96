"""The life of a project whose every secret is a canary: what its commands write and print."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tests.delivery.mail_server import Script, mail_server
from tests.security.repeating import channel, channel_address, login, repeated, smtp_url
from tests.servers import free_port
from tests.small_company import SmallCompany, small_company

SMTP, PDF, DATABASE, STORE, KEY, NOTICES = (
    f"c4n4ry/ü-{name}-9f3a" for name in ("smtp", "pdf", "database", "store", "hash", "notices")
)
CANARIES = (SMTP, PDF, DATABASE, STORE, KEY, NOTICES)
ORIGINS = {
    "ledger": "connection: erp\nquery: SELECT 1",
    "till": "connection: till\nquery: SELECT 1",
    "bucket": "location: bucket\npath: x.csv",
    "profiled": "location: profiled\npath: x.csv",
    "server": "location: server\npath: x.csv",
    "keyed": "location: keyed\npath: x.csv",
}
"""Sources that cannot be had, each by another secret."""
_CONNECTIONS = """\
connections:
  erp: {driver: postgresql, timeout_seconds: 2}
  till: {driver: postgresql, timeout_seconds: 2, address: "postgresql://reader@127.0.0.1:9/x"}
locations:
  bucket: {kind: s3, bucket: extracts, endpoint: "http://127.0.0.1:9"}
  profiled: {kind: s3, bucket: extracts, endpoint: "http://127.0.0.1:9", profile: kiosk}
  server: {kind: sftp, host: 127.0.0.1, port: 9, known_hosts: known_hosts}
  keyed: {kind: sftp, host: 127.0.0.1, port: 9, known_hosts: known_hosts}
"""
_SOURCE = "unit: unit\nperiod: day\nkey: [day]\ncolumns: {unit: {}, day: {type: date}}\n"
_PEOPLE = """\
source: people
domain: hr
path: people.csv
key: [person]
period: none
columns: {person: {personal: true, staged: hashed}, grade: {}}
"""
_RECIPIENTS = """\
alerts: [ops@example.com]
recipients:
  - {name: Ada, email: ada@example.com, units: [company], password: PDF_OF_ADA}
  - {name: Bob, email: bob@example.com, units: [north]}
  - {name: Cy, email: cy@example.com, units: [north]}
  - {name: Dora, email: dora@example.com, units: [north]}
"""


@dataclass
class Life:
    """A project below ``root``, and what its commands printed."""

    root: Path
    company: SmallCompany
    environment: Mapping[str, str]
    printed: list[str] = field(default_factory=list)

    def run(self, *words: str, **settings: str | None) -> int:
        """Run a command as a process of its own, under the loosest umask there is: no tighter one makes it looser."""
        command = [sys.executable, "-m", "pipelines.cli.app", *words, "--project", str(self.company.root)]
        given = {name: value for name, value in (self.environment | settings).items() if value is not None}
        ended = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=240, env=given, umask=0o000,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        self.printed.append(f"$ {words}\n{ended.stdout}{ended.stderr}")
        return ended.returncode


def begun(root: Path, given: Path) -> Life:
    """A new project below ``root``, where all lies that its commands may write; secrets lie in ``given``."""
    company = small_company(root / "small", ("2025-01", "2025-02"))
    company.write("recipients.yaml", _RECIPIENTS)
    company.write("delivery.yaml", "retries: {attempts: 1, first_after_seconds: 0.05, at_most_seconds: 0.1}\n")
    company.write("sources/people.yaml", _PEOPLE)
    company.write("extracts/people.csv", "person,grade\nada,senior\n")
    files = {
        "SCOREPACK_SECRETS": f"PDF_OF_ADA={PDF}\n",
        "SCOREPACK_LOCATION_KEYED_KEY_FILE": f"{STORE}\n",
        "PGPASSFILE": f"127.0.0.1:9:x:reader:{DATABASE}\n",
        "AWS_SHARED_CREDENTIALS_FILE": f"[kiosk]\naws_access_key_id = nobody\naws_secret_access_key = {STORE}\n",
    }
    for name, content in files.items():
        (given / name).write_text(content, encoding="utf-8")
        (given / name).chmod(0o600)
    for name in ("tmp", "user"):
        (root / name).mkdir(mode=0o700)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("SCOREPACK_", "XDG_"))},
        **{name: str(given / name) for name in files},
        "SCOREPACK_HASH_KEY": KEY * 4,
        "SCOREPACK_SMTP_URL": smtp_url(SMTP, free_port()),
        "SCOREPACK_MAIL_FROM": "Packs <packs@example.com>",
        "SCOREPACK_SMTP_TIMEOUT_SECONDS": "1",
        "SCOREPACK_NOTICES": channel_address(NOTICES, 9),
        "SCOREPACK_CONNECTION_ERP": f"postgresql://reader:{quote(DATABASE, safe='')}@127.0.0.1:9/x",
        "SCOREPACK_LOCATION_SERVER_PASSWORD": STORE,
        "PGPASSWORD": DATABASE,
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": STORE,
        "TMPDIR": str(root / "tmp"),
        "HOME": str(root / "user"),
    }
    return Life(root, company, environment)


def lived(life: Life) -> Life:
    """The project's months, sent in every way that goes wrong, and its sources, none of which can be had."""
    assert life.run("check") == 0
    assert life.run("backfill", "2025-01", "2025-02") == 0
    assert life.run("publish", "2025-02", "--by", "Ada") == 0
    assert life.run("approve", "2025-02", "--by", "Ada") == 0
    # To a server that is not there, to those that repeat the password, and into the outbox: the pack is locked.
    assert life.run("send", "2025-02") == 1
    for code in (535, 454):
        with mail_server(Script(), **login(f"{code} 5.7.8 who is {repeated(SMTP)}")) as port:
            assert life.run("send", "2025-02", SCOREPACK_SMTP_URL=smtp_url(SMTP, port)) == 1
            assert life.run("doctor", SCOREPACK_SMTP_URL=smtp_url(SMTP, port)) == 1
    _send_to_one_that_repeats_it_of_recipients(life)
    assert life.run("send", "2025-02", SCOREPACK_SMTP_URL=None) == 0
    _look(life)
    _mend(life)
    _fail(life)
    return life


def _send_to_one_that_repeats_it_of_recipients(life: Life) -> None:
    told = repeated(SMTP)
    replies = {"ada": f"450 4.1.1 {told}", "bob": f"550 5.1.1 {told}", "cy": f"DATA 554 5.6.0 {told}"}
    script = Script({f"{name}@example.com": [reply] for name, reply in replies.items()})
    with mail_server(script, **login(f"235 2.7.0 {told}")) as port, channel(NOTICES) as address:
        assert life.run("send", "2025-02", SCOREPACK_SMTP_URL=smtp_url(SMTP, port), SCOREPACK_NOTICES=address) == 1
    assert "dora@example.com" in script.addresses
    for number, (_, message) in enumerate(script.received):
        (life.root / f"received-{number}.eml").write_bytes(message.as_bytes())


def _look(life: Life) -> None:
    """What is only read, and what is told of calls that are wrong."""
    root = life.company.root
    for words in (
        ("status", "--json"), ("deliveries", "2025-02", "--json"), ("show", "company", "2025-02"), ("rejects",),
        ("explain", "revenue", "company", "2025-02"), ("export", "scores"), ("recipients", "2025-02"),
        ("export", "deliveries", "--to", str(root / "out.csv")), ("audit",), ("send", "9999-99"),
        ("send", "2025-02", "--dry-run"), ("health", "--to", str(root / "health.prom")), ("health", "--json"),
        ("site", "--to", str(root / "site")), ("preview", "company", "2025-02", "--to", str(root / "preview.pdf")),
        ("infer", "people.csv"), ("compare", "2025-02"), ("schema", "--to", str(root / "schema")),
    ):  # fmt: skip
        life.run(*words)


def _mend(life: Life) -> None:
    """What is taken out of all that counts, and computed again; and a proof to a server that repeats the password."""
    told = repeated(SMTP)
    with mail_server(Script({"eve@example.com": [f"550 5.1.1 {told}"]}), **login(f"235 2.7.0 {told}")) as port:
        proof = ("send", "2025-02", "--to", "eve@example.com", "--unit", "north")
        assert life.run(*proof, SCOREPACK_SMTP_URL=smtp_url(SMTP, port)) == 1
    assert life.run("forget", "people.person", "--value", "ada", "--by", "Ada", "--reason", "asked") == 0
    for words in ("withdraw", "reinstate"):
        assert life.run(words, "sales", "sales_2025-02_20250303.csv", "--by", "Ada", "--reason", "a test") == 0
    assert life.run("rebuild") == 0


def _fail(life: Life) -> None:
    """A run with each source that cannot be had; its failure is mailed, and so written."""
    life.company.write("known_hosts", "")
    with (life.company.root / "scorecard.yaml").open("a") as file:
        file.write(_CONNECTIONS)
    for name, origin in ORIGINS.items():
        source = life.company.write(f"sources/{name}.yaml", f"source: {name}\ndomain: finance\n{origin}\n{_SOURCE}")
        assert life.run("check", "--json") == 0
        assert life.run("run", "2025-02", SCOREPACK_SMTP_URL=None) != 0
        source.unlink()
