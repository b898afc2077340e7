"""The recommender's memory, kept in step with the store's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress

from agent.dialogues import PastDialogue, dialogue_from_json
from agent.recommender import Recommender
from agent.store import Remembered, Store


class MemoryFollower:
    """Lets a recommender remember and forget what a store's memory gains and loses, whoever changes it.

    Args:
        recommender: Who remembers; other users' words are found again by it and shown to nobody.
        store: Whose memory is followed.
        lane: Let in before dialogues are embedded.
        on_deletion: Called when something was deleted, of which caches may still hold something.
    """

    def __init__(
        self,
        recommender: Recommender,
        store: Store,
        lane: Callable[[str], AbstractContextManager[None]],
        on_deletion: Callable[[], None],
    ) -> None:
        self._recommender, self._store, self._lane, self._on_deletion = recommender, store, lane, on_deletion
        self._seen = 0
        self._lock = threading.Lock()

    def catch_up(self) -> None:
        """Take in what has changed since the last time; raises StoreError."""
        with self._lock:
            rows = self._store.remembered(self._seen)
            if not rows:
                return
            with self._lane("memory"):
                gone = [row.dialogue_id for row in rows if row.dialogue is None]
                there = list(_dialogues(rows))
                if gone:
                    self._recommender.forget(*gone)
                    self._on_deletion()
                if there:
                    self._recommender.remember(*there)
            self._seen = rows[-1].pk


def _dialogues(rows: Iterable[Remembered]) -> Iterator[PastDialogue]:
    """The dialogues that join; one that cannot be read must not keep the others out."""
    for row in rows:
        if row.dialogue is not None:
            with suppress(ValueError):
                yield dialogue_from_json(row.dialogue, private=True)
