"""``doctor``: whether this installation is fit for a month end, and how each thing that is not is mended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.options import HERE, ExtractsOption, HomeOption, ProjectOption

if TYPE_CHECKING:
    from pipelines.operating.findings import Finding

_WIDTH = 80


def doctor(
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")] = False,
) -> None:
    """Whether a month end would go through: fonts, mail, disk, locks and more, and how to mend each. Sends nothing."""
    import json
    from collections import Counter

    from pipelines.cli.printing import console, say, say_lines
    from pipelines.operating.findings import FINE, MEND, NOTE
    from scorecards.errors import DataRefused

    found = []
    for one in _examined(project, home, extracts):
        found.append(one)
        if not as_json:
            console().print(
                _lines(one.check, one.state, one.says, one.remedy),
                markup=False,
                style={FINE: None, NOTE: "cyan", MEND: "red"}[one.state],
            )
    if as_json:
        say_lines(json.dumps([vars(one) for one in found], indent=2, ensure_ascii=False))
    counts = Counter(one.state for one in found)
    if not as_json:
        say(f"{counts[FINE]} fine, {counts[NOTE]} to know, {counts[MEND]} to mend.")
    if counts[MEND]:
        raise typer.Exit(DataRefused.exit_code)


def _examined(project: Path, home: Path | None, extracts: Path | None) -> Iterator[Finding]:
    """All findings; where a package is missing without which no command works, that alone."""
    from pipelines.operating.findings import Finding, note
    from pipelines.operating.of_packages import missing

    lacking = [Finding("packages", *each) for each in missing()]
    if lacking:
        yield from lacking
        yield Finding("packages", *note("Nothing else was examined.", "Install them, then: scorepack doctor"))
        return
    from pipelines.operating.doctor import examine

    yield from examine(project, home, extracts)


def _lines(check: str, state: str, says: str, remedy: str) -> str:
    """A finding within 80 columns, what to do below it."""
    import textwrap

    indent = " " * 21
    lines = textwrap.wrap(
        says, _WIDTH, initial_indent=f"{state:<5} {check:<15}", subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    lines += textwrap.wrap(
        remedy, _WIDTH, initial_indent=f"{indent}→ ", subsequent_indent=f"{indent}  ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return "\n".join(lines)
