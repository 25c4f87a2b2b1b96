"""Postfix on loopback, with a configuration, a queue and a mailbox of its own: what the mail world runs on."""

from __future__ import annotations

import email
import email.policy
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from tests.servers import free_port

IS_HERE = shutil.which("postfix") is not None and os.geteuid() == 0 and Path("/etc/postfix/master.cf").exists()
_NOBODY = 65534
_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mail.example.com
mydestination =
alias_maps =
alias_database =
virtual_mailbox_domains = example.com
virtual_mailbox_base = {folder}/box
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
maillog_file = {folder}/log
maillog_file_prefixes = /var, /tmp
smtpd_tls_cert_file = {chain}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = encrypt
smtpd_recipient_restrictions =
  check_recipient_access inline:{{ {{ refused@example.com = 550 5.1.1 no such user }},
  {{ later@example.com = 450 4.2.0 come again }} }}, permit_mynetworks, reject
"""


@dataclass(frozen=True)
class Postfix:
    """A running Postfix: its port, and the folder in which messages for example.com arrive."""

    port: int
    inbox: Path

    def messages(self, count: int) -> list[EmailMessage]:
        """So many messages, once they have come."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and len(list(self.inbox.glob("new/*"))) < count:
            time.sleep(0.1)
        files = sorted(self.inbox.glob("new/*"))
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]  # type: ignore[misc]


@contextmanager
def postfix(chain: Path, key: Path) -> Iterator[Postfix]:
    """Run a Postfix that insists on encryption with this certificate."""
    folder, port = Path(tempfile.mkdtemp(prefix="scorepack-postfix-", dir="/tmp")), free_port()
    folder.chmod(0o755)
    for name in ("conf", "queue", "data", "box"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    os.chown(folder / "box", _NOBODY, _NOBODY)
    for path in (chain, key):
        shutil.copy(path, folder / path.name)
    keys = {"chain": folder / chain.name, "key": folder / key.name}
    (folder / "conf/main.cf").write_text(_MAIN.format(folder=folder, nobody=_NOBODY, **keys))
    (folder / "conf/master.cf").write_text("\n".join(_services(port)) + "\n")
    command = ["postfix", "-c", str(folder / "conf")]
    try:
        subprocess.run([*command, "start"], check=True, capture_output=True)
        yield Postfix(port, folder / "box/inbox")
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def _services(port: int) -> Iterator[str]:
    """The services as the package declares them, outside a chroot, the server on a port of ours."""
    for line in Path("/etc/postfix/master.cf").read_text().splitlines():
        fields = line.split()
        if not fields or line.startswith("#") or fields[0] == "pickup":
            continue
        if re.match(r"smtp\s+inet", line):
            yield f"127.0.0.1:{port} inet n - n - - smtpd"
        elif not line[0].isspace() and fields[4] == "y":
            yield " ".join([*fields[:4], "n", *fields[5:]])
        else:
            yield line
