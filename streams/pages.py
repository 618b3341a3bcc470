"""Pages: the entities of one hash range, packed for the checkpoint.

Codes of texts mean something within one process only, so a page carries its own list of texts. Codes of enumerations are
those of the contract, which is part of the generation's name.
"""

from collections.abc import Iterable, Sequence

import lz4.block
import msgspec
import numpy as np

from streams.entities import Entities
from streams.features import NULL_CODE, Interner, Layout, Rows


class Page(msgspec.Struct, array_like=True, frozen=True):
    """Entities side by side; columns are the bytes of little-endian arrays in the order of the layout's features.

    `horizon` is that of the fold when the page was packed: what it has forgotten holds for that horizon and later ones.
    """

    entities: list[str]
    texts: list[str]
    units: bytes
    exists: bytes
    versions: list[bytes]
    columns: list[bytes]
    page: int
    horizon: int
    forgotten: tuple[bytes, bytes]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Page)


class Packer:
    """Packs and unpacks pages of one fold's entities."""

    def __init__(self, layout: Layout, entities: Entities, texts: Interner) -> None:
        self._layout, self._entities, self._texts = layout, entities, texts

    def rows_by_page(self, pages: Sequence[int]) -> list[Rows]:
        """The rows of each page's entities."""
        entities = self._entities
        of_page = entities.pages[: len(entities)]
        order = np.argsort(of_page, kind="stable")
        bounds = np.searchsorted(of_page[order], np.array([[page, page + 1] for page in pages]).ravel())
        return [order[first:last] for first, last in bounds.reshape(-1, 2).tolist()]

    def pack(self, number: int, rows: Rows, horizon: int) -> bytes:
        """The entities of a page, compressed."""
        entities, listed = self._entities, rows.tolist()
        names = entities.names
        columns = [entities.columns[name][rows] for name in self._layout.features]
        units = entities.units[rows]
        coded = [units, *(column for column in columns if column.dtype == np.int32)]
        # Codes become positions in the page's own list of texts; the null code, the least, stays what it is.
        used, places = np.unique(np.concatenate(coded), return_inverse=True)
        null = int(used[:1].tolist() == [NULL_CODE])
        local = iter(np.split((places - null).astype(np.int32), len(coded)))
        page = Page(
            entities=[names[row] for row in listed],
            texts=[self._texts.texts[code] for code in used[null:].tolist()],
            units=next(local).tobytes(),
            exists=entities.exists[rows].tobytes(),
            versions=[versions[rows].tobytes() for versions in entities.versions],
            columns=[(next(local) if column.dtype == np.int32 else column).tobytes() for column in columns],
            page=number,
            horizon=horizon,
            forgotten=entities.forgotten.dump(number),
        )
        packed: bytes = lz4.block.compress(_ENCODER.encode(page), mode="fast", store_size=True)
        return packed

    def unpack(self, packed: Iterable[bytes]) -> int:
        """Adds the entities of pages, none of which may be known yet, and gives the greatest horizon among the pages."""
        entities = self._entities
        horizon = 0
        for one in packed:
            page = _DECODER.decode(lz4.block.decompress(one))
            horizon = max(horizon, page.horizon)
            entities.forgotten.load(page.page, *page.forgotten)
            rows = entities.rows_of(page.entities)
            codes = np.fromiter((self._texts[text] for text in page.texts), np.int32, len(page.texts))
            codes = np.append(codes, np.int32(NULL_CODE))
            entities.units[rows] = codes[np.frombuffer(page.units, np.int32)]
            entities.exists[rows] = np.frombuffer(page.exists, np.bool_)
            for versions, stored in zip(entities.versions, page.versions, strict=True):
                versions[rows] = np.frombuffer(stored, np.int64)
            for feature, stored in zip(self._layout.features.values(), page.columns, strict=True):
                column = np.frombuffer(stored, feature.dtype)
                entities.columns[feature.name][rows] = codes[column] if feature.dtype is np.int32 else column
        return horizon
