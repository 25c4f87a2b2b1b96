"""The catalogues of messages: what code and templates of ``report_templates`` say, for translation.

Run by ``make docs``: writes ``locales/scorepack.pot`` and brings every language's ``scorepack.po`` up to date. New
messages are left empty, and those that nobody says any more go; no clock and no line numbers, so that only changed
words change a file.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from report_templates.language import CATALOGUES

ROOM = CATALOGUES.parent
TEMPLATE = CATALOGUES / "scorepack.pot"
_METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
_JINJA = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}
_OPTIONS = {"**.html": _JINJA, "**.txt": _JINJA}
# What the code calls beside gettext's own names; the number is the argument's place.
_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None, "gettext": None, "say": None, "mark": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2),
}  # fmt: skip


def template() -> Catalog:
    """All messages of the room, in alphabetical order of their files."""
    catalogue = Catalog(project="Scorepack", charset="utf-8", fuzzy=False)
    found = extract_from_dir(ROOM, _METHODS, _OPTIONS, _KEYWORDS, ("NOTE:",), strip_comment_tags=True)
    for file, _, message, comments, context in sorted(found, key=lambda each: (each[0], each[1])):
        catalogue.add(message, None, [(file, 1)], auto_comments=comments, context=context)
    return catalogue


def updated(path: Path, messages: Catalog) -> Catalog:
    """The catalogue of a language with these messages: translations are kept, new messages are empty."""
    with path.open("rb") as file:
        catalogue = read_po(file)
    catalogue.update(messages, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def text(catalogue: Catalog, header: bytes) -> bytes:
    """The file of a catalogue, under the header that it has."""
    written = BytesIO()
    write_po(written, catalogue, width=100, include_lineno=False, omit_header=True, sort_output=False)
    return header + b"\n" + written.getvalue()


def header_of(path: Path) -> bytes:
    """The first entry of a catalogue as it stands: who translated it, and the language's rule for plurals."""
    return path.read_bytes().split(b"\n\n")[0] + b"\n"


_HEADER = b"""# The messages of Scorepack's packs, messages and terminal scorecards.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"""


def files() -> dict[Path, bytes]:
    """Every file as it should be: the template, and one for each language."""
    messages = template()
    found = {TEMPLATE: text(messages, _HEADER)}
    for path in sorted(CATALOGUES.glob("*/LC_MESSAGES/scorepack.po")):
        found[path] = text(updated(path, messages), header_of(path))
    return found
