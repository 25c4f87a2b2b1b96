"""``health``: how the installation stands, in figures for a monitor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import HERE, ExtractsOption, HomeOption, ProjectOption


def health(
    to: Annotated[
        Path | None,
        typer.Option("--to", help="A file ending in .prom or .json, written whole or not at all; none: printed."),
    ] = None,
    project: ProjectOption = HERE,
    home: HomeOption = None,
    extracts: ExtractsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")] = False,
) -> None:
    """Runs, checks, deliveries, gate, disk and locks as figures for Prometheus. It waits for nobody."""
    import json

    from pipelines.operating.health import health as health_of
    from pipelines.operating.measures import text_of
    from scorecards.errors import CallError
    from warehouse.home import replace_bytes

    if to is not None and to.suffix not in (".prom", ".json"):
        raise CallError(f"{to} does not end in .prom or .json: the text collector of Prometheus reads .prom files.")
    if to is not None and not to.parent.is_dir():
        raise CallError(f"The folder {to.parent} does not exist. Make it, so that the monitor may read it.")
    samples = health_of(project, home, extracts)
    is_json = as_json or (to is not None and to.suffix == ".json")
    text = json.dumps([vars(one) for one in samples], indent=2) + "\n" if is_json else text_of(samples)
    if to is None:
        print(text, end="")
        return
    try:
        # The monitor is another user; nothing in it is for readers alone.
        replace_bytes(to, text.encode(), mode=0o644)
    except OSError as error:
        raise CallError(f"{to} cannot be written: {error.strerror}.") from None
