"""What ``scorepack doctor`` finds where something is really broken, and that it says how to mend it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.delivery.send import deliver
from pipelines.operating import of_home
from pipelines.operating.doctor import CHECKS, examine
from pipelines.operating.findings import Finding
from tests.delivery.mail_server import Script, authenticate, certificate, mail_server, raw_server
from tests.disks import mount
from tests.operating.conftest import PERIOD
from tests.servers import free_port
from tests.small_company import SmallCompany
from warehouse import journal, migrations
from warehouse.home import Home
from warehouse.ledger import Key, Record, write
from warehouse.migrations import MIGRATIONS
from warehouse.working import at_work


def found(company: SmallCompany, home: Path | None = None) -> dict[str, list[Finding]]:
    """All findings by the name of their check."""
    by_check: dict[str, list[Finding]] = {}
    for one in examine(company.root, home):
        by_check.setdefault(one.check, []).append(one)
    return by_check


def to_mend(company: SmallCompany, home: Path | None = None) -> dict[str, Finding]:
    """What is to be mended, by the name of its check."""
    return {one.check: one for one in examine(company.root, home) if one.state == "mend"}


def only(company: SmallCompany, check: str, home: Path | None = None) -> Finding:
    """The one thing that is to be mended, which is of this check; it says how."""
    found = to_mend(company, home)
    assert list(found) == [check], found
    assert found[check].remedy
    return found[check]


def home_of(company: SmallCompany) -> Home:
    return Home(company.root / ".scorepack")


def doctor(company: SmallCompany, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("scorepack")), "doctor", "--project", str(company.root), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def contents(root: Path) -> dict[str, bytes]:
    paths = [path for path in root.rglob("*") if path.is_file() and "journal.sqlite-" not in path.name]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths if "dagster" not in path.parts}


def test_a_sound_installation_has_nothing_to_mend_every_check_says_something_and_nothing_is_changed(
    company: SmallCompany,
) -> None:
    before = contents(company.root)
    by_check = found(company)
    assert list(by_check) == list(CHECKS)
    assert [one for each in by_check.values() for one in each if one.state == "mend"] == []
    assert contents(company.root) == before


def test_the_command_keeps_to_80_columns_and_its_exit_code_says_whether_something_is_to_be_mended(
    company: SmallCompany,
) -> None:
    sound = doctor(company)
    assert (sound.returncode, sound.stderr) == (0, "")
    assert sound.stdout.rstrip().endswith("0 to mend.")
    home_of(company).root.chmod(0o755)
    broken = doctor(company)
    assert broken.returncode == 1
    assert "mend  permissions" in broken.stdout
    assert f"chmod 700 {home_of(company).root}" in " ".join(broken.stdout.split())
    breakable = [line for line in broken.stdout.splitlines() if max(map(len, line.split())) < 50]
    assert max(map(len, breakable)) <= 80
    rows = json.loads(doctor(company, "--json").stdout)
    assert {row["state"] for row in rows if row["check"] == "permissions"} == {"mend"}
    assert doctor(SmallCompany(company.root / "nowhere")).returncode == 2


def test_before_the_first_run_there_is_nothing_to_mend_and_nothing_is_made(company: SmallCompany) -> None:
    shutil.rmtree(home_of(company).root)
    assert to_mend(company) == {}
    assert not home_of(company).root.exists()


def test_a_home_on_a_disk_that_can_only_be_read_is_found(company: SmallCompany, disk: Path) -> None:
    shutil.copytree(home_of(company).root, disk / "home", symlinks=True)
    assert mount(disk, "remount", "ro")
    told = to_mend(company, disk / "home")["permissions"]
    assert mount(disk, "remount", "rw")
    assert "read-only file system" in told.says


def test_a_home_that_cannot_be_made_is_found(company: SmallCompany, disk: Path) -> None:
    assert mount(disk, "remount", "ro")
    told = to_mend(company, disk / "home")["permissions"]
    assert mount(disk, "remount", "rw")
    assert "cannot be made" in told.says
    assert "--home" in told.remedy


def test_a_disk_without_room_for_a_run_is_found(company: SmallCompany, disk: Path) -> None:
    shutil.copytree(home_of(company).root, disk / "home", symlinks=True)
    told = only(company, "disk", disk / "home")
    assert "of 0.0 GB are free; a run may need 0.5 GB" in told.says


def test_files_of_another_user_are_found(company: SmallCompany) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs to give a file away: root only")
    (kept,) = home_of(company).packs.glob("2025-06/company-north.pdf")
    os.chown(kept, 65534, 65534)
    told = only(company, "permissions")
    assert "1 file of another user" in told.says
    assert told.remedy.startswith("chown -R 0 ")


def test_a_journal_of_an_earlier_schema_is_told_and_of_a_later_one_is_to_be_mended(
    company: SmallCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        longer = (*MIGRATIONS, "CREATE INDEX entries_by_time ON entries (at);")
        for module in (migrations, of_home, sys.modules["warehouse.examining"]):
            patched.setattr(module, "MIGRATIONS", longer)
        (told,) = found(company)["journal"]
        assert (told.state, told.says) == ("note", "Its schema is 1; the next command brings it to 2.")
        assert "backup" in told.remedy
        journal.append(home_of(company), "close", "2025-01", {})
        assert found(company)["journal"][0].says.endswith("schema 2.")
    assert "a newer version of Scorepack wrote it (schema 2; this one knows 1)" in to_mend(company)["journal"].says


def test_a_damaged_and_a_lost_journal_are_found(company: SmallCompany) -> None:
    place = home_of(company).journal
    with sqlite3.connect(place) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = place.read_bytes()
    place.write_bytes(content[:100] + b"\xff" * 4096 + content[4196:])
    assert "damaged" in to_mend(company)["journal"].says
    place.unlink()
    assert "is gone, and the archive holds deliveries" in to_mend(company)["journal"].says


def test_a_held_home_is_told_and_is_to_be_mended_when_it_has_been_held_for_hours(company: SmallCompany) -> None:
    home = home_of(company)
    with at_work(home):
        (told,) = found(company)["lock"]
        assert told.state == "note"
        assert f"Process {os.getpid()} is at work on the home" in told.says
        long_ago = (datetime.now(UTC) - timedelta(hours=7)).timestamp()
        os.utime(home.root / "at_work.lock", (long_ago, long_ago))
        assert f"kill {os.getpid()}" in to_mend(company)["lock"].remedy
    assert found(company)["lock"][0].state == "fine"


def test_another_program_that_has_the_warehouse_open_is_found(company: SmallCompany) -> None:
    place = home_of(company).warehouse
    program = f"import duckdb, sys; c = duckdb.connect({str(place)!r}); print('open', flush=True); sys.stdin.read()"
    other = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout
        assert other.stdout.readline() == "open\n"
        told = only(company, "warehouse")
    finally:
        other.communicate()
    assert "Another program has" in told.says
    assert "analysts/current" in told.remedy


def test_a_warehouse_of_another_version_and_a_damaged_one_are_found(company: SmallCompany) -> None:
    import duckdb

    place = home_of(company).warehouse
    with duckdb.connect(place) as connection:
        connection.execute("ALTER TABLE packs.packs DROP COLUMN inputs")
    told = only(company, "warehouse")
    assert "packs.packs has other columns" in told.says
    assert told.remedy == "scorepack rebuild"
    place.write_bytes(b"\0" * 4096 + place.read_bytes()[4096:])
    assert "damaged" in only(company, "warehouse").says


def test_an_analysts_copy_that_leads_nowhere_is_found(company: SmallCompany) -> None:
    link = home_of(company).analysts / "current"
    shutil.rmtree(link.resolve())
    assert "leads nowhere" in only(company, "analysts' copy").says


def test_a_rebuild_that_was_cut_off_is_found(company: SmallCompany) -> None:
    (home_of(company).root / "rebuild.unfinished").touch()
    assert only(company, "warehouse").remedy == "scorepack rebuild"


def test_rows_that_are_not_there_are_found_as_in_a_restored_home_before_its_rebuild(
    company: SmallCompany, tmp_path: Path
) -> None:
    home, restored = home_of(company).root, tmp_path / "restored"
    restored.mkdir(mode=0o700)
    shutil.copytree(home / "landing", restored / "landing")
    shutil.copy(home / "journal.sqlite", restored)
    told = only(company, "warehouse", restored)
    assert told.remedy == "scorepack rebuild"
    assert told.says.startswith("The rows of complaints: complaints_2025-06.csv are not in ")
    shutil.rmtree(home / "staging/sales")
    assert "The rows of sales" in only(company, "warehouse").says


def test_a_clock_behind_the_records_is_found(company: SmallCompany, monkeypatch: pytest.MonkeyPatch) -> None:
    class Yesterday(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime.now(UTC) - timedelta(days=1)

    monkeypatch.setattr("pipelines.operating.doctor.datetime", Yesterday)
    assert "The journal's last entry is of" in to_mend(company)["clock"].says


def test_several_runs_at_once_and_a_daemon_that_has_died_are_found(company: SmallCompany) -> None:
    from dagster._daemon.types import DaemonHeartbeat, DaemonStatus  # noqa: F401 - as the daemon writes it

    from pipelines.instance import open_instance

    company.write("delivery.yaml", "due: {working_day: 3}\n")
    (told,) = found(company)["dagster"]
    assert (told.state, "No daemon has ever run here" in told.says) == ("note", True)
    an_hour_ago = (datetime.now(UTC) - timedelta(hours=1)).timestamp()
    with open_instance(home_of(company)) as instance:
        instance.add_daemon_heartbeat(DaemonHeartbeat(an_hour_ago, "SENSOR", "1", []))
    assert "was last alive" in only(company, "dagster").says
    settings = home_of(company).dagster / "dagster.yaml"
    settings.write_text(settings.read_text().replace("max_concurrent_runs: 1", "max_concurrent_runs: 5"))
    assert "several runs at once" in only(company, "dagster").says


def test_secrets_that_others_may_read_or_that_are_not_set_are_found(
    company: SmallCompany, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.write(
        "recipients.yaml",
        "recipients:\n  - {name: Ada, email: ada@example.com, units: [company], password: ADAS_PASSWORD}\n",
    )
    told = only(company, "secrets")
    assert "The secret ADAS_PASSWORD is not set" in told.says
    kept = tmp_path / "secrets"
    kept.write_text("ADAS_PASSWORD=an open secret\n")
    kept.chmod(0o644)
    monkeypatch.setenv("SCOREPACK_SECRETS", str(kept))
    assert only(company, "secrets").remedy == f"chmod 600 {kept}"
    kept.chmod(0o600)
    assert to_mend(company) == {}
    kept.unlink()
    assert "is not there" in only(company, "secrets").says


def test_a_message_in_doubt_and_one_that_failed_are_found(company: SmallCompany) -> None:
    key = Key(PERIOD, "company", 1, "company", "ada@example.com", "smtp")
    write(home_of(company), [Record(key, "sending")])
    told = only(company, "messages")
    assert "2025-06: of 1 message nobody knows whether the server took it" in told.says
    assert "scorepack send 2025-06 --unknown" in told.remedy
    write(home_of(company), [Record(key, "failed", "451 later")])
    assert only(company, "messages").remedy == "scorepack send 2025-06"
    write(home_of(company), [Record(key, "refused", "550 no such user")])
    (told,) = found(company)["messages"]
    assert (told.state, told.says) == ("note", "2025-06: 1 message refused for good.")
    assert "scorepack send 2025-06 --only-failed" in told.remedy
    deliver(company.setting(), date(2025, 6, 1))
    write(home_of(company), [Record(key, "accepted", "250")])
    assert to_mend(company) == {}


def test_errors_in_the_declarations_are_found_and_the_rest_is_examined(company: SmallCompany) -> None:
    company.write("delivery.yaml", "due: {at: noon}\n")
    told = only(company, "declarations")
    assert (told.says, told.remedy) == ("1 error in the declarations.", "scorepack check")
    by_check = found(company)
    assert list(by_check) == list(CHECKS)
    for check in ("extracts", "signs"):
        assert [(one.state, one.says[:12]) for one in by_check[check]] == [("note", "Not examined")]


def test_a_folder_of_deliveries_that_is_not_there_is_found(company: SmallCompany) -> None:
    (company.root / "extracts").rename(company.root / "elsewhere")
    assert "cannot be read: no such file" in only(company, "extracts").says


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("SCOREPACK_MAIL_FROM", "Scorepack <packs@example.com>")
    monkeypatch.setenv("SCOREPACK_SMTP_TIMEOUT_SECONDS", "2")
    return monkeypatch


def test_a_server_that_takes_our_messages_is_fine_and_nothing_is_sent(
    company: SmallCompany, tmp_path: Path, mail: pytest.MonkeyPatch
) -> None:
    script = Script()
    chain, context = certificate(tmp_path, days=90)
    mail.setenv("SSL_CERT_FILE", str(chain))
    with mail_server(script, tls_context=context, require_starttls=True, authenticator=authenticate) as port:
        mail.setenv("SCOREPACK_SMTP_URL", f"smtp+starttls://user:s3cret%2F%C3%BC@127.0.0.1:{port}")
        (told,) = found(company)["smtp"]
    assert (told.state, told.says) == (
        "fine", f"127.0.0.1:{port} takes messages of Scorepack <packs@example.com> (encrypted).",
    )  # fmt: skip
    assert (script.received, script.tried, script.connections) == ([], {}, 1)


def test_a_server_without_tls_an_expired_certificate_and_a_wrong_password_are_found(
    company: SmallCompany, tmp_path: Path, mail: pytest.MonkeyPatch
) -> None:
    with mail_server(Script()) as port:
        mail.setenv("SCOREPACK_SMTP_URL", f"smtp+starttls://user:x@127.0.0.1:{port}")
        assert "cannot do what SCOREPACK_SMTP_URL asks for" in only(company, "smtp").says
        mail.setenv("SCOREPACK_SMTP_URL", f"smtps://user:x@127.0.0.1:{port}")
        assert "465" in only(company, "smtp").remedy
    for days, words in ((-1, "certificate has expired"), (9, "The certificate of 127.0.0.1")):
        chain, context = certificate(tmp_path, days)
        mail.setenv("SSL_CERT_FILE", str(chain))
        with mail_server(Script(), tls_context=context, authenticator=authenticate) as port:
            mail.setenv("SCOREPACK_SMTP_URL", f"smtp+starttls://user:s3cret%2F%C3%BC@127.0.0.1:{port}")
            told = only(company, "smtp")
            assert words in told.says
            assert "renewed" in told.remedy
            mail.setenv("SCOREPACK_SMTP_URL", f"smtp+starttls://user:no@127.0.0.1:{port}")
            assert days < 0 or "does not let us in: 535" in only(company, "smtp").says


def test_a_server_that_wants_a_login_or_encrypts_from_the_first_byte_has_a_remedy_of_its_own(
    company: SmallCompany, tmp_path: Path, mail: pytest.MonkeyPatch
) -> None:
    wants_login = (b"220 hi\r\n", 0.2, b"250 mail.example.org\r\n", 0.2, b"530 5.7.0 Authentication required\r\n")
    with raw_server(*wants_login) as port:
        mail.setenv("SCOREPACK_SMTP_URL", f"smtp://127.0.0.1:{port}")
        assert "user:password@" in only(company, "smtp").remedy
    with raw_server(b"220 hi\r\n", 0.2, b"250-x\r\n250 AUTH XOAUTH2\r\n") as port:
        mail.setenv("SCOREPACK_SMTP_URL", f"smtp://user:x@127.0.0.1:{port}")
        assert only(company, "smtp").remedy == "Ask the server's owner for a login by PLAIN, LOGIN or CRAM-MD5."
    with mail_server(Script(), enable_SMTPUTF8=False) as port, mail.context() as here:
        here.setenv("SCOREPACK_SMTP_URL", f"smtp://127.0.0.1:{port}")
        here.setenv("SCOREPACK_MAIL_FROM", "zahlen-ü@example.com")
        assert "plain letters" in only(company, "smtp").remedy
    _, context = certificate(tmp_path, days=90)
    with mail_server(Script(), ssl_context=context) as port:
        mail.setenv("SCOREPACK_SMTP_URL", f"smtp+starttls://user:x@127.0.0.1:{port}")
        told = only(company, "smtp")
        assert "encrypts from the first byte" in told.says
        assert told.remedy == "Begin SCOREPACK_SMTP_URL with smtps://."


def test_a_file_of_certificates_that_is_not_there_and_a_certificate_of_another_host_are_found(
    company: SmallCompany, tmp_path: Path, mail: pytest.MonkeyPatch
) -> None:
    chain, context = certificate(tmp_path, days=90)
    with mail_server(Script(), tls_context=context) as port:
        mail.setenv("SCOREPACK_SMTP_URL", f"smtp+starttls://user:x@127.0.0.1:{port}")
        mail.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
        assert only(company, "smtp").remedy == f"SSL_CERT_FILE names {tmp_path / 'none.pem'}, which is not there."
        mail.setenv("SSL_CERT_FILE", str(chain))
        mail.setenv("SCOREPACK_SMTP_URL", f"smtp+starttls://user:x@localhost:{port}")
        told = only(company, "smtp")
        assert "Hostname mismatch" in told.says
        assert not told.says.endswith("..")


def test_a_server_that_is_away_silent_or_in_a_bad_mood_is_found(
    company: SmallCompany, mail: pytest.MonkeyPatch
) -> None:
    mail.setenv("SCOREPACK_SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    assert "does not answer: [Errno 111] Connection refused" in only(company, "smtp").says
    for replies, words in (((60.0,), "does not answer"), ((b"421 come back later\r\n",), "lets nobody in now: 421")):
        with raw_server(*replies) as port:
            mail.setenv("SCOREPACK_SMTP_URL", f"smtp://127.0.0.1:{port}")
            assert words in only(company, "smtp").says


def test_settings_of_the_server_that_cannot_be_are_found(company: SmallCompany, mail: pytest.MonkeyPatch) -> None:
    mail.setenv("SCOREPACK_SMTP_URL", "smtp://user:secret@mail.example.org:25")
    told = only(company, "smtp")
    assert "for all to read" in told.says
    assert "secret" not in told.says


def test_a_sign_that_no_font_has_is_named_with_its_text(company: SmallCompany) -> None:
    assert {one.state for one in found(company)["signs"]} == {"fine"}
    nobodys = "\u0378"
    units = company.root / "units.csv"
    units.write_text(
        units.read_text(encoding="utf-8").replace("Shop North", f"Shop North {nobodys}", 1), encoding="utf-8"
    )
    (one,) = found(company)["signs"]
    assert one.state == "note"
    assert f"{nobodys} (U+0378)" in one.says
    assert f"'Shop North {nobodys}" in one.says
    assert "Install a font" in one.remedy
