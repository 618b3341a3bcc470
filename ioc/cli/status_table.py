"""The stack's state as tables for a terminal."""

from rich.console import Console
from rich.table import Table

from deploy.embedded.status import Status

MIB = 1 << 20


def show(status: Status, console: Console | None = None) -> None:
    """Prints a table of components, one of stages and one of sources."""
    console = console or Console()
    console.print(f"{status.data_dir}: {status.memory_bytes // MIB} MiB resident", highlight=False)
    processes = Table(box=None, pad_edge=False)
    processes.add_column("component")
    processes.add_column("state")
    for heading in ("pid", "port", "memory MiB", "restarts"):
        processes.add_column(heading, justify="right")
    processes.add_column("last end")
    for one in status.components:
        memory = "" if one.memory_bytes is None else str(one.memory_bytes // MIB)
        ports = " ".join(map(str, one.ports))
        processes.add_row(one.name, one.state, str(one.pid or ""), ports, memory, str(one.restarts), one.last_end)
    console.print(processes)
    if not status.stages:
        return
    stages = Table(box=None, pad_edge=False)
    stages.add_column("stage")
    for heading in ("lag", "records/s", "newest, s ago"):
        stages.add_column(heading, justify="right")
    for stage in status.stages:
        figures = (stage.lag, stage.rate_per_s, stage.newest_age_s)
        stages.add_row(stage.name, *("-" if figure is None else str(figure) for figure in figures))
    console.print(stages)
    if not status.sources:
        return
    sources = Table(box=None, pad_edge=False)
    sources.add_column("source")
    sources.add_column("state")
    for heading in ("streams", "records/h", "oldest, s ago"):
        sources.add_column(heading, justify="right")
    sources.add_column("silent, alerts")
    for flow in status.sources:
        oldest = "-" if flow.oldest_s is None else str(flow.oldest_s)
        said = "; ".join([*(f"{stream} silent" for stream in flow.silent), *flow.alerts])
        sources.add_row(flow.name, flow.state, str(flow.streams), str(flow.records_hour), oldest, said)
    console.print(sources)
