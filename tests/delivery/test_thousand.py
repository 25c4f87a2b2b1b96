"""A thousand readers, a server that fails one in twenty, and a sender that is killed three times."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from pipelines.delivery.send import deliver
from tests.delivery.conftest import PERIOD
from tests.delivery.mail_server import Script
from tests.small_company import SmallCompany
from warehouse import journal
from warehouse.ledger import last_records, records

READERS, FAULTS, KILLS = 1000, 50, 3
FOR_NOW = ("451 greylisted", "452 no room", "DATA 452 no room", "hang up", "DATA 421 closing")
FOR_GOOD = ("550 no such user", "DATA 554 spam")
IN_DOUBT = ("swallow", "take and hang up")
SEND = "import sys; from pathlib import Path; from datetime import date; " \
    "from pipelines.steps.setting import open_setting; from pipelines.delivery.send import deliver; " \
    "deliver(open_setting(Path(sys.argv[1])), date(2025, 6, 1))"  # fmt: skip


def test_each_of_a_thousand_has_exactly_one_message_or_is_listed_as_refused_or_unknown(
    company: SmallCompany, server: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = [f"reader{number:04}@example.com" for number in range(READERS)]
    company.write(
        "recipients.yaml",
        "recipients:\n" + "".join(f"  - {{name: R, email: {one}, units: [company]}}\n" for one in readers),
    )
    chance = random.Random(7)
    kinds = [*FOR_NOW, *FOR_GOOD, *IN_DOUBT]
    for number, reader in enumerate(chance.sample(readers, FAULTS)):
        kind = kinds[number % len(kinds)]
        server.scripts[reader] = [kind] * (2 if kind in FOR_NOW else 1)
    expected = {reader: list(script) for reader, script in server.scripts.items()}

    for kill in range(1, KILLS + 1):
        sender = subprocess.Popen([sys.executable, "-c", SEND, str(company.root)], env=os.environ)
        until = kill * READERS // (KILLS + 1) + chance.randrange(40)
        while len(server.received) < until and sender.poll() is None:
            time.sleep(0.005)
        assert sender.poll() is None, "the sender ended before it was killed"
        sender.send_signal(signal.SIGKILL)
        sender.wait()
    done = {one.planned.key.recipient: one for one in deliver(company.setting(), PERIOD)}

    came = Counter(server.addresses)
    assert len(done) == READERS
    for reader in readers:
        state, script = done[reader].state, expected.get(reader, ["well"])[0]
        if script in FOR_GOOD:
            assert (state, came[reader]) == ("refused", 0), script
        elif script in IN_DOUBT:
            assert (state, came[reader]) == ("unknown", int(script == "take and hang up")), script
        elif state == "unknown":
            # Cut off by a kill between the end of the message and the answer: at most one of each.
            assert came[reader] <= 1
        else:
            assert (state, came[reader]) == ("accepted", 1), script
    unknown = [reader for reader in readers if done[reader].state == "unknown"]
    in_doubt = sum(script[0] in IN_DOUBT for script in expected.values())
    assert in_doubt <= len(unknown) <= in_doubt + KILLS

    home = company.setting().home
    assert journal.first_broken(home) is None
    assert len(last_records(home)) == READERS
    first: dict[object, str] = {}
    for one in records(home):
        first.setdefault(one.key, one.state)
    assert set(first.values()) == {"planned"}, "nothing is tried before it is in the ledger"
