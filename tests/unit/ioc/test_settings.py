"""Settings: file under environment, unknown keys refused in both, all faults at once, secrets never shown."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from ioc.errors import ConfigError
from ioc.settings import SETTINGS_VARIABLE, Settings, load_settings, setting_names


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no file of the machine reaches these tests."""
    for name in list(os.environ):
        if name.upper().startswith("IOC_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write(text: str) -> None:
    Path("ioc.toml").write_text(text, encoding="utf-8")


def refused() -> str:
    with pytest.raises(ConfigError) as error:
        load_settings()
    return str(error.value)


def test_without_file_and_environment_the_defaults_hold() -> None:
    assert load_settings() == Settings()
    assert load_settings().kafka.bootstrap == "127.0.0.1:19092"


def test_the_environment_is_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write('log_level = "debug"\n[kafka]\nbootstrap = "file:1"\nreplication = 3\n[clickhouse.analyst]\nuser = "an"\n')
    monkeypatch.setenv("IOC_KAFKA__BOOTSTRAP", "env:1")
    monkeypatch.setenv("IOC_CLICKHOUSE__ANALYST__PASSWORD", "geheim")
    settings = load_settings()
    assert (settings.kafka.bootstrap, settings.kafka.replication, settings.log_level) == ("env:1", 3, "debug")
    assert settings.clickhouse.analyst.user == "an"
    assert settings.clickhouse.analyst.password.get_secret_value() == "geheim"


def test_a_section_can_be_given_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOC_KAFKA", '{"replication": 2}')
    assert load_settings().kafka.replication == 2


def test_the_file_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[wall]\nport = 1234\n", encoding="utf-8")
    monkeypatch.setenv(SETTINGS_VARIABLE, str(other))
    assert load_settings().wall.port == 1234


def test_a_named_file_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTINGS_VARIABLE, "nowhere.toml")
    assert "nowhere.toml does not exist; set IOC_SETTINGS" in refused()


def test_what_is_not_toml_is_refused() -> None:
    write("[kafka\n")
    assert "ioc.toml is not TOML" in refused()
    Path("ioc.toml").write_bytes("log_json = true".encode("utf-16"))
    assert "ioc.toml is not TOML" in refused()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("kafkas = 1\n", "kafkas: Extra inputs are not permitted"),
        ("[kafka]\nbootstrp = 'x'\n", "kafka.bootstrp: Extra inputs are not permitted"),
        ("[clickhouse.writer]\nuser = 'w'\nname = 'x'\n", "clickhouse.writer.name: Extra inputs are not permitted"),
        ("[wall]\nport = 0\n", "wall.port: Input should be greater than or equal to 1"),
        ("[wall]\nport = 70000\n", "wall.port: Input should be less than or equal to 65535"),
        ("[wall]\nrefresh_s = 0\n", "wall.refresh_s: Input should be greater than 0"),
        ("[flood]\nratio = 1.5\n", "flood.ratio: Input should be less than or equal to 1"),
        ("[clickhouse]\ndatabase = 'a-b; DROP'\n", "clickhouse.database: String should match pattern"),
        ("[sources.dossier]\nshape = 'soap'\n", "sources.dossier.shape: Input should be 'national' or 'rest'"),
        ("log_level = 'loud'\n", "log_level: Input should be 'debug', 'info'"),
    ],
)
def test_a_wrong_key_or_value_of_the_file_is_named(text: str, named: str) -> None:
    write(text)
    assert named in refused()


@pytest.mark.parametrize(
    ("variable", "named"),
    [
        ("IOC_KAFKA__BOOTSTRP", "IOC_KAFKA__BOOTSTRP: no such setting (did you mean IOC_KAFKA__BOOTSTRAP?)"),
        ("IOC_KAFKA_BOOTSTRAP", "IOC_KAFKA_BOOTSTRAP: no such setting (did you mean IOC_KAFKA__BOOTSTRAP?)"),
        ("IOC_SETTINSG", "IOC_SETTINSG: no such setting"),
        ("IOC_LOGLEVEL", "IOC_LOGLEVEL: no such setting (did you mean IOC_LOG_LEVEL?)"),
        ("ioc_wal__port", "ioc_wal__port: no such setting (did you mean IOC_WALL__PORT?)"),
    ],
)
def test_a_misspelt_variable_is_refused(variable: str, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "1")
    assert named in refused()


def test_a_variable_that_should_be_json_and_is_not_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOC_KAFKA", "127.0.0.1:9092")
    assert 'field "kafka"' in refused()


def test_other_programs_variables_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOCAINE", "1")
    monkeypatch.setenv("KAFKA__BOOTSTRAP", "x")
    assert load_settings().kafka.bootstrap == "127.0.0.1:19092"


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    write("x = 1\n[wall]\nport = 0\n")
    monkeypatch.setenv("IOC_SINK__BATCH_ROWS", "many")
    monkeypatch.setenv("IOC_Y", "1")
    message = refused()
    assert all(part in message for part in ("x: Extra", "wall.port: ", "sink.batch_rows: ", "IOC_Y: no such setting"))


SECRET = "s3cr3t-CANARY"


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    write(f'[clickhouse.admin]\nuser = "a"\npassword = "{SECRET}"\n[privacy]\nhash_key = "{SECRET}"\n')
    settings = load_settings()
    for shown in (repr(settings), str(settings), settings.model_dump_json(), repr(settings.clickhouse.admin)):
        assert SECRET not in shown
    assert settings.privacy.hash_key.get_secret_value() == SECRET


def test_a_refusal_does_not_show_secrets_either(monkeypatch: pytest.MonkeyPatch) -> None:
    write(f'[clickhouse.admin]\npassword = "{SECRET}"\n[privacy]\nhash_key = ["{SECRET}"]\n')
    with pytest.raises(ConfigError) as error:
        load_settings()
    assert "privacy.hash_key: " in str(error.value)
    link: BaseException | None = error.value
    while link is not None:
        assert SECRET not in str(link)
        link = None if link.__suppress_context__ else link.__cause__ or link.__context__


def _leaves(model: type[BaseModel]) -> Iterator[tuple[str, str | None]]:
    for name, info in model.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from ((f"{name}.{inner}", text) for inner, text in _leaves(info.annotation))
        else:
            yield name, info.description


@pytest.mark.parametrize(("name", "description"), list(_leaves(Settings)))
def test_every_setting_says_what_it_is_for(name: str, description: str | None) -> None:
    assert description, name
    assert description.endswith((".", "?"))


def test_names_are_listed_with_their_sections() -> None:
    names = set(setting_names())
    assert {("kafka",), ("kafka", "bootstrap"), ("clickhouse", "admin", "password"), ("log_level",)} <= names


def test_settings_do_not_change() -> None:
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.kafka.replication = 2  # type: ignore[misc]


def test_one_key_of_a_login_leaves_the_others_as_they_are() -> None:
    write('[clickhouse.admin]\npassword = "drawn"\n')
    admin = load_settings().clickhouse.admin
    assert (admin.user, admin.password.get_secret_value()) == ("ioc_admin", "drawn")
