"""A warm process from which commands are started: it has imported everything, and forks itself for each of them.

Starting Python and importing Dagster takes longer than most of what is tested here. Nothing is computed before a fork,
so that no thread of Polars or DuckDB holds anything at that moment. Reads orders as lines of JSON, answers with lines.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

_HEAVY = (
    "pipelines.cli.app", "pipelines.cli.running", "pipelines.definitions", "pipelines.instance",
    "pipelines.delivery.send", "pipelines.steps.rebuilding", "pipelines.steps.status", "report_templates.rendering",
    # What these import late, on first use.
    "pipelines.event_log", "pipelines.collecting.listing", "pipelines.steps.noting", "scorecards.check", "rich.table",
    "warehouse.reading_csv", "warehouse.reading_json", "warehouse.reading_excel", "alembic.command", "structlog",
)  # fmt: skip
_WRITING = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.chmod", "os.truncate"}


def main() -> None:
    """Import, say so, and start what is asked for until there is no more."""
    for name in _HEAVY:
        import_module(name)
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        process = os.fork()
        if process == 0:
            _become(order)
        print(process, flush=True)


def _become(order: dict[str, Any]) -> None:
    """The command, in a session of its own so that it can be killed with all its children."""
    os.setsid()
    for name, value in order["environment"].items():
        os.environ[name] = value
    os.chdir(order["folder"])
    sink = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, target in ((nothing, 0), (sink, 1), (sink, 2)):
        os.dup2(descriptor, target)
    sys.argv = ["scorepack", *order["arguments"]]
    if order.get("acts") is not None:
        _count_acts(Path(order["home"]), order["acts"], Path(order["counted"]))
    from pipelines.cli.app import main as command

    code = 1
    try:
        command()
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _count_acts(home: Path, last: int, counted: Path) -> None:
    """Count what the process does to files and databases below a home, and kill its group right before one of them.

    ``last`` is the number of the act that is not done any more; with 0 all are done, and their number is written down.
    """
    done, below, process = 0, f"{home.resolve()}/", os.getpid()

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal done
        if os.getpid() != process or not _is_act(event, arguments, below):
            return
        done += 1
        if done == last:
            os.killpg(process, signal.SIGKILL)
        if last == 0:
            descriptor = os.open(counted, os.O_WRONLY | os.O_CREAT)
            os.pwrite(descriptor, f"{done}\n".encode(), 0)
            os.close(descriptor)

    sys.addaudithook(hear)


def _is_act(event: str, arguments: tuple[Any, ...], below: str) -> bool:
    if event == "open":
        flags = arguments[2]
        if not (isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)):
            return False
    elif event != "sqlite3.connect" and event not in _WRITING:
        return False
    named = (os.fsdecode(one) for one in arguments[:2] if isinstance(one, str | bytes | os.PathLike))
    # Dagster's own history is no record of ours, and would be most of what is counted.
    return any(name.startswith(below) and not name.startswith(f"{below}dagster") for name in named)


if __name__ == "__main__":
    main()
