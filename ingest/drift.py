"""Schema drift: fields that a source sends and nobody has looked at are counted by name."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

MAX_NAMES = 50
"""A source that puts values where keys belong must not fill metrics and heartbeats."""

OTHERS = "(others)"
"""Stands for names beyond the fiftieth, and for those that do not look like a field's: they could be a person's data."""

_NAME = re.compile(r"[a-z_][a-z0-9_.:-]{0,63}", re.IGNORECASE)


class Drift:
    """Counts the unknown fields of one stream."""

    def __init__(self, known: frozenset[str] | None) -> None:
        """`known` are the fields that somebody has looked at; None: it is not told, and nothing is counted."""
        self._known = known
        self._names: set[str] = set()

    def note(self, fields: Mapping[str, Any], counts: Counter[str]) -> None:
        """Adds a record's unknown fields to `counts`."""
        known = self._known
        if known is None or known.issuperset(fields):
            return
        for name in fields:
            if name not in known:
                counts[self._shown(name)] += 1

    def _shown(self, name: str) -> str:
        if name in self._names:
            return name
        if len(self._names) >= MAX_NAMES or not _NAME.fullmatch(name):
            return OTHERS
        self._names.add(name)
        return name
