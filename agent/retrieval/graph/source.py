"""The knowledge graph as a candidate source."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from agent.retrieval.collaborative.groups import profile
from agent.retrieval.graph.knowledge import KnowledgeGraph
from agent.retrieval.graph.triples import Triple
from agent.retrieval.graph.walk import degrees_of, personalised_pagerank
from agent.retrieval.memory import ConversationMemory
from agent.retrieval.query import Query
from agent.retrieval.scored import ScoredSource, log_share


class GraphSource(ScoredSource):
    """Items that walks from what is liked, mentioned or named in the wish come to.

        score(i) = p_i / d_i^0.15

    with p the personalised PageRank and d_i the weight of the item's edges: what everything leads to is held
    back, but not as far as 0.5 and more, which find less of what people recommend.

    Args:
        memory: Past dialogues, and the catalog; dialogues that join it join the graph.
        triples: More facts.
    """

    name = "graph"
    _recency, _negative, _hubs = 0.98, 0.3, 0.15

    def __init__(self, memory: ConversationMemory, triples: Sequence[Triple] = ()) -> None:
        super().__init__(memory.catalog)
        self._memory, self._triples = memory, triples
        self._dialogues = memory.dialogues
        self._lock = threading.Lock()

    @cached_property
    def _graph(self) -> KnowledgeGraph:
        catalog = self._catalog
        return KnowledgeGraph(
            catalog, interactions=catalog.interactions, triples=self._triples, dialogues=self._dialogues
        )

    def scores(self, query: Query) -> np.ndarray | None:
        """PageRanks; None where nothing that the graph knows is liked, mentioned or named."""
        with self._lock:
            return self._walked(query)

    def _walked(self, query: Query) -> np.ndarray | None:
        if self._memory.dialogues != self._dialogues:
            self._dialogues = self._memory.dialogues
            self._graph.remember(self._dialogues)
        graph = self._graph
        start = np.zeros(len(graph))
        liked = self._rows(query.anchors)
        start[liked] += profile(liked, self._recency)
        start[list(graph.named(query.text))] += 1.0
        start[self._rows(i for i, attitude in query.items.items() if attitude < 0)] -= self._negative
        if not (start > 0).any():
            return None
        without = graph.dialogue(query.dialogue_id)
        ranks = personalised_pagerank(graph.edges, start, without=without)[: len(self._catalog)]
        degrees = degrees_of(graph.edges, without)[: len(self._catalog)]
        scores = ranks / np.maximum(degrees, 1.0) ** self._hubs
        scores[liked] = 0.0
        return np.maximum(0.0, scores)

    def scale(self, scores: np.ndarray) -> np.ndarray:
        """Logarithms of shares."""
        return log_share(scores)
