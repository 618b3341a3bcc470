"""Keyed hashes in the place of persons' numbers."""

import re

import pytest
from pydantic import SecretStr

from ioc.errors import ConfigError
from ioc.privacy import Pseudonyms

KEY = SecretStr("k" * 32)


def test_the_same_number_gives_the_same_pseudonym_however_it_is_written() -> None:
    of = Pseudonyms(KEY).of
    assert of("gd 4 96 1234567890") == of("GD4961234567890") == Pseudonyms(KEY).of(" GD4961234567890 ")
    assert of("GD4961234567891") != of("GD4961234567890")
    assert re.fullmatch(r"[0-9a-f]{4}-[0-9a-f]{32}", of("GD4961234567890"))


def test_nothing_stays_nothing() -> None:
    assert Pseudonyms(KEY).of("  ") == ""


def test_another_key_gives_other_pseudonyms_that_tell_it() -> None:
    one, other = Pseudonyms(KEY).of("096012345678"), Pseudonyms(SecretStr("l" * 32)).of("096012345678")
    assert one.partition("-")[0] != other.partition("-")[0]
    assert one.partition("-")[2] != other.partition("-")[2]


def test_a_key_that_could_be_guessed_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigError) as refused:
        Pseudonyms(SecretStr("guess me"))
    assert "guess me" not in str(refused.value)
    assert "8 characters" in str(refused.value)
