"""The page of the commands, from Typer's own description of them."""

from __future__ import annotations

import inspect
from enum import Enum
from typing import Any

import typer.main

from pages.markdown import GENERATED, code, plain, table
from pipelines.cli.app import app

_INTRODUCTION = """\
# Commands

    scorepack COMMAND --help

tells the same in the terminal. Without `--project`, a command works on the project in the current folder.

Exit codes: **0** done, **1** data were refused, the home is in use, or `doctor` found something to mend, **2** a
declaration or the call is wrong. Errors go to standard error, results to standard output. Mail is set by two variables
of the environment, as [delivery](../how-to/delivery.md#the-mail-server) tells:
`SCOREPACK_SMTP_URL` (`smtp://`, `smtp+starttls://` or `smtps://user:password@host:port`) and `SCOREPACK_MAIL_FROM`."""


def page() -> str:
    """The whole page."""
    group: Any = typer.main.get_command(app)
    return (
        "\n\n".join(
            [GENERATED, _INTRODUCTION, *(_section(name, command) for name, command in group.commands.items())]
        ).strip()
        + "\n"
    )


def _section(name: str, command: Any) -> str:
    arguments = [parameter for parameter in command.params if not _is_option(parameter)]
    shown = " ".join(_argument(parameter) for parameter in arguments)
    call = f"    scorepack {name} {shown}".rstrip() + (" [options]" if len(arguments) < len(command.params) else "")
    rows = [_row(parameter) for parameter in command.params]
    described = table(("argument or option", "meaning", "default"), rows) if rows else ""
    return f"## {name}\n\n{call}\n\n{plain(inspect.cleandoc(command.help or ''))}\n\n{described}".rstrip()


def _row(parameter: Any) -> tuple[str, str, str]:
    name = ", ".join(code(option) for option in parameter.opts) if _is_option(parameter) else code(_argument(parameter))
    meaning = parameter.help or ""
    annotation = parameter.type_descriptor.annotation
    if inspect.isclass(annotation) and issubclass(annotation, Enum):
        meaning += " One of " + ", ".join(code(member.value) for member in annotation) + "."
    if parameter.envvar:
        meaning += f" Also from {code(parameter.envvar)}."
    return name, meaning.strip(), _default(parameter)


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    if isinstance(parameter.show_default, str):
        return str(parameter.show_default)
    value = parameter.default.value if isinstance(parameter.default, Enum) else parameter.default
    return "" if value in (None, "", False) else code(value)


def _argument(parameter: Any) -> str:
    name = str(parameter.metavar or parameter.name.upper())
    return name if parameter.required else f"[{name}]"


def _is_option(parameter: Any) -> bool:
    return bool(parameter.opts) and str(parameter.opts[0]).startswith("-")
