"""Which step of the escalation is due for whom. Pure.

A matter goes up one step at a time, and each step has the working days that the rules give it, counted from the day on which it
was told: a centre that begins to remind does not begin with the chairman.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dashboards.mail.log import Kept, Key
from ioc.calendar import working_days
from ioc.contacts import Step, To


@dataclass(frozen=True)
class Matter:
    """Something that somebody is to be told of.

    Attributes:
        about, unit, series, start: what names it, see `Key`.
        text: one line, Vietnamese.
        who: name of the unit or source, Vietnamese.
        late: working days that it is late.
    """

    about: str
    unit: str
    series: str
    start: date
    text: str
    who: str
    late: int

    def key(self, step: int, recipient: str) -> Key:
        """What names the mail of a step to an address."""
        return Key(self.about, self.unit, self.series, self.start, step, recipient)


@dataclass(frozen=True)
class Due:
    """A step that is due: to be told to these addresses."""

    matter: Matter
    step: int
    recipients: tuple[str, ...]


def due(
    matter: Matter,
    kept: Mapping[Key, Kept],
    steps: Sequence[Step],
    addresses: Callable[[To], Sequence[str]],
    today: date,
) -> Due | None:
    """The step that is due today and was not told yet; None where there is none, or nobody to tell it to.

    A step without an address is passed over. Addresses that a step could not reach are tried again until the next step is due.

    Args:
        matter: what is late.
        kept: what the log says of this matter, by key.
        steps: the rules.
        addresses: who is meant by a step's `to`.
        today: local day.
    """
    told = {
        key.step: one for key, one in sorted(kept.items(), key=lambda pair: pair[1].on, reverse=True) if one.settled
    }
    last = max(told, default=None)
    current: Due | None = None
    for number, step in enumerate(steps):
        if matter.late < step.after_working_days:
            break
        if last is not None and number > last:
            rest = step.after_working_days - steps[last].after_working_days
            if working_days(told[last].on, today) < rest:
                break
        recipients = tuple(sorted(set(addresses(step.to))))
        if (last is not None and number < last) or not recipients:
            continue
        open_ones = tuple(r for r in recipients if not kept.get(matter.key(number, r), _NEVER).settled)
        if number == last:
            # Somebody added to the contacts later is not told of an old step; who could not be reached is.
            open_ones = tuple(r for r in open_ones if matter.key(number, r) in kept)
        current = Due(matter, number, open_ones) if open_ones else None
        if number != last:
            return current
    return current


_NEVER = Kept("deferred", date.min)
