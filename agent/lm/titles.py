"""All titles of a catalog as token sequences, and a walk among those that may still be written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

Encode = Callable[[Sequence[str]], Sequence[Sequence[int]]]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def encode_after(encode: Encode, before: str, texts: Sequence[str]) -> list[Sequence[int]]:
    """Tokens of texts as they are when they follow ``before``.

    Tokenizers look across the boundary (some put a space in front of whatever comes first), so each
    text is encoded with ``before`` and its tokens are cut off. A text whose first characters merge
    with ``before`` is encoded alone.
    """
    head = list(encode([before])[0])
    joined = encode([before + text for text in texts])
    merged = [i for i, tokens in enumerate(joined) if list(tokens[: len(head)]) != head]
    result = [tokens[len(head) :] for tokens in joined]
    for i, tokens in zip(merged, encode([texts[i] for i in merged]) if merged else [], strict=True):
        result[i] = tokens
    return result


class TitleIndex:
    r"""Titles in lexicographic order of their tokens: a trie whose nodes are ranges of rows.

    A title is written as ``" Title\n"`` after a list marker. The line end is part of the sequence,
    so that no title is a proper prefix of another ("Alien", "Aliens", "Alien Resurrection") and
    each can end. Titles that are spelled the same share one sequence.

    Args:
        titles: One title a row; white space and control characters in it become single spaces.
        encode: Tokenises texts without adding special tokens, such as ``TransformersModel.encode``.

    Attributes:
        titles: The titles as they are written.
    """

    def __init__(self, titles: Sequence[str], encode: Encode) -> None:
        self.titles = tuple(" ".join(_CONTROL.sub(" ", title).split()) for title in titles)
        self.encode = encode
        sequences = encode_after(encode, "1.", [f" {title}\n" for title in self.titles])
        # Big-endian bytes compare as the token sequences do, and sort many times faster.
        keys = [np.asarray(tokens, dtype=">u4").tobytes() for tokens in sequences]
        self._rows = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
        lengths = np.array([len(keys[row]) // 4 for row in self._rows], dtype=np.int64)
        self._offsets = np.concatenate([[0], np.cumsum(lengths)])
        self._tokens = np.frombuffer(b"".join(keys[row] for row in self._rows), ">u4").astype(np.int32)

    def __len__(self) -> int:
        return len(self.titles)

    @property
    def order(self) -> np.ndarray:
        """Rows in the order of the index, shape (len(self),)."""
        return self._rows

    @property
    def longest(self) -> int:
        """Tokens of the longest title."""
        return int(np.diff(self._offsets).max())

    def sequence(self, place: int) -> np.ndarray:
        """Tokens of the title at a place of the index, with the line end."""
        return self._tokens[self._offsets[place] : self._offsets[place + 1]]

    def split(self, low: int, high: int, depth: int) -> tuple[np.ndarray, np.ndarray]:
        """The children of the node that holds the places from ``low`` to ``high``, ``depth`` tokens down.

        Returns:
            Their tokens, ascending, and the first place of each.
        """
        column = self._tokens[self._offsets[low:high] + depth]
        starts = np.flatnonzero(np.r_[True, column[1:] != column[:-1]])
        return column[starts], low + starts

    def walk(self, allowed: np.ndarray) -> TitleWalk:
        """Start at the root, with only the rows where ``allowed`` (bool, shape (len(self),)) is set."""
        return TitleWalk(self, np.asarray(allowed, dtype=bool)[self._rows])


class TitleWalk:
    """A position in the trie, seeing only live titles: allowed and not yet taken."""

    def __init__(self, index: TitleIndex, live: np.ndarray) -> None:
        self._index, self._live = index, live
        self.restart()

    @property
    def live(self) -> int:
        """How many titles may still be written."""
        return int(self._live.sum())

    def restart(self) -> None:
        """Go back to the root."""
        self._low, self._high, self._depth = 0, len(self._index), 0

    def _column(self) -> np.ndarray:
        """The token at this depth of every row in the range, ascending."""
        return self._index._tokens[self._index._offsets[self._low : self._high] + self._depth]

    @property
    def at_end(self) -> bool:
        """Whether a whole title has been written. No sequence is a prefix of another, so one row tells."""
        offsets = self._index._offsets
        return self._high > self._low and bool(offsets[self._low + 1] - offsets[self._low] == self._depth)

    def children(self) -> np.ndarray:
        """Tokens that lead on to at least one live title, ascending; none at the end of a title."""
        if self.at_end or self._high == self._low:
            return np.empty(0, dtype=np.int32)
        tokens, starts = self._index.split(self._low, self._high, self._depth)
        return tokens[np.logical_or.reduceat(self._live[self._low : self._high], starts - self._low)]

    def advance(self, token: int) -> None:
        """Follow one of the children."""
        column = self._column()
        low = self._low
        self._low = low + int(np.searchsorted(column, token, "left"))
        self._high = low + int(np.searchsorted(column, token, "right"))
        self._depth += 1

    def forced(self) -> list[int]:
        """Advance as long as there is only one way on, and return the tokens on it."""
        tokens = []
        while len(children := self.children()) == 1:
            tokens.append(int(children[0]))
            self.advance(tokens[-1])
        return tokens

    def take(self) -> int:
        """At the end of a title: its row in the catalog, which dies; then back to the root."""
        at = self._low + int(np.argmax(self._live[self._low : self._high]))
        self._live[at] = False
        self.restart()
        return int(self._index._rows[at])
