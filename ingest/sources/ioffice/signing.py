"""How requests to the exchange are signed: HMAC-SHA256 over their headers, as the SDK of the national document axis does."""

import hmac
import json
from collections.abc import Mapping
from datetime import datetime

from ingest.sources.ioffice.wire import HEADER, VERSION
from ioc.clock import LOCAL


def signed(asked: Mapping[str, str], system: str, secret: str, now: datetime) -> dict[str, str]:
    """The headers of a request that asks for `asked`, in the name of `system`.

    `sign-header` is the JSON of the headers in the order that `sign-header-key` names, `hash-header` its keyed hash.
    """
    told = {"timestamp": f"{now.astimezone(LOCAL):%d%m%YT%H%M%S+0700}", "systemid": system, **asked}
    body = json.dumps({HEADER + name: value for name, value in told.items()}, separators=(",", ":"))
    return {
        **{HEADER + name: value for name, value in told.items()},
        f"{HEADER}sign-header-key": ";".join(told),
        f"{HEADER}sign-header": body,
        f"{HEADER}hash-header": hmac.digest(secret.encode(), body.encode(), "sha256").hex(),
        f"{HEADER}version": VERSION,
    }
