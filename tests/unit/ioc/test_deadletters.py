import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from ioc.contracts.control import DeadLetter
from ioc.deadletters import MAX_PAYLOAD_BYTES, Flood, Sealer
from ioc.errors import ConfigError, FatalError


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(SecretStr(Fernet.generate_key().decode()))


def _letter(sealer: Sealer, place: str = "offset 7, element 0", payload: bytes = b'{"a": 1}') -> DeadLetter:
    return sealer.letter(
        source="events.dossier",
        stream="events.dossier-3",
        place=place,
        reason="undecodable",
        error="x",
        payload=payload,
    )


def test_payload_is_encrypted_and_comes_back(sealer: Sealer) -> None:
    letter = _letter(sealer, payload="Nguyễn".encode())
    assert "Nguy" not in letter.model_dump_json()
    assert sealer.open(letter).decode() == "Nguyễn"


def test_same_record_has_the_same_id_whatever_the_key_and_the_attempt(sealer: Sealer) -> None:
    other = Sealer(SecretStr(Fernet.generate_key().decode()))
    assert _letter(sealer).id == _letter(other).id
    assert _letter(sealer).id != _letter(sealer, place="offset 7, element 1").id
    assert _letter(sealer).id != _letter(sealer, payload=b"{}").id


def test_long_payloads_are_cut_and_say_so(sealer: Sealer) -> None:
    letter = _letter(sealer, payload=b"x" * (MAX_PAYLOAD_BYTES + 1))
    assert len(sealer.open(letter)) == MAX_PAYLOAD_BYTES
    assert str(MAX_PAYLOAD_BYTES + 1) in letter.error


@pytest.mark.parametrize("key", ["", "short"])
def test_wrong_key_is_refused(key: str) -> None:
    with pytest.raises(ConfigError, match="dead_letter_key"):
        Sealer(SecretStr(key))


def test_another_key_does_not_open(sealer: Sealer) -> None:
    with pytest.raises(ConfigError, match="another key"):
        Sealer(SecretStr(Fernet.generate_key().decode())).open(_letter(sealer))


def test_single_bad_records_are_no_flood() -> None:
    flood = Flood("s", run=3, ratio=0.5, window=10)
    for _ in range(100):
        flood.bad()
        flood.good(2)


def test_run_of_bad_records_is_a_flood() -> None:
    flood = Flood("events.dossier-1", run=3, ratio=1, window=10)
    flood.bad(2)
    with pytest.raises(FatalError, match=r"events\.dossier-1: 3 bad records in a row"):
        flood.bad()


def test_share_of_bad_records_is_a_flood() -> None:
    flood = Flood("s", run=100, ratio=0.5, window=10)
    for _ in range(3):
        flood.bad(2)
        flood.good(1)
    with pytest.raises(FatalError, match="of the last"):
        flood.bad(2)
