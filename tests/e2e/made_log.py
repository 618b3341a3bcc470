"""A receipt log that nobody wrote: the same columns and oddities as the public one, seeded, so that the test always has one."""

import csv
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

COLUMNS = [
    "case:channel", "case:concept:name", "case:deadline", "case:department", "case:enddate", "case:enddate_planned",
    "case:group", "case:responsible", "case:startdate", "concept:instance", "concept:name", "lifecycle:transition",
    "org:group", "org:resource", "time:timestamp",
]  # fmt: skip
CHANNELS = ["Internet", "Desk", "Post", "e-mail", "Intern"]
DEPARTMENTS = ["General", "Experts", "Customer contact"]
GROUPS = ["EMPTY", *(f"Group {n}" for n in range(1, 16))]


def write(path: Path, cases: int, seed: int) -> None:
    """Writes a log of so many cases over 14 months.

    Some cases have no end or no deadline, some steps stand before the start, some ends before the start, many after the last step.
    """
    chance = random.Random(seed)
    origin = datetime(2015, 3, 1, tzinfo=UTC)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for case in range(cases):
            start = origin + timedelta(seconds=chance.uniform(0, 420 * 86400))
            deadline = start + timedelta(days=chance.choice([5, 20, 56, 90])) if chance.random() > 0.05 else None
            steps = sorted(
                start + timedelta(seconds=chance.expovariate(1 / (6 * 86400))) for _ in range(chance.randint(1, 9))
            )
            if chance.random() < 0.05:
                steps[0] = start - timedelta(hours=chance.uniform(1, 60))
            end = steps[-1] + timedelta(days=chance.uniform(-0.5, 60)) if chance.random() > 0.1 else None
            if end is not None and chance.random() < 0.01:
                end = start - timedelta(days=1)
            head = {
                "case:channel": chance.choices(CHANNELS, [70, 15, 8, 5, 2])[0],
                "case:concept:name": f"case-{case + 1}",
                "case:deadline": _text(deadline),
                "case:department": chance.choices(DEPARTMENTS, [80, 12, 8])[0],
                "case:enddate": _text(end),
                "case:enddate_planned": _text(deadline),
                "case:group": "Group 1",
                "case:responsible": "Resource1",
                "case:startdate": _text(start),
            }
            for number, at in enumerate(steps):
                step = {
                    "concept:instance": f"task-{case}-{number}",
                    "concept:name": f"T{number:02d}",
                    "lifecycle:transition": "complete",
                    "org:group": chance.choice(GROUPS),
                    "org:resource": f"Resource{chance.randint(1, 40)}",
                    "time:timestamp": _text(at),
                }
                writer.writerow({**head, **step})


def _text(moment: datetime | None) -> str:
    # The log's clock changed with the seasons; one offset is enough to see that it is read.
    return "" if moment is None else (moment + timedelta(hours=2)).replace(tzinfo=None).isoformat() + "+02:00"
