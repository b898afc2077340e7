"""Conversation memory: past turns like the present one, and the items that came up around them."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from agent.catalog import Catalog
from agent.dialogues import PastDialogue
from agent.grounding.embedder import Embedder, Progress
from agent.retrieval.remembered import Encoder, Remembered, View, turns_of
from prompts import Example


class ConversationMemory:
    """Past dialogues, found again by what was said in them.

    Every turn in which something was recommended is known by all that was said before it. It stands for
    all items of its dialogue, those that the user liked counting more. Nothing is trained: a dialogue
    that is added is found from then on.

    Nearest neighbours among recorded dialogues as in Manzoor and Jannach, Towards retrieval-based
    conversational recommendation, Information Systems 2022, with items in the place of responses.

    Dialogues may be added and forgotten while other threads ask: each answer is of one moment.

    Args:
        catalog: The items; others that dialogues name are left out.
        embedder: A sentence embedder.
        dialogues: Those to begin with.
        cache_dir: Where embeddings are kept, but for those of private dialogues; None: nowhere.
        progress: Told how far the embedding of turns is.
    """

    def __init__(
        self,
        catalog: Catalog,
        embedder: Embedder,
        dialogues: Sequence[PastDialogue] = (),
        *,
        cache_dir: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.catalog = catalog
        self._encoder = Encoder(catalog, embedder, cache_dir, progress)
        self._changing = threading.Lock()
        known = {dialogue.id: dialogue for dialogue in dialogues}
        self._now = Remembered(catalog, self._encoder, known, turns_of(known))

    def __len__(self) -> int:
        """How many turns can be found."""
        return len(self._now.turns)

    @property
    def dialogues(self) -> tuple[PastDialogue, ...]:
        """All dialogues, oldest first."""
        return tuple(self._now.dialogues.values())

    def add(self, *dialogues: PastDialogue) -> None:
        """Remember dialogues from now on; those with the same ids are replaced."""
        self._change(dialogues, {dialogue.id for dialogue in dialogues})

    def forget(self, *ids: str) -> None:
        """Remember dialogues no longer; ids that are not known are passed over."""
        if any(name in self._now.dialogues for name in ids):
            self._change((), set(ids))

    def items_like(self, text: str, view: View, without: str | None = None) -> np.ndarray:
        """How much the items of the past turns most like a text count together, shape (len(catalog),)."""
        now = self._now
        return now.items(now.likeness(text, view, without))

    def counts(self, without: str | None = None) -> np.ndarray:
        """See :meth:`Remembered.counts`."""
        return self._now.counts(without)

    def together(self, rows: Sequence[int], without: str | None = None) -> tuple[np.ndarray, np.ndarray]:
        """See :meth:`Remembered.together`."""
        return self._now.together(rows, without)

    def naming(self, row: int, rows: Sequence[int], without: str | None = None) -> np.ndarray:
        """See :meth:`Remembered.naming`."""
        return self._now.naming(row, rows, without)

    def examples(self, text: str, k: int, without: str | None = None) -> tuple[Example, ...]:
        """See :meth:`Remembered.examples`."""
        return self._now.examples(text, k, without)

    def _change(self, added: Sequence[PastDialogue], gone: Collection[str]) -> None:
        with self._changing:
            self._now = self._now.changed({dialogue.id: dialogue for dialogue in added}, gone)
