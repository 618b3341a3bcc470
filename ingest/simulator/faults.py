"""Faults on demand: when each one fires, and how often it has."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from ingest.simulator.errors import RequestError

TRANSPORT = ("http_429", "http_5xx", "expired_session", "slow", "dropped", "truncated", "wrong_encoding")
"""At most one of these fires in one answer; what comes first here is drawn first."""

RECORDS = (
    "missing_required",
    "due_before_received",
    "huge_record",
    "duplicate",
    "unknown_field",
    "key_case",
    "out_of_order",
)
"""What happens to the records of a page, in the order in which it is done; several may come together."""

NAMES = TRANSPORT + RECORDS
"""The faults of the dossier system."""

COMMON_RECORDS = ("missing_required", "huge_record", "duplicate", "unknown_field", "out_of_order")
"""What may happen to the records of any format, in the order in which it is done; several may come together."""

COMMON = (
    *("http_429", "http_5xx", "expired_session", "slow", "dropped", "truncated", "wrong_encoding"),
    *COMMON_RECORDS,
)
"""The faults that every other system knows; each may know more, of its own."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a fault fires: on each of the next `times` requests, else with `probability`.

    Attributes:
        probability: of each request, 0 to 1.
        times: the next requests on which it fires for certain.
        seconds: how long `slow` waits.
        retry_after: seconds that `http_429` asks to wait.
    """

    probability: float = 0.0
    times: int = 0
    seconds: float = 5.0
    retry_after: int = 1


class Faults:
    """The faults' settings and counts; draws are seeded, so a run can be repeated."""

    def __init__(
        self, seed: int = 1, probabilities: Mapping[str, float] | None = None, names: Iterable[str] = NAMES
    ) -> None:
        self.names = tuple(names)
        self.fired: Counter[str] = Counter()
        self.settings: dict[str, Setting] = {}
        self.random = random.Random(seed)
        self.configure({name: {"probability": probability} for name, probability in (probabilities or {}).items()})

    def learn(self, *names: str) -> None:
        """Makes faults of a system's own known."""
        self.names += tuple(name for name in names if name not in self.names)

    def configure(self, wanted: Mapping[str, object]) -> None:
        """Sets faults by name, as `POST /control/faults` takes them; None switches one off.

        Raises:
            RequestError: no such fault, or a setting of it is wrong; then nothing is changed.
        """
        for name, setting in self.check(wanted).items():
            if setting is None:
                self.settings.pop(name, None)
            else:
                self.settings[name] = setting

    def check(self, wanted: Mapping[str, object]) -> dict[str, "Setting | None"]:
        """The settings that `configure` would make, by name; changes nothing.

        Raises:
            RequestError: no such fault, or a setting of it is wrong.
        """
        for name in wanted:
            if name not in self.names:
                raise RequestError(f"no fault {name!r}; there are {', '.join(self.names)}")
        return {name: None if raw is None else _setting(name, raw) for name, raw in wanted.items()}

    def draw(self, name: str) -> bool:
        """Whether this fault fires now; counts it if so."""
        setting = self.settings.get(name)
        if setting is None:
            return False
        if setting.times > 0:
            self.settings[name] = Setting(setting.probability, setting.times - 1, setting.seconds, setting.retry_after)
        elif not (setting.probability > 0 and self.random.random() < setting.probability):
            return False
        self.fired[name] += 1
        return True

    def draw_one(self, names: Iterable[str]) -> str | None:
        """The first of these faults that fires now, if any."""
        return next((name for name in names if self.draw(name)), None)


def _setting(name: str, raw: object) -> Setting:
    if not isinstance(raw, dict):
        raise RequestError(f"fault {name}: give an object such as {{'times': 1}}, or null")
    unknown = set(raw) - {field.name for field in fields(Setting)}
    if unknown:
        raise RequestError(f"fault {name}: no setting {', '.join(sorted(map(str, unknown)))}")
    if any(isinstance(value, bool) or not isinstance(value, int | float) or value < 0 for value in raw.values()):
        raise RequestError(f"fault {name}: settings are numbers from 0")
    if raw.get("probability", 0) > 1:
        raise RequestError(f"fault {name}: probability is at most 1")
    return Setting(
        probability=float(raw.get("probability", 0)),
        times=int(raw.get("times", 0)),
        seconds=float(raw.get("seconds", 5)),
        retry_after=int(raw.get("retry_after", 1)),
    )
