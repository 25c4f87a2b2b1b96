"""The files of a project that shape its packs and messages: templates that replace ours, assets, fonts.

Belongs here: which files these are, and which of them may be read. A link that leads out of the project is not
followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("templates", "assets", "fonts")
TEMPLATE_FOLDER = "templates/pack"
MAIL_FOLDER = "templates/email_message"
MAIL_TEMPLATES = ("message.html", "message.txt", "subject.txt")
"""The templates of messages that a project may replace, in the same way."""
_TEMPLATE_ENDINGS = (".html", ".css")
TEMPLATES = (
    "back_matter.css", "base.html", "breakdowns.html", "cascade.css", "cascade.html", "charts.html", "data.html",
    "definitions.html", "edition.html", "exception_cards.css", "exception_cards.html", "exceptions.html",
    "initiatives.html", "insight.html", "kpi_table.html", "line_of_sight.html", "one_page.css", "one_page.html",
    "pages.css", "perspective.css", "perspective.html", "perspectives.html", "scorecard.css", "scorecard.html",
    "scorecard_table.html",
    "strategy_map.css", "strategy_map.html", "style.css", "style_sheet.css", "summary.css", "summary.html",
    "tables.css", "units.html", "units_heat.html", "units_table.html", "units_below.html", "variables.css",
    "x_matrix.html",
)  # fmt: skip
"""The templates that a project may replace, each by a file of the same name in ``templates/pack/``."""


def pack_files(root: Path) -> Iterator[str]:
    """Names below the project of all files that shape its packs, in a fixed order; hidden files are none."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.is_file() and not any(part.startswith(".") for part in name.split("/")):
                yield name


def is_template(name: str) -> bool:
    """Whether the file is text that Jinja renders."""
    return name.startswith("templates/") and (name.endswith(_TEMPLATE_ENDINGS) or is_of_mail(name))


def is_of_mail(name: str) -> bool:
    """Whether the file takes part in messages, and in no pack."""
    return name.startswith(f"{MAIL_FOLDER}/")


def is_inside(root: Path, path: Path) -> bool:
    """Whether the file, links followed, lies in one of the project's folders of such files."""
    home, real = root.resolve(), path.resolve()
    return any(real.is_relative_to(home / folder) for folder in FOLDERS)
