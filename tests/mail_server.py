"""A real mail server for tests (aiosmtpd), on a free port, with a certificate of its own: it takes, refuses, hangs and breaks as told."""

import asyncio
import email
import email.policy
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from ioc.settings.people import MailSettings
from tests.kafka_broker import free_ports

USER, PASSWORD = "ioc", "mail-secret"
SENDER = "IOC Cà Mau <ioc@example.test>"

Answer = str | None
"""What it answers; None: as it should; `break`: it closes the connection instead."""


class MailTestServer:
    """A context manager; `taken` is what it took, in order.

    Attributes:
        at_sender, at_recipient, at_text: what it answers there, asked anew for each; given the address, or the text's recipient.
        before_answer: called when a text has come whole and before it is answered, in a thread of its own.
    """

    def __init__(
        self, directory: Path, security: str = "starttls", *, login: bool = True, name: str = "127.0.0.1"
    ) -> None:
        (self.port,) = free_ports(1)
        self.security, self.login = security, login
        self.taken: list[tuple[str, EmailMessage]] = []
        self.tries = 0
        self.at_sender: Callable[[str], Answer] = lambda _: None
        self.at_recipient: Callable[[str], Answer] = lambda _: None
        self.at_text: Callable[[str], Answer] = lambda _: None
        self.before_answer: Callable[[], None] = lambda: None
        authority = trustme.CA()
        self.ca_file = directory / f"ca-{self.port}.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(self._context)
        self._controller: Controller | None = None

    def settings(self, **more: Any) -> MailSettings:
        """How it is reached."""
        own: dict[str, Any] = {
            "host": "127.0.0.1", "port": self.port, "security": self.security, "sender": SENDER, "timeout_s": 5,
            "attempts": 3, "again_s": 0.2, "ca_file": self.ca_file,
        }  # fmt: skip
        if self.login:
            own |= {"user": USER, "password": PASSWORD}
        return MailSettings.model_validate(own | more)

    def start(self) -> Self:
        """Begins to listen, on the same port each time."""
        extra: dict[str, Any] = {}
        if self.security == "starttls":
            extra = {"tls_context": self._context, "require_starttls": True}
        if self.login:
            extra |= {
                "authenticator": self._authenticate,
                "auth_required": True,
                "auth_require_tls": self.security != "tls",
            }
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            ssl_context=self._context if self.security == "tls" else None,
            **extra,
        )
        self._controller.start()
        return self

    def stop(self) -> None:
        """Is away."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)

    async def handle_MAIL(self, server: Any, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:  # noqa: N802 (aiosmtpd's)
        """After MAIL FROM."""
        self.tries += 1
        answer = self._told(server, self.at_sender(address))
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, server: Any, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:  # noqa: N802
        """After RCPT TO."""
        answer = self._told(server, self.at_recipient(address))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """After the text."""
        (recipient,) = envelope.rcpt_tos
        told = self.at_text(recipient)
        if told is None or told == "take and break":
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            self.taken.append((recipient, message))
        await asyncio.to_thread(self.before_answer)
        return self._told(server, told)

    @staticmethod
    def _told(server: Any, answer: Answer) -> str:
        if answer in ("break", "take and break"):
            server.transport.abort()
            return "421 gone"
        return answer or "250 OK"
