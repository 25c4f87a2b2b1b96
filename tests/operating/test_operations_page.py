"""The operations page against the product: its tables are complete, its files are what systemd and Kubernetes take."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from pipelines.checks import COMPLETE, CONTRACT, IN_TIME
from pipelines.cli.app import app
from pipelines.delivery.telling import SUBJECTS
from pipelines.operating.doctor import CHECKS
from pipelines.operating.measures import MEASURES
from pipelines.steps.setting import newest_over
from scorecards.periods import period_text
from tests.acceptance.test_docs import Shell, blocks, shows
from tests.delivery.mail_server import Script, mail_server
from tests.small_company import SmallCompany
from warehouse import journal
from warehouse.home import Home

DOCS = Path(__file__).resolve().parents[2] / "docs"
FILES = DOCS / "operations"
PAGE = (DOCS / "operations.md").read_text(encoding="utf-8")
UNITS = sorted([*FILES.glob("*.service"), *FILES.glob("*.timer")])
RULES = [rule for group in yaml.safe_load((FILES / "alerts.yaml").read_text())["groups"] for rule in group["rules"]]


def column(heading: str) -> list[str]:
    """The first column of the table whose first heading is this one."""
    found = re.search(rf"^\| {heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert found
    return [re.sub("`", "", line.split(" | ")[0].removeprefix("| ")).strip() for line in found[1].splitlines()]


def test_every_check_of_the_doctor_and_every_figure_of_health_is_on_the_page_and_no_other() -> None:
    assert column("check") == list(CHECKS)
    assert column("figure") == list(MEASURES)


def test_every_mail_and_every_rule_that_can_come_is_on_the_page_and_no_other() -> None:
    shown = [re.sub(r"\{\w+\}( of \{\w+\})?", "…", text) for text in SUBJECTS.values()]
    assert column("mail") == shown
    assert column("rule") == [rule["alert"] for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_a_rule_asks_for_figures_labels_and_checks_that_there_are(rule: dict[str, Any]) -> None:
    expression = rule["expr"]
    names = re.findall(r"\bscorepack_\w+", expression)
    assert names
    assert set(names) <= set(MEASURES)
    for name, labels in re.findall(r"(scorepack_\w+)\{([^}]*)\}", expression):
        assert set(re.findall(r"(\w+)=", labels)) <= set(MEASURES[name].labels)
    checks = {CONTRACT, COMPLETE, IN_TIME}
    assert set(re.findall(r'check="(\w+)"', expression)) <= checks
    assert expression.count("(") == expression.count(")")
    assert rule["labels"]["severity"] in ("page", "ticket")


def test_every_command_in_the_files_is_one() -> None:
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    texts = {path.name: path.read_text() for path in [*UNITS, FILES / "cronjob.yaml"]} | {"page": PAGE}
    for name, text in texts.items():
        called = re.findall(r"(?:/bin/|`|^|  )scorepack ([a-z]+)\b", text, re.MULTILINE)
        called += re.findall(r"args: \[scorepack, (\w+)", text)
        assert set(called) <= known, name


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_finds_no_fault_with_the_unit_files(tmp_path: Path) -> None:
    for unit in UNITS:
        text = re.sub(r"/opt/scorepack/bin/\S+", "/bin/true", unit.read_text())
        (tmp_path / unit.name).write_text(text)
    verify = ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.iterdir())]
    done = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    (tmp_path / "wrong.service").write_text("[Service]\nExecStart=/bin/true\nRestrat=always\n")
    wrong = subprocess.run([*verify[:3], str(tmp_path / "wrong.service")], capture_output=True, text=True, check=False)
    assert "Restrat" in wrong.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_knows_when_the_timers_are_due() -> None:
    for timer in FILES.glob("*.timer"):
        (when,) = re.findall(r"^OnCalendar=(.+)$", timer.read_text(), re.MULTILINE)
        done = subprocess.run(["systemd-analyze", "calendar", when], capture_output=True, text=True, check=False)
        assert "Next elapse" in done.stdout, when


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")
def test_kubernetes_knows_every_field_of_the_example(tmp_path: Path) -> None:
    documents = list(yaml.safe_load_all((FILES / "cronjob.yaml").read_text()))
    assert [one["kind"] for one in documents] == ["PersistentVolumeClaim", "CronJob", "CronJob"]
    for number, wanted in enumerate(documents):
        if wanted["kind"] != "CronJob":
            continue
        file = tmp_path / f"{number}.yaml"
        file.write_text(yaml.safe_dump(wanted))
        assert lost(wanted, _as_kubernetes_reads(file)) == []
        wanted["spec"]["jobTemplate"]["spec"]["backofLimit"] = 1
        file.write_text(yaml.safe_dump(wanted))
        assert lost(wanted, _as_kubernetes_reads(file)) == ["spec.jobTemplate.spec.backofLimit"]


def _as_kubernetes_reads(file: Path) -> Any:
    """A CronJob through kubectl's own types, which drop what they do not know; its image is another then."""
    command = ["kubectl", "set", "image", "--local", "-f", str(file), "scorepack=other:1", "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def lost(wanted: Any, found: Any, path: str = "") -> list[str]:
    """The keys that are in the first and not in the second."""
    if isinstance(wanted, dict):
        return [
            each
            for key, value in wanted.items()
            for here in [f"{path}.{key}".lstrip(".")]
            for each in (lost(value, found[key], here) if key in found else [here])
        ]
    if isinstance(wanted, list):
        return [each for one, two in zip(wanted, found, strict=True) for each in lost(one, two, path)]
    return []


def test_the_lines_of_the_crontab_do_their_work_with_nothing_but_what_cron_gives_them(
    company: SmallCompany, tmp_path: Path
) -> None:
    """Run by its shell in its environment: in a user's home, without a word of ours but the file of settings."""
    machine, script = Machine(company, tmp_path), Script()
    with mail_server(script) as port:
        machine.set_up(f"smtp://127.0.0.1:{port}")
        for line in machine.crontab():
            machine.run(line)
    assert script.addresses == ["ada@example.com", "joerg@example.com"]
    assert "scorepack_health_timestamp_seconds" in machine.place("/var/lib/node-exporter/scorepack.prom").read_text()
    (newest,) = journal.entries(Home(machine.place("/var/lib/scorepack/home")), "run")[-1].body["periods"]
    assert newest == period_text(newest_over(company.setting().project))
    if shutil.which("sqlite3") is not None:
        assert len(list(machine.place("/var/backups/scorepack").iterdir())) == 1


class Machine:
    """Folders of a test in the place of those that the page names."""

    def __init__(self, company: SmallCompany, root: Path) -> None:
        self._company, self._root = company, root / "machine"

    def place(self, path: str) -> Path:
        return self._root / path.removeprefix("/")

    def here(self, text: str) -> str:
        """The text with its paths below the test's folder."""
        return re.sub(r"(?<![\w.])/(?=(opt|srv|etc|var)/)", f"{self._root}/", text)

    def set_up(self, server: str) -> None:
        """The machine as the page wants it, but for the address of the mail server."""
        for folder in ("/opt/scorepack/bin", "/srv/scorepack", "/etc/scorepack", "/var/lib/node-exporter"):
            self.place(folder).mkdir(parents=True)
        self.place("/var/lib/scorepack").mkdir()
        (self._company.root / ".scorepack").rename(self.place("/var/lib/scorepack/home"))
        self.place("/srv/scorepack/acme").symlink_to(self._company.root)
        shutil.copy(FILES / "backup", self.place("/opt/scorepack/bin/scorepack-backup"))
        self.place("/opt/scorepack/bin/scorepack").symlink_to(Path(sys.executable).with_name("scorepack"))
        log = f"#!/bin/sh\nexec cat >> {self._root}/log\n"
        self.place("/opt/scorepack/bin/logger").write_text(log)
        self.place("/opt/scorepack/bin/logger").chmod(0o755)
        (settings,) = (text for kind, name, text in blocks(DOCS / "operations.md") if name == "environment")
        told = re.sub(r"(?<=SCOREPACK_SMTP_URL=').*(?=')", server, self.here(settings))
        self.place("/etc/scorepack/environment").write_text(told)
        secrets = self.place("/etc/scorepack/secrets")
        secrets.touch(mode=0o600)

    def crontab(self) -> list[str]:
        """The lines of the table that are no variable, sendings first: their month is the one that is published."""
        (table,) = (text for kind, _, text in blocks(DOCS / "operations.md") if kind == "cron")
        lines = self.here(table).splitlines()
        self._variables = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]+=", line))
        return sorted((line for line in lines if not re.match(r"[A-Z]+=", line)), key=lambda line: " send " not in line)

    def run(self, line: str) -> None:
        *fields, command = line.split(maxsplit=5)
        assert len(fields) == 5
        assert all(re.fullmatch(r"[\d*/,-]+", field) for field in fields)
        assert "%" not in command, "cron takes it as the end of a line"
        home = self._root / "home"
        home.mkdir(exist_ok=True)
        given = {"HOME": str(home), "LOGNAME": "scorepack", "PATH": "/usr/bin:/bin", **self._variables}
        given["XDG_CACHE_HOME"] = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
        shell = [given.get("SHELL", "/bin/sh"), "-c", command]
        done = subprocess.run(shell, env=given, cwd=home, capture_output=True, text=True, check=False)
        log = self._root / "log"
        told = log.read_text() if log.exists() else ""
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), "cron would mail it"
        assert not re.search(r"not found|cannot|No such", told), told


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="needs the program sqlite3")
def test_the_commands_of_the_page_do_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCS", str(DOCS))
    monkeypatch.setenv("XDG_CACHE_HOME", os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")))
    shell = Shell(tmp_path)
    for kind, _, text in blocks(DOCS / "operations.md"):
        if kind == "sh":
            for line in text.strip().splitlines():
                assert shell.run(line) == 0, f"{line}\n{shell.said}"
        elif kind == "text":
            assert shows(shell.said, text), shell.said
