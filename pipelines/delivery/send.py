"""Sending a month's packs: each once to each of its readers, every step in the ledger before and after it.

Belongs here: the order of work, retries, and what becomes of messages of which nobody knows anything. What is to be
sent is ``plan.py``, and how one message is ``handing_over.py``. Neither the home nor the warehouse is held meanwhile: a
run may go on beside it.
"""

from __future__ import annotations

import heapq
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipelines.delivery.gate import newest_edition
from pipelines.delivery.handing_over import hand_over, note_failed, written
from pipelines.delivery.letters import Letters
from pipelines.delivery.plan import AGAIN, FAILED, Planned, plan, unsent
from pipelines.delivery.replanning import Replanning
from pipelines.delivery.transport import NothingLeaves, Transport, transport_from_environment
from pipelines.steps.approved import AUTOMATIC
from pipelines.steps.editions import publish
from pipelines.steps.pack_messages import frozen_messages
from pipelines.steps.setting import Progress, Setting, newest_over, no_progress, today
from scorecards.delivery import Retries
from scorecards.errors import ScorepackError
from scorecards.periods import period_text
from warehouse.editions import Edition, editions
from warehouse.ledger import LET_BE, OVER, Key, Record, State, last_records, messages, sending, write

# One lost connection may be one message's fault; from the second in a row on, the server is left alone for a while.
_LOST_IN_A_ROW = 2


@dataclass(frozen=True)
class Delivery:
    """What became of a message: its plan, its state, in whose words, and whether it was tried now.

    ``proof_for`` is whose message a proof copy shows, empty for all others.
    """

    planned: Planned
    state: State | None
    words: str
    is_new: bool
    proof_for: str = ""


def deliver(
    setting: Setting,
    period: date,
    *,
    unknown: str = "",
    only_failed: bool = False,
    progress: Progress = no_progress,
    wait: Callable[[float], object] = time.sleep,
) -> list[Delivery]:
    """Send the packs of a month's newest edition to all who have not had them; returns one record for each message.

    ``unknown`` says what becomes of messages of which nobody knows whether the server took them, instead of what
    ``delivery.yaml`` says. With ``only_failed`` those that failed or were refused are tried again, and no others.

    Raises ``CallError`` where the month is not published, ``DeclarationError`` where its commentary has errors,
    ``NothingLeaves`` where the server takes no message from the first on, and ``HomeBusy`` while another process is
    sending.
    """
    publish_where_automatic(setting, period)
    with sending(setting.home):
        edition, day = newest_edition(setting, period), today(setting.project)
        declared = setting.project.delivery
        transport = transport_from_environment(setting.home, period_text(period), declared.messages_a_minute)
        _settle_unknown(setting, edition, transport.name, unknown or declared.unknown)
        planned = plan(setting, period, edition, transport.name, day, FAILED if only_failed else AGAIN)
        _note(setting, planned, edition, transport.name)
        letters = Letters(setting, frozen_messages(setting.home, edition))
        replanning = Replanning(setting, period, edition.number, transport.name)
        try:
            done = _send(
                setting, [one for one in planned if one.is_due], transport, letters, progress, wait, replanning
            )
        finally:
            transport.close()
    last = last_records(setting.home, period)
    stand = [one if one.held or one.key in done else replanning.now(one) for one in planned]
    return [_delivery(one, last.get(one.key), one.key in done) for one in stand]


def publish_where_automatic(setting: Setting, period: date) -> None:
    """Publish the newest month that is over, where the project says that this needs nobody."""
    if is_yet_to_be_published(setting, period):
        publish(setting, period, AUTOMATIC)


def is_yet_to_be_published(setting: Setting, period: date) -> bool:
    """Whether sending a month begins with publishing it."""
    is_automatic = setting.project.delivery.approval == "automatic" and period == newest_over(setting.project)
    return is_automatic and not editions(setting.home, period)


def _settle_unknown(setting: Setting, edition: Edition, transport: str, policy: str) -> None:
    new: dict[str, tuple[State, str]] = {
        "repeat": ("failed", "to be sent again, though it may have arrived"),
        "let be": ("skipped", LET_BE),
    }
    if policy not in new:
        return
    of_proofs: tuple[State, str] = ("skipped", "a proof copy is not repeated")
    left = [one for one in messages(setting.home, edition.period) if one.state == "unknown"]
    over = [(one, new[policy] if one.key.edition else of_proofs) for one in left if one.key.transport == transport]
    write(setting.home, [replace(one, state=state, words=words) for one, (state, words) in over])


def _note(setting: Setting, planned: Sequence[Planned], edition: Edition, transport: str) -> None:
    """Write what is to be sent into the ledger before anything is tried, and what will not be sent any more."""
    new = [Record(one.key, "planned", digest=one.digest) for one in planned if one.is_due and one.is_new]
    none = [
        Record(one.key, "skipped", one.held, digest=one.digest)
        for one in planned
        if one.says_nothing_new and (one.before is None or one.before.state == "planned")
    ]
    write(setting.home, [*new, *none, *unsent(setting, planned, edition, transport)])


def _send(
    setting: Setting,
    due: Sequence[Planned],
    transport: Transport,
    letters: Letters,
    progress: Progress,
    wait: Callable[[float], object],
    replanning: Replanning,
) -> set[Key]:
    """Hand over what is due, and again what was not taken for now; returns what was tried.

    What somebody holds back or takes away meanwhile stays.

    Where the server lets us in no more after it had, the rest stays planned. Raises ``NothingLeaves`` where it never
    did. A message that cannot be written fails alone; where none can, the first one's error is raised.
    """
    retries = setting.project.delivery.retries
    queue = [(0.0, place, 1, one) for place, one in enumerate(due)]
    tried: set[Key] = set()
    unwritten: list[ScorepackError] = []
    lost, not_before, left = 0, 0.0, len(due)
    while queue:
        when, place, attempt, one = heapq.heappop(queue)
        pause = max(when, not_before) - time.monotonic()
        if pause > 0:
            wait(pause)
        one = replanning.now(one)
        if one.held:
            left -= 1
            continue
        tried.add(one.key)
        try:
            message = written(one, transport, letters)
        except ScorepackError as error:
            note_failed(setting, one, attempt - 1, " ".join(str(error).split()))
            unwritten.append(error)
            left -= 1
            continue
        try:
            answer = hand_over(setting, one, transport, message, attempt - 1)
        except NothingLeaves as error:
            if tried == {one.key}:
                raise
            note_failed(setting, one, attempt - 1, str(error))
            break
        lost = lost + 1 if answer.is_of_server else 0
        if lost >= _LOST_IN_A_ROW:
            not_before = time.monotonic() + _pause(retries, lost - _LOST_IN_A_ROW + 1)
        if answer.state == "failed" and attempt < retries.attempts:
            heapq.heappush(queue, (time.monotonic() + _pause(retries, attempt), place, attempt + 1, one))
        else:
            left -= 1
        progress(len(due) - left, len(due))
        if lost >= _LOST_IN_A_ROW + retries.attempts:
            break
    if unwritten and len(unwritten) == len(tried):
        raise unwritten[0]
    return tried


def _pause(retries: Retries, attempt: int) -> float:
    """Seconds until the next attempt: three times as long each time, and never the same for all."""
    longest: float = min(retries.first_after_seconds * 3 ** (attempt - 1), retries.at_most_seconds)
    # Chance is all that is asked of it here.
    return longest * random.uniform(0.5, 1.0)


def _delivery(one: Planned, last: Record | None, is_new: bool) -> Delivery:
    if last is None:
        return Delivery(one, None, one.held, False)
    words = last.words if is_new or last.state in OVER or not one.held else f"{one.held}; {last.words}".rstrip("; ")
    return Delivery(one, last.state, words, is_new)
