"""XML as health systems write it: the encoding made UTF-8, and what no such file needs refused.

Systems declare an encoding that is not the one of the bytes (a text in UTF-8 that says `utf-16`), so the declaration is not believed:
bytes are UTF-16 where a byte order mark or the zeros of the first tag say so, else UTF-8.
"""

import codecs
from collections.abc import Callable

from ioc.errors import SkippableError

_UTF16 = (
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)


Decode = Callable[[bytes, bool], bytes]
"""Makes UTF-8 of a chunk; the second argument says whether it is the last. Raises `UnicodeError` where it cannot."""


def to_utf8(first: bytes) -> Decode:
    """What makes UTF-8 of the chunks of a text that begins with `first`."""
    for mark, encoding in _UTF16:
        if first.startswith(mark):
            decoder = codecs.getincrementaldecoder(encoding)()
            return lambda chunk, last: decoder.decode(chunk, last).encode()
    return lambda chunk, _last: chunk


def undecodable(what: str) -> SkippableError:
    """The error of bytes that are not what the format says."""
    return SkippableError("undecodable", what)


DTD_REFUSED = "a document type definition is not read: no insurance file has one, and entities can be made to explode"
