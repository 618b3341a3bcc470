"""Every figure of the documents, entered as a report: out of ClickHouse it comes as it is stated, or it is flagged."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

import msgspec
import pytest

from ingest.sources.hub.columns import folded
from ingest.sources.hub.rows import read_figure
from ioc.catalogue.load import load_catalogue
from ioc.catalogue.profile import load_province, province_codes
from ioc.catalogue.province import Stated
from ioc.contracts.base import wire_time
from ioc.contracts.decoder import decoder
from ioc.contracts.event import version_of
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import history_columns, history_rows
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.render import Target
from sinks.findings import refresh
from tests.clickhouse_front import FrontProcess
from tests.naive_fold import NaiveFold

DATABASE = "stated_figures"
CATALOGUE = load_catalogue()
READ_AT = datetime(2024, 12, 31, 3, tzinfo=UTC)
UNITS = {"ca_mau": "000.00.00.H12", "cao_bang": "000.00.00.H11"}
"""Codes as sources write them; Cao Bằng's is unknown in Cà Mau, whose database this is."""


class Entered(NamedTuple):
    """A figure of a document as a unit of the province would report it."""

    stated: Stated
    place: int
    """Which of the statements of its series, place and period it is."""
    series: str
    known: bool
    """The catalogue has the series."""
    event: dict[str, Any]

    @property
    def entity(self) -> str:
        return str(self.event["entity"])


def share_of(stated: Stated) -> float | Decimal:
    """The percentage that the document gives; where it gives none, what a unit would work out."""
    return quotient(stated).quantize(Decimal("0.01"), ROUND_HALF_UP) if stated.value is None else stated.value


def quotient(stated: Stated) -> Decimal:
    """Numerator over denominator, in percent."""
    return 100 * Decimal(str(stated.numerator)) / Decimal(str(stated.denominator))


def entered(province: str, stated: Stated, seen: Counter[str]) -> Entered:
    """Read by the connector: figures with numerator and denominator as they are, wholes with the sum of their parts for 100%."""
    indicator = CATALOGUE.indicators.get(stated.code)
    known = CATALOGUE.series.get(indicator.series) if indicator is not None and not stated.parts else None
    series = known.code if known else (stated.code.replace("-", "_") or folded(stated.what).upper()[:64])
    grain, day = known.grain if known else "month", stated.as_of
    period = f"{day.year}-Q{(day.month + 2) // 3}" if grain == "quarter" else f"{day.year}-{day.month:02}"
    fields: dict[str, Any] = {"series": series, "unit": UNITS[province], "period": period}
    if stated.parts:
        total = sum(Decimal(str(part.value)) for part in stated.parts)
        fields |= {"value": stated.value, "percentage": 100, "numerator": total, "denominator": stated.value}
    else:
        fields |= {"percentage": share_of(stated), "numerator": stated.numerator, "denominator": stated.denominator}
    entity, unit, data = read_figure(fields)
    data["period_start"] = wire_time(data["period_start"])
    seen[entity] += 1
    event = {
        "source": "hub", "kind": "statistic", "entity": entity, "facet": "figure", "version": version_of(1, data),
        "deleted": False, "unit": unit, "occurred_at": wire_time(READ_AT), "observed_at": wire_time(READ_AT), "data": data,
    }  # fmt: skip
    return Entered(stated, seen[entity], series, known is not None, event)


SEEN: Counter[str] = Counter()
FIGURES = [
    entered(province, stated, SEEN)
    for province in province_codes()
    for stated in load_province(province).result
    if stated.parts or stated.denominator is not None
]
INDICATORS = [f for f in FIGURES if f.known and f.place == 1 and f.event["unit"] == UNITS["ca_mau"]]
"""Those that an indicator of the catalogue shows."""

CONTRADICTORY = {
    ("VB-003", 98.67),  # 349,605 of 356,257 is 98.13%
    ("KT-023", 52.42),  # 2,490 of 3,360 is 74.11%
    ("KT-034", 81.6),  # 818,508 of 1,006,704 is 81.31%
    ("GD-013", 99.2),  # 200,583 of 202,583 is 99.01%
    ("Tài khoản định danh điện tử đã cấp", 818_508),  # 96,613 + 724,895 = 821,508
    ("Người có công", 14_981),  # 14,960 + 214 = 15,174
    ("Trẻ em được rà soát", 202_583),  # 200,583 + 1,569 = 202,152
    ("Tổng mức đầu tư các dự án mới, triệu đồng", 8530),  # the six are 8,350
    ("Tổng mức đầu tư các nhiệm vụ, dự án ứng dụng CNTT năm 2024, triệu đồng", 122_656),  # with 8,530 it is 122,836
}
"""Worked out by hand."""


class Outcome(NamedTuple):
    """What ClickHouse says of a report."""

    value: float
    numerator: float
    denominator: float
    share: float
    reasons: frozenset[str]
    expected: float | None
    """Of the finding `contradictory`."""


@pytest.fixture(scope="module")
def client(clickhouse_front: FrontProcess) -> Iterator[Client]:
    user = clickhouse_front.users["ioc_admin"]
    where = ClickHouseSettings(native_port=clickhouse_front.native_port, http_port=clickhouse_front.http_port)
    with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as connected:
        generation = migrate(connected, Target(DATABASE), CATALOGUE, load_province("ca_mau"), {}).generation
        fold = NaiveFold("statistic", [r for r in CATALOGUE.compiled.rollups.values() if r.kind == "statistic"])
        for event in decoder("statistic")(msgspec.json.encode([f.event for f in INDICATORS])):
            fold.apply(event)
        cells = [(generation, *cell, 0, 1, measures) for cell, measures in fold.cells().items() if cell[1] == "day"]
        columns = ("generation", "rollup_id", "grain", "unit", "bucket", "part", "revision", "measures")
        connected.insert(f"{DATABASE}.partials", columns, list(zip(*cells, strict=True)))
        yield connected


@pytest.fixture(scope="module")
def outcomes(client: Client) -> dict[tuple[str, int], Outcome]:
    """By entity and place: of what is stated twice each is entered when the other is gone."""
    found: dict[tuple[str, int], Outcome] = {}
    for place in range(1, max(figure.place for figure in FIGURES) + 1):
        for table in ("statistic_history", "statistic_figure", "findings"):
            client.execute(f"TRUNCATE TABLE {DATABASE}.{table}")
        events = decoder("statistic")(msgspec.json.encode([f.event for f in FIGURES if f.place == place]))
        columns, _ = history_rows("statistic", events)
        client.insert(f"{DATABASE}.statistic_history", [c.name for c in history_columns("statistic")], columns)
        refresh(client, DATABASE)
        rows = client.query(
            "SELECT r.entity, any(r.value), any(r.numerator), any(r.denominator), any(100 * r.numerator / r.denominator), "
            "groupArrayIf(f.reason, f.reason != ''), anyIf(f.expected, f.reason = 'contradictory') "
            f"FROM {DATABASE}.reports AS r LEFT JOIN (SELECT * FROM {DATABASE}.findings FINAL WHERE isNull(resolved_at)) AS f "
            "ON f.entity = r.entity GROUP BY r.entity"
        )
        for entity, value, numerator, denominator, share, reasons, expected in rows:
            found[entity, place] = Outcome(value, numerator, denominator, share, frozenset(reasons), expected)
    return found


def name(figure: Entered) -> str:
    return f"{figure.series} {figure.place}"


def decimals(value: float | Decimal) -> int:
    """As the document writes it."""
    return len(str(value).partition(".")[2])


def test_what_contradicts_itself_is_flagged_and_nothing_else(outcomes: dict[tuple[str, int], Outcome]) -> None:
    assert len(outcomes) == len(FIGURES) >= 55
    flagged = {
        (figure.stated.code or figure.stated.what, figure.stated.value)
        for figure in FIGURES
        if "contradictory" in outcomes[figure.entity, figure.place].reasons
    }
    assert flagged == CONTRADICTORY


@pytest.mark.parametrize("figure", FIGURES, ids=name)
def test_a_figure_comes_out_as_stated_or_is_flagged(figure: Entered, outcomes: dict[tuple[str, int], Outcome]) -> None:
    stated, held = figure.stated, outcomes[figure.entity, figure.place]
    if stated.parts:
        assert held.numerator == pytest.approx(sum(part.value for part in stated.parts))
        assert (held.value, held.denominator) == (100, stated.value)
        assert ("contradictory" in held.reasons) == (held.numerator != held.denominator)
    else:
        assert (held.numerator, held.denominator) == (stated.numerator, stated.denominator)
        assert held.value == float(share_of(stated))
    if "contradictory" in held.reasons:
        assert held.expected == pytest.approx(held.share)
    elif stated.value is not None and not stated.parts:
        assert round(held.share, decimals(stated.value)) == stated.value
    # A series that is no catalogue's says so, and nothing else is wrong with what agrees.
    other = held.reasons - {"contradictory"}
    assert other == (frozenset() if figure.known else {"unknown_series"})


def test_the_indicators_show_the_quotients(client: Client) -> None:
    codes = ", ".join(f"'{figure.stated.code}'" for figure in INDICATORS)
    rows = client.query(
        f"SELECT code, toString(grain), value FROM {DATABASE}.indicator_selected(codes = [{codes}]) "
        "WHERE level = 'province' AND tree = 'then'"
    )
    shown = {(code, grain): value for code, grain, value in rows}
    assert len(INDICATORS) >= 14
    for stated, _, series, _, _ in INDICATORS:
        value = shown[stated.code, CATALOGUE.series[series].grain]
        assert value == pytest.approx(float(quotient(stated)))
        if (stated.code, stated.value) not in CONTRADICTORY:
            assert round(value, decimals(share_of(stated))) == pytest.approx(float(share_of(stated)))
