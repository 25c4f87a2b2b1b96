"""What is to be sent of a month: for every reader of every pack, whether its message leaves, and why not.

Belongs here: bringing together gate, readers and ledger. Sending is ``send.py``. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipelines.delivery.compose import earlier
from pipelines.delivery.earlier_editions import EarlierEditions
from pipelines.delivery.gate import Gate, gates
from pipelines.delivery.lost import no_pack, readers_without_pack
from pipelines.delivery.readers import Reader, readers_of
from pipelines.delivery.secrets import secret
from pipelines.steps.pack_messages import frozen_messages
from pipelines.steps.setting import Setting
from scorecards.packs import PDF, kind_of, language_of
from scorecards.people import THEMSELVES
from warehouse.editions import Edition
from warehouse.ledger import HAD, LET_BE, NO_READER, NOTHING_NEW, Key, Record, State, last_records, records

MEGABYTE = 1_000_000
LINK = "link"
BARRED = "packs may not go to this domain (domains in delivery.yaml)"
"""Why a message never leaves whose reader a source names with a domain that the project does not allow."""
AGAIN: tuple[State, ...] = ("planned", "failed")
"""The states of messages that a sending goes on with."""
FAILED: tuple[State, ...] = ("failed", "refused")
"""The states of those that are tried again when only these are asked for."""


@dataclass(frozen=True)
class Planned:
    """A message that may leave or not: its key, its reader, the files of its pack, and the last entry about it.

    By format, ``files`` gives digest and size of a file and ``forms`` its form, with the language where that is not the
    pack's own.

    ``held`` says why it does not leave now, empty where it does; ``obstacle`` is the reason where somebody has to mend
    something first. ``says_nothing_new`` is a message that has no need to leave, since its reader has had the same
    figures. ``had`` is the last entry about the newest earlier edition that the reader has had, or may have had;
    ``is_private`` is a pack with one person's own figures, for them alone.
    """

    key: Key
    reader: Reader
    forms: Mapping[str, str]
    files: Mapping[str, tuple[str, int]]
    before: Record | None
    held: str
    obstacle: str
    says_nothing_new: bool
    had: Record | None
    is_private: bool

    @property
    def corrects(self) -> int:
        """The number of the edition that this one takes the place of, 0 for none."""
        return self.had.key.edition if self.had else 0

    @property
    def digest(self) -> str:
        """The digest of the pack's PDF, by which the pack is known."""
        return self.files[PDF][0]

    @property
    def attached(self) -> list[str]:
        """The formats that its reader wants attached."""
        return [form for form in self.reader.recipient.formats if form in self.files]

    @property
    def size(self) -> int:
        """The size of all that would be attached."""
        return sum(self.files[form][1] for form in self.attached)

    @property
    def is_new(self) -> bool:
        """Whether the ledger has to be told that it is planned: for the first time, or for a reader who is back."""
        return self.before is None or self.before.words == NO_READER

    @property
    def is_due(self) -> bool:
        """Whether it is to be handed over now."""
        return not self.held


def plan(
    setting: Setting,
    period: date,
    edition: Edition,
    transport: str,
    day: date,
    again: Collection[State] = AGAIN,
) -> list[Planned]:
    """Every message of an edition, in the order of its packs.

    ``day`` decides who is a recipient. A message that was tried before is due where its state is one of ``again``.
    """
    doors = {(one.scorecard, one.unit): one for one in gates(setting, period, edition)}
    entries, said = records(setting.home, period), frozen_messages(setting.home, edition)
    known = {one.key: one for one in entries}
    # Whoever may have had a message may have it still, whatever was tried with it since.
    arrived = {one.key for one in entries if _may_have_arrived(one)}
    before_it, found, readers = EarlierEditions(setting, edition), [], list(readers_of(setting, period, day))
    to_others = _failed_to_others(entries, {_key(reader, period, edition, transport) for reader in readers})
    for reader in readers:
        door = doors.get((reader.scorecard, reader.unit))
        # A person's own pack is for nobody who is not declared to be that person, whatever else they may see.
        if door is None or (door.is_private and reader.recipient.scope != THEMSELVES):
            continue
        key = _key(reader, period, edition, transport)
        before, had = _tried(known.get(key)), _last_of(known, arrived, key)
        forms = forms_for(door.files, reader.recipient.language, next(iter(said[door.scorecard, door.unit])))
        files = {kind: door.files[form] for kind, form in forms.items()}
        same, is_untried = "", before is None or before.state == "planned"
        if had is not None and is_untried and before_it.say_the_same(had.key.edition, door):
            same = _needless(edition, had)
        says_nothing_new = door.is_open and same.endswith(NOTHING_NEW)
        one = Planned(key, reader, forms, files, before, "", "", says_nothing_new, had, door.is_private)
        # Whoever is a reader of what failed to reach another address may be the same one, whose address was mended.
        held = _held(one, door, {*again, "planned"} if replace(key, recipient="") in to_others else again, same)
        # What a rule of the project's own forbids waits for nobody: it is told, and is no failure.
        held = held or ("" if setting.project.delivery.allows(key.recipient) else BARRED)
        obstacle = "" if held else _obstacle(setting, one)
        found.append(replace(one, held=held or obstacle, obstacle=obstacle))
    without = readers_without_pack(setting, period, edition, readers)
    return found + [_without_pack(setting, one, period, edition, transport) for one in without]


def _key(reader: Reader, period: date, edition: Edition, transport: str) -> Key:
    return Key(period, reader.scorecard, edition.number, reader.unit, reader.recipient.email.lower(), transport)


def _failed_to_others(entries: Sequence[Record], current: Collection[Key]) -> set[Key]:
    """The messages, without their recipient, that failed or were refused to an address that is no reader's any more."""
    return {replace(one.key, recipient="") for one in entries if one.state in FAILED and one.key not in current}


def _without_pack(setting: Setting, reader: Reader, period: date, edition: Edition, transport: str) -> Planned:
    """The message to a reader whose unit has no pack in the edition: no file, and somebody has to mend it."""
    key = _key(reader, period, edition, transport)
    is_own, obstacle = reader.recipient.scope == THEMSELVES, no_pack(edition)
    if not setting.project.delivery.allows(key.recipient):
        return Planned(key, reader, {}, {}, None, BARRED, "", False, None, is_own)
    return Planned(key, reader, {}, {}, None, obstacle, obstacle, False, None, is_own)


def _needless(edition: Edition, had: Record) -> str:
    """Why an edition that changes nothing need not leave, or not before somebody decides; empty where it has to."""
    if not _may_have_arrived(had):
        return ""
    if had.state == "unknown":
        return f"nobody knows whether edition {had.key.edition} arrived, which says the same: decide with --unknown"
    same = f", with the figures of edition {had.key.edition}," if had.key.edition < edition.number - 1 else ""
    return f"edition {edition.number}{same} {NOTHING_NEW}"


def forms_for(forms: Collection[str], wanted: str | None, own: str) -> dict[str, str]:
    """A pack's forms by format: in a reader's language, or the nearest that is there, or the pack's own."""
    known = {language_of(form) for form in forms if language_of(form)}
    locale = (wanted or own).replace("-", "_")
    near = [one for one in sorted(known) if one[:2] == locale[:2]]
    is_own = locale == own or (locale not in known and (own[:2] == locale[:2] or not near))
    chosen = "" if is_own else locale if locale in known else near[0]
    found: dict[str, str] = {kind_of(form): form for form in forms if not language_of(form)}
    found.update({kind_of(form): form for form in forms if chosen and language_of(form) == chosen})
    return found


def unsent(setting: Setting, plan: Sequence[Planned], edition: Edition, transport: str) -> list[Record]:
    """The last entries of messages that were planned or not taken once, and that nobody will send any more, and why."""
    still, found = {one.key for one in plan}, []
    for key, record in last_records(setting.home, edition.period).items():
        if record.state not in ("planned", *FAILED) or key.transport != transport or key in still or not key.edition:
            continue
        is_current = key.edition == edition.number
        why = NO_READER if is_current else f"edition {edition.number} replaces it"
        found.append(replace(record, state="skipped", words=why))
    return found


def _held(one: Planned, door: Gate, again: Collection[State], same: str) -> str:
    """Why a message does not leave now: what was before it, or its pack's gate; empty where neither says so.

    ``same`` is why it need not leave whenever the gate is open.
    """
    before = one.before
    if before is not None and before.digest != one.digest:
        return f"another pack was planned under edition {one.key.edition} ({before.digest[:12]})"
    if before is not None and before.state not in again:
        return f"{before.state} before"
    if before is None and "planned" not in again:
        return "it has not failed"
    return "; ".join([*door.shut, *([same] if same else [])])


def _obstacle(setting: Setting, one: Planned) -> str:
    """What has to be mended before a message can leave at all; empty where nothing has."""
    declared, recipient = setting.project.delivery, one.reader.recipient
    lacking = [form for form in recipient.formats if form not in (*one.files, LINK)]
    if lacking:
        return f"its pack has no {lacking[0]}: its layout in packs.yaml does not make one"
    if recipient.password is not None and secret(recipient.password) is None:
        return f"the secret {recipient.password} is not set, and the pack is not sent without it"
    can_be_linked = declared.link is not None and recipient.password is None
    if one.size > declared.attached_at_most_mb * MEGABYTE and not can_be_linked:
        least = f"more than {declared.attached_at_most_mb:g} (attached_at_most_mb in delivery.yaml)"
        return f"its pack has {one.size / MEGABYTE:.1f} MB, {least}, and no link can take its place"
    return ""


def _tried(last: Record | None) -> Record | None:
    """The last entry about a message; who was no recipient for a while waits for it as before."""
    is_back = last is not None and last.state == "skipped" and last.words == NO_READER
    return replace(last, state="planned") if last is not None and is_back else last


def _last_of(known: Mapping[Key, Record], arrived: Collection[Key], key: Key) -> Record | None:
    """The newest earlier edition of the same pack that its reader has had by the same way, or may have had."""
    found = (earlier(key, number) for number in range(key.edition - 1, 0, -1))
    return next((known[one] for one in found if one in arrived), None)


def _may_have_arrived(record: Record) -> bool:
    return record.state in (*HAD, "unknown") or (record.state == "skipped" and record.words == LET_BE)
