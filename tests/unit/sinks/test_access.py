"""Who may read what on a server that keeps users itself, and how much."""

import re

import pytest

from ioc.settings import ClickHouseSettings
from ioc.settings.limits import ReaderLimits
from sinks.clickhouse.access import access_statements
from sinks.clickhouse.derived import tables
from sinks.clickhouse.render import Target

LIMITS = ReaderLimits(memory_mib=100, spill_mib=200, seconds=7, read_rows=8, result_rows=9, concurrent=3, queries_per_hour=11, seconds_per_hour=12)  # fmt: skip
STATEMENTS = access_statements(Target("ioc"), ClickHouseSettings(analyst_limits=LIMITS))


@pytest.mark.parametrize("role", ["ioc_showing", "ioc_reading"])
def test_readers_read_all_but_the_bytes_of_dead_letters_and_who_got_mail(role: str) -> None:
    mine = [s for s in STATEMENTS if re.search(rf"\b{role}$", s) and s.startswith(("GRANT SELECT", "REVOKE"))]
    assert mine[:2] == [f"GRANT SELECT ON ioc.* TO {role}", f"REVOKE SELECT ON ioc.dead_letters FROM {role}"]
    table = next(one for one in tables() if one.name == "dead_letters")
    columns = [column.name for column in table.columns]
    assert "payload" in columns
    left = ", ".join(name for name in columns if name != "payload")
    assert mine[2:] == [
        f"GRANT SELECT({left}) ON ioc.dead_letters TO {role}",
        f"REVOKE SELECT(recipient, reply) ON ioc.mails FROM {role}",
    ]


def test_each_limit_of_the_analyst_is_set_and_cannot_be_lifted() -> None:
    (profile,) = [s for s in STATEMENTS if s.startswith("ALTER SETTINGS PROFILE ioc_reader")]
    expected = {**LIMITS.query_settings, "max_concurrent_queries_for_user": 3}
    found = {
        name: (int(value), int(most)) for name, value, most in re.findall(r"(\w+) = (\d+) MIN 1 MAX (\d+)", profile)
    }
    assert found == {name: (most, most) for name, most in expected.items()}
    assert "readonly = 2" in profile
    (quota,) = [s for s in STATEMENTS if s.startswith("ALTER QUOTA")]
    assert quota.endswith("FOR INTERVAL 1 hour MAX queries = 11, execution_time = 12 TO `ioc_analyst`")


def test_a_server_that_has_them_already_follows_the_settings() -> None:
    made = [s.split()[1:5] for s in STATEMENTS if s.startswith("CREATE")]
    assert all("IF NOT EXISTS" in " ".join(words) or words[1] == "PROFILE" for words in made)
    assert sum(s.startswith("ALTER") for s in STATEMENTS) >= 5
