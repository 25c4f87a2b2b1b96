"""Messages of which nobody knows whether the server took them: not repeated by themselves, settled by a decision."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipelines.delivery.send import deliver
from tests.delivery.conftest import PERIOD, RETRIES
from tests.delivery.mail_server import Script
from tests.delivery.what_left import ADA, ledger, states
from tests.small_company import SmallCompany


@pytest.mark.parametrize(("script", "arrived"), [("swallow", 0), ("take and hang up", 1)])
def test_a_connection_lost_after_the_message_is_an_unknown_that_is_never_repeated_by_itself(
    company: SmallCompany, server: Script, script: str, arrived: int
) -> None:
    server.scripts[ADA] = [script]
    assert states(company) == ["unknown", "accepted"]
    assert states(company) == ["unknown", "accepted"]
    assert server.addresses.count(ADA) == arrived


@pytest.mark.parametrize(
    ("policy", "state", "arrived"), [("repeat", "accepted", 1), ("let be", "skipped", 0), ("", "unknown", 0)]
)
def test_an_unknown_is_settled_as_somebody_decides(
    company: SmallCompany, server: Script, policy: str, state: str, arrived: int
) -> None:
    server.scripts[ADA] = ["swallow"]
    states(company)
    assert states(company, unknown=policy) == [state, "accepted"]
    assert server.addresses.count(ADA) == arrived
    assert states(company) == [state, "accepted"]


def test_an_unknown_is_settled_as_the_project_declares(company: SmallCompany, server: Script) -> None:
    company.write("delivery.yaml", RETRIES + "unknown: repeat\n")
    server.scripts[ADA] = ["swallow"]
    assert states(company) == ["unknown", "accepted"]
    assert states(company) == ["accepted", "accepted"]


def test_what_was_cut_off_while_sending_is_unknown_on_restart(
    company: SmallCompany, server: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(self: object, message: object, to: str, name: str, before_the_end: Callable[[], object]) -> None:
        before_the_end()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("pipelines.delivery.smtp.Smtp.send", cut_off)
        with pytest.raises(KeyboardInterrupt):
            deliver(company.setting(), PERIOD)
    assert ledger(company)[-1] == "sending"
    assert states(company) == ["unknown", "accepted"]


def test_what_was_cut_off_before_the_message_was_whole_is_sent(
    company: SmallCompany, server: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("pipelines.delivery.smtp.Smtp.send", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            deliver(company.setting(), PERIOD)
    assert ledger(company) == ["planned"]
    assert states(company) == ["accepted", "accepted"]
