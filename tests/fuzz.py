"""Mutated files: real ones with bytes changed, cut, doubled, moved and put together, the same for the same seed."""

import random
from collections.abc import Iterator, Sequence

_TELLING = (
    *(
        b"",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xc3",
        b"\xed\xa0\x80",
        b"<",
        b">",
        b"</",
        b"<!DOCTYPE x>",
        b"&",
        b"]]>",
    ),
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b"\\",
        b"\\ud800",
        b",",
        b":",
        b"null",
        b"true",
        b"NaN",
        b"-1",
        b"1e999",
        b"9" * 40,
    ),
    *(b"\r\n", b";", b"\t", b" " * 64, b"A" * 300, "Đất Mũi".encode(), b"0000-00-00", b"9999-12-31T23:59:59+14:00"),
)
"""What parsers stumble over."""


def mutations(files: Sequence[bytes], count: int, seed: int = 1) -> Iterator[bytes]:
    """`count` files made from `files`, each with one to six changes."""
    draw = random.Random(seed)
    for _ in range(count):
        changed = bytearray(draw.choice(files))
        for _ in range(draw.choice((1, 1, 1, 2, 3, 6))):
            _change(changed, files, draw)
        yield bytes(changed)


def _change(changed: bytearray, files: Sequence[bytes], draw: random.Random) -> None:
    at = draw.randrange(len(changed) + 1)
    end = min(len(changed), at + int(draw.expovariate(1 / 12)) + 1)
    match draw.randrange(8):
        case 0:
            changed[at:at] = draw.choice(_TELLING)
        case 1:
            changed[at:end] = draw.choice(_TELLING)
        case 2:
            del changed[at:end]
        case 3:
            changed[at:at] = changed[at:end] * draw.choice((1, 2, 20))
        case 4:
            del changed[at:]
        case 5:
            other = draw.choice(files)
            begin = draw.randrange(len(other) + 1)
            changed[at:end] = other[begin : begin + draw.randrange(200)]
        case 6:
            target = draw.randrange(len(changed) + 1)
            part = changed[at:end]
            del changed[at:end]
            changed[target:target] = part
        case _:
            if at < len(changed):
                changed[at] = draw.randrange(256)
