"""Conversation memory: past turns like the present one, and the items that came up around them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy import sparse

from agent.catalog import Catalog
from agent.dialogues import PastDialogue
from agent.grounding.embedder import Embedder, Progress
from agent.grounding.embeddings import embed_texts
from agent.retrieval.query import latest
from prompts import Example, Message

View = Literal["said", "own", "words"]
"""How turns are compared: the embedding of what both said, of the user's own turns, or words (BM25)."""

_NEIGHBOURS: dict[View, int] = {"said": 300, "own": 300, "words": 90}
_SHARPNESS = 6
"""Power of the cosine, so that near turns count for more than the many that are only of the same kind."""

_LIKED = 0.3
"""How much an attitude of 1 adds to (or, of -1, takes from) what an item counts."""

# Words, and the characters of scripts that are written without spaces one by one.
_TERM = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A past turn in which something was recommended."""

    dialogue: str
    said: str
    own: str


class ConversationMemory:
    """Past dialogues, found again by what was said in them.

    Every turn in which something was recommended is known by all that was said before it. It stands for
    all items of its dialogue, those that the user liked counting more. Nothing is trained: a dialogue
    that is added is found from then on.

    Nearest neighbours among recorded dialogues as in Manzoor and Jannach, Towards retrieval-based
    conversational recommendation, Information Systems 2022, with items in the place of responses.

    Args:
        catalog: The items; others that dialogues name are left out.
        embedder: A sentence embedder.
        dialogues: Those to begin with.
        cache_dir: Where embeddings are kept; they are made anew where None.
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
        self._embedder, self._cache_dir, self._progress = embedder, cache_dir, progress
        self._dialogues = {dialogue.id: dialogue for dialogue in dialogues}
        self._turns = [turn for dialogue in self._dialogues.values() for turn in _turns(dialogue)]
        self._vectors: dict[View, np.ndarray] = {}
        self._items: sparse.csr_array | None = None
        self._dialogue_items: sparse.csr_array | None = None
        self._bm25: Any = None

    def __len__(self) -> int:
        """How many turns can be found."""
        return len(self._turns)

    @property
    def dialogues(self) -> tuple[PastDialogue, ...]:
        """All dialogues, oldest first."""
        return tuple(self._dialogues.values())

    def add(self, *dialogues: PastDialogue) -> None:
        """Remember dialogues from now on; those with the same ids are replaced."""
        added = {dialogue.id: dialogue for dialogue in dialogues}
        self._keep_without(added)
        new = [turn for dialogue in added.values() for turn in _turns(dialogue)]
        for view, vectors in self._vectors.items():
            encoded = self._encode([_text(turn, view) for turn in new])
            self._vectors[view] = np.concatenate([vectors, encoded])
        self._turns += new
        self._dialogues |= added

    def forget(self, *ids: str) -> None:
        """Remember dialogues no longer; ids that are not known are passed over."""
        if any(name in self._dialogues for name in ids):
            self._keep_without(ids)

    def _keep_without(self, ids: Collection[str]) -> None:
        kept = np.array([turn.dialogue not in ids for turn in self._turns], dtype=bool)
        if not kept.all():
            self._vectors = {view: vectors[kept] for view, vectors in self._vectors.items()}
            self._turns = [turn for turn, keep in zip(self._turns, kept, strict=True) if keep]
        for name in ids:
            self._dialogues.pop(name, None)
        self._items = self._dialogue_items = self._bm25 = None

    def likeness(self, text: str, view: View, without: str | None = None) -> np.ndarray:
        """How much each past turn is like a text: cosine to the power of 6, or BM25.

        Only the nearest 300 (by words, 90) count, and none of the dialogue ``without``: the one that the
        text is from.

        Returns:
            At least 0, shape (turns,).
        """
        if view == "words":
            terms = _terms(text)
            likeness = np.asarray(self._index().get_scores(terms)) if terms else np.zeros(len(self))
        else:
            vector = self._embedder.encode([latest(text)])[0]
            likeness = np.maximum(0, self._embedded(view) @ vector) ** _SHARPNESS
        if without in self._dialogues:
            likeness = np.where([turn.dialogue == without for turn in self._turns], 0.0, likeness)
        nearest = np.argsort(-likeness, kind="stable")[: _NEIGHBOURS[view]]
        weights = np.zeros(len(self))
        weights[nearest] = likeness[nearest]
        return weights

    def items(self, weights: np.ndarray) -> np.ndarray:
        """How much the items of turns with the given weights count together, shape (len(catalog),)."""
        if self._items is None:
            self._items = self._matrix()
        return np.asarray(weights @ self._items)

    def counts(self, without: str | None = None) -> np.ndarray:
        """How many dialogues name each item, but for the dialogue ``without``, shape (len(catalog),)."""
        return np.asarray(self._named(without).sum(axis=0))

    def together(self, rows: Sequence[int], without: str | None = None) -> tuple[np.ndarray, np.ndarray]:
        """How many dialogues name two items, and how many name each, but for the dialogue ``without``.

        Returns:
            Shapes (len(rows), len(catalog)) and (len(catalog),).
        """
        named = self._named(without)
        return (named[:, list(rows)].T @ named).toarray(), np.asarray(named.sum(axis=0))

    def naming(self, row: int, rows: Sequence[int], without: str | None = None) -> np.ndarray:
        """How many dialogues but ``without`` name one item and each of some others, shape (len(rows),)."""
        named = self._named(without)
        return np.asarray(named[:, list(rows)].T @ named[:, [row]].toarray().ravel())

    def examples(self, text: str, k: int, without: str | None = None) -> tuple[Example, ...]:
        """The dialogues most like a text by words, as examples for a few-shot prompt.

        An example is what was said before the first recommendation, and what was recommended then and
        not turned down. The dialogue ``without``, which the text is from, is none, nor are private ones.

        Returns:
            At most ``k``, the most similar last: next to the question, where it counts most, and where
            trimming, which begins with the first, reaches it last.
        """
        if k <= 0 or not self._turns:
            return ()
        terms = _terms(text)
        likeness = self._index().get_scores(terms) if terms else np.zeros(len(self))
        found: dict[str, Example] = {}
        for row in np.argsort(-likeness, kind="stable"):
            dialogue = self._dialogues[self._turns[row].dialogue]
            example = _example(dialogue, self.catalog)
            if example is not None and dialogue.id != without and not dialogue.private:
                found.setdefault(dialogue.id, example)
            if len(found) == k:
                break
        return tuple(reversed(found.values()))

    def _embedded(self, view: View) -> np.ndarray:
        if view not in self._vectors:
            self._vectors[view] = self._encode([_text(turn, view) for turn in self._turns], view)
        return self._vectors[view]

    def _encode(self, texts: Sequence[str], what: str | None = None) -> np.ndarray:
        if not texts:
            return np.empty((0, self._embedder.dimension), dtype=np.float32)
        if self._cache_dir is None or what is None:
            return self._embedder.encode(texts)
        return embed_texts(
            texts,
            self._embedder,
            self._cache_dir,
            of=f"{self.catalog.name}-memory",
            what=what,
            kept=8,
            progress=self._progress,
        )

    def _matrix(self) -> sparse.csr_array:
        weights = {d.id: _item_weights(d, self.catalog) for d in self._dialogues.values()}
        return _sparse([weights[turn.dialogue] for turn in self._turns], len(self.catalog))

    def _named(self, without: str | None = None) -> sparse.csr_array:
        """Which dialogue names which item: 0 or 1, shape (dialogues, len(catalog))."""
        if self._dialogue_items is None:
            named = (_item_weights(dialogue, self.catalog) for dialogue in self._dialogues.values())
            self._dialogue_items = _sparse([dict.fromkeys(rows, 1.0) for rows in named], len(self.catalog))
        if without not in self._dialogues:
            return self._dialogue_items
        return self._dialogue_items[[place for place, id_ in enumerate(self._dialogues) if id_ != without]]

    def _index(self) -> Any:
        if self._bm25 is None:
            import bm25s

            self._bm25 = bm25s.BM25()
            texts = [_terms(turn.said) or [""] for turn in self._turns]
            self._bm25.index(texts, show_progress=False)
        return self._bm25


def _sparse(rows: Sequence[Mapping[int, float]], width: int) -> sparse.csr_array:
    """A matrix from the values of each row by column."""
    entries = [(place, column, value) for place, row in enumerate(rows) for column, value in row.items()]
    places, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
    return sparse.csr_array((np.array(values, dtype=np.float64), (places, columns)), shape=(len(rows), width))


def _turns(dialogue: PastDialogue) -> list[_Turn]:
    return [
        _Turn(dialogue.id, _join(dialogue.turns[:turn]), _join(dialogue.turns[:turn], "user"))
        for turn in range(len(dialogue.turns))
        if dialogue.recommended(turn)
    ]


def _join(turns: Iterable[Message], role: str | None = None) -> str:
    return "\n".join(turn.content for turn in turns if role in (None, turn.role))


def _text(turn: _Turn, view: View) -> str:
    return latest(turn.own if view == "own" else turn.said)


def _item_weights(dialogue: PastDialogue, catalog: Catalog) -> dict[int, float]:
    """What each item of a dialogue counts, by catalog row; the best of what was said of it."""
    weights: dict[int, float] = {}
    for item in dialogue.items:
        if item.item_id in catalog:
            row = catalog.row(item.item_id)
            weights[row] = max(weights.get(row, 0.0), 1 + _LIKED * (item.attitude or 0))
    return weights


def _example(dialogue: PastDialogue, catalog: Catalog) -> Example | None:
    labels = dict.fromkeys(catalog.label(catalog.item(i)) for i in dialogue.welcome if i in catalog)
    return Example(dialogue.opening, tuple(labels)) if dialogue.opening and labels else None


def _terms(text: str) -> list[str]:
    return _TERM.findall(text.casefold())
