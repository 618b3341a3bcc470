"""The data sources as one: each question goes to its own."""

from dashboards.wall.clickhouse import ClickHouse
from dashboards.wall.prometheus import Prometheus
from dashboards.wall.question import Frame, Question


class Sources:
    """ClickHouse and Prometheus behind one `ask`."""

    def __init__(self, clickhouse: ClickHouse, prometheus: Prometheus) -> None:
        self._clickhouse = clickhouse
        self._prometheus = prometheus

    async def ask(self, question: Question) -> Frame:
        """The answer of the question's own source; raises as that does."""
        if question.source == "prometheus":
            return await self._prometheus.query(question)
        return await self._clickhouse.query(question.text)
