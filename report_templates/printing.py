"""WeasyPrint, set up once per process for packs: what it may fetch, its fonts, its style sheets.

Belongs here: everything that imports WeasyPrint. Importing this module takes a while; ``rendering.py`` does it late.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from weasyprint import CSS, HTML
from weasyprint.html import UA
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from report_templates.fonts import font_folder

ROOM = Path(__file__).parent


def print_document(document: str, style_sheet: str, identifier: bytes) -> tuple[bytes, int]:
    """Print HTML as PDF/UA-1; returns its bytes and its number of pages.

    ``identifier`` is the file's identifier, so that equal input gives equal bytes.
    """
    with _no_collection_meanwhile():
        html = _PackHTML(string=document, base_url=ROOM.as_uri() + "/", url_fetcher=_fetcher())
        options = {"pdf_variant": "pdf/ua-1", "pdf_identifier": identifier}
        pages = html.render(font_config=_font_configuration(), stylesheets=[_parsed(style_sheet)], **options)
        data = pages.write_pdf(**options)
    assert isinstance(data, bytes)
    return data, len(pages.pages)


class OwnFilesOnly(URLFetcher):  # type: ignore[misc]
    """Gives out fonts and this room's files, nothing else and nothing from a network."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The file's content. Raises ``ValueError`` for any other address."""
        parts = urlsplit(url)
        path = Path(unquote(parts.path)).resolve()
        allowed = (font_folder().resolve(), ROOM.resolve())
        if parts.scheme != "file" or not any(path.is_relative_to(folder) for folder in allowed):
            raise ValueError(f"a pack may only use its own fonts and files, not {url}")
        return URLFetcherResponse(path.as_uri(), path.read_bytes())


class _PackHTML(HTML):  # type: ignore[misc]
    """HTML whose built-in style sheet lacks the rules for footnotes, which WeasyPrint would apply to every element.

    Packs have no footnotes; without these rules a pack is printed a tenth faster.
    """

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return [_built_in_styles()]


@cache
def _built_in_styles() -> CSS:
    without_notes = re.sub(r"^::(footnote|note)-[^\n]*\n", "", UA, flags=re.MULTILINE)
    return CSS(string=without_notes, font_config=_font_configuration())


@cache
def _parsed(style_sheet: str) -> CSS:
    return CSS(
        string=style_sheet, font_config=_font_configuration(), url_fetcher=_fetcher(), base_url=ROOM.as_uri() + "/"
    )


@cache
def _font_configuration() -> FontConfiguration:
    return FontConfiguration()


@cache
def _fetcher() -> OwnFilesOnly:
    return OwnFilesOnly(fail_on_errors=True)


@contextmanager
def _no_collection_meanwhile() -> Iterator[None]:
    """Hold back the cyclic garbage collector.

    One document is all live until it is written, so its passes find nothing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
