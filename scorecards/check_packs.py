"""Rules about ``packs.yaml`` and the files that shape packs: names, sound templates.

Belongs here: what is known before a page is drawn. Errors inside a template that show only when it is filled are told
by the rendering itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scorecards.check_colours import check_colours
from scorecards.check_strategy import check_selector
from scorecards.errors import Problem, did_you_mean
from scorecards.pack_files import (
    MAIL_FOLDER,
    MAIL_TEMPLATES,
    TEMPLATE_FOLDER,
    TEMPLATES,
    is_inside,
    is_template,
    pack_files,
)
from scorecards.pack_images import IMAGES, image_flaw
from scorecards.packs import Colours, Style
from scorecards.project import Place, Project
from scorecards.yaml_reader import KeyPath

FILE = "packs.yaml"


def check_packs(project: Project) -> Iterator[Problem]:
    """Problems of layouts, of their use, and of the project's own templates, assets and fonts."""
    place, packs = project.places[FILE], project.packs
    yield from _style(project, place, ("style",), packs.style, None)
    for layout_id, layout in packs.layouts.items():
        yield from _style(project, place, ("layouts", layout_id), layout, packs.style.colours)
    for index, use in enumerate(packs.use):
        at: KeyPath = ("use", index)
        if use.layout not in packs.layout_ids:
            message = f"'{use.layout}' is not a layout."
            yield place.problem((*at, "layout"), message, did_you_mean(use.layout, packs.layout_ids))
        yield from place.unknown((*at, "scorecards"), use.scorecards, list(project.strategy.scorecards), "scorecard")
        yield from check_selector(place, project, (*at, "units"), use.units)
        if not use.scorecards and use.units.model_fields_set == set() and index < len(packs.use) - 1:
            yield place.problem(at, "fits every pack: what stands below it never counts.", "Put it last.", "warning")
    for layout_id in packs.layouts:
        if layout_id != "standard" and all(use.layout != layout_id for use in packs.use):
            message = "is used by no pack."
            yield place.problem(("layouts", layout_id), message, "Name it under 'use', or delete it.", "warning")
    yield from check_pack_files(project.root)


def check_pack_files(root: Path) -> Iterator[Problem]:
    """Problems of the files that shape packs, whatever is declared elsewhere."""
    for name in pack_files(root):
        yield from _file(root, name)


def _style(project: Project, place: Place, at: KeyPath, style: Style, shared: Colours | None) -> Iterator[Problem]:
    named: list[tuple[KeyPath, str | None]] = [(("logo",), style.logo)]
    if style.font is not None:
        named += [(("font", "regular"), style.font.regular), (("font", "bold"), style.font.bold)]
    for key, name in named:
        if name is not None and not (project.root / name).is_file():
            near = [each for each in pack_files(project.root) if each.split("/")[0] == name.split("/")[0]]
            yield place.problem((*at, *key), f"'{name}' does not exist.", did_you_mean(name, near))
    if style.colours is not None:
        yield from check_colours(place, (*at, "colours"), style.colours, shared)


def _file(root: Path, name: str) -> Iterator[Problem]:
    if not is_inside(root, root / name):
        yield Problem(name, 0, "", "leads out of the project: a pack may not read it.", "Put the file itself there.")
        return
    for folder, known in ((TEMPLATE_FOLDER, TEMPLATES), (MAIL_FOLDER, MAIL_TEMPLATES)):
        own = name.removeprefix(f"{folder}/")
        if own != name and own not in known:
            yield Problem(name, 0, "", "has the name of no template, so nothing uses it.", did_you_mean(own, known))
    if is_template(name):
        yield from _syntax(root, name)
    if name.lower().endswith(IMAGES) and (flaw := image_flaw(name, (root / name).read_bytes())):
        yield Problem(name, 0, "", f"cannot be shown: it {flaw.what}.", flaw.remedy)


def _syntax(root: Path, name: str) -> Iterator[Problem]:
    # Only projects with templates of their own pay for Jinja here.
    from jinja2 import Environment, TemplateSyntaxError

    try:
        text = (root / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        yield Problem(name, 0, "", "is not UTF-8 text.", "Save it as UTF-8.")
        return
    try:
        Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).parse(text, name, name)
    except TemplateSyntaxError as error:
        yield Problem(name, error.lineno, "", f"is not a sound template: {str(error.message).rstrip('.')}.")
