"""Where reports of indicator values go, and when."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from ioc.settings.section import LocalTime, Section


class ReportSettings(Section):
    """The scheduled report of indicator values to the government's report system (docs/report.md)."""

    url: str = ""
    """Address that reports are put to, `https://…/reports`; empty: they are made and not sent."""
    token: SecretStr = SecretStr("")
    """Bearer token of the sender; empty: none is sent."""
    key_file: Path | None = None
    """Private key (Ed25519, PEM, mode 0600) that reports are signed with; `ioc report key` makes one."""
    outbox: Path | None = None
    """Folder of the reports and their receipts; None: `reports` in `embedded.data_dir`."""
    levels: str = "province"
    """Levels of units that are reported, by comma: province, department, commune and so on."""
    periods: Annotated[str, Field(pattern=r"^(month|quarter|year)( *, *(month|quarter|year))*$")] = "month"
    """Periods that are reported by themselves, by comma: month, quarter, year."""
    day: Annotated[int, Field(ge=1, le=60)] = 3
    """Day after the end of a period on which its report is made: 3 is the third of the next month."""
    at: LocalTime = "06:00"
    """Local time of that day from which on it is made."""
    again_s: Annotated[float, Field(gt=0)] = 900.0
    """Seconds until what could not be made or sent is tried again."""
    attempts: Annotated[int, Field(ge=1)] = 6
    """Tries of one push; the next push goes on where this one gave up."""
    timeout_s: Annotated[float, Field(gt=0)] = 30.0
    """Seconds that an answer may take."""

    @property
    def is_scheduled(self) -> bool:
        """Whether reports are made and sent by themselves: there is somebody to send to, and a key to sign with."""
        return bool(self.url) and self.key_file is not None
