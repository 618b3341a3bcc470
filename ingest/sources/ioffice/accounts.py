"""What a record of an iOffice account says, by REST or in the CSV export.

The account's name is a person's: the runner puts its keyed hash in the event. Full name, mail, telephone, position and the signature's
serial number are never read.
"""

from collections.abc import Mapping
from typing import Any, Final

from ingest.source import Change, Target
from ingest.sources.ioffice.flags import flag, flag_or_none
from ingest.sources.ioffice.moments import end_of_day, moment_ms
from ingest.sources.values import coded, required, text, utc

ACCOUNT: Final = Target("office_account", "account")

HOLDER: Final = {"1": "organisation", "2": "person"}
SIGNATURE: Final = {"0": "none", "1": "token", "2": "sim_pki", "3": "remote", "": "none"}
"""0 none, 1 USB token, 2 SIM PKI, 3 remote signing."""


def read_account(fields: Mapping[str, Any], names: Mapping[str, str]) -> Change:
    """The change that a record means; `names` says what its fields are called.

    Raises:
        SkippableError: a field is missing or cannot be.
    """
    data = {
        "holder": coded(names["holder"], required(fields, names["holder"]), HOLDER),
        "active": flag(fields, names["active"]),
        "created_at": utc(moment_ms(names["created"], required(fields, names["created"]))),
        "last_seen_at": utc(moment_ms(names["seen"], text(fields, names["seen"]))),
        "signature": coded(names["signature"], text(fields, names["signature"]), SIGNATURE),
        "signature_until": end_of_day(names["signed_until"], text(fields, names["signed_until"])),
        "vneid": flag_or_none(fields, names["vneid"]),
    }
    updated_ms = moment_ms(names["updated"], text(fields, names["updated"]))
    return Change(required(fields, names["name"]), text(fields, names["unit"]), updated_ms, data)
