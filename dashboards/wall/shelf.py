"""Which views are looked at: what is read for them, and how many there may be."""

from dataclasses import dataclass, field

from dashboards.wall.question import Question
from dashboards.wall.reading import Reading
from dashboards.wall.view import View
from ioc.errors import IocError

_QUESTIONS = 2000
"""Different questions at most: about thirty dashboards with values of their own at once."""
_KEPT_S = 120.0
"""So long the results of a view without a viewer are kept, for whoever comes back to it."""


class CrowdedError(IocError):
    """Too many different views are open: the words are for the viewer."""


@dataclass
class _Held:
    view: View
    viewers: int = 0
    left_at: float = 0.0
    pinned: bool = False


@dataclass
class Shelf:
    """Views by their key, and one reading for each different question of all of them."""

    most: int = _QUESTIONS
    kept_s: float = _KEPT_S
    _views: dict[tuple[str, ...], _Held] = field(default_factory=dict)
    _readings: dict[Question, Reading] = field(default_factory=dict)

    def __getitem__(self, question: Question) -> Reading:
        return self._readings[question]

    def __len__(self) -> int:
        return len(self._readings)

    @property
    def viewers(self) -> int:
        """Viewers of all views."""
        return sum(held.viewers for held in self._views.values())

    def enter(self, view: View, at: float) -> None:
        """A viewer comes.

        Raises:
            CrowdedError: there is no room for its questions beside those that others look at.
        """
        self.clear(at)
        self._hold(view).viewers += 1

    def leave(self, view: View, at: float) -> None:
        """A viewer goes."""
        held = self._views[view.key]
        held.viewers -= 1
        held.left_at = at

    def pin(self, view: View) -> None:
        """Keeps a view without viewers too: whoever comes finds its figures there."""
        self._hold(view).pinned = True

    def watched(self, pinned: bool = False) -> list[Reading]:
        """What has a viewer, and what is pinned if that is asked for."""
        seen = [held.view for held in self._views.values() if held.viewers or (pinned and held.pinned)]
        return [self._readings[question] for question in {q: None for view in seen for q in view.questions}]

    def clear(self, at: float) -> None:
        """Drops what has had no viewer for a while."""
        self._drop([held.view.key for held in self._idle() if at - held.left_at > self.kept_s])

    def _idle(self) -> list[_Held]:
        idle = [held for held in self._views.values() if not held.viewers and not held.pinned]
        return sorted(idle, key=lambda held: held.left_at)

    def _hold(self, view: View) -> _Held:
        if view.key not in self._views:
            self._make_room(view)
            self._views[view.key] = _Held(view)
            for question in view.questions:
                self._readings.setdefault(question, Reading(question))
        return self._views[view.key]

    def _make_room(self, view: View) -> None:
        idle = self._idle()
        while len(self._readings.keys() | view.questions) > self.most:
            if not idle:
                raise CrowdedError("Quá nhiều bảng số liệu khác nhau đang mở cùng lúc; hãy thử lại sau ít phút")
            self._drop([idle.pop(0).view.key])

    def _drop(self, keys: list[tuple[str, ...]]) -> None:
        for key in keys:
            del self._views[key]
        if keys:
            wanted = {question for held in self._views.values() for question in held.view.questions}
            self._readings = {question: one for question, one in self._readings.items() if question in wanted}
