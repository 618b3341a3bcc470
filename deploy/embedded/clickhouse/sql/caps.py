"""Settings that a user with limits may lower and not raise, wherever a statement gives them a value.

A real server holds them by the constraints of a settings profile (`MIN 1 MAX …`); the engine has one profile for all.
"""

from collections.abc import Mapping, Sequence

from deploy.embedded.clickhouse.errors import ServerError
from deploy.embedded.clickhouse.sql.lexer import Token

PROFILE = "profile"
"""Would put all settings back to those of the engine."""


def check_caps(tokens: Sequence[Token], caps: Mapping[str, int]) -> None:
    """Looks through a statement for `name = value`.

    Args:
        tokens: the statement's, without spaces and comments.
        caps: the greatest value of each setting.

    Raises:
        ServerError: 452, a value is above its cap, or cannot be told from the text.
    """
    for place, token in enumerate(tokens[:-2]):
        if token.name is None or tokens[place + 1].text not in (b"=", b"=="):
            continue
        name = token.name.lower()
        if name == PROFILE or name in caps:
            check_value(name, tokens[place + 2].text.decode("utf-8", "replace"), caps)


def check_value(name: str, value: str, caps: Mapping[str, int]) -> None:
    """Looks at the value of one setting, as it is written or sent.

    Raises:
        ServerError: 452.
    """
    name = name.lower()
    if name == PROFILE:
        raise ServerError.named(452, f"Setting {name} should not be changed")
    if name not in caps:
        return
    number = value.strip("'")
    if not (number.isascii() and number.isdigit() and 1 <= int(number) <= caps[name]):
        raise ServerError.named(
            452, f"Setting {name} shouldn't be greater than {caps[name]} nor less than 1: this user has limits"
        )
