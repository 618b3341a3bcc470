"""`ioc dashboards`: build the dashboards from the catalogue, check the committed ones, ask a Grafana what it shows."""

import json
from typing import Annotated

import typer

from dashboards import build as files
from dashboards import publish
from ioc.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Grafana dashboards as code.")


def register(parent: typer.Typer) -> None:
    """Adds the commands to the `ioc` command."""
    parent.add_typer(app, name="dashboards")


@app.command()
def build() -> None:
    """Writes the dashboards' JSON from the catalogue and the layouts."""
    where = load_settings().catalogue
    for file in files.write(where.directory, where.province):
        print(file)


@app.command()
def check() -> None:
    """Fails if the committed JSON is not what the catalogue and the layouts give."""
    where = load_settings().catalogue
    print(f"{len(files.check(where.directory, where.province))} dashboards are current")


@app.command()
def verify(
    url: Annotated[str, typer.Argument(help="Address of a Grafana, for example http://127.0.0.1:3000")],
    token: Annotated[str, typer.Option(envvar="GRAFANA_TOKEN", help="Token that may read dashboards")],
) -> None:
    """Compares what a running Grafana has loaded with the committed JSON; exit code 1 where they differ."""
    found = [
        f"{file.name}: {difference}"
        for file in sorted(files.PROVISIONED.glob("*.json"))
        for difference in publish.differences(url, token, json.loads(file.read_text(encoding="utf-8")))
    ]
    for difference in found:
        print(difference)
    if found:
        raise typer.Exit(1)
    print(f"{url} shows the committed dashboards")
