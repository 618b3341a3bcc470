"""Connectors beside the package: loaded when they are switched on, and every fault of theirs is a sentence."""

import os
from pathlib import Path

import pytest

from ingest.systems import enabled
from ioc.errors import ConfigError
from ioc.settings import load_settings

GOOD = '''
from ingest.kit import JsonSettings, JsonStream, Target

class Settings(JsonSettings):
    """Of the test."""
    region: str = "all"
    """One more."""

class Cases(JsonStream):
    """Reports."""
    stream, targets, path = "cases", (Target("feedback_case", "case"),), "/x"

STREAMS = [Cases]
'''
TABLE = 'enabled = true\nurl = "http://127.0.0.1:1"\n'


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.upper().startswith("IOC_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write(table: str = TABLE, code: str = GOOD, name: str = "hotline", head: str = 'directory = "own"\n') -> None:
    Path("own").mkdir(exist_ok=True)
    (Path("own") / f"{name}.py").write_text(code, "utf-8")
    text = f"[sources]\n{head}[sources.dossier]\nenabled = false\n[sources.more.{name}]\n{table}"
    Path("ioc.toml").write_text(text, "utf-8")


def refused() -> str:
    with pytest.raises(ConfigError) as error:
        enabled(load_settings().sources)
    return str(error.value)


def test_a_connector_that_is_switched_on_is_read_with_its_settings() -> None:
    write(TABLE + 'poll_s = 7\nregion = "south"\n')
    (system,) = enabled(load_settings().sources)
    (stream,) = system.streams
    assert (stream.name, stream.stream, system.poll_s) == ("hotline", "cases", 7.0)
    assert vars(stream)["settings"].region == "south"
    system.close()


def test_the_environment_is_over_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    write('enabled = false\nurl = "http://127.0.0.1:1"\n')
    monkeypatch.setenv("IOC_SOURCES__MORE__HOTLINE__ENABLED", "true")
    monkeypatch.setenv("IOC_SOURCES__MORE__HOTLINE__POLL_S", "9")
    (system,) = enabled(load_settings().sources)
    assert system.poll_s == 9.0
    system.close()


def test_one_that_is_switched_off_is_not_imported() -> None:
    write('enabled = false\nwhat = "ever"\n', "raise SystemExit")
    assert enabled(load_settings().sources) == []


def test_a_function_may_make_the_system() -> None:
    write(
        code=GOOD
        + "from ingest.source import System\n"
        + "def system(settings: Settings) -> System:\n"
        + "    return System([], 3.0, 4.0, lambda: None)\n"
    )
    (system,) = enabled(load_settings().sources)
    assert system.requests_per_s == 4.0


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (TABLE + "pol_s = 1\n", "sources.more.hotline.pol_s: Extra inputs are not permitted"),
        ("enabled = true\n", "sources.more.hotline.url: Field required"),
        (TABLE + "poll_s = 0\npage_size = 'x'\n", "sources.more.hotline.page_size"),
        ("enabled = 'perhaps'\n", "sources.more.hotline.enabled: write true or false"),
        ('enabled = true\nurl = "ftp://x"\n', "own/hotline.py: source address 'ftp://x' is not an http"),
    ],
)
def test_wrong_settings_are_named_by_their_keys(table: str, said: str) -> None:
    write(table)
    assert said in refused()


def test_all_faults_of_the_settings_are_told_at_once_and_no_secret() -> None:
    write(TABLE + 'poll_s = 0\npassword = ["CANARY"]\n')
    message = refused()
    assert "sources.more.hotline.poll_s" in message
    assert "sources.more.hotline.password" in message
    assert "CANARY" not in message


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("x = 1\nimport nowhere_at_all\n", "own/hotline.py:2: ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("x = (\n", "own/hotline.py:1: SyntaxError"),
        ("x = 1\n", "own/hotline.py: it has no class `Settings(SystemSettings)`"),
        (GOOD.replace("STREAMS = [Cases]", ""), "own/hotline.py: it has no streams; write `STREAMS"),
        (GOOD.replace("[Cases]", "[dict]"), "own/hotline.py: "),
        (GOOD.replace('"case")', '"cases")'), "kind feedback_case has no facet 'cases'; it has case"),
        (GOOD.replace("[Cases]", "[Cases, Cases]"), "own/hotline.py: two streams are called 'cases'"),
        (GOOD.replace("    stream, t", "    name = 'hub'\n    stream, t"), "calls its source 'hub'; leave `name` out"),
        (GOOD.replace("[Cases]", "[lambda settings: 1 / 0]"), "own/hotline.py:13: ZeroDivisionError"),
    ],
)
def test_a_fault_in_the_file_is_named_by_its_line(code: str, said: str) -> None:
    write(code=code)
    assert said in refused()


def test_a_file_that_is_not_there_is_named_and_how_to_write_it() -> None:
    write()
    Path("own/hotline.py").unlink()
    assert "there is no own/hotline.py; write it with `ioc connector new hotline`" in refused()


def test_without_a_folder_nothing_can_be_loaded() -> None:
    write(head="")
    assert 'sources.directory names no folder that they are in; write directory = "connectors"' in refused()


@pytest.mark.parametrize("name", ["dossier", "hub", "Hotline", "x-y"])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    write(name=name)
    assert "is the name of a system that is built in" in refused() or "a name is a small letter" in refused()


def test_settings_with_secrets_are_not_shown() -> None:
    write(TABLE + 'password = "CANARY"\n')
    sources = load_settings().sources
    assert "CANARY" not in repr(sources)
    assert "CANARY" not in sources.model_dump_json()
    assert sources.model_dump()["more"]["hotline"]["password"] == "CANARY"
