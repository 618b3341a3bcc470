"""The checkpoints of one partition in its state topic: reading what earlier owners left, writing our own."""

from collections.abc import Callable, Mapping

from ioc.logs import get_logger
from streams import checkpoint
from streams.checkpoint import Found
from streams.log import Log, Place, settled

_logger = get_logger("worker")


class Keeper:
    """One owner's checkpoints.

    Attributes:
        stored: the source offset of the last checkpoint that is whole.
    """

    def __init__(self, place: Place, log: Log) -> None:
        self.place, self._log = place, log
        self.stored = 0
        self._owner = checkpoint.new_owner()
        self._revisions: dict[int, int] = {}
        self._old_pages: dict[int, list[bytes]] = {}
        self._old_manifests: list[bytes] = []

    async def load(self) -> Found:
        """What counts of all that the topic holds.

        Raises:
            FatalError: something there is no checkpoint, or one of another format.
            RetriableError: the broker cannot be read.
        """
        latest: dict[bytes, bytes] = {}
        first, end = await self._log.bounds(self.place)
        records, _ = await self._log.read(self.place, first, end)
        for record in records:
            key = record.key or b""
            if record.value is None:
                latest.pop(key, None)
            else:
                latest[key] = record.value
        found = checkpoint.choose(latest, str(self.place))
        self._revisions, self._old_pages, self._old_manifests = found.revisions, found.page_keys, found.manifest_keys
        return found

    async def store(self, at: int, packed: Mapping[int, bytes], gone: Callable[[], bool]) -> None:
        """Writes a checkpoint: pages, then the manifest, then the deletion of earlier owners' keys; each waits for the one before.

        Args:
            at: the source offset of the state; every cell that was touched up to it has been acknowledged.
            packed: the pages that changed since the last checkpoint.
            gone: whether the partition is no longer ours; the rest is left undone then.

        Raises:
            RetriableError: the broker cannot be written to.
        """
        # A page that was loaded from beyond its manifest keeps its greater revision.
        wrote = {page: max(at, self._revisions.get(page, 0)) for page in packed}
        sent = []
        for page, value in packed.items():
            if gone():
                return
            key = checkpoint.page_key(page, self._owner)
            sent.append(await self._log.write(self.place, key, checkpoint.page_value(wrote[page], value)))
        await settled(sent)
        if gone():
            return
        self._revisions |= wrote
        manifest = checkpoint.manifest_value(at, self._revisions)
        await settled([await self._log.write(self.place, checkpoint.manifest_key(self._owner), manifest)])
        self.stored = at
        if gone():
            return
        old = [key for page in wrote for key in self._old_pages.pop(page, ())] + self._old_manifests
        self._old_manifests = []
        for key in old:
            await self._log.write(self.place, key, None)
        _logger.debug("checkpoint", state=str(self.place), offset=at, pages=len(wrote), deleted=len(old))
