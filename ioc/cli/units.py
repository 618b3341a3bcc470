"""`ioc units`: codes that sources write and no unit has, and what an operator makes of them."""

import difflib
import json
import time
import unicodedata
from datetime import datetime
from typing import Annotated, NamedTuple

import typer
from rich.table import Table

from ioc import clock
from ioc.catalogue.profile import load_province
from ioc.cli.tables import console as wide
from ioc.clock import LOCAL
from ioc.contacts import with_contacts
from ioc.errors import ConfigError
from ioc.settings import Settings, load_settings
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.dimensions import load_contacts
from sinks.clickhouse.mappings import Mapping, all_mappings, store
from sinks.clickhouse.render import Target

app = typer.Typer(no_args_is_help=True, help="Unit codes of the sources: unknown ones, and their mapping to units.")

_RENEWED_S = 10.0
_LOOK_S = 0.2

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Code = Annotated[str, typer.Argument(help="Code as the source writes it.")]


def register(parent: typer.Typer) -> None:
    """Adds the commands to the `ioc` command."""
    parent.add_typer(app, name="units")


class Unit(NamedTuple):
    """A unit of the profile in force."""

    code: str
    name: str
    aliases: list[str]


@app.command()
def unknown(as_json: AsJson = False) -> None:
    """Codes that no unit has: kind, entities that carry them now, when one was last read, and since when."""
    settings = load_settings()
    with _client(settings) as client:
        rows = client.query(
            "SELECT raw_code, kind, entities, first_seen, last_seen "
            f"FROM {settings.clickhouse.database}.unknown_units ORDER BY entities DESC, raw_code, kind"
        )
    if as_json:
        names = ("code", "kind", "entities", "first_seen", "last_seen")
        typer.echo(json.dumps([dict(zip(names, map(_plain, row), strict=True)) for row in rows], ensure_ascii=False))
        return
    if not rows:
        typer.echo("every code that the sources write has its unit")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("code", "kind", "entities", "since", "last seen"):
        table.add_column(heading, justify="right" if heading == "entities" else "left")
    for code, kind, entities, first, last in rows:
        table.add_row(code or "(empty)", kind, str(entities), _local(first), _local(last))
    wide().print(table)
    typer.echo("`ioc units map CODE UNIT` gives one its unit; the figures follow at once")


@app.command("map")
def map_(
    code: Code,
    unit: Annotated[str, typer.Argument(help="Code of the unit that it stands for.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Has a code stand for a unit, in all that was ever read: the figures change at once, nothing is read again."""
    settings = load_settings()
    database = settings.clickhouse.database
    with _client(settings) as client:
        units = _units(client, database)
        target = find(units, unit)
        owner = next((u for u in units if code in (u.code, *u.aliases)), None)
        if owner is not None:
            raise ConfigError(
                f"{code} is {owner.code} {owner.name} by the profile of the province, which wins; change the profile, then `ioc migrate`"
            )
        before = {mapping.code: mapping.unit for mapping in all_mappings(client, database)}
        counted = client.query(f"SELECT sum(entities) FROM {database}.unknown_units WHERE raw_code = {quoted(code)}")
        store(client, database, Mapping(code, target.code, reason, clock.now()))
        moved = f", no longer for {before[code]}" if before.get(code, target.code) != target.code else ""
        typer.echo(f"{code} stands for {target.code} {target.name}{moved}")
        entities = int(counted[0][0] or 0)
        if entities or code in before:
            typer.echo(f"{entities} entities that were unknown are now counted there")
        else:
            typer.echo("no entity carries it now: it counts from the first one on")
        typer.echo(_renewed(client, database))
    typer.echo(f"for good, in the profile of the province ([[unit]] with code = {json.dumps(target.code)}):")
    typer.echo(toml_line(target, code))


@app.command()
def unmap(code: Code) -> None:
    """Takes a mapping back: the code is unknown again, unless the profile has it."""
    settings = load_settings()
    database = settings.clickhouse.database
    with _client(settings) as client:
        known = {mapping.code: mapping for mapping in all_mappings(client, database)}
        if code not in known:
            near = difflib.get_close_matches(code, known, n=3, cutoff=0.5)
            raise ConfigError(
                f"{code} is not mapped; {'near: ' + ', '.join(near) if near else '`ioc units list` shows what is'}"
            )
        store(client, database, known[code], gone=True)
        typer.echo(f"{code} no longer stands for {known[code].unit}")
        typer.echo(_renewed(client, database))


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """What operators have mapped; what the profile has meanwhile says so, and wins."""
    settings = load_settings()
    with _client(settings) as client:
        found = all_mappings(client, settings.clickhouse.database)
        units = _units(client, settings.clickhouse.database)
    owners = {known: unit for unit in units for known in (unit.code, *unit.aliases)}
    names = {unit.code: unit.name for unit in units}
    if as_json:
        rows = [{**_as_dict(m), "profile": owners[m.code].code if m.code in owners else None} for m in found]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("code", "unit", "mapped", "reason", "profile", box=None, pad_edge=False)
    for m in found:
        own = owners.get(m.code)
        said = "" if own is None else f"has it at {own.code}, which wins: unmap it here"
        table.add_row(
            m.code, f"{m.unit} {names.get(m.unit, '(no such unit any more)')}", _local(m.mapped_at), m.reason, said
        )
    wide().print(table)


def find(units: list[Unit], wanted: str) -> Unit:
    """The unit of a code or alias.

    Raises:
        ConfigError: there is none; names near ones, by code and by name.
    """
    for unit in units:
        if wanted in (unit.code, *unit.aliases):
            return unit
    by_word = {
        word: unit for unit in units for word in (_folded(unit.code), *map(_folded, unit.aliases), _folded(unit.name))
    }
    near = difflib.get_close_matches(_folded(wanted), by_word, n=4, cutoff=0.4)
    near += [word for word in by_word if len(wanted) > 2 and _folded(wanted) in word and word not in near][:4]
    hint = "; ".join(dict.fromkeys(f"{by_word[word].code} {by_word[word].name}" for word in near))
    raise ConfigError(
        f"there is no unit {wanted}; " + (f"near: {hint}" if hint else "the profile of the province has them all")
    )


def toml_line(unit: Unit, code: str) -> str:
    """The line of the profile that makes the mapping part of it."""
    return f"aliases = {json.dumps([*unit.aliases, code], ensure_ascii=False)}"


def _units(client: Client, database: str) -> list[Unit]:
    rows = client.query(
        f"SELECT code, name_vi, aliases FROM {database}.units FINAL WHERE level != 'unknown' ORDER BY code"
    )
    return [Unit(code, name, list(aliases)) for code, name, aliases in rows]


def _renewed(client: Client, database: str) -> str:
    """Waits for the sink's next snapshot, and says whether it came."""
    ((since,),) = client.query("SELECT now64(6, 'UTC')")
    until = time.monotonic() + _RENEWED_S
    while time.monotonic() < until:
        ((newest,),) = client.query(f"SELECT max(refreshed_at) FROM {database}.indicator_now")
        if newest > since:
            return "the figures are renewed"
        time.sleep(_LOOK_S)
    return "the figures follow with the next snapshot: the sink does not run, or is busy"


@app.command()
def contacts() -> None:
    """Loads whom to call from the file of mail.contacts, so that boards say the same as reminders; says who has nobody."""
    settings = load_settings()
    if settings.mail.contacts is None:
        raise ConfigError("mail.contacts names no file; docs/brief.md says what stands in it")
    profile = load_province(settings.catalogue.province, settings.catalogue.directory)
    said = {unit.code: unit.contact for unit in with_contacts(profile, settings.mail.contacts).unit}
    target = Target(settings.clickhouse.database, settings.clickhouse.cluster)
    with Client(settings.clickhouse, settings.clickhouse.admin) as client:
        changed = load_contacts(client, target, said)
        without = client.query(
            f"SELECT count(), countIf(contact = '') FROM {target.database}.units FINAL WHERE valid_to IS NULL AND level != 'unknown'"
        )
    typer.echo("; ".join(changed) or "nothing has changed")
    ((units, silent),) = without
    typer.echo(f"{units - silent} of {units} units have somebody to call")


def _client(settings: Settings) -> Client:
    return Client(settings.clickhouse, settings.clickhouse.writer, timeout_s=30)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def _plain(value: object) -> object:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _as_dict(mapping: Mapping) -> dict[str, object]:
    return {
        "code": mapping.code,
        "unit": mapping.unit,
        "reason": mapping.reason,
        "mapped_at": _plain(mapping.mapped_at),
    }
