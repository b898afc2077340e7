"""A circuit breaker (Nygard, Release It!, 2007): a dead server costs one wait, not one for every turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Literal

from agent.errors import GroundrecError

State = Literal["closed", "open", "half-open"]


class Breaker:
    """Stops asking a server that failed, and tries it again after a pause.

    Closed, every call goes through. ``failures`` of them that fail in a row open it: calls are refused at
    once. After the pause it is half-open: one call goes through, the others are still refused; if it succeeds
    the breaker closes, and if it fails the next pause is twice as long, up to ``longest``.

    Args:
        name: What is guarded, for messages: an address.
        error: The class that counts as failing, and that refusals are raised as. An error of another class
            comes from a server that is alive.
        failures: How many calls in a row fail before it opens.
        pause: Seconds before a server that failed is tried again.
        longest: Seconds that such a pause grows to.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        name: str,
        error: type[GroundrecError],
        *,
        failures: int = 1,
        pause: float = 5.0,
        longest: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self._error = name, error
        self._failures, self._first_pause, self._longest, self._clock = failures, pause, longest, clock
        self._lock = Lock()
        self._failed, self._pause, self._until = 0, pause, 0.0
        self._cause, self._trying = "", False

    @property
    def state(self) -> State:
        """Whether calls go through (closed), are refused (open), or one is due to find out (half-open)."""
        with self._lock:
            return self._state()

    @property
    def cause(self) -> str:
        """What the last failure was; empty where it has answered since."""
        with self._lock:
            return self._cause

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Hold a call: it is refused where the breaker is open, and its outcome counts.

        Raises:
            GroundrecError: of the breaker's class; the server failed a short while ago.
        """
        trying = self._enter()
        try:
            yield
        except self._error as error:
            self._fail(error)
            raise
        except Exception:
            self.succeed()
            raise
        except BaseException:  # the caller went away: that says nothing of the server
            if trying:
                with self._lock:
                    self._trying = False
            raise
        self.succeed()

    def succeed(self) -> None:
        """Close it: the server answers. For calls that know so long before they are over."""
        with self._lock:
            self._failed, self._pause, self._cause, self._trying = 0, self._first_pause, "", False

    def _state(self) -> State:
        if self._failed < self._failures:
            return "closed"
        return "open" if self._clock() < self._until or self._trying else "half-open"

    def _enter(self) -> bool:
        """Whether the call is the one that finds out."""
        with self._lock:
            state = self._state()
            if state == "open":
                left = max(0.0, self._until - self._clock())
                raise self._error(self._cause, where=self.name, hint=f"it is asked again in {left:.0f} s")
            self._trying = state == "half-open"
            return self._trying

    def _fail(self, error: GroundrecError) -> None:
        with self._lock:
            if self._trying:
                self._pause = min(self._longest, 2 * self._pause)
            self._failed, self._cause, self._trying = self._failed + 1, error.what, False
            if self._failed >= self._failures:
                self._until = self._clock() + self._pause
