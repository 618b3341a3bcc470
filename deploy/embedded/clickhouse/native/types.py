"""Column types as far as finding the end of a column needs them.

Source: ClickHouse, src/DataTypes/Serializations (bulk serialization); docs, "Native format".
"""

import functools
import re
from dataclasses import dataclass

from deploy.embedded.clickhouse.errors import ServerError

FIXED_BYTES = {
    "Bool": 1, "Int8": 1, "UInt8": 1, "Enum8": 1, "Nothing": 1,
    "Int16": 2, "UInt16": 2, "Enum16": 2, "Date": 2, "BFloat16": 2,
    "Int32": 4, "UInt32": 4, "Float32": 4, "DateTime": 4, "Date32": 4, "IPv4": 4, "Decimal32": 4, "Time": 4,
    "Int64": 8, "UInt64": 8, "Float64": 8, "DateTime64": 8, "Decimal64": 8, "Time64": 8,
    "Int128": 16, "UInt128": 16, "UUID": 16, "IPv6": 16, "Decimal128": 16,
    "Int256": 32, "UInt256": 32, "Decimal256": 32,
}  # fmt: skip
ALIASES = {
    "Point": "Tuple(Float64, Float64)",
    "Ring": "Array(Point)",
    "LineString": "Array(Point)",
    "MultiLineString": "Array(LineString)",
    "Polygon": "Array(Ring)",
    "MultiPolygon": "Array(Polygon)",
}
DEPTH_MAX = 64
"""Types that nest deeper than this are nobody's."""

_NAMED = re.compile(r"^(?:`(?:[^`\\]|\\.)*`|[A-Za-z_]\w*)\s+(?=\S)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A type: its family, the bytes of a value where that is fixed, the types inside."""

    family: str
    width: int = 0
    inner: tuple["ColumnType", ...] = ()

    @property
    def has_prefix(self) -> bool:
        """Whether the column's data begin with the state of a LowCardinality, its own or one inside."""
        return self.family == "LowCardinality" or any(part.has_prefix for part in self.inner)


@functools.lru_cache(maxsize=4096)
def parse_type(text: str) -> ColumnType:
    """The type that `text` names.

    Raises:
        ServerError: 48 for types whose columns cannot be walked (JSON, Dynamic, Variant, aggregate states).
    """
    if text.count("(") > DEPTH_MAX:
        raise _cannot(text)
    try:
        return _parse(text.strip())
    except (IndexError, ValueError, StopIteration):
        raise _cannot(text) from None


def _cannot(text: str) -> ServerError:
    return ServerError.named(48, f"Columns of type {text} do not pass the native protocol here; cast them to String")


def _parse(text: str) -> ColumnType:
    text = ALIASES.get(text, text)
    family, _, rest = text.partition("(")
    arguments = _split(rest[:-1]) if rest else []
    if family in FIXED_BYTES:
        return ColumnType("Fixed", FIXED_BYTES[family])
    if family.startswith("Interval"):
        return ColumnType("Fixed", 8)
    if family == "Decimal":
        precision = int(arguments[0]) if arguments else 10
        return ColumnType(
            "Fixed", next(size for limit, size in ((9, 4), (18, 8), (38, 16), (76, 32)) if precision <= limit)
        )
    if family == "FixedString":
        if not arguments[0].isdigit():
            raise _cannot(text)
        return ColumnType("Fixed", int(arguments[0]))
    if family == "String":
        return ColumnType("String")
    if family in {"Nullable", "Array", "LowCardinality"}:
        return ColumnType(family, inner=(parse_type(arguments[0]),))
    if family == "SimpleAggregateFunction":
        return parse_type(arguments[1])
    if family == "Map":
        return ColumnType("Array", inner=(ColumnType("Tuple", inner=tuple(parse_type(part) for part in arguments)),))
    if family in {"Tuple", "Nested"}:
        parts = tuple(parse_type(_NAMED.sub("", part.strip())) for part in arguments)
        if not parts:
            return ColumnType("Fixed", 1)
        whole = ColumnType("Tuple", inner=parts)
        return whole if family == "Tuple" else ColumnType("Array", inner=(whole,))
    raise _cannot(text)


def _split(text: str) -> list[str]:
    """Arguments of a type, split at the commas that stand outside brackets and quotes."""
    parts, depth, start, quote, position = [], 0, 0, "", 0
    while position < len(text):
        char = text[position]
        if quote:
            if char == "\\":
                position += 1
            elif char == quote:
                quote = ""
        elif char in "'`\"":
            quote = char
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
        position += 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]
