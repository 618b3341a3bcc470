"""What workers are told of generations: what each one counts, and which one the views show."""

from typing import Annotated

from pydantic import Field

from ioc.contracts.base import Code, Contract, UtcTime

LIVE_KEY = b"live"
"""Key of the note of the live generation; every other key is the name of a generation."""


class GenerationRecord(Contract):
    """A generation with the catalogue that it counts, as text: a worker needs nothing else to fold it."""

    generation: Code = Field(description="Its name")
    catalogue_hash: Annotated[str, Field(min_length=1)] = Field(
        description="Hash of the compiled rollups and contracts"
    )
    topic_ids: dict[str, str] = Field(description="Topic of events that it reads → id that the broker gave it")
    files: dict[str, str] = Field(description="The catalogue: path below its folder → text of the file")
    registered_at: UtcTime = Field(description="When it was first registered")


class LiveNote(Contract):
    """Which generation the views show: a copy of the newest row of the table `generations`, which is the truth."""

    generation: Code = Field(description="Its name")
    active_from: UtcTime = Field(description="When it went live")
