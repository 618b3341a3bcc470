"""`ioc catalogue` and `ioc explain`, as far as they need no server."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from ioc.catalogue.load import load_catalogue
from ioc.cli import catalogue, explain
from ioc.cli.explain import panels, way
from ioc.settings import Settings
from tests.unit.ioc.test_catalogue_data import COUNTS
from tests.unit.ioc.test_catalogue_load import GOOD, catalogue_of
from tests.unit.ioc.test_province import UNITS, province_of

CATALOGUE = load_catalogue()
CODES = list(CATALOGUE.indicators)


def run(arguments: Sequence[str]) -> Result:
    app = typer.Typer()
    catalogue.register(app)
    explain.register(app)
    return CliRunner().invoke(app, arguments)


@pytest.fixture(autouse=True)
def _away_from_the_settings_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_shipped_catalogue_has_no_fault() -> None:
    result = run(["catalogue", "check"])
    assert result.exit_code == 0
    assert f"{len(CODES)} indicators in {len(CATALOGUE.sectors)} sectors" in result.output
    assert "no fault" in result.output
    shown = dict(re.findall(r"^  (\w+) +(\d+)  ", result.output, re.MULTILINE))
    assert {code: int(shown[code]) for code in COUNTS} == COUNTS
    assert int(shown["document"]) + int(shown["project"]) == sum(COUNTS.values())


def test_each_fault_is_a_line_and_the_exit_code_says_so(tmp_path: Path) -> None:
    catalogue_of(tmp_path, dvc=GOOD.replace('"up"', '"better"').replace('"count"', '"gauge"'))
    province_of(tmp_path, units=UNITS.replace('parent = "D"', 'parent = "X"'))
    result = run(["catalogue", "check", "--directory", str(tmp_path)])
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert len(lines) == 3
    assert [Path(line.partition(":")[0]).name for line in lines] == ["dvc.toml", "dvc.toml", "units.toml"]
    assert "'X' is no unit's code" in lines[2]


def test_an_empty_folder_is_a_fault(tmp_path: Path) -> None:
    result = run(["catalogue", "check", "--directory", str(tmp_path)])
    assert result.exit_code == 1
    assert "holds no *.toml" in result.stdout


def test_the_list_has_a_line_for_each_indicator() -> None:
    lines = run(["catalogue", "list"]).output.splitlines()
    assert [line.split()[0] for line in lines] == CODES
    assert "Tỷ lệ hồ sơ trực tuyến toàn trình" in lines[CODES.index("DVC-012")]
    assert "85 (2025)" in lines[CODES.index("DVC-012")]


def test_a_reported_one_is_listed_by_its_series_and_a_composite_by_its_parts() -> None:
    lines = run(["catalogue", "list"]).output.splitlines()
    assert "PROCEDURES_FULL_ONLINE" in lines[CODES.index("DVC-017")]
    assert " 5 parts " in lines[CODES.index("DVC-064")]
    shown = run(["catalogue", "show", "DVC-062"]).output
    assert "part DVC-017  4 points from 0 to 100, at level province" in shown
    assert "the last one of series PROCEDURES_FULL_ONLINE" in run(["catalogue", "show", "DVC-017"]).output


def test_one_indicator_is_shown_with_its_targets() -> None:
    shown = run(["catalogue", "show", "dvc-054"]).output
    assert "Tỷ lệ người dân, doanh nghiệp hài lòng" in shown
    assert re.search(r"target 2025 +90 at level province: Kế hoạch 267/KH-UBND", shown)
    assert "responsible   Văn phòng UBND tỉnh" in shown


@pytest.mark.parametrize("command", [["catalogue", "show"], ["explain"]])
def test_an_unknown_code_names_the_known_ones(command: list[str]) -> None:
    result = run([*command, "DVC-999"])
    assert result.exit_code == 2
    assert "DVC-001" in result.output


@pytest.mark.parametrize("code", sorted(CATALOGUE.compiled.formulas))
def test_the_whole_way_of_every_indicator_can_be_told(code: str) -> None:
    told = "\n".join(way(CATALOGUE, code, Settings()))
    event = CATALOGUE.indicators[code].event
    for part in (
        "source",
        f"topic\n  events.{event}: 4 partitions",
        f"event {event}",
        "numerator",
        "SQL: ",
        "ioc.indicator_now",
    ):
        assert part in told
    formula = CATALOGUE.compiled.formulas[code]
    assert f"measure {formula.numerator.index} of rollup {formula.numerator.rollup_id}" in told
    assert ("\ndenominator\n" in told) == (formula.denominator is not None)


@pytest.mark.parametrize("code", sorted(CATALOGUE.composites))
def test_the_parts_of_every_composite_are_told_level_by_level(code: str) -> None:
    told = "\n".join(way(CATALOGUE, code, Settings()))
    for level in CATALOGUE.composites[code].levels:
        points = re.findall(
            r": ([\d.]+) points", told.partition(f"parts at level {level}\n")[2].partition("\nparts")[0]
        )
        assert sum(map(float, points)) == {"DVC-060": 20, "DVC-061": 22, "DVC-062": 22}.get(
            code, 18 if code in ("DVC-059", "DVC-063") else 100
        )
    assert "ioc.composite_scores" in told


def test_explain_names_the_panels_that_show_it() -> None:
    result = run(["explain", "DVC-002", "--offline"])
    assert result.exit_code == 0
    after = result.output.split("panels\n")[1]
    assert "(gauge)" in after
    assert "\nvalues\n" not in result.output


def test_panels_are_found_by_the_whole_code(tmp_path: Path) -> None:
    board = {
        "title": "Tổng quan",
        "panels": [
            {"type": "row", "title": "row", "panels": [{"type": "stat", "title": "Một", "targets": [{"rawSql": "code = 'DVC-001'"}]}]},
            {"type": "table", "title": "Hai", "description": "DVC-001, DVC-002"},
            {"type": "stat", "title": "Ba", "targets": [{"rawSql": "code = 'DVC-0011'"}]},
        ],
    }  # fmt: skip
    (tmp_path / "wall.json").write_text(json.dumps(board), encoding="utf-8")
    assert panels("DVC-001", tmp_path) == ["Tổng quan: Một (stat)", "Tổng quan: Hai (table)"]
    assert panels("DVC-002", tmp_path) == ["Tổng quan: Hai (table)"]
    assert panels("DVC-003", tmp_path) == []


@pytest.mark.parametrize("code", ["DVC-001", "DVC-064"])
def test_without_a_server_the_way_is_told_and_the_values_are_left_out(
    code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Port 1 is privileged and nobody listens on it.
    monkeypatch.setenv("IOC_CLICKHOUSE__NATIVE_PORT", "1")
    result = run(["explain", code])
    assert result.exit_code == 0
    assert "left out: ClickHouse at 127.0.0.1:1" in result.output
    assert "is the server up and reachable?" in result.output
