"""What the live generation counts: the one answer that sealing, the history of states and the keeper work by."""

from ioc.catalogue.load import load_catalogue
from ioc.catalogue.rollup import Compiled
from ioc.errors import ConfigError
from ioc.generations import catalogue_of, read_register
from ioc.settings import Settings
from sinks.clickhouse.client import Database
from sinks.clickhouse.columns import quoted
from sinks.clickhouse.generations import live_generation


def in_force(settings: Settings, client: Database) -> tuple[str, Compiled]:
    """The live generation and what it counts: by the catalogue of the settings, or by its record when that is another one.

    Raises:
        ConfigError: neither is its catalogue.
        RetriableError: ClickHouse, or the broker that holds the records, is away.
        FatalError: a table is missing, or the record is of another version of the project.
    """
    database = settings.clickhouse.database
    generation = live_generation(client, database)
    rows = client.query(
        f"SELECT catalogue_hash FROM {database}.generations FINAL WHERE generation = {quoted(generation)}"
    )
    own = load_catalogue(settings.catalogue.directory).compiled
    if rows and own.hash == rows[0][0]:
        return generation, own
    record = read_register(settings.kafka.bootstrap).records.get(generation)
    if record is None:
        raise ConfigError(
            f"generation {generation or '(none)'} is of another catalogue than the settings name and is not registered on "
            f"{settings.kafka.bootstrap}: point catalogue.directory at its catalogue, or run `ioc migrate`"
        )
    return generation, catalogue_of(record).compiled
