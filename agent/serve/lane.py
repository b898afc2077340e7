"""How much is worked on at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Lane(Protocol):
    """Lets work on the recommender in, as much at once as there is room for.

    It is the place for queue limits, breakers and measurements. What needs to be exclusive is guarded
    elsewhere; a lane only keeps the machine from doing too much at once.
    """

    def __call__(self, what: str) -> AbstractContextManager[None]:
        """Wait to be let in for ``list``, ``words``, ``why``, ``beliefs``, ``map`` or ``memory``.

        Raises:
            BusyError: too many wait already.
        """
        ...


class Slots:
    """A lane with room for so many.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self._slots = threading.Semaphore(count)

    @contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        """Wait to be let in."""
        with self._slots:
            yield
