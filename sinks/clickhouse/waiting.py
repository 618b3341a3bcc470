"""The dimensions while a generation waits to be deployed: what is shown is told as it is counted."""

from collections.abc import Sequence
from dataclasses import replace

from ioc.catalogue.diff import diff
from ioc.catalogue.load import Catalogue
from sinks.clickhouse.dimensions import Dimension


def waiting(
    wanted: Sequence[Dimension], before: Sequence[Dimension], live: Catalogue, coming: Catalogue
) -> tuple[Dimension, ...]:
    """The dimensions while `live` is still shown and `coming` is not folded yet.

    Indicators that are new or only told otherwise are those of `coming`; what it counts otherwise or no more stays as it was.
    """
    kept = diff(live, coming).waiting
    of_before = {dimension.table: dimension for dimension in before}
    found = []
    for dimension in wanted:
        rows = dimension.rows
        if not dimension.generation and dimension.columns[0] == "code":
            old = of_before[dimension.table].rows
            mine = {row[0] for row in rows}
            gone = {row[0] for row in old} - mine if dimension.table == "series" else set()
            rows = (*(r for r in rows if r[0] not in kept), *(r for r in old if r[0] in kept or r[0] in gone))
        found.append(replace(dimension, rows=rows))
    return tuple(found)
