"""Sends mails, each at most once, and keeps the log."""

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from dashboards.mail.log import Key, Log, State
from dashboards.mail.smtp import MailRefusedError, MailServer, MailUnknownError
from dashboards.tables import Tables
from ioc import clock
from ioc.clock import LOCAL
from ioc.errors import ConfigError, RetriableError
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.settings import Settings
from ioc.settings.people import MailSettings

_log = get_logger("brief.mail")


@dataclass(frozen=True)
class Attachment:
    """A file beside the text."""

    name: str
    content: bytes
    subtype: str


@dataclass(frozen=True)
class Mail:
    """What one recipient is to get.

    Attributes:
        keys: what it is about; all of the same recipient.
        subject, text: plain text, Vietnamese.
        html: the same as a page; empty: none.
        attachments: files of type `application/<subtype>`.
    """

    keys: tuple[Key, ...]
    subject: str
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()

    @property
    def recipient(self) -> str:
        """The address."""
        return self.keys[0].recipient

    def message(self, sender: str) -> EmailMessage:
        """The mail as it goes out. The Message-ID follows from the keys, so that a server that sees it twice can tell."""
        name, address = parseaddr(sender)
        digest = hashlib.sha256(repr(self.keys).encode()).hexdigest()[:32]
        message = EmailMessage()
        message["Subject"] = self.subject
        message["From"] = Address(name, addr_spec=address)
        message["To"] = Address(addr_spec=self.recipient)
        message["Date"] = format_datetime(clock.now().astimezone(LOCAL))
        message["Message-ID"] = f"<{digest}@{address.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = "vi"
        message.set_content(self.text, cte="quoted-printable")
        if self.html:
            message.add_alternative(self.html, subtype="html", cte="quoted-printable")
        for one in self.attachments:
            message.add_attachment(one.content, maintype="application", subtype=one.subtype, filename=one.name)
        return message


class Outbox:
    """One mail server and the log. Only one process at a time may send (see `dashboards.brief.files.only_one`)."""

    def __init__(self, settings: MailSettings, log: Log, metrics: Metrics, stop: threading.Event) -> None:
        """Connects to nothing yet; `stop` ends a round between two mails.

        Raises:
            ConfigError: the settings name no mail server or no sender.
        """
        self._server = MailServer(settings, stop)
        self._log, self._sender, self._metrics, self._stop = log, settings.sender, metrics, stop

    def send(self, mails: Sequence[Mail]) -> Counter[State]:
        """Sends each; how many came to which state. Their keys must not be settled in the log. What a stop left is deferred.

        Raises:
            RetriableError, RefusedError: ClickHouse cannot keep the log; nothing was sent that is not in it.
            ConfigError: the mail server refuses the login or shows a wrong certificate.
        """
        states: Counter[State] = Counter()
        for mail in mails:
            if self._stop.is_set():
                states["deferred"] += 1
                continue
            state = self._send(mail)
            states[state] += 1
            self._metrics.mails.labels(mail.keys[0].about, state).inc()
        return states

    def _send(self, mail: Mail) -> State:
        message = mail.message(self._sender)
        name = str(message["Message-ID"])
        self._log.write(mail.keys, "sending", name)
        state: State
        try:
            state, reply = "sent", self._server.send(message, mail.recipient).reply
        except RetriableError as error:
            state, reply = "deferred", str(error)
        except MailRefusedError as error:
            state, reply = "refused", str(error)
        except MailUnknownError as error:
            state, reply = "unknown", str(error)
        except ConfigError as error:
            # Nothing was handed over. It may go out when the settings are right.
            self._log.write(mail.keys, "deferred", name, str(error))
            raise
        self._log.write(mail.keys, state, name, reply)
        (_log.info if state == "sent" else _log.warning)(
            state, mail=name, recipient=mail.recipient, lines=len(mail.keys), reply=reply
        )
        return state


@contextmanager
def open_outbox(settings: Settings, metrics: Metrics, stop: threading.Event) -> Iterator[tuple[Log, Outbox]]:
    """The log, as the user who may write, and an outbox over it.

    Raises:
        ConfigError: the settings name no mail server or no sender.
    """
    with Tables(settings.clickhouse, settings.clickhouse.writer) as tables:
        log = Log(tables)
        yield log, Outbox(settings.mail, log, metrics, stop)
