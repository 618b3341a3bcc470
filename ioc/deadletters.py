"""Dead letters: how a record that could not be used is sealed, and when there are too many of them to go on.

The bytes can hold personal data, so they leave the process only encrypted (Fernet, the key of `privacy.dead_letter_key`).
A letter's id is a hash of where the record stood and of its bytes: the same record refused again, by a replay or after a
crash, gives the same id, and the table keeps one row.
"""

import hashlib
from collections import deque
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr

from ioc import clock
from ioc.contracts.control import DeadLetter
from ioc.errors import ConfigError, FatalError, Reason

MAX_PAYLOAD_BYTES = 2 << 20
"""Longer payloads are cut, so that the encrypted letter still fits into a message of its topic (4 MiB)."""

_MAX_ERROR, _MAX_PLACE, _MAX_CODE = 4000, 512, 128


class Sealer:
    """Makes dead letters and opens them again.

    Raises:
        ConfigError: the key is empty or not a Fernet key.
    """

    def __init__(self, key: SecretStr) -> None:
        try:
            self._fernet = Fernet(key.get_secret_value())
        except ValueError as error:
            raise ConfigError(
                "privacy.dead_letter_key is not a Fernet key (44 characters, URL-safe base64); make one with "
                '`python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"`'
            ) from error

    def letter(
        self,
        *,
        source: str,
        stream: str,
        place: str,
        reason: Reason,
        error: str,
        payload: bytes,
        attempts: int = 1,
        occurred_at: datetime | None = None,
    ) -> DeadLetter:
        """The letter of one refused record.

        Args:
            source: system or topic that it came from.
            stream: stream of the source, or topic-partition of the message.
            place: cursor, page and row, or offset and index: with `payload`, what makes the letter this one.
            reason: reason code.
            error: what is wrong, field by field, without values (they can be personal).
            payload: the original bytes.
            attempts: how often it was tried.
            occurred_at: when it was refused; None is now.
        """
        if len(payload) > MAX_PAYLOAD_BYTES:
            error = f"{error} (the first {MAX_PAYLOAD_BYTES} of {len(payload)} bytes are kept)"
        return DeadLetter(
            id=_identity(source, stream, place, payload),
            source=source[:_MAX_CODE],
            stream=stream[:_MAX_CODE],
            place=place[:_MAX_PLACE],
            reason=reason,
            error=error[:_MAX_ERROR],
            payload=self._fernet.encrypt(payload[:MAX_PAYLOAD_BYTES]).decode("ascii"),
            occurred_at=occurred_at or clock.now(),
            attempts=attempts,
        )

    def open(self, letter: DeadLetter) -> bytes:
        """The original bytes of a letter.

        Raises:
            ConfigError: the letter was sealed with another key.
        """
        try:
            return self._fernet.decrypt(letter.payload)
        except InvalidToken as error:
            raise ConfigError(
                f"dead letter {letter.id} was sealed with another key than privacy.dead_letter_key"
            ) from error


def _identity(*parts: str | bytes) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


class Flood:
    """Tells bad records that cost only themselves from a source or a contract that has changed.

    Attributes:
        stream: name for the message, for example `events.dossier-3`.
    """

    def __init__(self, stream: str, *, run: int, ratio: float, window: int) -> None:
        self.stream = stream
        self._run_limit, self._ratio, self._window = run, ratio, window
        self._run = 0
        self._seen: deque[tuple[bool, int]] = deque()
        self._total = self._bad = 0

    def good(self, count: int = 1) -> None:
        """Notes good records."""
        if count > 0:
            self._run = 0
            self._note(is_bad=False, count=count)

    def bad(self, count: int = 1) -> None:
        """Notes bad records.

        Raises:
            FatalError: so many in a row, or such a share of the last `window`, that going on would empty the stream into
                the dead letters.
        """
        self._run += count
        self._note(is_bad=True, count=count)
        if self._run >= self._run_limit:
            raise FatalError(
                f"{self.stream}: {self._run} bad records in a row (flood.run); see the dead letters, then restart"
            )
        if self._total >= self._window and self._bad > self._ratio * self._total:
            raise FatalError(
                f"{self.stream}: {self._bad} of the last {self._total} records are bad (flood.ratio); "
                "see the dead letters, then restart"
            )

    def _note(self, *, is_bad: bool, count: int) -> None:
        self._seen.append((is_bad, count))
        self._total += count
        self._bad += count * is_bad
        while self._total - self._seen[0][1] >= self._window:
            was_bad, gone = self._seen.popleft()
            self._total -= gone
            self._bad -= gone * was_bad
