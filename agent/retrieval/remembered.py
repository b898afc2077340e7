"""The dialogues of a conversation memory at one moment, and what can be asked of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
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
class Turn:
    """A past turn in which something was recommended."""

    dialogue: str
    said: str
    own: str


class Encoder:
    """Embeds turns; the vectors of those that are not private are kept on disk."""

    def __init__(
        self, catalog: Catalog, embedder: Embedder, cache_dir: Path | None, progress: Progress | None
    ) -> None:
        self.embedder = embedder
        self._catalog, self._cache_dir, self._progress = catalog, cache_dir, progress

    def encode(self, texts: Sequence[str], what: str | None = None) -> np.ndarray:
        """Unit vectors, shape (len(texts), dimension); kept on disk under a name where it is given."""
        if not texts:
            return np.empty((0, self.embedder.dimension), dtype=np.float32)
        if self._cache_dir is None or what is None:
            return self.embedder.encode(texts)
        return embed_texts(
            texts,
            self.embedder,
            self._cache_dir,
            of=f"{self._catalog.name}-memory",
            what=what,
            kept=8,
            progress=self._progress,
        )


class Remembered:
    """The dialogues at one moment, and what is computed of them when it is first asked for."""

    def __init__(
        self,
        catalog: Catalog,
        encoder: Encoder,
        dialogues: Mapping[str, PastDialogue],
        turns: Sequence[Turn],
        vectors: Mapping[View, np.ndarray] | None = None,
    ) -> None:
        self.catalog, self.dialogues, self.turns = catalog, dict(dialogues), list(turns)
        self._encoder = encoder
        self._vectors: dict[View, np.ndarray] = dict(vectors or {})
        self._items: sparse.csr_array | None = None
        self._dialogue_items: sparse.csr_array | None = None
        self._bm25: Any = None

    def changed(self, added: Mapping[str, PastDialogue], gone: Collection[str]) -> Remembered:
        """These dialogues without some and with others; vectors are made of what is new alone."""
        kept = np.array([turn.dialogue not in gone for turn in self.turns], dtype=bool)
        new = turns_of(added)
        vectors = {
            view: np.concatenate([known[kept], self._encoder.encode([_text(turn, view) for turn in new])])
            for view, known in self._vectors.items()
        }
        left = {name: dialogue for name, dialogue in self.dialogues.items() if name not in gone}
        turns = [turn for turn, keep in zip(self.turns, kept, strict=True) if keep]
        return Remembered(self.catalog, self._encoder, {**left, **added}, turns + new, vectors)

    def likeness(self, text: str, view: View, without: str | None = None) -> np.ndarray:
        """How much each past turn is like a text: cosine to the power of 6, or BM25.

        Only the nearest 300 (by words, 90) count, and none of the dialogue ``without``: the one that the
        text is from.

        Returns:
            At least 0, shape (turns,).
        """
        if view == "words":
            terms = _terms(text)
            likeness = np.asarray(self._index().get_scores(terms)) if terms else np.zeros(len(self.turns))
        else:
            vector = self._encoder.embedder.encode([latest(text)])[0]
            likeness = np.maximum(0, self._embedded(view) @ vector) ** _SHARPNESS
        if without in self.dialogues:
            likeness = np.where([turn.dialogue == without for turn in self.turns], 0.0, likeness)
        nearest = np.argsort(-likeness, kind="stable")[: _NEIGHBOURS[view]]
        weights = np.zeros(len(self.turns))
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
        if k <= 0 or not self.turns:
            return ()
        terms = _terms(text)
        likeness = self._index().get_scores(terms) if terms else np.zeros(len(self.turns))
        found: dict[str, Example] = {}
        for row in np.argsort(-likeness, kind="stable"):
            dialogue = self.dialogues[self.turns[row].dialogue]
            example = _example(dialogue, self.catalog)
            if example is not None and dialogue.id != without and not dialogue.private:
                found.setdefault(dialogue.id, example)
            if len(found) == k:
                break
        return tuple(reversed(found.values()))

    def _embedded(self, view: View) -> np.ndarray:
        if view not in self._vectors:
            private = np.array([self.dialogues[turn.dialogue].private for turn in self.turns], dtype=bool)
            texts = [_text(turn, view) for turn in self.turns]
            vectors = np.empty((len(texts), self._encoder.embedder.dimension), dtype=np.float32)
            vectors[~private] = self._encoder.encode(list(compress(texts, ~private)), view)
            vectors[private] = self._encoder.encode(list(compress(texts, private)))
            self._vectors[view] = vectors
        return self._vectors[view]

    def _matrix(self) -> sparse.csr_array:
        weights = {d.id: _item_weights(d, self.catalog) for d in self.dialogues.values()}
        return _sparse([weights[turn.dialogue] for turn in self.turns], len(self.catalog))

    def _named(self, without: str | None = None) -> sparse.csr_array:
        """Which dialogue names which item: 0 or 1, shape (dialogues, len(catalog))."""
        if self._dialogue_items is None:
            named = (_item_weights(dialogue, self.catalog) for dialogue in self.dialogues.values())
            self._dialogue_items = _sparse([dict.fromkeys(rows, 1.0) for rows in named], len(self.catalog))
        if without not in self.dialogues:
            return self._dialogue_items
        return self._dialogue_items[[place for place, id_ in enumerate(self.dialogues) if id_ != without]]

    def _index(self) -> Any:
        if self._bm25 is None:
            import bm25s

            index = bm25s.BM25()
            index.index([_terms(turn.said) or [""] for turn in self.turns], show_progress=False)
            self._bm25 = index
        return self._bm25


def _sparse(rows: Sequence[Mapping[int, float]], width: int) -> sparse.csr_array:
    """A matrix from the values of each row by column."""
    entries = [(place, column, value) for place, row in enumerate(rows) for column, value in row.items()]
    places, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
    return sparse.csr_array((np.array(values, dtype=np.float64), (places, columns)), shape=(len(rows), width))


def turns_of(dialogues: Mapping[str, PastDialogue]) -> list[Turn]:
    """The turns of dialogues that can be found."""
    return [turn for dialogue in dialogues.values() for turn in _turns(dialogue)]


def _turns(dialogue: PastDialogue) -> list[Turn]:
    return [
        Turn(dialogue.id, _join(dialogue.turns[:turn]), _join(dialogue.turns[:turn], "user"))
        for turn in range(len(dialogue.turns))
        if dialogue.recommended(turn)
    ]


def _join(turns: Iterable[Message], role: str | None = None) -> str:
    return "\n".join(turn.content for turn in turns if role in (None, turn.role))


def _text(turn: Turn, view: View) -> str:
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
