"""Settings of what goes to people: e-mail, the daily brief, reminders."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from ioc.settings.section import LocalTime, Port, Section


class MailSettings(Section):
    """The mail server that briefs and reminders are handed to."""

    host: str = ""
    """Name or address of the mail server; empty: nothing is sent."""
    port: Port = 587
    """Its port."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`starttls`: TLS is asked for and must be given; `tls`: from the first byte (port 465); `none`: in clear, on this machine only."""
    ca_file: Path | None = None
    """Certificates (PEM) that the server's must descend from; None: those that the system trusts."""
    user: str = ""
    """Who logs in; empty: nobody."""
    password: SecretStr = SecretStr("")
    """Its password."""
    sender: str = ""
    """Address that mail comes from, for example `IOC Cà Mau <ioc@example.gov.vn>`."""
    timeout_s: Annotated[float, Field(gt=0)] = 30.0
    """Seconds that an answer of the server may take."""
    attempts: Annotated[int, Field(ge=1)] = 4
    """Tries of one mail before it waits for the next round; only what the server has surely not taken is tried again."""
    again_s: Annotated[float, Field(gt=0)] = 900.0
    """Seconds until the next round when a mail could not be sent, or a brief not be made."""
    contacts: Path | None = None
    """TOML file of addresses and rules, kept by the operator ([brief.md](brief.md)); None: nobody gets anything."""


class BriefSettings(Section):
    """The daily brief."""

    enabled: bool = True
    """Run the process `brief` in the one-machine stack; it makes the page and PDF of each day, and sends mail where `mail.host` is set."""
    at: LocalTime = "06:30"
    """Local time from which on the brief of the day is made."""
    directory: Path | None = None
    """Folder of the briefs; None: `briefs` in `embedded.data_dir`."""


class RemindersSettings(Section):
    """Reminders to those who have not reported."""

    at: LocalTime = "08:00"
    """Local time from which on the reminders of a working day are sent."""
