"""What a stream would publish, without a broker: nothing is written, no cursor moves."""

import contextlib
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from cryptography.fernet import Fernet
from pydantic import SecretStr

from ingest.convert import Converter, Harvest
from ingest.limit import RateLimit
from ingest.source import Source
from ioc import clock
from ioc.deadletters import Sealer
from ioc.errors import ConfigError
from ioc.privacy import MIN_KEY_CHARS, Pseudonyms
from ioc.settings import FloodSettings

NO_FLOOD = FloodSettings(run=2**31, ratio=1.0)


@dataclass
class Tally:
    """What came of a dry run.

    Attributes:
        events: shown.
        letters: records that would be dead letters, by reason.
        unknown: records with a field that nobody reads, by its name.
        pages: read.
        cursor: where a run that goes on would begin; None before the first page.
        ended: whether the source had no more, and not the limit ended it.
    """

    events: int = 0
    letters: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    cursor: str | None = None
    ended: bool = True


def dry_run(
    stream: Source,
    *,
    hash_key: SecretStr,
    requests_per_s: float,
    show: Callable[[str], None],
    limit: int | None = None,
    cursor: str | None = None,
) -> Tally:
    """Reads a stream once, from a cursor on, and shows each event and each dead letter as a line of JSON.

    Args:
        stream: what to read.
        hash_key: of the pseudonyms; where there is none, one is drawn that nobody keeps.
        requests_per_s: what the source allows.
        show: takes the lines.
        limit: ends after so many lines.
        cursor: where to begin; None: at the beginning.

    Raises:
        ConfigError: the stream is pushed to: asking it for more would tell the senders that all is safe in Kafka.
        IocError: what the source raises; nothing is tried again.
    """
    if getattr(stream, "pushed", False):
        raise ConfigError(
            f"{stream.name}/{stream.stream} is pushed to: what it gives here would be acknowledged to its senders and lost"
        )
    key = hash_key if len(hash_key.get_secret_value()) >= MIN_KEY_CHARS else SecretStr(secrets.token_urlsafe(32))
    sealer = Sealer(SecretStr(Fernet.generate_key().decode()))
    converter = Converter(stream, Pseudonyms(key), sealer, NO_FLOOD)
    rate = RateLimit(requests_per_s)
    tally = Tally(cursor=cursor)
    pages = stream.pages(cursor)
    with contextlib.ExitStack() as ends:
        # Also a source that is not read to its end lets go of what it holds.
        if callable(close := getattr(pages, "close", None)):
            ends.callback(close)
        rate.wait()
        for page in pages:
            harvest = Harvest()
            converter.convert(page.records, clock.now(), harvest)
            shown = tally.events + tally.letters.total()
            for line in _lines(harvest)[: None if limit is None else limit - shown]:
                show(line)
            tally.events += harvest.events
            tally.letters.update(letter.reason for letter in harvest.letters)
            tally.unknown += harvest.unknown
            if limit is not None and tally.events + tally.letters.total() >= limit:
                tally.ended = False
                break
            converter.acknowledged(harvest)
            tally.pages, tally.cursor = tally.pages + 1, page.cursor
            rate.wait()
    return tally


def _lines(harvest: Harvest) -> list[str]:
    """A page's events in the order of their versions, then its dead letters without their bytes."""
    messages = (value for _topic, _partition, value in harvest.messages)
    events = [event for value in messages for event in msgspec.json.decode(value, type=list[dict[str, Any]])]
    events.sort(key=lambda event: event["version"])
    letters = [
        {"dead_letter": letter.reason, "stream": letter.stream, "place": letter.place, "error": letter.error}
        for letter in harvest.letters
    ]
    return [msgspec.json.encode(line).decode() for line in (*events, *letters)]
