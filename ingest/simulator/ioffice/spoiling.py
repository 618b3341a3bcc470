"""The faults of edXML: other ways of writing a message, and files that are attacks or lack what they must have."""

from dataclasses import replace
from typing import Final

from ingest.simulator.faults import Faults
from ingest.simulator.ioffice.messages import Message
from ingest.simulator.ioffice.writer import PLAIN, Style, write

HUGE_ATTACHED = 8 << 20

WAYS: Final[dict[str, dict[str, object]]] = {
    "element_order": {"shuffled": 1},
    "other_prefix": {"prefix": "ns2:"},
    "no_prefix": {"prefix": ""},
    "bom": {"encoding": "utf-8-sig"},
    "utf16": {"encoding": "utf-16"},
    "missing_optional": {"sparse": True},
    "huge_attachment": {"attached": HUGE_ATTACHED},
    "unknown_field": {"extra": True},
}
"""Ways of writing: what a message says stays the same."""

POISONS: Final = ("missing_required", "dtd", "bomb")
"""Bad files, each beside the true one it is made from."""

_DTD = '<!DOCTYPE edXML [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
_BOMB = "<!DOCTYPE edXML [{}]>".format(
    '<!ENTITY l0 "CANARY">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
)


def styled(message: Message, faults: Faults) -> bytes:
    """The message, written in the way that the faults which fire ask for."""
    if not faults.settings:
        return write(message)
    style: Style = PLAIN
    for name, way in WAYS.items():
        if faults.draw(name):
            # Another order each time: sometimes attached files come first.
            way = {"shuffled": faults.fired[name]} if name == "element_order" else way
            style = replace(style, **way)  # type: ignore[arg-type]
    return write(message, style)


def poison(name: str, message: Message) -> bytes:
    """A bad file of this kind."""
    body = write(message).decode()
    if name == "missing_required":
        head, tail = body.split("<edXML:From>", 1)
        sender, rest = tail.split("</edXML:From>", 1)
        nameless = sender[sender.index("</edXML:OrganId>") + len("</edXML:OrganId>") :]
        return f"{head}<edXML:From>{nameless}</edXML:From>{rest}".encode()
    declaration, rest = body.split("\n", 1)
    entity = "&x;" if name == "dtd" else "&l9;"
    doctype = _DTD if name == "dtd" else _BOMB
    return f"{declaration}\n{doctype}\n{rest}".replace("<edXML:OrganName>", f"<edXML:OrganName>{entity}", 1).encode()
