"""Lists in freely written text whose items differ: no item is begun again where it was chosen before."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable

import numpy as np
from scipy.special import logsumexp

_MARKER = re.compile(r"\s*(?:\d+[.):]|[-*•])\s?")


class DistinctItems:
    """Watches the tokens of a text, and bars those that would say an item of a list again.

    Small models repeat themselves. A line that begins with a list's marker is an item; the one of its tokens
    that was least certain is where it was chosen among others. Where a later item has begun with the same
    tokens, that one is barred, so that the model names what it would have named next: after *The Shining*,
    it may still write *The Thing*.

    Args:
        decode: Turns tokens into text.
        begun: What stands before the text in its first line.
    """

    def __init__(self, decode: Callable[[list[int]], str], begun: str = "") -> None:
        self._decode, self._begun = decode, begun
        self._tokens, self._logprobs = list[int](), list[float]()
        self._barred: defaultdict[tuple[int, ...], set[int]] = defaultdict(set)

    def mask(self, logits: np.ndarray) -> np.ndarray:
        """Scores of the next token, shape (vocabulary,), with -inf for those that are barred."""
        item = self._item()
        barred = self._barred.get(tuple(self._tokens[item:])) if item is not None else None
        if not barred:
            return logits
        masked = logits.copy()
        masked[list(barred)] = -np.inf
        return masked

    def push(self, token: int, logits: np.ndarray) -> None:
        """Take note of a token that was drawn from scores."""
        if "\n" not in self._decode([token]):
            self._tokens.append(token)
            self._logprobs.append(float(logits[token] - logsumexp(logits)))
            return
        item = self._item()
        if item is not None and (said := self._tokens[item:]):
            chosen = int(np.argmin(self._logprobs[item:]))
            self._barred[tuple(said[:chosen])].add(said[chosen])
        self._tokens, self._logprobs, self._begun = [], [], ""

    def _item(self) -> int | None:
        """How many tokens of this line are its marker; None where it has none."""
        marker = _MARKER.match(self._begun + self._decode(self._tokens))
        if marker is None:
            return None
        for count in range(len(self._tokens) + 1):
            if len(self._begun + self._decode(self._tokens[:count]).rstrip()) >= len(marker[0].rstrip()):
                return count
        return None
