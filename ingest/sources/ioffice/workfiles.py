"""What a record of a work file (hồ sơ công việc) says."""

from collections.abc import Mapping
from typing import Any, Final

from ingest.source import Change, Target
from ingest.sources.ioffice.flags import flag
from ingest.sources.ioffice.moments import end_of_day, moment_ms
from ingest.sources.values import coded, required, text, utc, whole

FILE: Final = Target("work_file", "file")

STATE: Final = {"0": "open", "1": "open", "2": "finished", "3": "cancelled"}
"""state: 0 new, 1 in process, 2 finished, 3 cancelled."""


def read_work_file(fields: Mapping[str, Any], names: Mapping[str, str]) -> Change:
    """The change that a record means; `names` says what its fields are called.

    Raises:
        SkippableError: a field is missing or cannot be.
    """
    state = coded(names["state"], required(fields, names["state"]), STATE)
    finished_ms = moment_ms(names["finished"], text(fields, names["finished"]))
    data = {
        "opened_at": utc(moment_ms(names["opened"], required(fields, names["opened"]))),
        "due_at": end_of_day(names["due"], text(fields, names["due"])),
        "finished_at": utc(finished_ms),
        "online": flag(fields, names["online"]),
        "state": state,
        "documents": whole(names["documents"], required(fields, names["documents"])),
    }
    entity = required(fields, names["code"])
    updated_ms = moment_ms(names["updated"], text(fields, names["updated"]))
    return Change(entity, text(fields, names["unit"]), updated_ms, data)
