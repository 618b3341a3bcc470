"""The rig of a connector beside the package: a sample server that speaks as its streams ask, for the conformance suite."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from ingest.kit.json_stream import JsonSettings, JsonStream
from ingest.kit.load import load, system_of, validated
from ingest.kit.rows import Row, rows
from ingest.kit.server import RECORDS, TRANSPORT, SampleList, SampleServer, basic
from ingest.source import System
from ingest.testing import Fault
from ioc.errors import ConfigError

ROWS = 240
PAGE = 50
PASSWORD = "sample"  # noqa: S105 (of the sample server, which knows nothing secret)


class SampleRig:
    """A connector whose streams are `JsonStream`s, over a sample server; a context manager.

    The server's records are made from what the streams say of their keys and codes, so that they follow every change of the
    connector; a stream whose `read` or `data` asks for more is given records of its own.
    """

    def __init__(
        self,
        file: Path,
        rows: Mapping[str, Sequence[Row]] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Args name the connector.

        Args:
            file: the connector.
            rows: records as the source writes them, by stream, with CANARY in each personal field; others are made up.
            settings: what the connector's settings need beside an address.

        Raises:
            ConfigError: it cannot be loaded, or a stream is none that the sample server can speak to.
        """
        self.file = file
        self._module = load(file)
        self._given = dict(settings or {})
        self._rows = dict(rows or {})
        self._ends = ExitStack()
        self.canaries: Sequence[str] = ("canary",)
        self.faults: Sequence[Fault] = (*map(Fault, TRANSPORT), *RECORDS.values())
        self.garbage = "truncated"
        self.poison = RECORDS["missing_required"]

    def __enter__(self) -> Self:
        lists = [self._list(stream) for stream in self._system("http://127.0.0.1:1").streams]
        self.streams, self.versions = len(lists), sum(len(one.rows) for one in lists)
        settings = self._settings("http://127.0.0.1:1")
        header = getattr(settings, "token_header", "")
        login = (header, PASSWORD) if header else basic(settings.user, PASSWORD)
        self.server = self._ends.enter_context(SampleServer(lists, login))
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def system(self) -> System:
        """The system, newly connected."""
        return self._system(self.server.url)

    @contextmanager
    def misbehave(self, name: str, probability: float) -> Iterator[Callable[[], int]]:
        """See `Rig.misbehave`."""
        before = self.server.fired[name]
        self.server.faults[name] = probability
        try:
            yield lambda: self.server.fired[name] - before
        finally:
            del self.server.faults[name]

    def _settings(self, url: str) -> JsonSettings:
        table = {"url": url, "password": PASSWORD, "page_size": PAGE, "timeout_s": 5.0, **self._given}
        settings = validated(self._module, self.file, table)
        if not isinstance(settings, JsonSettings):
            raise ConfigError(f"{self.file}: its Settings are no JsonSettings: write a rig (ingest.testing.Rig) for it")
        return settings

    def _system(self, url: str) -> System:
        return system_of(self._module, self.file, self._settings(url))

    def _list(self, stream: object) -> SampleList:
        if not isinstance(stream, JsonStream):
            raise ConfigError(
                f"{self.file}: {type(stream).__name__} is no JsonStream: write a rig (ingest.testing.Rig) for it"
            )
        given = self._rows.get(stream.stream)
        return SampleList(stream, rows(stream, ROWS) if given is None else given)
