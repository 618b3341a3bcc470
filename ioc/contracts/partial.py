"""Partials: what the fold sends to ClickHouse, the absolute values of cells in one partition."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ioc.contracts.base import Code, Contract

Grain = Literal["hour", "day", "now"]
"""Length of a cell's bucket: an hour (hours since the epoch, UTC), a local day (days since 1970-01-01 in
Asia/Ho_Chi_Minh), or the present (bucket 0)."""

Int64 = Annotated[int, Field(ge=-(2**63), le=2**63 - 1)]
Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


class PartialBatch(Contract):
    """Cells of one rollup and grain in one partition of the events' topic, side by side.

    Cell i is (units[i], buckets[i]) and its value measures[i], the vector of all the rollup's measures in the order of the
    compiled catalogue. Values are absolute: written twice they change nothing. `revision` is the offset of the last
    source message that the values include; of two values of a cell the one with the greater revision counts.
    """

    generation: Code
    rollup_id: Code
    grain: Grain
    part: Int32
    revision: Int64
    units: list[str]
    buckets: list[Int32]
    measures: list[list[Int64]]

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        if not len(self.units) == len(self.buckets) == len(self.measures):
            raise ValueError(
                f"{len(self.units)} units, {len(self.buckets)} buckets and {len(self.measures)} measure vectors differ"
            )
        return self
