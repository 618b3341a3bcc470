"""The settings that a stack draws for itself."""

import json
import os
import stat
import tomllib
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from deploy.embedded import credentials
from ioc.errors import ConfigError
from ioc.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings but those that a test makes; what `prepare` puts into the environment goes again."""
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    for name in [name for name in os.environ if name.startswith("IOC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("IOC_SETTINGS", "unset")
    monkeypatch.delenv("IOC_SETTINGS")


def prepared(data: Path) -> Settings:
    data.mkdir(exist_ok=True)
    return credentials.prepare(load_settings(), data)


def test_what_is_drawn_is_kept_private_and_differs_between_stacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = prepared(tmp_path / "a")
    monkeypatch.delenv("IOC_SETTINGS")
    other = prepared(tmp_path / "b")
    monkeypatch.delenv("IOC_SETTINGS")
    again = prepared(tmp_path / "a")
    assert first == again
    passwords = {
        getattr(one.clickhouse, login).password.get_secret_value()
        for one in (first, other)
        for login in credentials.USERS
    }
    assert len(passwords) == 8
    assert min(map(len, passwords)) >= 32
    assert first.privacy.hash_key != other.privacy.hash_key
    key = first.privacy.dead_letter_key.get_secret_value()
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"x")) == b"x"
    for kept in (credentials.generated_file, credentials.effective_file, credentials.users_file):
        assert stat.S_IMODE(kept(tmp_path / "a").stat().st_mode) == 0o600


def test_the_front_knows_every_login_and_who_may_only_read(tmp_path: Path) -> None:
    in_force = prepared(tmp_path / "a")
    users = json.loads(credentials.users_file(tmp_path / "a").read_text("utf-8"))
    assert {name: user["readonly"] for name, user in users.items()} == {
        "ioc_admin": False,
        "ioc_writer": False,
        "ioc_wall": True,
        "ioc_analyst": True,
    }
    assert users["ioc_wall"]["password"] == in_force.clickhouse.wall.password.get_secret_value()


def test_the_users_own_settings_win_the_environment_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("ioc.toml").write_text(
        '[clickhouse.wall]\nuser = "tường"\npassword = "của tôi"\n[wall]\nport = 14000\n[embedded.simulator]\nport = 15000\n',
        "utf-8",
    )
    monkeypatch.setenv("IOC_WALL__PORT", "14001")
    in_force = prepared(tmp_path / "a")
    assert in_force.clickhouse.wall.user == "tường"
    assert in_force.clickhouse.wall.password.get_secret_value() == "của tôi"
    assert in_force.wall.port == 14001
    assert in_force.sources.dossier.url == "http://127.0.0.1:15000"
    assert len(in_force.clickhouse.writer.password.get_secret_value()) >= 32
    assert "tường" in json.loads(credentials.users_file(tmp_path / "a").read_text("utf-8"))


def test_components_read_the_same_settings(tmp_path: Path) -> None:
    in_force = prepared(tmp_path / "a")
    assert os.environ["IOC_SETTINGS"] == str(tmp_path / "a" / "run" / "settings.toml")
    assert load_settings() == in_force
    assert in_force.embedded.data_dir == tmp_path / "a"


def test_a_server_of_ones_own_gets_no_drawn_passwords(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IOC_EMBEDDED__CLICKHOUSE", "false")
    in_force = prepared(tmp_path / "a")
    assert in_force.clickhouse.admin.password.get_secret_value() == ""
    assert in_force.privacy.hash_key.get_secret_value() != ""


def test_a_source_of_ones_own_stays(tmp_path: Path) -> None:
    Path("ioc.toml").write_text('[sources.dossier]\nurl = "http://10.1.2.3:80"\npassword = "theirs"\n', "utf-8")
    in_force = prepared(tmp_path / "a")
    assert in_force.sources.dossier.url == "http://10.1.2.3:80"
    assert in_force.sources.dossier.password.get_secret_value() == "theirs"


def test_a_folder_of_an_earlier_version_gets_what_is_drawn_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    kept = credentials.generated_file(tmp_path / "a")
    kept.write_text('[privacy]\nhash_key = "old"\n[sources.dossier]\npassword = "older"\n', "utf-8")
    first = prepared(tmp_path / "a")
    assert first.privacy.hash_key.get_secret_value() == "old"
    assert first.sources.dossier.password.get_secret_value() == "older"
    assert len(first.sources.hub.webhook.secret.get_secret_value()) >= 32
    monkeypatch.delenv("IOC_SETTINGS")
    assert prepared(tmp_path / "a") == first
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_each_system_has_a_password_of_its_own(tmp_path: Path) -> None:
    sources = prepared(tmp_path / "a").sources
    secrets = [sources.dossier.password, sources.ioffice.password, sources.health.password, sources.hub.password]
    secrets += [sources.hub.webhook.secret, sources.hub.mqtt.password]
    assert len({secret.get_secret_value() for secret in secrets}) == 6
    assert all(len(secret.get_secret_value()) >= 32 for secret in secrets)


def test_a_default_holds_where_the_user_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    defaults: credentials.Tree = {"embedded": {"simulator": {"log": "default.csv"}}}
    in_force = credentials.prepare(load_settings(), tmp_path / "a", defaults)
    assert in_force.embedded.simulator.log == Path("default.csv")
    monkeypatch.delenv("IOC_SETTINGS")
    Path("ioc.toml").write_text('[embedded.simulator]\nlog = "mine.csv"\n', "utf-8")
    in_force = credentials.prepare(load_settings(), tmp_path / "a", defaults)
    assert in_force.embedded.simulator.log == Path("mine.csv")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    credentials.generated_file(tmp_path / "a").write_text("a = [", "utf-8")
    with pytest.raises(ConfigError, match=r"a/secrets\.toml is not TOML"):
        prepared(tmp_path / "a")


names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8")),
    st.lists(st.text(st.characters(codec="utf-8")), max_size=3),
)
trees = st.recursive(
    st.dictionaries(names, scalars, max_size=4),
    lambda below: st.dictionaries(names, st.one_of(scalars, below), max_size=4),
    max_leaves=12,
)


def without_empty(tree: object) -> object:
    """Tables that hold nothing are not written."""
    if not isinstance(tree, dict):
        return tree
    kept = {key: without_empty(value) for key, value in tree.items()}
    return {key: value for key, value in kept.items() if value != {}}


@given(trees)
def test_toml_reads_back_as_it_was(tree: credentials.Tree) -> None:
    assert tomllib.loads(credentials.to_toml(tree)) == without_empty(tree)


@given(trees, trees)
def test_the_upper_tree_wins_and_nothing_is_lost(below: credentials.Tree, above: credentials.Tree) -> None:
    merged = credentials.overlay(below, above)
    assert merged.keys() == below.keys() | above.keys()
    assert credentials.overlay(merged, above) == merged
    assert credentials.overlay(below, {}) == below
