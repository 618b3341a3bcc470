"""Whom to call, whom to write to, and when: a TOML file that the operator keeps, outside the repository.

Boards, reminders and the brief say the same of it: `ioc migrate` and `ioc units contacts` load whom to call into the table `units`.

since = 2026-11-01                      # reports that were due before this day are not asked for

[brief]
to = ["chu-tich@example.gov.vn"]        # leaders who get the daily brief

[[step]]                                # who is told, so many working days after the last day in time
after_working_days = 0
to = "unit"

[[step]]
after_working_days = 3
to = "leader"

[[step]]
after_working_days = 7
to = "superior"

[unit."000.00.09.H12"]
phone = ["0290 3 000 000"]              # shown with the addresses of `mail` wherever the unit owes something
mail = ["vanthu@example.gov.vn"]
leader = ["giam-doc@example.gov.vn"]

[source.dossier]                        # who is told when a source is silent
mail = ["quan-tri@example.gov.vn"]
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ioc.catalogue.province import Province
from ioc.errors import ConfigError

To = Literal["unit", "leader", "superior"]
"""The unit itself; who leads it; who leads the unit above it, of a source who leads the province."""


def _address(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", text):
        raise ValueError(f"{text!r} is not an address like name@example.gov.vn")
    return text.lower()


Address = Annotated[str, AfterValidator(_address)]


def _number(text: str) -> str:
    if not re.fullmatch(r"\+?[0-9][0-9 .()-]{2,24}", text.strip()):
        raise ValueError(f"{text!r} is not a telephone number like 0290 3 000 000")
    return " ".join(text.split())


Phone = Annotated[str, AfterValidator(_number)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Row):
    """Who is told how many working days after the last day in time."""

    after_working_days: Annotated[int, Field(ge=0)]
    to: To


class Contact(_Row):
    """Numbers and addresses of a unit or of a source: its own, and of who leads it."""

    phone: list[Phone] = []
    mail: list[Address] = []
    leader: list[Address] = []

    @property
    def words(self) -> str:
        """Whom to call, as tables show it: numbers, then addresses; a leader's are for reminders alone."""
        return " · ".join([*self.phone, *self.mail])


class Brief(_Row):
    """Who gets the daily brief."""

    to: list[Address] = []


_STEPS = (
    Step(after_working_days=0, to="unit"),
    Step(after_working_days=3, to="leader"),
    Step(after_working_days=7, to="superior"),
)


class Contacts(_Row):
    """The file as a whole; units and sources by code."""

    since: date
    brief: Brief = Brief()
    step: Annotated[tuple[Step, ...], Field(min_length=1, max_length=20)] = _STEPS
    unit: Mapping[str, Contact] = {}
    source: Mapping[str, Contact] = {}

    @model_validator(mode="after")
    def _steps_rise(self) -> Self:
        days = [step.after_working_days for step in self.step]
        if days != sorted(set(days)):
            raise ValueError(f"step: after_working_days must rise from step to step, not {days}")
        return self


def load_contacts(file: Path, province: Province) -> Contacts:
    """Reads the file.

    Raises:
        ConfigError: it is missing, not TOML, has unknown keys or units, or something that is no address; all faults at once.
    """
    try:
        found = Contacts.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"mail.contacts {file}: {error}") from error
    except ValidationError as refused:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in refused.errors(include_url=False)]
        raise ConfigError(f"mail.contacts {file}: {'; '.join(faults)}") from None
    if unknown := sorted(set(found.unit) - {unit.code for unit in province.unit}):
        raise ConfigError(f"mail.contacts {file}: the province has no unit {', '.join(unknown)}")
    return found


def with_contacts(province: Province, file: Path | None) -> Province:
    """The province with whom to call of each unit as the file says; what it says nothing of stays as the profile has it.

    Raises:
        ConfigError: as `load_contacts`.
    """
    if file is None:
        return province
    said = {code: contact.words for code, contact in load_contacts(file, province).unit.items() if contact.words}
    units = [unit.model_copy(update={"contact": said.get(unit.code, unit.contact)}) for unit in province.unit]
    return province.model_copy(update={"unit": units})
