"""Entities that a listing found gone, and how one of them lives again.

A deletion has the moment of its listing as version. What a source shows again later may carry an update time from before that
moment, and would stay deleted for ever; so it is lifted: its versions come right behind the deletion, in the order of
their update times, and before every change that is truly newer.
"""

from collections.abc import Iterable, Mapping


class Gone:
    """The marks of one stream: entity → version time (ms) of its deletion."""

    def __init__(self, marks: Mapping[str, int] | None = None) -> None:
        self._marks = dict(marks or {})
        self._lifted: dict[str, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._marks)

    def mark(self, entities: Iterable[str], at_ms: int) -> None:
        """Notes that entities are gone."""
        for entity in entities:
            self._marks[entity] = at_ms
            self._lifted.pop(entity, None)

    def forget(self, entities: Iterable[str]) -> None:
        """Notes that entities live again and everything of them was read."""
        for entity in entities:
            self._marks.pop(entity, None)
            self._lifted.pop(entity, None)

    def lift(self, entity: str, updated_ms: int | None) -> int | None:
        """The update time that a version of an entity is to have.

        Of versions that are older than one that was lifted already nothing can come: they keep their time, and lose.
        """
        mark = self._marks.get(entity)
        if mark is None or updated_ms is None or updated_ms > mark:
            return updated_ms
        top, lifted = self._lifted.get(entity, (-1, 0))
        if updated_ms < top:
            return updated_ms
        if updated_ms > top:
            lifted += 1
            self._lifted[entity] = (updated_ms, lifted)
        return mark + lifted
