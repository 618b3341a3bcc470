"""`ioc up`, `ioc down`, `ioc status`: the stack on this machine."""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from ioc.settings import Settings, load_settings

DataOption = Annotated[
    Path | None, typer.Option("--data", help="Folder that the stack keeps its data in; by default embedded.data_dir.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.command()(up)
    app.command()(down)
    app.command()(status)


def up(
    detach: Annotated[bool, typer.Option("--detach", help="Return when the wall answers; the stack goes on.")] = False,
    data: DataOption = None,
    only: Annotated[str, typer.Option(help="Start only these components, separated by commas.")] = "",
    log: Annotated[
        Path | None, typer.Option(help="The log that the simulator lives through, where the settings name none.")
    ] = None,
) -> None:
    """Start the whole stack here; stay until Ctrl-C, then stop it in order."""
    from deploy.embedded import stack
    from deploy.embedded.component import wall_url

    settings = load_settings()
    data_dir = data or settings.embedded.data_dir
    began = time.monotonic()

    def tell(name: str, what: str) -> None:
        print(f"  {name:<12} {what:<36} {time.monotonic() - began:5.1f} s", flush=True)

    chosen = [name.strip() for name in only.split(",") if name.strip()]
    for number in _STOPS:
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup asked for
            signal.signal(number, _interrupt)
    running = None
    try:
        defaults = {"embedded": {"simulator": {"log": str(log.absolute())}}} if log else None
        running = stack.up(settings, data_dir, _migrate, tell, chosen, defaults)
        if any(component.name == "wall" for component in running.components):
            print(f"\n  {wall_url(running.settings)}\n", flush=True)
        if detach:
            print("  `ioc status` shows it, `ioc down` stops it", flush=True)
            return
        print("  Ctrl-C stops it", flush=True)
        running.supervisor.wait()
        print(f"the stack was stopped from elsewhere; its logs are in {data_dir / 'log'}", file=sys.stderr)
    except KeyboardInterrupt:
        if running is None:
            print("stopped before it was up", file=sys.stderr)
            raise typer.Exit(130) from None
        print("  stopping …", flush=True)
        began = time.monotonic()
        stack.down(data_dir)
        running.supervisor.wait()
        print(f"  stopped in {time.monotonic() - began:.1f} s", flush=True)


_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _interrupt(_number: int, _frame: object) -> None:
    """Stops the stack, also one that is still coming up; a second Ctrl-C does not cut that short."""
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _migrate(settings: Settings) -> None:
    from ioc.cli.migrate import migrate, waits

    report = migrate(settings)
    if report.live != report.generation:
        print(f"  {waits(report)}", flush=True)


def down(data: DataOption = None) -> None:
    """Stop the stack in order, the wall first, the broker last."""
    from deploy.embedded import stack

    data_dir = data or load_settings().embedded.data_dir
    began = time.monotonic()
    if stack.down(data_dir):
        print(f"stopped in {time.monotonic() - began:.1f} s")
    else:
        print(f"no stack runs in {data_dir}")


def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False, data: DataOption = None
) -> None:
    """Show each component's process and each stage's lag, rate and age. Exit code 3: no stack runs there."""
    from deploy.embedded import credentials
    from deploy.embedded.status import read

    settings = load_settings()
    data_dir = data or settings.embedded.data_dir
    if data is not None and credentials.effective_file(data).is_file():
        os.environ["IOC_SETTINGS"] = str(credentials.effective_file(data).absolute())
        settings = load_settings()
    found = read(settings, data_dir)
    if as_json:
        print(json.dumps(found.as_json(), indent=1, ensure_ascii=False))
    elif not found.running:
        print(f"no stack runs in {data_dir}")
    else:
        from ioc.cli.status_table import show

        show(found)
    if not found.running:
        raise typer.Exit(3)
