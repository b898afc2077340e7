"""The way to the recommender: for as many as there is room for, in order, with a bounded queue."""

from __future__ import annotations

import heapq
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Protocol

from agent.errors import BusyError, ServerError

_RANKS = {"words": 1, "list": 2}
"""What waits for what: new answers for those that have begun, both for work of milliseconds."""

_UNKNOWN = 0.1
"""Seconds that work is thought to take before any was done."""

_LATEST = 0.2
"""Weight of the latest work in what such work takes."""


class LaneWatcher(Protocol):
    """Told how long work waited and ran, in seconds, and what was turned away."""

    def waited(self, what: str, seconds: float) -> None:
        """Work was let in."""
        ...

    def ran(self, what: str, seconds: float) -> None:
        """Work is done."""
        ...

    def refused(self, what: str, reason: str) -> None:
        """Work was not let in: ``full`` or ``timeout``."""
        ...


class BoundedLane:
    """Lets so many pieces of work to the recommender at once, and so many wait.

    Quick work goes first, then the words of answers that have begun, then new answers; among equals, who came
    first.

    Args:
        room: How many are let in at once.
        queue: How many may wait; more are refused at once.
        patience: Seconds that one waits before it is refused.
        watcher: Told what happens.
    """

    def __init__(self, room: int, queue: int, patience: float, watcher: LaneWatcher | None = None) -> None:
        self._room, self._free = room, room
        self._queue, self._patience, self._watcher = queue, patience, watcher
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, int, threading.Event, str]] = []
        self._order = count()
        self._typical = defaultdict[str, float](lambda: _UNKNOWN)

    @property
    def waiting(self) -> int:
        """How many wait to be let in."""
        return len(self._waiting)

    @property
    def wait(self) -> float:
        """Seconds until whoever comes now is let in, going by what such work took of late."""
        with self._lock:
            return self._ahead()

    @contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        """Wait to be let in.

        Raises:
            BusyError: too many wait already, or it took too long.
            ServerError: likewise for the language model's words, which an answer can do without.
        """
        start = time.perf_counter()
        self._enter(what)
        begun = time.perf_counter()
        if self._watcher is not None:
            self._watcher.waited(what, begun - start)
        try:
            yield
        finally:
            seconds = time.perf_counter() - begun
            self._leave(what, seconds)
            if self._watcher is not None:
                self._watcher.ran(what, seconds)

    def _enter(self, what: str) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            if len(self._waiting) >= self._queue:
                raise self._refusal(what, "full")
            turn = threading.Event()
            place = (_RANKS.get(what, 0), next(self._order), turn, what)
            heapq.heappush(self._waiting, place)
        if not turn.wait(self._patience):
            with self._lock:
                if not turn.is_set():
                    self._waiting.remove(place)
                    heapq.heapify(self._waiting)
                    raise self._refusal(what, "timeout")

    def _leave(self, what: str, seconds: float) -> None:
        with self._lock:
            self._typical[what] += _LATEST * (seconds - self._typical[what])
            if self._waiting:  # the place goes straight to the next, so that nobody slips in between
                heapq.heappop(self._waiting)[2].set()
            else:
                self._free += 1

    def _ahead(self) -> float:
        return sum(self._typical[what] for *_, what in self._waiting) / self._room

    def _refusal(self, what: str, reason: str) -> BusyError | ServerError:
        if self._watcher is not None:
            self._watcher.refused(what, reason)
        if what == "words":
            return ServerError("too many are waiting for the language model")
        pause = max(1.0, round(self._ahead()))
        return BusyError(
            "too many are waiting already", hint=f"try again in {pause:.0f} s", retry_after=pause
        )
