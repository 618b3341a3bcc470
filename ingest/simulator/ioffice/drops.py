"""Drops messages and the daily export of accounts into the folder."""

import asyncio

from ingest.simulator.drops import drop, drop_spoiled
from ingest.simulator.ioffice.accounts import Accounts, export
from ingest.simulator.ioffice.ledger import Ledger, name_of
from ingest.simulator.ioffice.messages import Message
from ingest.simulator.ioffice.spoiling import POISONS, poison, styled
from ingest.simulator.moments import from_ms
from ingest.simulator.system import World, ticks

_EVERY_S = 1.0
_MARKED = 500
"""So many files are dropped between two marks."""

_EXPORT_HOUR = 2


class Drops:
    """The folder's side."""

    name = "dropped"

    def __init__(self, world: World, ledger: Ledger, accounts: Accounts) -> None:
        self._world = world
        self._ledger = ledger
        self._accounts = accounts
        self._mark = world.mark("dropped")
        self._exported = world.mark("exported")
        self.files = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Drops what was sent, every second; the files of the history first."""
        if self._world.drop_dir is None:
            return
        async for _ in ticks(stop, _EVERY_S):
            await asyncio.to_thread(self.due, stop)

    def due(self, stop: asyncio.Event) -> None:
        """Drops what is due."""
        self._ledger.advance(stop.is_set)
        waiting = self._ledger.waiting
        done_ms = None
        while waiting and not stop.is_set():
            message = waiting.popleft()
            self._drop(message)
            # A mark says that all of its moment is there.
            done_ms = message.at_ms - 1
            if self.files % _MARKED == 0:
                self._mark.write(done_ms)
        if done_ms is not None:
            self._mark.write(done_ms)
        if not stop.is_set():
            self._export()

    def _drop(self, message: Message) -> None:
        assert self._world.drop_dir is not None
        folder, faults = self._world.drop_dir, self._world.faults
        body = styled(message, faults)
        drop_spoiled(folder / f"{name_of(message)}.edxml", body, faults, text=not body.startswith(b"\xff\xfe"))
        for name in POISONS:
            if faults.draw(name):
                drop(folder / f"{name_of(message)}-{name}.edxml", poison(name, message))
        self.files += 1

    def _export(self) -> None:
        """The export of the day, at two in the morning; the first at once."""
        assert self._world.drop_dir is not None
        now = from_ms(self._world.now_ms())
        day = int(f"{now:%Y%m%d}")
        done = self._exported.read()
        if done is None or (done < day and now.hour >= _EXPORT_HOUR):
            drop(self._world.drop_dir / f"accounts-{day}.csv", export(self._accounts.rows()))
            self._exported.write(day)
