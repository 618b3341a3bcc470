"""Streams that say soon that they have nothing more, so that they stop soon."""

import pytest

from ingest.sources.hub import mqtt, webhook


@pytest.fixture(autouse=True)
def short_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "IDLE_S", 0.02)
    monkeypatch.setattr(mqtt, "IDLE_S", 0.02)
