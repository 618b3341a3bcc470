"""The queries of all panels, as the JSON of the dashboards has them."""

import asyncio
import json
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from dashboards.build import PROVISIONED
from dashboards.query import DATASOURCE_TYPE
from dashboards.wall.clickhouse import ClickHouse
from ioc.errors import RetriableError
from ioc.settings import ClickHouseSettings
from tests.integration.dashboards.asked import filled, variables


@dataclass
class PanelQuery:
    """A query as it is sent, who asks it, and how long its answers took, milliseconds."""

    sql: str
    board: str
    title: str
    took: list[float] = field(default_factory=list)
    rows: int = 0
    late: int = 0
    """Answers that the wall did not wait for."""

    def percentile(self, share: int) -> float:
        """Milliseconds."""
        return float(np.percentile(self.took, share))


def panel_queries() -> list[PanelQuery]:
    """Each different query of the panels of all dashboards, variables at their first values."""
    found: dict[str, PanelQuery] = {}
    for file in sorted(PROVISIONED.glob("*.json")):
        board = json.loads(file.read_text(encoding="utf-8"))
        values = variables(board)
        for panel in [one for top in board["panels"] for one in (top, *top.get("panels", []))]:
            for target in panel.get("targets", []):
                if target["datasource"]["type"] == DATASOURCE_TYPE:
                    sql = filled(target["rawSql"], values)
                    found.setdefault(sql, PanelQuery(sql, file.stem, panel.get("title", "")))
    return list(found.values())


def ask(settings: ClickHouseSettings, queries: Iterable[PanelQuery], runs: int) -> None:
    """Asks each query so many times, all of them in a new order each time, one after another over the wall's own connection;
    one more round before that is not counted.

    Raises:
        RefusedError: ClickHouse refuses a query.
    """

    async def run() -> None:
        order = list(queries)
        async with ClickHouse(settings) as clickhouse:
            for number in range(runs + 1):
                random.Random(number).shuffle(order)
                for query in order:
                    began, late = time.perf_counter(), 0
                    try:
                        query.rows = len((await clickhouse.query(query.sql)).rows)
                    except RetriableError:
                        late = 1
                    if number:
                        query.took.append((time.perf_counter() - began) * 1000)
                        query.late += late

    asyncio.run(run())
