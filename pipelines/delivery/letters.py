"""From a planned message to its parts: the words in the reader's language, the file attached, or a link to it."""

from __future__ import annotations

import io
from dataclasses import replace

from pipelines.delivery.compose import Parts, attachment_name
from pipelines.delivery.plan import LINK, MEGABYTE, Planned
from pipelines.delivery.secrets import secret
from pipelines.steps.pack_messages import Messages, frozen_messages, in_language
from pipelines.steps.setting import Setting
from report_templates.email import Letter
from report_templates.look import Look, mail_look
from report_templates.pack_message import PackMessage, without_figures, without_standing
from scorecards.errors import CallError
from scorecards.packs import PDF, file_name
from scorecards.people import Recipient
from scorecards.periods import period_text
from warehouse.editions import editions
from warehouse.landing import intact

# Readers of one pack stand together: so many files are kept in memory.
_AT_MOST = 6


class Letters:
    """Makes the parts of the messages of an edition; looks and packs that many messages share are read once."""

    def __init__(self, setting: Setting, messages: Messages) -> None:
        self._setting, self._messages = setting, messages
        self._looks: dict[str, Look] = {}
        self._read: dict[str, bytes] = {}

    def parts(self, one: Planned, proof_for: str = "") -> Parts:
        """What the message of a plan is made of."""
        recipient, key = one.reader.recipient, one.key
        said = in_language(self._messages[key.scorecard, key.unit], recipient.language)
        if one.corrects:
            said = replace(said, restated=self._restated(one, said))
        if recipient.password is not None:
            said = without_figures(said)
        elif one.is_private:
            said = without_standing(said)
        # A proof copy is of no edition, but its files are named as they would be.
        shown = replace(one, key=replace(key, edition=said.edition))
        files, link = self._files(shown), self._link(shown)
        letter = Letter(
            recipient=recipient.name,
            attached=tuple(name for name, _ in files),
            link=link,
            corrects=one.corrects,
            is_encrypted=bool(files) and recipient.password is not None,
            proof_for=proof_for,
        )
        return Parts(said, letter, files, self._look(one), one.digest, one.had.digest if one.had else "")

    def _restated(self, one: Planned, said: PackMessage) -> str:
        """What all editions change since the one that the reader has, in one sentence each."""
        between = range(one.corrects + 1, said.edition)
        told = []
        for edition in editions(self._setting.home, one.key.period) if between else ():
            messages = frozen_messages(self._setting.home, edition).get((one.key.scorecard, one.key.unit))
            if edition.number in between and messages is not None:
                told.append(in_language(messages, one.reader.recipient.language).restated)
        return " ".join([*told, said.restated])

    def _files(self, one: Planned) -> tuple[tuple[str, bytes], ...]:
        if self._is_too_large(one):
            return ()
        contents = {form: self._content(one.files[form][0]) for form in one.attached}
        if PDF in contents:
            contents[PDF] = _encrypted(contents[PDF], one.reader.recipient)
        return tuple((attachment_name(one.key, one.forms[form]), content) for form, content in contents.items())

    def _link(self, one: Planned) -> str:
        address = self._setting.project.delivery.link
        if address is None or not (self._is_too_large(one) or LINK in one.reader.recipient.formats):
            return ""
        key = one.key
        return address.format(
            period=period_text(key.period), scorecard=key.scorecard, unit=key.unit, edition=key.edition,
            file=file_name(key.scorecard, key.unit, one.forms[PDF]),
        )  # fmt: skip

    def _is_too_large(self, one: Planned) -> bool:
        return one.size > self._setting.project.delivery.attached_at_most_mb * MEGABYTE

    def _content(self, digest: str) -> bytes:
        if digest not in self._read:
            while len(self._read) >= _AT_MOST:
                del self._read[next(iter(self._read))]
            self._read[digest] = intact(self._setting.home, digest).read_bytes()
        return self._read[digest]

    def _look(self, one: Planned) -> Look:
        project = self._setting.project
        layout_id, layout = project.layout_of(one.key.scorecard, one.key.unit, one.key.period)
        if layout_id not in self._looks:
            self._looks[layout_id] = mail_look(project.root, layout)
        return self._looks[layout_id]


def proof(one: Planned, address: str) -> Planned:
    """The same message, locked where it is, as a proof copy for another address: no edition of it is sent by that."""
    recipient = one.reader.recipient.model_copy(update={"email": address})
    key = replace(one.key, edition=0, recipient=address.lower())
    return replace(one, key=key, reader=replace(one.reader, recipient=recipient), before=None, held="")


def _encrypted(content: bytes, recipient: Recipient) -> bytes:
    """The PDF, with AES-256 where the recipient has a password; without it nobody can open it."""
    if recipient.password is None:
        return content
    password = secret(recipient.password)
    if password is None:
        raise CallError(f"The secret {recipient.password} is not set.")
    try:
        import pikepdf
    except ImportError:
        raise CallError("Encrypting packs needs the package pikepdf: pip install 'scorepack[delivery]'.") from None
    # No signs of the owner's: the same password opens it for all that its reader may do.
    locked = pikepdf.Encryption(owner=password, user=password, R=6, aes=True)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        written = io.BytesIO()
        pdf.save(written, encryption=locked)
    return written.getvalue()
