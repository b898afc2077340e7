"""Candidate sources over the conversation memory."""

from __future__ import annotations

import numpy as np

from agent.retrieval.memory import ConversationMemory
from agent.retrieval.query import Query
from agent.retrieval.remembered import View
from agent.retrieval.scored import CandidateSource, ScoredSource, log_share


class CoMentionSource(ScoredSource):
    """Items that come up in the same dialogues as those liked or mentioned.

        score(i) = sum over known items j of  n_ij / (sqrt(n_i n_j) + 5)

    with n_ij the dialogues that name both: cosine, shrunk (Bell and Koren, ICDM 2007).
    """

    name = "co_mention"
    _shrinkage = 5.0

    def __init__(self, memory: ConversationMemory) -> None:
        super().__init__(memory.catalog)
        self._memory = memory

    def scores(self, query: Query) -> np.ndarray | None:
        """Sums of shrunk cosines; None where no known item was ever named."""
        known = self._rows(query.anchors)
        if not known:
            return None
        together, totals = self._memory.together(known, query.dialogue_id)
        cosines = together / (np.sqrt(totals[known][:, None] * totals[None, :]) + self._shrinkage)
        cosines[np.arange(len(known)), known] = 0
        scores = cosines.sum(axis=0)
        return np.asarray(scores) if scores.any() else None

    def scale(self, scores: np.ndarray) -> np.ndarray:
        """Logarithms of shares."""
        return log_share(scores)


class MentionsSource(ScoredSource):
    """The items that most dialogues name; the same for everybody."""

    name = "mentions"

    def __init__(self, memory: ConversationMemory) -> None:
        super().__init__(memory.catalog)
        self._memory = memory

    def scores(self, query: Query) -> np.ndarray | None:
        """Numbers of dialogues; None where nothing is remembered."""
        return self._memory.counts(query.dialogue_id) if len(self._memory) else None

    def scale(self, scores: np.ndarray) -> np.ndarray:
        """Logarithms of shares."""
        return log_share(scores)


class NeighbourSource(ScoredSource):
    """Items of the past turns that are most like this one.

    Args:
        memory: The past.
        view: How turns are compared.
        name: What the source is called.
    """

    def __init__(self, memory: ConversationMemory, view: View, name: str) -> None:
        super().__init__(memory.catalog)
        self.name = name
        self._memory, self._view = memory, view

    def scores(self, query: Query) -> np.ndarray | None:
        """Counts of the neighbours' items; None where nothing was said or nothing is remembered."""
        text = query.own if self._view == "own" else query.said
        if not text or not len(self._memory):
            return None
        return self._memory.items_like(text, self._view, query.dialogue_id)

    def scale(self, scores: np.ndarray) -> np.ndarray:
        """Logarithms of shares."""
        return log_share(scores)


def memory_sources(memory: ConversationMemory) -> dict[str, CandidateSource]:
    """Every source over a memory, by name; they say nothing while it is empty."""
    sources: tuple[CandidateSource, ...] = (
        NeighbourSource(memory, "said", "neighbours"),
        NeighbourSource(memory, "own", "own_neighbours"),
        NeighbourSource(memory, "words", "word_neighbours"),
        CoMentionSource(memory),
        MentionsSource(memory),
    )
    return {source.name: source for source in sources}
