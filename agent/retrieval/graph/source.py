"""The knowledge graph as a candidate source."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from scipy import sparse

from agent.catalog import Catalog
from agent.retrieval.collaborative.groups import profile
from agent.retrieval.graph.knowledge import KnowledgeGraph
from agent.retrieval.graph.triples import Triple
from agent.retrieval.graph.walk import degrees_of, personalised_pagerank
from agent.retrieval.memory import ConversationMemory
from agent.retrieval.query import Query
from agent.retrieval.scored import ScoredSource, log_share

_HUBS = 0.15


class GraphSource(ScoredSource):
    """Items that walks from what is liked, mentioned or named in the wish come to.

    Scored by :func:`walk_scores`.

    Args:
        memory: Past dialogues, and the catalog; dialogues that join it join the graph.
        triples: More facts.
    """

    name = "graph"
    _recency, _negative = 0.98, 0.3

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
        scores = walk_scores(graph, start, without=graph.dialogue(query.dialogue_id))
        scores[liked] = 0.0
        return np.maximum(0.0, scores)

    def scale(self, scores: np.ndarray) -> np.ndarray:
        """Logarithms of shares."""
        return log_share(scores)


class UserGraphSource(ScoredSource):
    """Items that walks from what a user likes come to, over what items have and who likes them.

    Scored by :func:`walk_scores`. It knows no users but those it is given, so that it can be weighed on what
    they did next.

    Args:
        catalog: The items, with the attributes that connect them.
        groups: What each user likes or uses, by weights, shape (users, len(catalog)).
        recency: A liked item counts this much less for each newer one.
    """

    name = "user_graph"

    def __init__(self, catalog: Catalog, groups: sparse.csr_array, *, recency: float = 0.98) -> None:
        super().__init__(catalog)
        self._groups, self._recency = groups, recency

    @cached_property
    def _graph(self) -> KnowledgeGraph:
        return KnowledgeGraph(self._catalog, groups=self._groups)

    def scores(self, query: Query) -> np.ndarray | None:
        """PageRanks, 0 for what is liked already; None where nothing is liked or mentioned."""
        liked = self._rows(query.anchors)
        if not liked:
            return None
        start = np.zeros(len(self._graph))
        start[liked] = profile(liked, self._recency)
        scores = walk_scores(self._graph, start)
        scores[liked] = 0.0
        return scores

    def scale(self, scores: np.ndarray) -> np.ndarray:
        """Logarithms of shares."""
        return log_share(scores)


def walk_scores(graph: KnowledgeGraph, start: np.ndarray, *, without: int | None = None) -> np.ndarray:
    """What a walk finds of each item.

        score(i) = p_i / d_i^0.15

    with p the personalised PageRank and d_i the weight of the item's edges: what everything leads to is held
    back, but not as far as 0.5 and more, which find less of what people recommend.

    Args:
        graph: Walked on.
        start: Where walks begin, shape (len(graph),).
        without: A node that is to be taken as if it were not in the graph.

    Returns:
        Shape (len(graph.catalog),).
    """
    items = len(graph.catalog)
    ranks = personalised_pagerank(graph.edges, start, without=without)[:items]
    degrees = degrees_of(graph.edges, without)[:items]
    return np.asarray(ranks / np.maximum(degrees, 1.0) ** _HUBS)
