"""Attitude told in turns of phrase that no word list holds ("X gave me goosebumps", "X can get in the bin").

A linear reading of sentence embeddings: the whole utterance and the clause around a named thing, the thing
replaced by "this movie", are embedded, and a multinomial logistic regression tells dislike, neither and
like apart. It was fitted on the labelled utterances and phrases of ``tests/data/understanding`` by
``tests/benchmarks/phrases.py``, and speaks only where the rules for cues are silent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from agent.understanding.judgements import Judgement
from agent.understanding.text import Span

if TYPE_CHECKING:
    from agent.grounding import Embedder

CUE = "phrase"
CLASSES = (-1, 0, 1)
LEAST = 0.45
"""Least probability of a like or dislike that is believed."""

_THIS, _OTHER = "this movie", "another movie"
_MARK = "\ue000"
_CLAUSE_END = re.compile(r"[.!?;\n…]+|\b(?:but|whereas|while|though)\b|, ")
_QUESTION = re.compile(r"[^.!;\n…]*\?")
_FOREIGN = 0.2
_SILENT = (None, "neutral")
"""Kinds of cues that say nothing of an attitude; "seen" is left out: who says no more than that has none."""


@dataclass(frozen=True)
class PhraseReader:
    """Reads attitudes with one embedder.

    Args:
        embedder: The sentence embedder that the weights were fitted on.
        weights: Shape (3, 2 * dimension): a row for each of ``CLASSES``, over utterance and clause.
        intercepts: Shape (3,).
    """

    embedder: Embedder
    weights: np.ndarray
    intercepts: np.ndarray

    @classmethod
    def shipped(cls, embedder: Embedder) -> PhraseReader | None:
        """The fitted reader; None where the embedder is another than it was fitted on."""
        with (files("agent.understanding") / "phrases.npz").open("rb") as file:
            stored = np.load(file)
            if embedder.name.partition("@")[0] != str(stored["embedder"]):
                return None
            return cls(embedder, stored["weights"].astype(np.float32), stored["intercepts"])

    def read(self, text: str, targets: Sequence[Span], judgements: Sequence[Judgement]) -> list[Judgement]:
        """The judgements, with an attitude of -1 or 1 where the rules are silent and the phrases are not.

        Args:
            text: The readable text.
            targets: Where things are named.
            judgements: What the rules say of each.
        """
        read = list(judgements)
        if _foreign(text):
            return read
        silent = [
            i
            for i, judgement in enumerate(judgements)
            if judgement.cue in _SILENT
            and not judgement.attitude
            and not _QUESTION.match(text, targets[i].end)
        ]
        for i, chances in zip(silent, self._chances(text, targets, silent), strict=True):
            best = int(np.argmax(chances))
            if CLASSES[best] and chances[best] >= LEAST:
                read[i] = Judgement(CLASSES[best], judgements[i].seen, CUE, judgements[i].negated)
        return read

    def _chances(self, text: str, targets: Sequence[Span], places: Sequence[int]) -> np.ndarray:
        """Probability of each class; float, shape (len(places), 3)."""
        if not places:
            return np.empty((0, len(CLASSES)))
        pairs = [inputs(text, targets, place) for place in places]
        logits = features(self.embedder, pairs) @ self.weights.T + self.intercepts
        exp = np.exp(logits - logits.max(axis=1, keepdims=True))
        return exp / exp.sum(axis=1, keepdims=True)


def inputs(text: str, targets: Sequence[Span], place: int) -> tuple[str, str]:
    """The utterance and the clause around a target, as they are embedded."""
    own = targets[place]
    others = [span for span in targets if not span.overlaps(own)]
    marked, at = "", 0
    for span in sorted([own, *others], key=lambda span: span.start):
        if span.start >= at:
            marked += text[at : span.start] + (_MARK if span is own else _OTHER)
            at = span.end
    marked += text[at:]
    clause = next(part for part in _CLAUSE_END.split(marked) if _MARK in part)
    return marked.replace(_MARK, _THIS), clause.strip().replace(_MARK, _THIS)


def features(embedder: Embedder, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """Embeddings of utterances beside those of their clauses; float32, shape (len(pairs), 2 * dimension)."""
    vectors = embedder.encode([text for pair in pairs for text in pair])
    return vectors.reshape(len(pairs), -1)


def _foreign(text: str) -> bool:
    """Whether too much is written in letters that the embedder does not read."""
    letters = [c for c in text if c.isalpha()]
    return sum(not c.isascii() for c in letters) > _FOREIGN * len(letters)
