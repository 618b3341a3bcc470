"""`ioc dashboards`: build what Grafana is given from the catalogue, check the committed files, ask a Grafana what it shows."""

from typing import Annotated

import typer

from dashboards import build as files
from dashboards import provision, publish
from ioc.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Grafana dashboards, alerts and playlist as code.")

Url = Annotated[str, typer.Argument(help="Address of a Grafana, for example http://127.0.0.1:3000")]
Token = Annotated[str, typer.Option(envvar="GRAFANA_TOKEN", help="Token of a service account of role Admin")]


def register(parent: typer.Typer) -> None:
    """Adds the commands to the `ioc` command."""
    parent.add_typer(app, name="dashboards")


@app.command()
def build() -> None:
    """Writes dashboards, alert rules, contact points and playlist from the catalogue and the layouts."""
    where = load_settings().catalogue
    for file in (*files.write(where.directory, where.province), *provision.write(where.directory, where.province)):
        print(file)


@app.command()
def check() -> None:
    """Fails if the committed files are not what the catalogue and the layouts give."""
    where = load_settings().catalogue
    boards = files.check(where.directory, where.province)
    others = provision.check(where.directory, where.province)
    print(f"{len(boards)} dashboards and {len(others)} files of alerts and playlist are current")


@app.command(name="publish")
def publish_(url: Url, token: Token) -> None:
    """Gives a running Grafana the playlist, then verifies all of it; exit code 1 where something differs."""
    with publish.Grafana(url, token) as grafana:
        print(f"playlist: {publish.publish(grafana)}")
        _tell(url, publish.differences(grafana))


@app.command()
def verify(url: Url, token: Token) -> None:
    """Compares what a running Grafana has loaded with the committed files; exit code 1 where they differ."""
    with publish.Grafana(url, token) as grafana:
        _tell(url, publish.differences(grafana))


def _tell(url: str, found: list[str]) -> None:
    for difference in found:
        print(difference)
    if found:
        raise typer.Exit(1)
    print(f"{url} shows the committed dashboards, data sources, alerts and playlist")
