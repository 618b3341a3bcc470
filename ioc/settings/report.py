"""Where reports of indicator values go."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from ioc.settings.section import Section


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
    attempts: Annotated[int, Field(ge=1)] = 6
    """Tries of one push; the next push goes on where this one gave up."""
    timeout_s: Annotated[float, Field(gt=0)] = 30.0
    """Seconds that an answer may take."""
