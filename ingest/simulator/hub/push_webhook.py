"""Pushes to the webhook: signed, in the order of their moments, each until it is accepted."""

import asyncio
import contextlib
import hmac
import io
import time
from collections import Counter
from typing import Any

import aiohttp
import msgspec
from aiohttp import web

from ingest.simulator.hub.push_timeline import Timeline
from ingest.simulator.records import HUGE_BYTES, keyed, spoil_records
from ingest.simulator.system import World, ticks
from ingest.simulator.world import HOUR_MS

FAULTS = ("bad_signature", "replay", "oversized")

BATCH = 200
_TICK_S = 1.0
_SPAN_MS = 6 * HOUR_MS
_TIMEOUT_S = 30.0
_WAIT_FIRST_S, _WAIT_MAX_S = 0.25, 5.0
_ACCEPTED = 202
_NEVER = frozenset({400, 413})
"""What a spoiled request is answered: sent again it is answered the same."""


class WebhookPusher:
    """Pushes one path's records; a `HubPart`."""

    def __init__(self, world: World, path: str, timeline: Timeline, identity: str, note: str) -> None:
        """Pushes what `timeline` brings; `identity` and `note` are keys for the faults of records."""
        self.name = f"push_{path.rpartition('/')[2]}"
        self._world = world
        self._path = path
        self._timeline = timeline
        self._form = keyed([identity], note)
        self._mark = world.mark(self.name)
        self._pushed = 0
        self._answers: Counter[int] = Counter()
        world.faults.learn(*FAULTS)

    def routes(self) -> list[web.RouteDef]:
        """It answers nothing."""
        return []

    def state(self) -> dict[str, Any]:
        """Records that were accepted, and how often each status was answered (0: not at all)."""
        return {"pushed": self._pushed, "answers": {str(status): n for status, n in sorted(self._answers.items())}}

    async def run(self, stop: asyncio.Event) -> None:
        """Pushes whatever is due until `stop` is set; goes on after a restart where it was."""
        if self._world.webhook is None:
            return
        saved_ms = self._mark.read()
        first_ms = self._world.begin_ms if saved_ms is None else saved_ms
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout) as client:
            async for _ in ticks(stop, _TICK_S):
                while (end_ms := min(self._world.now_ms(), first_ms + _SPAN_MS)) > first_ms:
                    records = [pushed.record for pushed in self._timeline.due(first_ms, end_ms)]
                    for start in range(0, len(records), BATCH):
                        await self._push(client, records[start : start + BATCH], stop)
                    if stop.is_set():
                        return
                    first_ms = end_ms
                    self._mark.write(first_ms)

    async def _push(self, client: aiohttp.ClientSession, records: list[dict[str, Any]], stop: asyncio.Event) -> None:
        """Sends records, with the faults that fire, until they are accepted."""
        faults = self._world.faults
        body = msgspec.json.encode(records)
        if faults.draw("bad_signature"):
            await self._send(client, body, forged=True)
        if faults.draw("truncated"):
            await self._send(client, body[: len(body) // 2])
        if faults.draw("oversized"):
            await self._send(client, msgspec.json.encode([*records, {"noiDung": "x" * HUGE_BYTES}]))
        body = msgspec.json.encode(spoil_records(records, self._form, faults))
        wait_s = _WAIT_FIRST_S
        while not stop.is_set():
            timestamp = str(int(time.time()))
            status = await self._send(client, body, timestamp)
            if status == _ACCEPTED:
                self._pushed += len(records)
                if faults.draw("replay"):
                    await self._send(client, body, timestamp)
                return
            if status in _NEVER:
                body = msgspec.json.encode(records)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait_s)
            wait_s = min(wait_s * 2, _WAIT_MAX_S)

    async def _send(
        self, client: aiohttp.ClientSession, body: bytes, timestamp: str | None = None, *, forged: bool = False
    ) -> int:
        """One request; the status, 0 when there was no answer."""
        webhook = self._world.webhook
        assert webhook is not None
        timestamp = timestamp or str(int(time.time()))
        secret = webhook.secret + ("-forged" if forged else "")
        signature = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-IOC-Timestamp": timestamp,
            "X-IOC-Signature": f"sha256={signature}",
        }
        try:
            async with client.post(
                webhook.url.rstrip("/") + self._path, data=io.BytesIO(body), headers=headers
            ) as answer:
                await answer.read()
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            status = 0
        self._answers[status] += 1
        return status
