"""What messages say of the packs of an edition, frozen with it: later runs change the tables, but not these words.

Belongs here: keeping and finding them. What they say is ``report_templates.pack_message``.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from pipelines.steps.setting import Setting
from report_templates.language import ENGLISH, language, languages
from report_templates.pack_message import PackMessage, message_of
from transforms.pack import Pack
from warehouse.editions import Edition, pack_name
from warehouse.home import Home
from warehouse.landing import intact, land_bytes

_MESSAGE = TypeAdapter(PackMessage)
Messages = Mapping[tuple[str, str], Mapping[str, PackMessage]]
"""By scorecard and unit, and then by locale."""


def freeze_messages(setting: Setting, packs: Sequence[Pack]) -> str:
    """Keep what is said of each pack in every language that a reader may have; returns the digest of the object."""
    wishes = (*setting.project.recipients, *setting.project.roles)
    asked = [one.language for one in wishes if one.language]
    found = {}
    for pack in packs:
        wanted = sorted({language(one).locale for one in (pack.locale, ENGLISH, *languages(), *asked)})
        said = {locale: _MESSAGE.dump_python(message_of(pack, locale), mode="json") for locale in wanted}
        found[pack_name(pack.scorecard, pack.unit)] = {"locale": language(pack.locale).locale, "said": said}
    return land_bytes(setting.home, _packed(found))


def messages_without(home: Home, edition: Edition, names: Collection[str]) -> bytes:
    """The object of an edition's messages without those of some packs, by ``pack_name``."""
    found = _unpacked(home, edition.messages)
    return _packed({name: said for name, said in found.items() if name not in names})


def _packed(messages: Mapping[str, object]) -> bytes:
    return zlib.compress(json.dumps(messages, sort_keys=True, ensure_ascii=False).encode(), 9)


def _unpacked(home: Home, digest: str) -> dict[str, Any]:
    return dict(json.loads(zlib.decompress(intact(home, digest).read_bytes())))


def frozen_messages(home: Home, edition: Edition) -> Messages:
    """What is said of each pack of an edition. The pack's own language stands first."""
    return _messages(home.in_full, edition.messages)


# Planning and sending ask for the same ones, and for those of the editions that a reader has not had.
@lru_cache(maxsize=8)
def _messages(home: Home, digest: str) -> Messages:
    found = _unpacked(home, digest)
    messages = {}
    for name, kept in found.items():
        card, _, unit = name.partition("/")
        order = sorted(kept["said"], key=lambda locale, own=kept["locale"]: (locale != own, locale))  # type: ignore[misc]
        messages[card, unit] = {locale: _MESSAGE.validate_python(kept["said"][locale]) for locale in order}
    return messages


def in_language(said: Mapping[str, PackMessage], wanted: str | None) -> PackMessage:
    """The message in a language, or in the nearest: of another region, else the pack's own."""
    own = next(iter(said.values()))
    if wanted is None:
        return own
    exact = said.get(language(wanted).locale)
    near = [one for locale, one in said.items() if locale[:2] == wanted[:2]]
    return exact or next(iter(near), own)
