"""`ioc dashboards`: build the dashboards from the catalogue, check the committed ones, ask a Grafana what it shows."""

import json
from typing import Annotated

import typer

from dashboards import publish
from dashboards.build import WALL, build_wall, check_wall
from ioc.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Grafana dashboards as code.")


def register(parent: typer.Typer) -> None:
    """Adds the commands to the `ioc` command."""
    parent.add_typer(app, name="dashboards")


@app.command()
def build() -> None:
    """Writes the dashboards' JSON from the catalogue and the layout."""
    where = load_settings().catalogue
    WALL.write_text(build_wall(where.directory, where.province), encoding="utf-8")
    print(WALL)


@app.command()
def check() -> None:
    """Fails if the committed JSON is not what the catalogue and the layout give."""
    where = load_settings().catalogue
    check_wall(where.directory, where.province)
    print(f"{WALL} is current")


@app.command()
def verify(
    url: Annotated[str, typer.Argument(help="Address of a Grafana, for example http://127.0.0.1:3000")],
    token: Annotated[str, typer.Option(envvar="GRAFANA_TOKEN", help="Token that may read dashboards")],
) -> None:
    """Compares what a running Grafana has loaded with the committed JSON; exit code 1 where they differ."""
    found = publish.differences(url, token, json.loads(WALL.read_text(encoding="utf-8")))
    for difference in found:
        print(difference)
    if found:
        raise typer.Exit(1)
    print(f"{url} shows the committed dashboards")
