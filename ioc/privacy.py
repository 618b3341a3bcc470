"""Keyed hashes in the place of persons' numbers (Decree 13/2023/NĐ-CP, Law 91/2025/QH15).

The same number gives the same pseudonym, so that a person's visits can be counted together, and without the key no pseudonym
can be tried out against the numbers that there are. A new key gives new pseudonyms; what an operator does then: docs/connectors.md.
"""

import hmac
import unicodedata

from pydantic import SecretStr

from ioc.errors import ConfigError

MIN_KEY_CHARS = 32
_DIGITS = 32


class Pseudonyms:
    """Makes pseudonyms: 32 hexadecimal digits of an HMAC-SHA256, behind a short name of the key."""

    def __init__(self, key: SecretStr) -> None:
        """Takes `privacy.hash_key`.

        Raises:
            ConfigError: the key is too short to keep anything secret.
        """
        secret = key.get_secret_value()
        if len(secret) < MIN_KEY_CHARS:
            raise ConfigError(
                f"privacy.hash_key has {len(secret)} characters, at least {MIN_KEY_CHARS} are needed; make one with "
                '`python -c "import secrets; print(secrets.token_urlsafe(32))"`'
            )
        self._key = secret.encode()
        # The key's name says that two pseudonyms come from different keys; it is a hash, and tells nothing of the key.
        self._name = hmac.digest(self._key, b"name of this key", "sha256").hex()[:4]

    def of(self, number: str) -> str:
        """The pseudonym of a person's number; blanks and the case of letters do not count. Empty for empty."""
        plain = "".join(unicodedata.normalize("NFC", number).split()).upper()
        if not plain:
            return ""
        return (
            f"{self._name}-{hmac.digest(self._key, plain.encode('utf-8', 'surrogatepass'), 'sha256').hex()[:_DIGITS]}"
        )
