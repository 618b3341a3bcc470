"""What a Kafka error asks of the caller: try again, or stop and call a person."""

from kafka.errors import (
    InvalidProducerEpochError,
    KafkaError,
    OutOfOrderSequenceNumberError,
    UnknownProducerIdError,
)

from ioc.errors import FatalError, RetriableError

_LOST_SEQUENCE = (InvalidProducerEpochError, OutOfOrderSequenceNumberError, UnknownProducerIdError)
"""The broker no longer knows the producer's sequence (it was away too long): the batch was refused, sending it anew is
safe because everything downstream takes the same message twice as once."""


def classified(error: KafkaError, doing: str) -> RetriableError | FatalError:
    """The project's error for one of kafka-python's; `doing` says what was tried, for the message."""
    text = f"{doing}: {type(error).__name__}: {error}"
    if getattr(error, "retriable", False) or isinstance(error, _LOST_SEQUENCE):
        return RetriableError(f"{text}; is the broker up and reachable?")
    return FatalError(text)
