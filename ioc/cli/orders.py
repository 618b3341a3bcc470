"""Orders of operators in the topic `controls`: read, given, ended."""

from datetime import UTC, datetime

from pydantic import ValidationError

from ioc import clock
from ioc.clock import LOCAL
from ioc.contracts.control import Action, Control, Cursor
from ioc.errors import ConfigError
from ioc.kafka.admin import ensure_topics
from ioc.kafka.compacted import latest_values
from ioc.kafka.producer import Producer
from ioc.settings import Settings
from ioc.topics import CONTROLS, CURSORS

_ACK_S = 30.0


def split(name: str) -> tuple[str, str]:
    """`SOURCE` or `SOURCE/STREAM` in two; the stream is empty for all of them.

    Raises:
        ConfigError: there is no source in it.
    """
    source, _, stream = name.strip().partition("/")
    if not source:
        raise ConfigError(f"{name!r} is neither SOURCE nor SOURCE/STREAM")
    return source, stream


def moment(text: str) -> datetime:
    """`now`, or a moment in ISO 8601; without an offset it is local (Asia/Ho_Chi_Minh).

    Raises:
        ConfigError: it is neither.
    """
    if text == "now":
        return clock.now()
    try:
        told = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is no moment; write it like 2026-11-28T22:00 (local time) or `now`") from error
    return (told if told.tzinfo else told.replace(tzinfo=LOCAL)).astimezone(UTC)


def all_orders(settings: Settings) -> list[Control]:
    """Every order, oldest first; what is none is left out.

    Raises:
        RetriableError: the broker cannot be reached.
    """
    ensure_topics(settings.kafka.bootstrap, [CONTROLS], settings.kafka.replication)
    found = []
    for raw in latest_values(settings.kafka.bootstrap, CONTROLS.name).values():
        try:
            found.append(Control.model_validate_json(raw))
        except ValidationError:  # the connectors report it
            continue
    return sorted(found, key=lambda order: order.ordered_at)


def give(settings: Settings, *orders: Control) -> None:
    """Publishes orders; returns when the broker has them.

    Raises:
        RetriableError: the broker cannot be reached.
    """
    ensure_topics(settings.kafka.bootstrap, [CONTROLS], settings.kafka.replication)
    with Producer(settings.kafka.bootstrap) as producer:
        sent = [producer.publish(CONTROLS.name, 0, order.model_dump_json().encode(), order.key) for order in orders]
        for delivery in sent:
            delivery.wait(_ACK_S)


def order(name: str, action: Action, begins: datetime, ends: datetime | None, reason: str) -> Control:
    """A new order."""
    source, stream = split(name)
    return Control(
        source=source, stream=stream, action=action, begins=begins, ends=ends, reason=reason, ordered_at=clock.now()
    )


def ended(known: Control, at: datetime) -> Control:
    """An order that ends now, or never begins."""
    return known.model_copy(update={"ends": max(at, known.begins), "ordered_at": clock.now()})


def cursors(settings: Settings) -> dict[tuple[str, str], Cursor]:
    """Where each stream stands.

    Raises:
        RetriableError: the broker cannot be reached.
    """
    ensure_topics(settings.kafka.bootstrap, [CURSORS], settings.kafka.replication)
    found = {}
    for raw in latest_values(settings.kafka.bootstrap, CURSORS.name).values():
        try:
            cursor = Cursor.model_validate_json(raw)
        except ValidationError:
            continue
        found[cursor.source, cursor.stream] = cursor
    return found
