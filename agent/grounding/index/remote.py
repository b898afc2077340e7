"""What vector indexes on servers share: names by content, one upload, a breaker, errors of our own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from functools import cached_property
from threading import Lock
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import numpy as np

from agent.breaker import Breaker
from agent.errors import SettingsError, VectorEngineError
from agent.grounding.index.base import content_hash, nothing_found

FEW = 4096
"""Up to so many allowed rows are named to the server, which then looks at nothing else."""


class RemoteIndex(ABC):
    """An index on a server, filled once: the name of what it holds is made from the vectors themselves.

    Nothing is asked of the server before the first search or :meth:`prepare`. Replicas that hold the same
    vectors share one upload, and half of one is never searched.

    Args:
        vectors: Unit vectors, float32, shape (n, d), n at least 1 where anything is to be found.
        address: Where the server is, with ``?index=`` one of ``kinds``.
        timeout: Seconds that a search may take.
        breaker: Says when a server that failed is asked again; None: one of its own.

    Raises:
        SettingsError: the address names another kind of index.
    """

    kinds: tuple[str, ...]
    """Values of ``?index=``, the default first."""

    def __init__(
        self, vectors: np.ndarray, address: str, *, timeout: float = 5.0, breaker: Breaker | None = None
    ) -> None:
        self._vectors, self._timeout = vectors, timeout
        parts = urlsplit(address)
        options = dict(parse_qsl(parts.query))
        self.kind = options.pop("index", self.kinds[0])
        if self.kind not in self.kinds:
            raise SettingsError(
                f"unknown kind of index {self.kind!r}",
                where="GROUNDREC_VECTORS",
                hint=f"use ?index= with {' or '.join(self.kinds)}",
            )
        self._options = options
        self._address = urlunsplit(parts._replace(query=urlencode(options)))
        self.where = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        self.breaker = breaker or Breaker(self.where, VectorEngineError)
        self._filling, self._prepared = Lock(), False

    def __len__(self) -> int:
        return len(self._vectors)

    @cached_property
    def name(self) -> str:
        """Name of the vectors on the server: a hash of what they are, and the kind of index."""
        return f"groundrec_{content_hash(self._vectors)}_{self.kind}"

    def prepare(self) -> None:
        """Connect, and upload the vectors where the server does not have them yet.

        Raises:
            VectorEngineError: the server does not answer, or refuses; or another thread is still uploading.
        """
        if not self._filling.acquire(timeout=self._timeout):
            raise VectorEngineError("the vectors are still being uploaded", where=self.where)
        try:
            if not self._prepared and len(self):
                with self.breaker.guard(), self._errors():
                    self._prepare()
            self._prepared = True
        finally:
            self._filling.release()

    def search(
        self, queries: np.ndarray, k: int, allowed: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """See VectorIndex.

        Raises:
            VectorEngineError: the server does not answer, or did not a short while ago.
        """
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        rows, scores = nothing_found(len(queries), k)
        left = len(self) if allowed is None else int(allowed.sum())
        wanted = min(k, left)
        if not (wanted and len(queries)):
            return rows, scores
        if not self._prepared:
            self.prepare()
        kept = None if left == len(self) else allowed
        try:
            with self.breaker.guard(), self._errors():
                found = self._search(queries, wanted, kept)
        except VectorEngineError:
            self._prepared = False  # a server that comes back may have to be connected anew
            raise
        for place, (near, products) in enumerate(found):
            order = np.lexsort((near, -products))[:wanted]
            rows[place, : len(order)], scores[place, : len(order)] = near[order], products[order]
        return rows, scores

    @abstractmethod
    def _prepare(self) -> None:
        """Connect and upload what is not there."""

    @abstractmethod
    def _search(
        self, queries: np.ndarray, k: int, allowed: np.ndarray | None
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Rows (int64) and inner products (float32) of each query: the ``k`` best at least, in any order."""

    @abstractmethod
    def _errors(self) -> AbstractContextManager[None]:
        """Turns the client's errors into ours."""

    def _failure(self, error: Exception) -> VectorEngineError:
        message = " ".join(str(error).split())[:300] or type(error).__name__
        return VectorEngineError(message, where=self.where, hint="see whether the server runs")
