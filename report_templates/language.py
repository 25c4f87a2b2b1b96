"""The language in which a pack speaks: its sentences through gettext, its figures and days by the locale's customs.

Belongs here: finding the catalogue of a locale, and the customs (CLDR, as Babel brings it) that go with it. What is
said stands where it is said, in British English, which is the message's identity; translations are in
``locales/<language>/LC_MESSAGES/scorepack.po``. The locale is the pack's, never the machine's.

Every message is filled by name (``%(score)s``), so that a translation may order its parts as its grammar wants; a
percent sign is written twice.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

ENGLISH = "en_GB"
CATALOGUES = Path(__file__).parent / "locales"
_FILE = Path("LC_MESSAGES", "scorepack.po")


@dataclass(frozen=True)
class Language:
    """A language with its catalogue, and the locale whose customs it follows.

    Called with a message it gives that in the language. ``tag`` names it as HTML and PDF do: ``de-DE``.
    """

    locale: str
    catalogue: gettext.NullTranslations

    def __call__(self, message: str, /, **named: object) -> str:
        """The message in this language, filled."""
        return self.catalogue.gettext(message) % named

    def ngettext(self, one: str, several: str, count: int, /, **named: object) -> str:
        """The form of the message that goes with ``count``, which is filled in beside the other values."""
        return self.catalogue.ngettext(one, several, count) % {"count": count, **named}

    def pgettext(self, context: str, message: str, /, **named: object) -> str:
        """The message in the meaning that it has in a context."""
        return self.catalogue.pgettext(context, message) % named

    def listed(self, names: Sequence[str]) -> str:
        """``Financial, Customer and Learning``."""
        if len(names) < 2:
            return "".join(names)
        say = self
        return say("%(names)s and %(last)s", names=", ".join(names[:-1]), last=names[-1])

    @property
    def is_english(self) -> bool:
        """Whether the words are the messages themselves."""
        return self.locale.startswith("en")

    @property
    def tag(self) -> str:
        """The language tag of what is written in it."""
        return self.locale.replace("_", "-")

    @cached_property
    def customs(self) -> Locale:
        """The customs of the locale: month names, separators, the order of a day's parts."""
        return _customs(self.locale)


def mark(message: str) -> str:
    """The message as it is, for the catalogue to know; it is translated where it is shown."""
    return message


@cache
def language(locale: str) -> Language:
    """The language of a locale; where no catalogue speaks it, English with its own customs.

    A region that is not known (``de_XX``) has the customs of the language. A locale may be any text: it names a
    catalogue only where it is the name of one.
    """
    wanted = locale.replace("-", "_")
    code, _, region = wanted.partition("_")
    if code.lower() == "en":
        return Language(f"en_{region.upper()}" if region.isalpha() else ENGLISH, gettext.NullTranslations())
    spoken = set(languages())
    name = next((name for name in (wanted, code) if name in spoken), None)
    if name is None:
        return Language(ENGLISH, gettext.NullTranslations())
    return Language(_known(wanted), _catalogue(CATALOGUES / name / _FILE))


def languages() -> Iterator[str]:
    """The languages that have a catalogue, English apart."""
    return (path.parent.parent.name for path in sorted(CATALOGUES.glob(f"*/{_FILE}")))


@cache
def _catalogue(path: Path) -> gettext.NullTranslations:
    # Compiled in memory, which takes some hundredths of a second: nothing binary is kept, and nothing can be stale.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _known(locale: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(locale))
    except (UnknownLocaleError, ValueError):
        return locale.partition("_")[0]


@cache
def _customs(locale: str) -> Locale:
    from babel import Locale

    return Locale.parse(locale)
