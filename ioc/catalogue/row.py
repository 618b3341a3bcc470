"""What every table of the catalogue's TOML is built on."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Row(BaseModel):
    """A table of the TOML; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Names(Row):
    """A name as the documents write it, and in English."""

    vi: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]
