"""The outbox: messages as files, and a page on which they are looked at. Nothing leaves the machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from pipelines.delivery.transport import Answer
from report_templates.outbox_page import ShownMessage, outbox_page
from warehouse.home import Home, replace_bytes

PAGE = "index.html"


@dataclass
class Outbox:
    """Writes every message as an .eml file into a folder of the outbox."""

    home: Home
    folder: str
    sender: str = "scorepack@localhost"
    name: str = "outbox"

    def send(self, message: EmailMessage, to: str, file_name: str, before_the_end: Callable[[], object]) -> Answer:
        """Write the message whole or not at all."""
        path = self.home.outbox / self.folder / file_name
        before_the_end()
        try:
            replace_bytes(path, message.as_bytes())
        except OSError as error:
            # Of a file it is known that it is not there.
            return Answer("failed", f"the outbox cannot be written: {error.strerror}", is_of_server=True)
        return Answer("written", path.relative_to(self.home.root).as_posix())

    def close(self) -> None:
        """Bring the page of the folder up to date with its messages."""
        folder = self.home.outbox / self.folder
        if folder.is_dir():
            replace_bytes(
                folder / PAGE, outbox_page(self.folder, [_shown(path) for path in sorted(folder.glob("*.eml"))])
            )


def _shown(path: Path) -> ShownMessage:
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    html, text = message.get_body(("html",)), message.get_body(("plain",))
    return ShownMessage(
        file=path.name,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        date=str(message["Date"]),
        attached=tuple(part.get_filename() or "" for part in message.iter_attachments()),
        html=html.get_content() if html is not None else "",
        text=text.get_content() if text is not None else "",
    )
