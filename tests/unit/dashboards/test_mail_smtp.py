"""A mail handed to a real mail server: taken once, tried again only where it surely was not taken."""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import stamina

from dashboards.mail.log import Key
from dashboards.mail.outbox import Attachment, Mail
from dashboards.mail.smtp import MailRefusedError, MailServer, MailUnknownError
from ioc.errors import ConfigError, RetriableError
from ioc.settings.people import MailSettings
from tests.mail_server import SENDER, MailTestServer

TO = "giam-doc@so-y-te.example"
MAIL = Mail(
    (Key("brief", "", "", date(2026, 11, 23), 0, TO),), "Bản tin điều hành – Tỉnh Cà Mau: ễ ẫ Ổ", "Kính gửi đồng chí,\n.\nhết.",
    "<p>Chỉ tiêu chưa đạt</p>", (Attachment("ban-tin.pdf", b"%PDF-1.7 \x00\xff", "pdf"),),
)  # fmt: skip


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    """Tries follow one another at once; how many there are stays as the settings say."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailTestServer]:
    with MailTestServer(tmp_path) as running:
        yield running


def send(server: MailTestServer, **settings: object) -> str:
    return MailServer(server.settings(**settings)).send(MAIL.message(SENDER), TO).reply


# The server does not count TLS from the first byte as TLS when it is asked to log in.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_arrives_whole_over_tls_and_with_a_login(tmp_path: Path, security: str) -> None:
    with MailTestServer(tmp_path, security) as server:
        assert send(server) == "250 OK"
    ((recipient, message),) = server.taken
    assert recipient == TO
    assert message["Subject"] == MAIL.subject
    assert message["From"] == "IOC Cà Mau <ioc@example.test>"
    assert message["Auto-Submitted"] == "auto-generated"
    text, page = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert text.get_content().splitlines() == MAIL.text.splitlines()
    assert page is not None
    assert page.get_content().splitlines() == [MAIL.html]
    (pdf,) = message.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type()) == ("ban-tin.pdf", "application/pdf")
    assert pdf.get_content() == MAIL.attachments[0].content


def test_the_name_of_a_mail_follows_from_what_it_is_about() -> None:
    other = Mail((MAIL.keys[0]._replace(step=1),), "x", "y")
    assert MAIL.message(SENDER)["Message-ID"] == Mail(MAIL.keys, "x", "y").message(SENDER)["Message-ID"]
    assert MAIL.message(SENDER)["Message-ID"] != other.message(SENDER)["Message-ID"]


@pytest.mark.parametrize("where", ["at_sender", "at_recipient", "at_text"])
def test_what_is_refused_for_now_is_tried_again(server: MailTestServer, where: str) -> None:
    answers = iter(["451 try later", "450 greylisted", None])
    setattr(server, where, lambda _: next(answers))
    assert send(server) == "250 OK"
    assert (server.tries, len(server.taken)) == (3, 1)


def test_what_is_refused_for_now_every_time_waits_for_another_round(server: MailTestServer) -> None:
    server.at_recipient = lambda _: "451 try later"
    with pytest.raises(RetriableError, match="451 try later"):
        send(server)
    assert (server.tries, server.taken) == (3, [])


@pytest.mark.parametrize("where", ["at_sender", "at_recipient", "at_text"])
def test_what_is_refused_for_good_is_tried_once(server: MailTestServer, where: str) -> None:
    setattr(server, where, lambda _: "550 no such user")
    with pytest.raises(MailRefusedError, match="550 no such user"):
        send(server)
    assert (server.tries, server.taken) == (1, [])


@pytest.mark.parametrize("where", ["at_sender", "at_recipient"])
def test_a_connection_that_breaks_before_the_text_is_tried_again(server: MailTestServer, where: str) -> None:
    answers = iter(["break", None])
    setattr(server, where, lambda _: next(answers))
    assert send(server) == "250 OK"
    assert len(server.taken) == 1


def test_a_connection_that_breaks_after_the_text_is_not_tried_again(server: MailTestServer) -> None:
    server.at_text = lambda _: "take and break"
    with pytest.raises(MailUnknownError, match="broke while handing over"):
        send(server)
    assert (server.tries, len(server.taken)) == (1, 1)


def test_a_server_that_takes_the_text_and_says_nothing_is_not_asked_again(server: MailTestServer) -> None:
    answered = threading.Event()
    server.before_answer = lambda: (answered.wait(10), None)[1]
    with pytest.raises(MailUnknownError, match="timed out"):
        send(server, timeout_s=0.3)
    answered.set()
    assert server.tries == 1


def test_a_server_that_is_away_is_tried_again(server: MailTestServer) -> None:
    server.stop()
    with pytest.raises(RetriableError, match=f"mail server 127.0.0.1:{server.port}: ConnectionRefusedError"):
        send(server)
    server.start()
    assert send(server) == "250 OK"


def test_a_stop_ends_the_trying(server: MailTestServer) -> None:
    stop = threading.Event()
    stop.set()
    server.at_recipient = lambda _: "451 try later"
    with pytest.raises(RetriableError):
        MailServer(server.settings(), stop).send(MAIL.message(SENDER), TO)
    assert server.tries == 1


def test_a_wrong_password_is_a_fault_of_the_settings(server: MailTestServer) -> None:
    with pytest.raises(ConfigError, match=r"mail\.user, mail\.password: 535"):
        send(server, password="wrong")
    assert server.taken == []


def test_a_certificate_of_somebody_else_is_not_trusted(server: MailTestServer, tmp_path: Path) -> None:
    with MailTestServer(tmp_path, name="mail.example") as other, pytest.raises(ConfigError, match="not valid for"):
        send(other)
    with pytest.raises(ConfigError, match=r"self-signed|unable to get local issuer"):
        send(server, ca_file=None)
    assert server.taken == other.taken == []


def test_a_server_without_tls_gets_neither_password_nor_mail(tmp_path: Path) -> None:
    with MailTestServer(tmp_path, "none", login=False) as server:
        with pytest.raises(ConfigError, match="does not offer it"):
            send(server, security="starttls")
        assert server.taken == []
        assert send(server) == "250 OK"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "mail.host names no mail server"),
        ({"host": "mail.example"}, "mail.sender '' is no address"),
        ({"host": "mail.example", "sender": "a@b.example", "security": "none"}, "mail.security = none"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        MailServer(MailSettings.model_validate(settings))
