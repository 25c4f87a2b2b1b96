"""WeasyPrint, set up once per process for packs: what it may fetch, its fonts, its style sheets.

Belongs here: everything that imports WeasyPrint. Importing this module takes a while; ``rendering.py`` does it late.
"""

from __future__ import annotations

import gc
import re
import shutil
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, lru_cache
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from cssselect2 import ElementWrapper
from weasyprint import CSS, HTML, Attachment
from weasyprint.html import HTML_HANDLERS, UA, make_replaced_box
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from report_templates.archive import complete_archive
from report_templates.bounded_svg import TooMuch, bound
from report_templates.chart_drawing import ChartImage
from report_templates.chart_reading import SVG
from report_templates.fonts import font_folder
from report_templates.link_names import name_links
from report_templates.numbers import Attached
from report_templates.quicker_printing import be_quick, written_once
from report_templates.quicker_texts import texts_kept
from scorecards.errors import DeclarationError, Problem
from scorecards.pack_files import is_inside
from scorecards.pack_images import ENTITIES, ImageFlaw, image_flaw

ROOM = Path(__file__).parent
_CONSEQUENCE = "The pack is not rendered."
# The elements that HTML does not close.
_EMPTY_ELEMENT = re.compile(r"<((?:br|meta|img|hr)\b[^>]*[^/>]|(?:br|hr|wbr))>")


def print_document(
    document: str,
    style_sheet: str,
    identifier: bytes,
    root: Path | None = None,
    most_pages: int | None = None,
    attached: Sequence[Attached] = (),
) -> tuple[bytes, int] | None:
    """Print HTML as PDF/UA-1; returns its bytes and its number of pages, None where these are more than allowed.

    With files ``attached`` it is PDF/A-3a as well. ``identifier`` is the file's identifier, so that equal input gives
    equal bytes. ``root`` is the project whose templates, assets and fonts may be read, and to which addresses are
    relative. Raises ``DeclarationError`` where anything else is asked for.
    """
    with _no_collection_meanwhile(), texts_kept():
        try:
            return _printed(
                document, style_sheet, identifier, root, most_pages, [_attachment(each) for each in attached]
            )
        except FatalURLFetchingError as error:
            if root is None:
                raise
            what = f"{error.__cause__ or error}".replace(root.resolve().as_uri() + "/", "")
            remedy = "Name a file in assets/ or fonts/."
            if isinstance(error, TooMuch):
                remedy = "Draw it with fewer elements."
            elif isinstance(error.__cause__, _Flawed):
                remedy = error.__cause__.flaw.remedy
            raise _not_printed(what, remedy) from error


def _not_printed(what: str, remedy: str) -> DeclarationError:
    return DeclarationError([Problem("templates", 0, "", f"cannot be printed: {what}.", remedy)], _CONSEQUENCE)


def _printed(
    document: str,
    style_sheet: str,
    identifier: bytes,
    root: Path | None,
    most_pages: int | None,
    attached: list[Attachment],
) -> tuple[bytes, int] | None:
    if "<!ENTITY" in document:
        raise _not_printed(f"the page {ENTITIES}", "Take <!ENTITY out of the template.")
    options = {"pdf_variant": "pdf/a-3a" if attached else "pdf/ua-1", "pdf_identifier": identifier}
    html = _PackHTML(document, root)
    fonts, styles = _parsed(style_sheet, root, tempfile.gettempdir())
    pages = html.render(font_config=fonts, stylesheets=[styles], **options)
    if most_pages is not None and len(pages.pages) > most_pages:
        return None
    data = pages.write_pdf(finisher=_finished if attached else written_once, attachments=attached or None, **options)
    assert isinstance(data, bytes)
    return data, len(pages.pages)


def _attachment(file: Attached) -> Attachment:
    made = datetime(file.made.year, file.made.month, file.made.day, tzinfo=UTC)
    return Attachment(
        string=file.content, name=file.name, description=file.description, created=made, modified=made,
        relationship="Data",
    )  # fmt: skip


def _finished(document: object, pdf: Any) -> None:
    complete_archive(document, pdf)
    written_once(document, pdf)


class OwnFilesOnly(URLFetcher):  # type: ignore[misc]
    """Gives out fonts, this room's files and those that shape a project's packs; nothing else, nothing from a network.

    Links are followed before it is decided.
    """

    def __init__(self, root: Path | None = None, **settings: bool) -> None:
        super().__init__(**settings)
        self.root = root

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The file's content. Raises ``ValueError`` for any other address."""
        parts = urlsplit(url)
        path = Path(unquote(parts.path)).resolve()
        is_ours = any(path.is_relative_to(folder.resolve()) for folder in (font_folder(), ROOM))
        is_own = self.root is not None and is_inside(self.root, path)
        if parts.scheme != "file" or parts.netloc or not (is_ours or is_own):
            raise ValueError(f"a pack may only use its own fonts and files, not {url}")
        content = path.read_bytes()
        if is_own and (flaw := image_flaw(path.name, content)):
            raise _Flawed(path, flaw)
        return URLFetcherResponse(path.as_uri(), content)


class _Flawed(ValueError):
    """A file of the project that cannot be shown."""

    def __init__(self, path: Path, flaw: ImageFlaw) -> None:
        super().__init__(f"{path.as_uri()} {flaw.what}")
        self.flaw = flaw


class _PackHTML(HTML):  # type: ignore[misc]
    """A pack's HTML, read as XML, with a built-in style sheet that lacks the rules for footnotes.

    Our templates close what they open, so that the same tree comes forty times sooner from the parser of XML than from
    WeasyPrint's parser of HTML. Packs have no footnotes, whose rules WeasyPrint would apply to every element. Each
    saves a tenth of the time of printing.
    """

    def __init__(self, document: str, root: Path | None = None) -> None:
        address = _address(root)
        try:
            tree = ElementTree.fromstring(_EMPTY_ELEMENT.sub(r"<\1/>", document))
        except ElementTree.ParseError:
            # Names and comments may hold control characters, which XML does not know.
            super().__init__(string=document, base_url=address, url_fetcher=_fetcher(root))
            return
        _set_charts_aside(tree)
        self.base_url, self.url_fetcher, self.media_type = address, _fetcher(root), "print"
        self.wrapper_element = ElementWrapper.from_html_root(tree, content_language=None)
        self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return [_built_in_styles()]


# The inline SVGs of the document that is printed, by the elements that stand for them in its tree.
_charts: dict[ElementTree.Element, ElementTree.Element] = {}


def _set_charts_aside(tree: ElementTree.Element) -> None:
    """Leave of every chart its size and its title: WeasyPrint would look up styles for each line of it, for nothing."""
    _charts.clear()
    for parent in tree.iter():
        for place, element in enumerate(parent):
            if element.tag == f"{SVG}svg":
                held = ElementTree.Element(element.tag, element.attrib)
                held.extend(element.findall(f"{SVG}title"))
                held.tail = element.tail
                parent[place] = held
                _charts[held] = element


def _chart_box(element: ElementTree.Element, box: Any, get_image: Any, base_url: str) -> list[Any]:
    known = get_image.keywords
    image = ChartImage(_charts.get(element, element), base_url, known["url_fetcher"], known["context"])
    return [make_replaced_box(element, box, image)]


HTML_HANDLERS[f"{SVG}svg"] = _chart_box
be_quick()
bound()
name_links()


@cache
def _built_in_styles() -> CSS:
    """WeasyPrint's own style sheet with the same rules, less those for notes, tried only where they can fit."""
    rules = re.sub(r"^::(footnote|note)-[^\n]*\n", "", UA, flags=re.MULTILINE)
    rules = re.sub(r"^::marker\b", "li::marker", rules, flags=re.MULTILINE)
    rules = re.sub(r"^:link\b", "a:link", rules, flags=re.MULTILINE)
    return CSS(string=re.sub(r"^:is\((\w+(?:, \w+)+)\)([^{]*)(?= {)", _one_by_one, rules, flags=re.MULTILINE))


def _one_by_one(selector: re.Match[str]) -> str:
    return ", ".join(f"{name}{selector[2]}" for name in selector[1].split(", "))


# As many as layouts are printed by turns; each holds its fonts.
@lru_cache(maxsize=6)
def _parsed(style_sheet: str, root: Path | None, _temporary_folder: str) -> tuple[FontConfiguration, CSS]:
    """The fonts and the styles.

    WeasyPrint puts the fonts where temporary files lie and reads them there later: where temporary files lie elsewhere
    by now, the fonts are put there anew. It takes them away when they are collected, which commands leave out at their
    end.
    """
    fonts = FontConfiguration()
    styles = CSS(
        string=_without_variables(style_sheet),
        font_config=fonts,
        url_fetcher=_fetcher(root),
        base_url=_address(root),
    )
    if fonts._folder is not None:
        Finalize(None, shutil.rmtree, (fonts._folder, True), exitpriority=0)
    return fonts, styles


def _without_variables(style_sheet: str) -> str:
    """The style sheet with the values of its variables in their places: WeasyPrint would do so at every element."""
    values = dict(re.findall(r"^\s*(--[\w-]+):\s*(.*);$", style_sheet, flags=re.MULTILINE))
    return re.sub(r"var\((--[\w-]+)\)", lambda found: values.get(found[1], found[0]), style_sheet)


@lru_cache(maxsize=16)
def _fetcher(root: Path | None) -> OwnFilesOnly:
    return OwnFilesOnly(root, fail_on_errors=True)


def _address(root: Path | None) -> str:
    """What addresses in a pack are relative to."""
    return (ROOM if root is None else root.resolve()).as_uri() + "/"


@contextmanager
def _no_collection_meanwhile() -> Iterator[None]:
    """Hold back the cyclic garbage collector while a document is made, and collect it when it is written.

    One document is all live until then, so that passes find nothing; what they find alive they look through again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect(0)
        if was_enabled:
            gc.enable()
