"""The command ``scorepack``: its commands, and the one place where errors become words and exit codes.

Heavy imports happen inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import Annotated

import typer

from pipelines.cli import (
    audit_command,
    deliveries_command,
    demo,
    doctor_command,
    explain_command,
    forget_command,
    health_command,
    history_commands,
    infer_command,
    preview_command,
    project_commands,
    read_commands,
    rejects_command,
    run_commands,
    send_command,
    site_command,
    status_command,
    withdraw_command,
)

app = typer.Typer(
    name="scorepack",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Balanced Scorecard packs from HR, finance, customer and process extracts.",
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"scorepack {version('scorepack')}")
        raise typer.Exit


@app.callback()
def _before_any_command(
    _: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")] = (
        False
    ),
) -> None:
    pass


app.command("demo")(demo.demo)
app.command("init")(project_commands.init)
app.command("check")(project_commands.check)
app.command("schema")(project_commands.schema)
app.command("infer")(infer_command.infer)
app.command("run")(run_commands.run)
app.command("backfill")(run_commands.backfill)
app.command("status")(status_command.status)
app.command("show")(read_commands.show)
app.command("preview")(preview_command.preview)
app.command("explain")(explain_command.explain)
app.command("export")(read_commands.export)
app.command("rejects")(rejects_command.rejects)
app.command("withdraw")(withdraw_command.withdraw)
app.command("reinstate")(withdraw_command.reinstate)
app.command("publish")(history_commands.publish)
app.command("compare")(history_commands.compare)
app.command("close")(history_commands.close)
app.command("reopen")(history_commands.reopen)
app.command("forget")(forget_command.forget)
app.command("rebuild")(history_commands.rebuild)
app.add_typer(audit_command.app, name="audit")
app.command("recipients")(deliveries_command.recipients)
app.command("approve")(send_command.approve)
app.command("send")(send_command.send)
app.command("deliveries")(deliveries_command.deliveries)
app.command("site")(site_command.site)
app.command("doctor")(doctor_command.doctor)
app.command("health")(health_command.health)
app.command("serve")(run_commands.serve)


def main() -> None:
    """Run the command line; a user's error is told without a traceback, with its exit code."""
    from scorecards.errors import ScorepackError

    # Dagster, SQLite and DuckDB make files too: whatever the user's habit, those of a run are for nobody else.
    os.umask(0o077)
    _collect_seldom()
    atexit.register(_say_no_more)
    try:
        app()
    except ScorepackError as error:
        from pipelines.cli.printing import print_error

        print_error(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. What was committed stays; run the same command again to go on.\n")
        sys.exit(130)


def _collect_seldom() -> None:
    """Search for unused objects seldom, and not at all at the end: there are half a million, and all but few are used.

    Looking through what a command has imported took a third of the time of the importing, and most of it at the end.
    """
    gc.set_threshold(100_000, 20, 100)
    atexit.register(gc.freeze)


def _say_no_more() -> None:
    """Close standard error for what comes after Python: DuckDB's binding lists its own leaks there, page after page."""
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


if __name__ == "__main__":
    main()
