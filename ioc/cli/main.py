"""`ioc`: finds the module of the command that is asked for, and turns the project's errors into one sentence."""

import importlib
import os
import sys
from collections.abc import Sequence

import typer

from ioc.errors import IocError
from ioc.settings import SETTINGS_VARIABLE, load_settings

HOMES: dict[str, tuple[str, ...]] = {
    "stack": ("up", "down", "status"),
    "run": ("run",),
    "migrate": ("migrate",),
    "reconcile": ("reconcile",),
    "seal": ("seal",),
    "keep": ("keep",),
    "forecast": ("forecast",),
    "asof": ("asof",),
    "catalogue": ("catalogue",),
    "connector": ("connector",),
    "explain": ("explain",),
    "dashboards": ("dashboards",),
    "source": ("source",),
    "feeds": ("feeds",),
    "units": ("units",),
    "export": ("export",),
    "report": ("report",),
    "brief": ("brief",),
    "reminders": ("reminders",),
}
"""Modules of this package and the commands that each registers; only the one that is needed is imported."""

_BEFORE_THE_STACK = {"up", "down"}
"""Commands that find their settings themselves."""


def app(command: str | None) -> typer.Typer:
    """The command line, with the module of this command or, when there is no such command, with all."""
    built = typer.Typer(
        name="ioc",
        help="The pipeline of a province's Intelligent Operations Centre.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,
    )

    @built.callback()
    def _root() -> None:
        """Keeps `ioc COMMAND` a group even when one command is registered."""

    homes = [home for home, commands in HOMES.items() if command in commands] or list(HOMES)
    for home in homes:
        importlib.import_module(f"ioc.cli.{home}").register(built)
    return built


def use_settings_of_stack() -> None:
    """Has this process read the settings of the stack in the data directory, if one was ever started there.

    They hold the passwords that were drawn at its first start; the user's own settings are in them.
    """
    from deploy.embedded.credentials import effective_file

    effective = effective_file(load_settings().embedded.data_dir)
    if effective.is_file():
        os.environ[SETTINGS_VARIABLE] = str(effective.absolute())


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line; exits 1 with one sentence on an error of the project's."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = next((word for word in words if not word.startswith("-")), None)
    try:
        if command not in _BEFORE_THE_STACK and "--help" not in words:
            use_settings_of_stack()
        app(command)(words, standalone_mode=True)
    except IocError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
