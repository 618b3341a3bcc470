"""Migrations as text: for one node, and for a cluster, which the embedded engine cannot try."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from ioc.catalogue.load import load_catalogue
from ioc.errors import ConfigError
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.access import access_statements
from sinks.clickhouse.behind import behind_statements
from sinks.clickhouse.derived import tables, view_statements
from sinks.clickhouse.history import history_statements
from sinks.clickhouse.mode_views import mode_statements
from sinks.clickhouse.past_views import past_statements
from sinks.clickhouse.period_views import period_statements
from sinks.clickhouse.reads import feed_statements
from sinks.clickhouse.render import Script, Target, numbered, render, split, views

ONE, CLUSTER = Target("ioc"), Target("ioc", "province")


def every_statement(target: Target) -> list[str]:
    scripts = [*numbered(), *views()]
    return [
        *(statement for script in scripts for statement in script.statements(target)),
        *(table.ddl(target) for table in tables()),
        *view_statements(target),
        *history_statements(target),
        *period_statements(target),
        *mode_statements(target),
        *past_statements(target),
        *behind_statements(target, load_catalogue().compiled),
        *(one for one in feed_statements("dossier", target) if not one.startswith("INSERT")),
    ]


def test_on_one_node_nothing_speaks_of_a_cluster() -> None:
    for statement in every_statement(ONE):
        assert "CLUSTER" not in statement
        assert "Replicated" not in statement
        # What is left in braces is a parameter of a view, with its type.
        assert not re.search(r"\{(?![a-z]+:)", statement)


def test_on_a_cluster_every_definition_is_for_all_nodes_and_every_table_is_replicated() -> None:
    # Rows that a migration writes are replicated as any others are.
    for statement in (one for one in every_statement(CLUSTER) if not one.startswith("INSERT INTO ioc.")):
        assert re.match(
            r"(CREATE|ALTER TABLE|RENAME TABLE|DROP TABLE|DROP VIEW) .*? ON CLUSTER `province`", statement, re.DOTALL
        ), statement[:200]
        if statement.startswith("CREATE TABLE"):
            assert re.search(r"ENGINE = Replicated(Replacing|Aggregating)?MergeTree\b", statement), statement[:200]


def test_both_are_the_same_but_for_the_cluster() -> None:
    stripped = [s.replace(" ON CLUSTER `province`", "").replace("Replicated", "") for s in every_statement(CLUSTER)]
    assert stripped == every_statement(ONE)


def test_an_unknown_placeholder_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"0009_x: placeholder \{databse\} is not one of database"):
        render("SELECT 1 FROM {databse}.t", "0009_x", ONE)


def test_statements_end_with_a_semicolon_at_the_end_of_a_line() -> None:
    assert split("SELECT 'a; b';\n\nSELECT 2 ;\nSELECT 3") == ["SELECT 'a; b'", "SELECT 2", "SELECT 3"]


def test_numbers_without_a_gap(tmp_path: Path) -> None:
    (tmp_path / "0001_a.sql").write_text("SELECT 1")
    (tmp_path / "0003_c.sql").write_text("SELECT 3")
    with pytest.raises(ConfigError, match="0002_what_it_does"):
        numbered(tmp_path)


def test_a_checksum_is_of_the_text_and_not_of_the_target() -> None:
    assert Script("0001_a", "SELECT 1").checksum != Script("0001_a", "SELECT 2").checksum


def test_access_holds_hashes_and_never_a_password() -> None:
    settings = ClickHouseSettings(
        writer=Login(user="w", password=SecretStr("writer-secret")),
        analyst=Login(user="a", password=SecretStr("pw'; DROP")),
    )
    for target in (ONE, CLUSTER):
        text = access_statements(target, settings)
        joined = "\n".join(text)
        assert "writer-secret" not in joined
        assert "DROP" not in joined
        assert all(s.split()[0] in ("CREATE", "ALTER", "GRANT", "REVOKE") for s in text)
        assert all(("ON CLUSTER" in s) == bool(target.cluster) for s in text)
    assert any(s.startswith("GRANT SELECT, INSERT ON ioc.* TO ioc_writing") for s in access_statements(ONE, settings))


def test_a_name_that_breaks_out_of_its_quotes_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"clickhouse\.wall\.user"):
        access_statements(ONE, ClickHouseSettings(wall=Login(user="x` IDENTIFIED")))
