"""Extracts on S3-compatible storage, an SFTP server and a mounted folder: the same contract as for local files."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from pipelines.steps.fetching import not_taken
from pipelines.steps.ingest import Ingested, ingest, passed_over_told
from scorecards.errors import DataRefused, SourceFailed
from scorecards.periods import parse_period
from tests.servers import PASSWORD, Bucket, Sftp, s3, sftp
from tests.small_company import SmallCompany, small_company
from warehouse.selection import Load, rejected_rows

YEAR = [parse_period(f"2025-{month:02d}") for month in range(1, 7)]
LATE, EARLY = YEAR[2], YEAR[0]


@dataclass
class Remote:
    """A company whose sales lie elsewhere: ``put`` delivers one file, ``fetched`` tells what was fetched."""

    company: SmallCompany
    put: Callable[[Path, str], None]
    fetched: list[str]

    def deliver(self, *files: Path) -> None:
        for file in files:
            self.put(file, file.name)

    def ingest(self, *periods: date) -> list[Ingested]:
        self.fetched.clear()
        return ingest(self.company.setting(), "sales", periods or YEAR)

    def names(self) -> list[str]:
        return sorted(path.rpartition("/")[2] for path in self.fetched if path)


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "tester")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.delenv("AWS_PROFILE", raising=False)
        with s3() as running:
            yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sftp]:
    with sftp(tmp_path_factory.mktemp("sftp")) as running:
        yield running


def elsewhere(root: Path, location: dict[str, Any], path: str = "sales_{period}_{file_date}.csv") -> SmallCompany:
    """The small company with its sales at the location and not in its extracts folder."""
    company = small_company(root)
    declared = yaml.safe_load((root / "scorecard.yaml").read_text())
    company.write("scorecard.yaml", yaml.safe_dump({**declared, "locations": {"drop": location}}))
    source = yaml.safe_load((root / "sources/sales.yaml").read_text())
    company.write("sources/sales.yaml", yaml.safe_dump({**source, "location": "drop", "path": path}, sort_keys=False))
    (root / "outgoing").mkdir()
    for file in root.glob("extracts/sales_*"):
        shutil.move(file, root / "outgoing" / file.name)
    return company


def old(file: Path, seconds: int = 3600) -> Path:
    """The file as if it had been written an hour ago."""
    os.utime(file, (time.time() - seconds, time.time() - seconds))
    return file


@pytest.fixture(params=["s3", "sftp"])
def remote(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remote:
    """A company with six months of sales elsewhere, none of them taken in."""
    company_root, prefix = tmp_path / "company", f"in/{tmp_path.name}"
    if request.param == "s3":
        bucket: Bucket = request.getfixturevalue("bucket")
        location = {"kind": "s3", "bucket": bucket.bucket, "endpoint": bucket.endpoint, "prefix": prefix}
        company = elsewhere(company_root, location)
        found = Remote(
            company, lambda file, name: bucket.put(file, f"{prefix}/{name}"), bucket.fetched
        )  # fmt: skip
    else:
        server: Sftp = request.getfixturevalue("server")
        location = {
            "kind": "sftp", "host": "127.0.0.1", "port": server.port, "user": "loader", "prefix": prefix,
            "known_hosts": "known_hosts",
        }  # fmt: skip
        company = elsewhere(company_root, location)
        server.known_hosts(company_root / "known_hosts")
        monkeypatch.setenv("SCOREPACK_LOCATION_DROP_PASSWORD", PASSWORD)
        folder = server.folder / prefix
        folder.mkdir(parents=True)

        minutes = count(start=2)

        def put(file: Path, name: str) -> None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            # Never in the same second as before: size and time are all that a server tells of a file.
            old(Path(shutil.copy(file, folder / name)), seconds=36000 - 60 * next(minutes))

        found = Remote(company, put, server.fetched)
    found.deliver(*sorted((company_root / "outgoing").iterdir()))
    return found


def facts(loads: list[Load]) -> list[Load]:
    """Loads without the times at which they were recorded."""
    return [replace(load, seq=0, arrived=0, at="") for load in sorted(loads, key=lambda load: load.name)]


def test_remote_and_local_files_have_the_same_loads_rejects_and_states(remote: Remote, tmp_path: Path) -> None:
    local = small_company(tmp_path / "local")
    bad = "1,north,2025-03-01,12.50\n2,nowhere,2025-03-02,x\n" + "".join(
        f"{n},south,2025-03-{n:02d},1.00\n" for n in range(3, 13)
    )
    correction = local.sales("2025-03", bad, delivered="20250410")
    broken = local.sales("2025-04", '1,north,2025-04-01,"1,50"\n', delivered="20250510")
    remote.deliver(correction, broken)
    here, there = ingest(local.setting(), "sales", YEAR), remote.ingest()
    assert [(one.period, one.state, one.rows, one.rejected) for one in there] == [
        (one.period, one.state, one.rows, one.rejected) for one in here
    ]
    assert [one.state for one in there] == ["loaded"] * 3 + ["refused"] + ["loaded"] * 2
    loads = [[*setting.loads("sales")] for setting in (local.setting(), remote.company.setting())]
    assert facts(loads[0]) == facts(loads[1])
    rejects = [
        pl.concat([rows for _, rows in rejected_rows(setting.home, setting.loads("sales"))])
        for setting in (local.setting(), remote.company.setting())
    ]
    assert rejects[0].sort("line", "raw").equals(rejects[1].sort("line", "raw"))
    assert rejects[0].height == 2


def test_only_what_is_new_or_changed_is_fetched(remote: Remote) -> None:
    remote.ingest()
    assert len(remote.names()) == 6
    remote.ingest()
    assert remote.names() == []
    changed = remote.company.root / "outgoing" / "sales_2025-02_20250303.csv"
    changed.write_text(changed.read_text().replace("42.50", "99.50"))
    old(changed)
    remote.put(changed, changed.name)
    new = remote.company.sales("2025-03", delivered="20250420")
    shutil.move(new, remote.company.root / "outgoing" / new.name)
    remote.put(remote.company.root / "outgoing" / new.name, new.name)
    remote.ingest()
    assert remote.names() == [changed.name, new.name]
    assert len(remote.company.setting().loads("sales")) == 8


def test_only_the_files_of_the_asked_months_are_fetched(remote: Remote) -> None:
    found = remote.ingest(LATE)
    assert [one.state for one in found] == ["loaded"]
    assert remote.names() == ["sales_2025-03_20250403.csv"]


def test_without_its_memory_everything_is_fetched_again_and_known_again(remote: Remote) -> None:
    remote.ingest()
    before = remote.company.setting().loads("sales")
    (remote.company.root / ".scorepack" / "fetched" / "sales.json").write_text("{broken")
    remote.ingest()
    assert len(remote.names()) == 6
    assert list(remote.company.setting().loads("sales")) == list(before)


def test_a_file_whose_name_does_not_fit_is_told_and_not_taken(remote: Remote) -> None:
    remote.put(remote.company.root / "outgoing" / "sales_2025-01_20250203.csv", "sales_January_20250203.csv")
    remote.ingest()
    setting = remote.company.setting()
    told = [line for line in passed_over_told(setting) if "January" in line]
    reason = "its name does not fit sales_{period}_{file_date}.csv"
    assert told == [f"not taken in: sales: sales_January_20250203.csv: {reason}"]


def test_a_file_of_a_month_that_is_not_over_is_told_and_not_taken(remote: Remote) -> None:
    remote.put(remote.company.root / "outgoing" / "sales_2025-01_20250203.csv", "sales_2099-01_20990203.csv")
    remote.ingest()
    told = [line for line in passed_over_told(remote.company.setting()) if "2099" in line]
    assert told == ["not taken in: sales: sales_2099-01_20990203.csv: 2099-01 is not over: run it after that"]


def test_months_may_be_folders(remote: Remote) -> None:
    path = remote.company.root / "sources" / "sales.yaml"
    declared = {**yaml.safe_load(path.read_text()), "path": "{period}/*/sales.csv", "known_on": "load"}
    path.write_text(yaml.safe_dump(declared))
    files = sorted((remote.company.root / "outgoing").iterdir())
    remote.put(files[0], "2025-01/eu/sales.csv")
    remote.put(files[1], "2025-02/eu/sales.csv")
    remote.put(files[2], "2025-03/sales.csv")
    assert [one.state for one in remote.ingest(*YEAR[:3])] == ["loaded", "loaded", "missing"]


def test_a_manifest_at_the_location_says_when_files_became_known(remote: Remote) -> None:
    path = remote.company.root / "sources" / "sales.yaml"
    declared = {**yaml.safe_load(path.read_text()), "known_on": "manifest"}
    path.write_text(yaml.safe_dump(declared, sort_keys=False))
    with pytest.raises(SourceFailed, match=r"manifest\.csv is not there"):
        remote.ingest(EARLY)
    manifest = remote.company.write("outgoing/manifest.csv", "file,known_on\nsales_2025-01_20250203.csv,2025-02-20\n")
    remote.put(manifest, manifest.name)
    assert [one.state for one in remote.ingest(*YEAR[:2])] == ["loaded", "missing"]
    assert [str(load.known_on) for load in remote.company.setting().loads("sales")] == ["2025-02-20"]


def test_a_folder_to_which_nothing_was_delivered_yet_is_empty_and_no_error(remote: Remote) -> None:
    path = remote.company.root / "sources" / "sales.yaml"
    declared = {**yaml.safe_load(path.read_text()), "path": "later/sales_{period}_{file_date}.csv"}
    path.write_text(yaml.safe_dump(declared))
    assert [one.state for one in remote.ingest(EARLY)] == ["missing"]


def test_a_location_that_is_gone_refuses_the_run_and_is_no_empty_month(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = remote.company.root / "scorecard.yaml"
    declared = yaml.safe_load(path.read_text())
    wrong = {"bucket": "nowhere"} if declared["locations"]["drop"]["kind"] == "s3" else {"prefix": "nowhere"}
    declared["locations"]["drop"] |= wrong
    path.write_text(yaml.safe_dump(declared))
    with pytest.raises(SourceFailed, match=r"^sales: the location 'drop' failed: .*nowhere.* does not exist\.$"):
        remote.ingest(EARLY)
    assert list(remote.company.setting().loads("sales")) == []


def test_a_server_that_does_not_answer_is_told_in_words(remote: Remote) -> None:
    path = remote.company.root / "scorecard.yaml"
    declared = yaml.safe_load(path.read_text())
    drop = declared["locations"]["drop"]
    drop |= {"endpoint": "http://127.0.0.1:1"} if drop["kind"] == "s3" else {"port": 1}
    path.write_text(yaml.safe_dump(declared))
    with pytest.raises(
        SourceFailed, match=r"^sales: the location 'drop' failed: .*(Could not connect|Connection refused)"
    ):
        remote.ingest(EARLY)


def test_a_file_that_changes_while_it_is_fetched_is_refused(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.collecting.stores import Store

    fetch, growing = Store.fetch, remote.company.root / "outgoing" / "sales_2025-01_20250203.csv"

    def slow(store: Store, path: str, target: Path) -> None:
        fetch(store, path, target)
        growing.write_text(growing.read_text() + "99,north,2025-01-09,1.00\n")
        remote.put(growing, growing.name)

    monkeypatch.setattr(Store, "fetch", slow)
    with pytest.raises(DataRefused, match=r"sales_2025-01_20250203\.csv changed while it was fetched from 'drop'"):
        remote.ingest(EARLY)


def test_a_file_written_just_now_is_fetched_again_since_its_time_cannot_tell_it_from_the_next(
    server: Sftp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote_folder = server.folder / tmp_path.name
    remote_folder.mkdir()
    location = {"kind": "sftp", "host": "127.0.0.1", "port": server.port, "user": "loader", "prefix": tmp_path.name}
    company = elsewhere(tmp_path / "company", {**location, "known_hosts": "known_hosts"})
    server.known_hosts(company.root / "known_hosts")
    monkeypatch.setenv("SCOREPACK_LOCATION_DROP_PASSWORD", PASSWORD)
    file = remote_folder / "sales_2025-01_20250203.csv"
    content = (company.root / "outgoing" / file.name).read_text()
    file.write_text(content)
    ingest(company.setting(), "sales", [EARLY])
    stamp = file.stat().st_mtime_ns
    file.write_text(content.replace("41.50", "71.50"))
    os.utime(file, ns=(stamp, stamp))
    ingest(company.setting(), "sales", [EARLY])
    assert len(company.setting().loads("sales")) == 2


@pytest.mark.parametrize("state", ["another", "none"])
def test_a_server_whose_host_key_is_not_known_is_not_spoken_to(
    state: str, server: Sftp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncssh

    location = {"kind": "sftp", "host": "127.0.0.1", "port": server.port, "user": "loader", "known_hosts": "hosts"}
    company = elsewhere(tmp_path / "company", location)
    monkeypatch.setenv("SCOREPACK_LOCATION_DROP_PASSWORD", PASSWORD)
    if state == "another":
        other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
        server.known_hosts(company.root / "hosts", other)
    server.fetched.clear()
    words = (
        "host key is not the known one" if state == "another" else "hosts does not exist, so the server cannot prove"
    )
    with pytest.raises(SourceFailed, match=words):
        ingest(company.setting(), "sales", [EARLY])


def test_a_key_that_others_may_read_is_not_used(server: Sftp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    location = {"kind": "sftp", "host": "127.0.0.1", "port": server.port, "user": "loader", "known_hosts": "hosts"}
    company = elsewhere(tmp_path / "company", location)
    server.known_hosts(company.root / "hosts")
    key = tmp_path / "key"
    key.write_text("secret\n")
    key.chmod(0o640)
    monkeypatch.setenv("SCOREPACK_LOCATION_DROP_KEY_FILE", str(key))
    with pytest.raises(SourceFailed, match=r"can be read by others\. Run: chmod 600 "):
        ingest(company.setting(), "sales", [EARLY])


def test_a_wrong_password_is_denied_and_not_shown(
    server: Sftp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = {"kind": "sftp", "host": "127.0.0.1", "port": server.port, "user": "loader", "known_hosts": "hosts"}
    company = elsewhere(tmp_path / "company", location)
    server.known_hosts(company.root / "hosts")
    monkeypatch.setenv("SCOREPACK_LOCATION_DROP_PASSWORD", "guessed-in-vain")
    with pytest.raises(SourceFailed, match="access is denied") as failed:
        ingest(company.setting(), "sales", [EARLY])
    assert "guessed-in-vain" not in str(failed.value)


def test_a_link_on_the_server_is_told_and_not_followed(
    server: Sftp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = server.folder / tmp_path.name
    folder.mkdir()
    (folder / "sales_2025-01_20250203.csv").symlink_to("/etc/passwd")
    location = {"kind": "sftp", "host": "127.0.0.1", "port": server.port, "user": "loader", "prefix": tmp_path.name}
    company = elsewhere(tmp_path / "company", {**location, "known_hosts": "hosts"})
    server.known_hosts(company.root / "hosts")
    monkeypatch.setenv("SCOREPACK_LOCATION_DROP_PASSWORD", PASSWORD)
    assert ingest(company.setting(), "sales", [EARLY])[0].state == "missing"
    setting = company.setting()
    assert not_taken(setting, setting.project.sources["sales"]) == [("sales_2025-01_20250203.csv", "it is a link")]


def test_a_store_with_a_certificate_that_nobody_knows_is_not_spoken_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tester")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with s3(certificate=self_signed(tmp_path)) as running:
        company = elsewhere(tmp_path / "company", {"kind": "s3", "bucket": "extracts", "endpoint": running.endpoint})
        with pytest.raises(SourceFailed, match=r"(?i)certificate|ssl"):
            ingest(company.setting(), "sales", [EARLY])
        assert running.fetched == []


def test_without_credentials_the_words_say_where_they_belong(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    company = elsewhere(tmp_path / "company", {"kind": "s3", "bucket": "extracts", "endpoint": bucket.endpoint})
    with pytest.raises(SourceFailed, match=r"no credentials\. Set AWS_ACCESS_KEY_ID"):
        ingest(company.setting(), "sales", [EARLY])


def test_without_its_packages_the_words_say_how_to_get_them(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("s3fs", "sshfs"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SourceFailed, match=r"needs more packages: pip install 'scorepack\[remote\]'"):
        remote.ingest(EARLY)


def test_a_mounted_folder_is_read_where_it_is(tmp_path: Path) -> None:
    share = tmp_path / "share"
    company = elsewhere(tmp_path / "company", {"kind": "file", "folder": str(share)})
    with pytest.raises(SourceFailed, match="share does not exist"):
        ingest(company.setting(), "sales", YEAR)
    shutil.move(company.root / "outgoing", share)
    assert {one.state for one in ingest(company.setting(), "sales", YEAR)} == {"loaded"}


def self_signed(folder: Path) -> tuple[str, str]:
    """A certificate for 127.0.0.1 that no authority signed, and its key."""
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(files[0]), str(files[1])
