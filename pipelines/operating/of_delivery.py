"""Findings about delivery: the mail server, secrets, messages that nobody knows of, and who is told when all fails."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from pipelines.delivery.compose import earlier
from pipelines.delivery.greeting import greet
from pipelines.delivery.secrets import FILE, secret
from pipelines.delivery.smtp import Smtp
from pipelines.delivery.transport import NothingLeaves, transport_from_environment
from pipelines.operating.findings import Found, Patient, fine, mend, note
from pipelines.steps.hash_key import KEY, hash_key
from scorecards.connections import variable_of_connection
from scorecards.errors import CallError
from scorecards.periods import period_text
from scorecards.words import plural
from warehouse.examining import journal_state
from warehouse.ledger import is_sending, last_records

_SOON = timedelta(days=21)
_REMEDIES = (
    ("Hostname mismatch", "Name the server in SCOREPACK_SMTP_URL as its certificate does."),
    ("certificate", "Have it renewed; one of an authority of your own is named by SSL_CERT_FILE."),
    ("TLS", "smtps:// is for port 465, smtp+starttls:// for 587: correct SCOREPACK_SMTP_URL."),
    ("does not let us in", "Correct user and password in SCOREPACK_SMTP_URL; signs such as @ are written %40."),
    ("no login of ours", "Ask the server's owner for a login by PLAIN, LOGIN or CRAM-MD5."),
    ("letters beyond ASCII", "Set SCOREPACK_MAIL_FROM to an address in plain letters, or ask for SMTPUTF8."),
    ("cannot do what", "Ask the server's owner for encryption, or for the right port and scheme."),
    ("encrypts from the first byte", "Begin SCOREPACK_SMTP_URL with smtps://."),
    (": 530 ", "Put user:password@ before the host in SCOREPACK_SMTP_URL: the server wants a login."),
    ("does not take messages", "Correct SCOREPACK_MAIL_FROM, or have the server allow it."),
)


def smtp(patient: Patient) -> Iterator[Found]:
    """Whether the mail server takes our messages: it is greeted, and nothing is sent."""
    try:
        server = transport_from_environment(patient.home, "doctor")
    except CallError as error:
        yield mend(str(error).replace("\n", " "), "docs/how-to/delivery.md, The mail server.")
        return
    if not isinstance(server, Smtp):
        words = "No server is set (SCOREPACK_SMTP_URL): messages and alerts become files of the outbox."
        yield note(words, "docs/how-to/delivery.md, The mail server.")
        return
    where = f"{server.host}:{server.port}"
    try:
        found = greet(server)
    except NothingLeaves as error:
        yield mend(str(error), _remedy(str(error)))
        return
    if found.valid_until is not None and found.valid_until - patient.now < _SOON:
        words = f"The certificate of {where} ends on {found.valid_until:%Y-%m-%d}."
        yield mend(words, "Have it renewed: from that day on nothing is sent.")
    elif not found.is_encrypted and found.could_be:
        words = f"{where} takes our messages, in clear, and could encrypt."
        yield note(words, "Begin SCOREPACK_SMTP_URL with smtp+starttls://.")
    else:
        how = "encrypted" if found.is_encrypted else "in clear"
        yield fine(f"{where} takes messages of {server.sender} ({how}).")


def _remedy(words: str) -> str:
    """What to do where the greeting ended with these words."""
    trusted = os.environ.get("SSL_CERT_FILE")
    if "is not accepted" in words and trusted and not Path(trusted).exists():
        return f"SSL_CERT_FILE names {trusted}, which is not there."
    otherwise = "See that it runs, and that this machine may reach it (firewall, name, port)."
    return next((told for sign, told in _REMEDIES if sign in words), otherwise)


def secrets(patient: Patient) -> Iterator[Found]:
    """Whether every secret that the project names is set, and the file of secrets read by its owner alone."""
    named = os.environ.get(FILE)
    if named and not _is_private(Path(named)):
        if Path(named).exists():
            yield mend(f"The file of secrets {named} can be read by others.", f"chmod 600 {named}")
        else:
            yield mend(f"{FILE} names {named}, which is not there.", "Bring it back, or correct the variable.")
        return
    if patient.project is None:
        yield note("Which secrets are needed shows when the declarations are sound.")
        return
    project, wanted = patient.project, dict[str, str]()
    for one in project.recipients:
        if one.password is not None:
            wanted.setdefault(one.password, f"packs of {one.email} are encrypted with it, and not sent without it")
    lacking = {name: why for name, why in wanted.items() if secret(name) is None}
    for name, why in lacking.items():
        yield mend(f"The secret {name} is not set: {why}.", f"Set it in the environment, or as a line of {FILE}.")
    hashed = [source_id for source_id, source in project.sources.items() if source.hashed]
    try:
        has_key = not hashed or hash_key() is not None
    except CallError as error:
        has_key = True
        yield mend(str(error), f"Correct {KEY}; another key gives other hashes.")
    if not has_key:
        yield mend(
            f"{KEY} is not set, and {', '.join(hashed)} hashes personal columns.", f"Set {KEY}, the same as ever."
        )
    for name, connection in project.organisation.connections.items():
        variable = variable_of_connection(name)
        if connection.address is None and not os.environ.get(variable):
            lacking[variable] = name
            yield mend(f"The address of the connection {name} is not known.", f"Set {variable}.")
    if not lacking and has_key:
        yield fine("Every secret that the project names is set." if wanted or hashed else "The project needs none.")


def _is_private(path: Path) -> bool:
    try:
        return not stat.S_IMODE(path.stat().st_mode) & 0o077
    except OSError:
        return False


def messages(patient: Patient) -> Iterator[Found]:
    """Whether a message is in doubt, or waits to be tried again."""
    state = journal_state(patient.home)
    if state is None or state.flaw or state.is_older or not state.entries:
        yield note("They are looked at when the journal can be read.")
        return
    last = [one for one in last_records(patient.home).values() if one.key.edition]
    is_busy, in_doubt, failed = is_sending(patient.home), Counter[str](), Counter[str]()
    for one in last:
        month = period_text(one.key.period)
        if one.state == "unknown" or (one.state == "sending" and not is_busy):
            in_doubt[month] += 1
        elif one.state == "failed":
            failed[month] += 1
    for month, count in sorted(in_doubt.items()):
        words = f"{month}: of {plural(count, 'message')} nobody knows whether the server took it."
        yield mend(words, f"Ask the readers, then: scorepack send {month} --unknown repeat (or let-be)")
    for month, count in sorted(failed.items()):
        yield mend(f"{month}: {plural(count, 'message')} not taken for now.", f"scorepack send {month}")
    newest = {earlier(one.key, 0): one for one in sorted(last, key=lambda one: one.key.edition)}
    refused = Counter(period_text(one.key.period) for one in newest.values() if one.state == "refused")
    for month, count in sorted(refused.items()):
        remedy = f"See why, and mend it: scorepack deliveries {month}. Then: scorepack send {month} --only-failed"
        yield note(f"{month}: {plural(count, 'message')} refused for good.", remedy)
    if not in_doubt and not failed and not refused:
        yield fine(f"{plural(len(last), 'message')} in the ledger, none in doubt.")


def who_is_told(patient: Patient) -> Iterator[Found]:
    """Whether somebody is told when a run fails, a message is refused, or packs are late."""
    if patient.project is None:
        yield note("Who is told shows when the declarations are sound.")
        return
    alerts, owner = patient.project.alerts, patient.project.delivery.owner
    if not alerts:
        yield note("Nobody is told when a run fails.", "recipients.yaml: alerts: [data.team@example.org]")
    if not alerts and not owner:
        yield note("Nobody is told of refused or late packs.", "delivery.yaml: owner: [strategy.office@example.org]")
    if alerts:
        yield fine(f"Failed runs are told to {', '.join(alerts)}.")
