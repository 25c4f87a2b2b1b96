"""``packs.yaml``: how packs look, and which unit's scorecard looks how.

Belongs here: the declarations. How a page is filled is ``report_templates``; that files and units exist is
``check_packs.py``.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from scorecards.base import Declared, Id, Names, UnitSelector

PageName = Literal[
    "one_page", "summary", "scorecard", "strategy_map", "x_matrix", "exceptions", "perspectives", "breakdowns", "units",
    "cascade", "initiatives", "edition", "definitions", "data",
]  # fmt: skip
PAGE_NAMES: tuple[PageName, ...] = get_args(PageName)
Paper = Literal["A3", "A4", "A5", "Letter", "Legal", "Tabloid"]
Orientation = Literal["landscape", "portrait"]
# Short side and long side, in millimetres.
PAPERS: dict[Paper, tuple[float, float]] = {
    "A3": (297.0, 420.0), "A4": (210.0, 297.0), "A5": (148.0, 210.0), "Letter": (215.9, 279.4),
    "Legal": (215.9, 355.6), "Tabloid": (279.4, 431.8),
}  # fmt: skip
STANDARD = "standard"
Format = Literal["pdf", "html", "xlsx"]
PDF: Format = "pdf"
Locale = Annotated[str, StringConstraints(pattern="^[a-z]{2}(_[A-Z]{2})?$")]
_MOST_MARGIN = 40.0


def in_language(form: Format, locale: str) -> str:
    """What the file of a format in a further language is called where files are listed: ``de_DE.pdf``."""
    return f"{locale}.{form}"


def file_name(scorecard: str, unit: str, form: str) -> str:
    """What a run calls a pack's file, by its form as files are listed: ``company-retail.de_DE.pdf``."""
    return f"{scorecard}-{unit}.{form}"


def language_of(form: str) -> str:
    """The further language of a file; empty for one in the pack's own."""
    return form.rpartition(".")[0]


def kind_of(form: str) -> Format:
    """The format of a file, in whichever language it is."""
    found: Format = next(one for one in get_args(Format) if one == form.rpartition(".")[2])
    return found


def _millimetres(value: Any) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(mm|cm|in)", value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"'{value}' is not a length; write it as 12mm, 1.2cm or 0.5in")
    length = float(found[1]) * {"mm": 1.0, "cm": 10.0, "in": 25.4}[found[2]]
    if length > _MOST_MARGIN:
        raise ValueError(f"'{value}' leaves no room for a page; the most is {_MOST_MARGIN:g}mm")
    return length


def _formats(formats: tuple[Format, ...] | None) -> tuple[Format, ...] | None:
    if formats is not None and PDF not in formats:
        raise ValueError("every pack has its PDF; add pdf")
    return None if formats is None else tuple(dict.fromkeys(formats))


def _each_side(value: Any) -> Any:
    return dict.fromkeys(("top", "right", "bottom", "left"), value) if isinstance(value, str) else value


def _colour(text: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError(f"'{text}' is not a colour; write it as #1b2430 (in quotes, or YAML takes it for a comment)")
    return text.lower()


def _below(folder: str, endings: tuple[str, ...]) -> AfterValidator:
    def check(text: str) -> str:
        parts = text.split("/")
        if parts[0] != folder or len(parts) < 2 or ".." in parts or "" in parts or "\\" in text:
            raise ValueError(f"'{text}' is not a file in {folder}/ of the project; write it as {folder}/NAME")
        if not text.lower().endswith(endings):
            raise ValueError(f"'{text}' does not end in {', '.join(endings)}")
        return text

    return AfterValidator(check)


Length = Annotated[float, BeforeValidator(_millimetres, json_schema_input_type=str)]
Colour = Annotated[str, AfterValidator(_colour)]
Logo = Annotated[str, _below("assets", (".svg", ".png", ".jpg", ".jpeg"))]
FontFile = Annotated[str, _below("fonts", (".ttf", ".otf", ".woff", ".woff2"))]


class Margins(Declared):
    """White space round a page; the running head and foot stand inside of it, in room of their own."""

    top: Length = Field(12.0, description="Above the running head.")
    right: Length = Field(12.0, description="At the right.")
    bottom: Length = Field(12.0, description="Below the running foot.")
    left: Length = Field(12.0, description="At the left.")


class Colours(Declared):
    """Colours by what they are used for, as #rrggbb; those that are left out stay ours.

    `check` refuses those that cannot be read on paper and on their tints.
    """

    ink: Colour | None = Field(None, description="Text, this month's figures. Contrast with paper at least 7.")
    grey: Colour | None = Field(None, description="Secondary text. Contrast with paper at least 4.5.")
    rule: Colour | None = Field(None, description="Thin lines between rows.")
    soft: Colour | None = Field(None, description="The ground of group rows and usual ranges.")
    column: Colour | None = Field(None, description="Columns and lines of earlier months. Contrast at least 3.")
    good: Colour | None = Field(None, description="The status good: words and marks. Contrast at least 4.5.")
    warning: Colour | None = Field(None, description="The status warning, likewise.")
    bad: Colour | None = Field(None, description="The status bad, likewise.")


class Font(Declared):
    """A typeface of your own: two files in `fonts/`. Signs that it lacks come from the built-in Inter."""

    regular: FontFile = Field(description="The file of the regular cut, such as fonts/Acme-Regular.ttf.")
    bold: FontFile = Field(description="The file of the bold cut.")


class Style(Declared):
    """What layouts share: paper, margins, logo, colours, typeface, files. A layout may say otherwise, key by key."""

    paper: Paper | None = Field(None, description="Paper size; none given: A4.")
    margins: Annotated[Margins | None, BeforeValidator(_each_side, json_schema_input_type=str | Margins | None)] = (
        Field(None, description="One length such as 12mm for all sides, or one for each; none given: 12mm.")
    )
    logo: Logo | None = Field(
        None, description="A file in `assets/`, such as assets/logo.svg; at the head of each page."
    )
    colours: Colours | None = Field(None, description="Colours that replace ours.")
    font: Font | None = Field(None, description="A typeface of your own; none given: Inter.")
    formats: Annotated[tuple[Format, ...] | None, AfterValidator(_formats)] = Field(
        None,
        description="The files of each pack: `pdf`, which is always among them; `html`, one page for a browser; "
        "`xlsx`, a workbook. None given: `[pdf]`.",
    )
    languages: tuple[Locale, ...] | None = Field(
        None,
        description="Further languages in which the files of each pack are made, such as `[de_DE]`: readers whose "
        "language it is receive those. None given: the project's own alone.",
    )
    archive: bool | None = Field(
        None,
        description="Whether the PDF is one for archives, PDF/A-3 as well as PDF/UA-1, with its numbers attached as "
        "CSV and JSON; none given: no.",
    )


class Layout(Style):
    """One way in which packs look."""

    name: str = Field("", description="What the layout is called, for you.")
    pages: tuple[PageName, ...] = Field(
        description="The pages in their order. A page that has nothing to show is left out. `one_page` stands alone: "
        "headline, scores, every KPI, exceptions and promises on a single page."
    )
    orientation: Orientation = Field("landscape", description="How the paper lies.")

    @model_validator(mode="after")
    def _pages_are_sound(self) -> Layout:
        if not self.pages:
            raise ValueError("a layout needs at least one page")
        twice = [page for page in PAGE_NAMES if self.pages.count(page) > 1]
        if twice:
            raise ValueError(f"the page '{twice[0]}' stands there twice")
        if "one_page" in self.pages and len(self.pages) > 1:
            raise ValueError("'one_page' stands alone; use 'summary' and 'scorecard' with other pages")
        return self

    @property
    def is_one_page(self) -> bool:
        """Whether its packs have a single page, whatever stands on it."""
        return self.pages == ("one_page",)


class PackUse(Declared):
    """Which packs have a layout: all conditions must hold."""

    layout: Id = Field(description="The layout, by id.")
    scorecards: Names = Field((), description="Only these scorecards' packs; none given: those of all.")
    units: UnitSelector = Field(UnitSelector(), description="Only packs of these units; none given: of all.")


STANDARD_LAYOUT = Layout(
    name="Standard",
    pages=(
        "summary", "strategy_map", "perspectives", "breakdowns", "units", "initiatives", "edition", "definitions",
        "data",
    ),
)  # fmt: skip


class Packs(Declared):
    """The whole of `packs.yaml`. Without it every pack has the layout `standard`."""

    style: Style = Field(Style(), description="What every layout takes that does not say otherwise.")
    layouts: dict[Id, Layout] = Field(
        default={}, description="Layouts by id. `standard` is there without being declared, and may be declared anew."
    )
    use: tuple[PackUse, ...] = Field(
        (), description="The first that fits a pack gives its layout; a pack that none fits has `standard`."
    )

    @property
    def layout_ids(self) -> list[str]:
        """Ids of all layouts, the standard one with them."""
        return list(dict.fromkeys([*self.layouts, STANDARD]))

    def layout(self, layout_id: str) -> Layout:
        """A layout, with what it leaves open taken from the common style."""
        own = self.layouts.get(layout_id, STANDARD_LAYOUT)
        shared = {name: getattr(self.style, name) for name in Style.model_fields if getattr(own, name) is None}
        if own.colours is not None and self.style.colours is not None:
            said = self.style.colours.model_dump(exclude_none=True) | own.colours.model_dump(exclude_none=True)
            shared["colours"] = Colours(**said)
        return own.model_copy(update=shared)
