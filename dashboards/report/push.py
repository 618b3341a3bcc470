"""Sends reports to the receiver, each until its receipt is there; the receiver knows one again by its id.

`PUT <url>/<id>` with a ZIP of the report's files, `Idempotency-Key: <id>`. The receipt is the answer's JSON: `report` (the id),
`manifest_sha256` and `receipt` (the receiver's own number). A report that may have arrived is asked for first: `GET <url>/<id>`.
"""

import io
import ipaddress
import zipfile
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import msgspec
import stamina

from dashboards.report.document import MANIFEST, digest
from dashboards.report.outbox import RECEIPT, Outbox, Report
from ioc.errors import ConfigError, FatalError, RetriableError
from ioc.settings.report import ReportSettings

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_HAS_IT = frozenset({200, 201, 409})
"""409: the receiver has it already; its receipt says so or does not."""
_WAIT_MAX_S = 60.0


class Receipt(msgspec.Struct):
    """What the receiver answers."""

    report: str
    manifest_sha256: str
    receipt: str


class _LaterError(RetriableError):
    """Try again, after so many seconds if the receiver says how many."""

    def __init__(self, words: str, after_s: float | None = None) -> None:
        super().__init__(words)
        self.after_s = after_s


def push(outbox: Outbox, report: Report, settings: ReportSettings) -> Report:
    """Sends a signed report until its receipt is there.

    Raises:
        ConfigError: no receiver is set, or it would be reached in clear.
        RetriableError: it did not answer, or not with a receipt of this report; the next push goes on.
        FatalError: it refuses the report; the state says so, and it is not sent again.
    """
    if report.state not in ("signed", "sent"):
        return report
    url = f"{check_address(settings.url)}/{report.id}"
    headers = {"Idempotency-Key": report.id}
    if settings.token.get_secret_value():
        headers["Authorization"] = f"Bearer {settings.token.get_secret_value()}"
    body = archive(report.files())
    with httpx.Client(headers=headers, timeout=settings.timeout_s, trust_env=False) as client:
        for attempt in stamina.retry_context(on=_wait, attempts=settings.attempts, timeout=None, wait_max=_WAIT_MAX_S):
            with attempt:
                answer = _ask(lambda: client.get(url)) if report.state == "sent" else None
                if answer is None or answer.status_code in (404, 405):
                    report = outbox.advance(report, "sent", report.words)
                    answer = _ask(lambda: client.put(url, content=body, headers={"Content-Type": "application/zip"}))
                return _taken(outbox, report, answer)
    raise AssertionError("every attempt returns or raises")


def archive(files: dict[str, bytes]) -> bytes:
    """A ZIP that is the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in sorted(files.items()):
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _ask(request: Callable[[], httpx.Response]) -> httpx.Response:
    try:
        answer = request()
    except httpx.TransportError as error:
        raise _LaterError(f"the receiver does not answer: {type(error).__name__} {error}".rstrip()) from error
    if answer.status_code in _AGAIN:
        after = answer.headers.get("Retry-After", "")
        raise _LaterError(f"the receiver answers {answer.status_code}", float(after) if after.isdigit() else None)
    return answer


def _wait(error: Exception) -> bool | float:
    if not isinstance(error, _LaterError):
        return False
    return True if error.after_s is None else min(error.after_s, _WAIT_MAX_S)


def _taken(outbox: Outbox, report: Report, answer: httpx.Response) -> Report:
    words = f"{answer.status_code} {answer.text[:300]}".strip()
    if answer.status_code in _HAS_IT:
        try:
            receipt = msgspec.json.decode(answer.content, type=Receipt)
        except msgspec.DecodeError as error:
            raise RetriableError(f"{report.id}: the receiver gives no receipt ({error}): {words}") from error
        if receipt.report == report.id and receipt.manifest_sha256 == digest((report.folder / MANIFEST).read_bytes()):
            outbox.store(report, RECEIPT, answer.content)
            return outbox.advance(report, "received", receipt.receipt)
        if answer.status_code != httpx.codes.CONFLICT:
            raise RetriableError(f"{report.id}: the receipt is of another report: {words}")
    if answer.status_code in (401, 403):  # the sender is at fault, not the report
        raise FatalError(f"{report.id}: the receiver refuses the sender, see report.token: {words}")
    outbox.advance(report, "refused", words)
    raise FatalError(f"{report.id}: refused, and not sent again: {words}")


def check_address(url: str) -> str:
    """The receiver's address as it is used.

    Raises:
        ConfigError: none is set, or it would be reached in clear.
    """
    parts = urlsplit(url)
    if not parts.hostname:
        raise ConfigError("report.url is not set: nobody to send to")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ConfigError(f"report.url {url}: only https, or http on this machine")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
