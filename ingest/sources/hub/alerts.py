"""Alerts of the security operations centre (SOC), as it pushes them.

One record is the full state of an alert; addresses, names of machines and accounts and what was found in them is never read.
"""

from ingest.source import Change, Record, Target
from ingest.sources.hub.payload import moment_ms, required_ms
from ingest.sources.values import coded, required, text, utc, whole
from ioc.errors import SkippableError

TARGETS = (Target("security_alert", "alert"),)

SEVERITIES = {name: name for name in ("critical", "high", "medium", "low")}
CATEGORIES = {name: name for name in ("attack", "malware", "leak", "availability", "other")}
STATES = {name: name for name in ("open", "blocked", "handled", "false_alarm")}

READ = ("macanhbao", "mucdo", "loai", "trangthai", "phathienluc", "xulyluc", "somay", "donvi", "capnhatluc")
NEVER_READ = ("diachiip", "tenmay", "taikhoan", "nguoixuly", "mota", "bangchung")
KNOWN = frozenset(READ + NEVER_READ)


def read(record: Record) -> Change:
    """What a record says.

    Raises:
        SkippableError: a field is missing or wrong; the message names it.
    """
    fields = record.fields
    detected_ms = required_ms(fields, "phathienluc")
    handled_ms = moment_ms(fields, "xulyluc")
    if handled_ms is not None and handled_ms < detected_ms:
        raise SkippableError("contradiction", "xulyluc is before phathienluc")
    data = {
        "severity": coded("mucdo", required(fields, "mucdo").lower(), SEVERITIES),
        "category": coded("loai", required(fields, "loai").lower(), CATEGORIES),
        "state": coded("trangthai", required(fields, "trangthai").lower(), STATES),
        "detected_at": utc(detected_ms),
        "handled_at": utc(handled_ms),
        "machines": whole("somay", text(fields, "somay") or "0"),
    }
    number = required(fields, "macanhbao")
    return Change(number, text(fields, "donvi"), required_ms(fields, "capnhatluc"), data)
