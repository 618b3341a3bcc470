"""The bytes of a long file as it is parsed, as far as they may still be needed."""


class Pieces:
    """Cuts elements out of a file that comes piece by piece. Offsets count from the file's first byte.

    What is kept: the last piece, and before it what belongs to the element in hand, or else what came since the last one; at
    most `most` bytes of that.
    """

    def __init__(self, most: int) -> None:
        self.head = b""
        """What stands before the first element, at most `most` bytes."""
        self.end = 0
        """Offset behind the last piece."""
        self._most = most
        self._held = b""
        self._held_at = 0
        self._piece = b""
        self._piece_at = 0
        self._keep_at = 0
        self._begun = False

    @property
    def is_cut(self) -> bool:
        """Whether more than `most` bytes would have to be kept."""
        return self._piece_at - self._held_at > self._most

    def add(self, piece: bytes) -> None:
        """Takes the next piece."""
        self._piece, self._piece_at = piece, self.end
        self.end += len(piece)

    def begin(self, at: int) -> None:
        """An element begins at `at`."""
        if not self._begun:
            self.head = self._slice(0, at)
            self._begun = True
        self._keep_at = at

    def cut(self, tag_at: int) -> tuple[bytes, bool]:
        """The bytes of the element in hand, whose end tag begins at `tag_at`; and whether these are all of them."""
        begun, end = self._keep_at, tag_at
        # An element that is one empty tag ends there already.
        if self._slice(tag_at, tag_at + 2) == b"</":
            behind = self._held.find(b">", tag_at - self._held_at) if tag_at < self._piece_at else -1
            at = self._held_at + behind if behind >= 0 else self._in_piece(tag_at)
            end = at + 1
        self._keep_at = end
        return self._slice(begun, end), end - begun <= self._most

    def let_go(self) -> None:
        """Keeps of everything so far what may still be needed."""
        at = self._keep_at
        if at >= self._piece_at:
            self._held, self._held_at = self._piece[at - self._piece_at :], at
        else:
            self._held = (self._held[at - self._held_at :] + self._piece)[: self._most]
            self._held_at = at
        self._piece, self._piece_at = b"", self.end

    def rest(self) -> bytes:
        """From the element in hand on, or from the end of the last one: at most `most` bytes."""
        return self._slice(self._keep_at, self.end)

    def _in_piece(self, tag_at: int) -> int:
        """Where in the last piece the tag ends that begins at `tag_at` or before the piece."""
        return self._piece_at + self._piece.find(b">", max(0, tag_at - self._piece_at))

    def _slice(self, begin: int, end: int) -> bytes:
        end = min(end, begin + self._most)
        if begin >= self._piece_at:
            return self._piece[begin - self._piece_at : end - self._piece_at]
        held = self._held[begin - self._held_at : end - self._held_at]
        return held + self._piece[: max(0, end - self._piece_at)]
