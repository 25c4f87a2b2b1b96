"""The HTML twin of a pack: the same pages as one page for the screen, in one file that asks nobody for anything.

Belongs here: the document around the pages, which ``screen.py`` makes. A browser runs no script and loads nothing from
anywhere: the policy in the page allows its own style sheet, by its digest, and its embedded fonts and pictures.
"""

from __future__ import annotations

from report_templates.declared_words import in_its_language
from report_templates.headline import headline
from report_templates.look import OURS, Look
from report_templates.messages import edition_line, who
from report_templates.screen import data_address, digest_of, own_file, screen_page, screen_sheet
from report_templates.templates import environment, told
from transforms.pack import Pack

_POLICY = "default-src 'none'; style-src '{}'; font-src data:; img-src data:; base-uri 'none'; form-action 'none'"


def print_twin(pack: Pack, look: Look = OURS) -> str:
    """The pack as one HTML document for a browser, light or dark, wide or narrow; equal packs give equal text.

    Raises ``DeclarationError`` where a template of the project cannot be filled, or asks for a file that it may not
    read.
    """
    pack = in_its_language(pack)
    logo = look.layout.logo
    with told(look):
        page = screen_page(pack, look)
        styles = f"{screen_sheet(look)}\n{page.places}"
        return (
            environment(look)
            .get_template("screen/twin.html")
            .render(
                pack=pack,
                locale=pack.locale,
                organisation=pack.organisation,
                who=who(pack),
                headline=headline(pack),
                footer=edition_line(pack),
                body=page.body,
                contents=page.contents,
                styles=styles,
                policy=_POLICY.format(digest_of(styles)),
                logo_address=None if logo is None else data_address(own_file(look, logo), logo),
            )
        )
