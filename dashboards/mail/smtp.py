"""Hands a mail to a mail server (RFC 5321), over TLS, and says what became of it.

answer or break                                       what it means          what is done
---------------------------------------------------   --------------------   ---------------------------
250 after the text                                     it was taken           `Sent`
4xx at any point; no connection; broken before DATA    it was not taken       RetriableError: try again
5xx to sender, recipient or text                       it never will be       MailRefusedError
broken while the text was handed over                  nobody can tell        MailUnknownError: not again
login, TLS or certificate refused                      the settings are wrong ConfigError
"""

import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

import stamina

from ioc.errors import ConfigError, IocError, RetriableError
from ioc.settings.people import MailSettings

_WAIT_INITIAL_S = 1.0
_WAIT_MAX_S = 4.0
"""Short, so that a stop is not waited for long; who asks for minutes (greylisting) is asked again in the next round."""


class MailRefusedError(IocError):
    """The mail server will never take this mail: its own words."""


class MailUnknownError(IocError):
    """The connection broke while the server may have taken the mail."""


@dataclass(frozen=True)
class Sent:
    """The server took it: its own words."""

    reply: str


class MailServer:
    """A mail server as the settings name it."""

    def __init__(self, settings: MailSettings, stop: threading.Event | None = None) -> None:
        """Connects to nothing yet; `stop` ends the trying.

        Raises:
            ConfigError: the settings name no server or no sender, or a password would go over the network in clear.
        """
        if not settings.host:
            raise ConfigError("mail.host names no mail server; set it, or send nothing")
        if not parseaddr(settings.sender)[1]:
            raise ConfigError(f"mail.sender {settings.sender!r} is no address; set it to `Name <ioc@example.gov.vn>`")
        if settings.security == "none" and settings.host not in {"localhost", "127.0.0.1", "::1"}:
            raise ConfigError(f"mail.security = none is for a server on this machine, not for {settings.host}")
        self._settings, self._stop = settings, stop or threading.Event()
        self._sender = parseaddr(settings.sender)[1]

    def send(self, message: EmailMessage, recipient: str) -> Sent:
        """Hands a mail over, again and again with growing waits (`mail.attempts`) while the server has surely not taken it.

        Raises:
            RetriableError: it was not taken, also not at the last try.
            MailRefusedError: it never will be.
            MailUnknownError: it may have been.
            ConfigError: the settings are wrong.
        """
        for attempt in stamina.retry_context(
            on=lambda error: isinstance(error, RetriableError) and not self._stop.is_set(),
            attempts=self._settings.attempts,
            timeout=None,
            wait_initial=_WAIT_INITIAL_S,
            wait_max=_WAIT_MAX_S,
        ):
            with attempt:
                return self._send(message.as_bytes(policy=SMTP), recipient)
        raise AssertionError("a retry ended without a result")

    def _send(self, text: bytes, recipient: str) -> Sent:
        with self._connection() as connection:
            with _answers():
                _expect(connection.mail(self._sender))
                _expect(connection.rcpt(recipient))
            try:
                code, reply = connection.data(text)
            except smtplib.SMTPDataError as error:  # the answer to DATA itself: no text was handed over
                raise _refusal(error.smtp_code, error.smtp_error) from error
            except (smtplib.SMTPException, OSError) as error:
                raise MailUnknownError(
                    f"{self._where}: broke while handing over: {type(error).__name__} {error}"
                ) from error
            _expect((code, reply))
            return Sent(f"{code} {_words(reply)}")

    @property
    def _where(self) -> str:
        return f"mail server {self._settings.host}:{self._settings.port}"

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """A connection that is logged in; ends with QUIT."""
        settings = self._settings
        try:
            context = ssl.create_default_context(cafile=settings.ca_file)
        except OSError as error:
            raise ConfigError(f"mail.ca_file {settings.ca_file}: {error}") from error
        try:
            with _answers(of_mail=False):
                if settings.security == "tls":
                    connection: smtplib.SMTP = smtplib.SMTP_SSL(
                        settings.host, settings.port, timeout=settings.timeout_s, context=context
                    )
                else:
                    connection = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_s)
        except ssl.SSLCertVerificationError as error:
            raise ConfigError(f"{self._where}: {error.verify_message}; see mail.ca_file") from error
        except OSError as error:
            raise RetriableError(f"{self._where}: {type(error).__name__} {error}") from error
        try:
            with _answers(of_mail=False):
                if settings.security == "starttls":
                    connection.starttls(context=context)
                connection.ehlo_or_helo_if_needed()
                if settings.user:
                    connection.login(settings.user, settings.password.get_secret_value())
            yield connection
            with suppress(smtplib.SMTPException, OSError):  # it has what it took, whatever becomes of the goodbye
                connection.quit()
        except ssl.SSLCertVerificationError as error:
            raise ConfigError(f"{self._where}: {error.verify_message}; see mail.ca_file") from error
        except OSError as error:
            raise RetriableError(f"{self._where}: {type(error).__name__} {error}") from error
        finally:
            connection.close()


@contextmanager
def _answers(*, of_mail: bool = True) -> Iterator[None]:
    """Turns what the library says before the text is handed over into the project's errors; `of_mail`: after the login."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        if 400 <= error.smtp_code < 500:
            raise RetriableError(f"login: {error.smtp_code} {_words(error.smtp_error)}") from error
        raise ConfigError(f"mail.user, mail.password: {error.smtp_code} {_words(error.smtp_error)}") from error
    except smtplib.SMTPNotSupportedError as error:
        raise ConfigError(f"mail.security, mail.user: the mail server does not offer it: {error}") from error
    except smtplib.SMTPResponseException as error:
        refusal = _refusal(error.smtp_code, error.smtp_error)
        raise (refusal if of_mail else RetriableError(str(refusal))) from error
    except smtplib.SMTPException as error:  # the connection is gone, or the answer is no SMTP
        raise RetriableError(f"mail server: {type(error).__name__} {error}") from error


def _expect(answer: tuple[int, bytes]) -> None:
    code, reply = answer
    if not 200 <= code < 300:
        raise _refusal(code, reply)


def _refusal(code: int, reply: bytes | str) -> IocError:
    words = f"{code} {_words(reply)}"
    return MailRefusedError(words) if 500 <= code < 600 else RetriableError(words)


def _words(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())[:300]
