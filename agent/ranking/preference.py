"""What somebody let us know in this conversation, as a score that every ranking is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from agent.catalog import Catalog
from agent.context import WORDS, PreferenceState
from agent.grounding.embedder import Embedder
from agent.retrieval import standardise

_QUALITY = 0.5
_NEAR_LIKED, _NEAR_DISLIKED = 1.0, 1.0


class PreferenceScorer:
    """Brings candidates nearer to what is liked and wanted more of, and away from the opposite.

        score(i) = 0.5 Σ_w t_w z(cos(w, i))  +  1.0 max_l s_l cos(l, i)  -  1.0 Σ_d |s_d| max(0, cos(d, i))

    over qualities w with faded weights t (:attr:`PreferenceState.tastes`), and liked items l and disliked
    items d with faded attitudes s (:attr:`PreferenceState.strengths`). It is added to standardised scores,
    whatever the sources and the fitted weights are, so feedback acts the same everywhere. A new dislike takes
    the more from a candidate the nearer it is, so that none overtakes another that is farther from what is
    disliked. Rocchio's relevance feedback (in Salton, The SMART retrieval system, 1971), on scores in
    place of the query.

    Args:
        catalog: The items.
        embedder: Embeds qualities.
        vectors: Embeddings of the items' texts, L2-normalised, shape (len(catalog), dimension).
    """

    def __init__(self, catalog: Catalog, embedder: Embedder, vectors: np.ndarray) -> None:
        self._catalog, self._embedder, self._vectors = catalog, embedder, vectors

    def score(self, state: PreferenceState, item_ids: Sequence[str]) -> np.ndarray | None:
        """Scores of candidates, shape (len(item_ids),); None where nothing was let known."""
        qualities = {value: weight for (field, value), weight in state.tastes.items() if field == WORDS}
        attitudes = {i: s for i, s in state.strengths.items() if i in self._catalog}
        if not (qualities or attitudes) or not item_ids:
            return None
        vectors = np.asarray(self._vectors[[self._catalog.row(i) for i in item_ids]], dtype=np.float64)
        return self._by_quality(qualities, vectors) + self._by_items(attitudes, vectors)

    def _by_quality(self, qualities: Mapping[str, float], vectors: np.ndarray) -> np.ndarray:
        total = np.zeros(len(vectors))
        if qualities:
            near = vectors @ self._embedder.encode(list(qualities)).T
            for column, weight in zip(near.T, qualities.values(), strict=True):
                total += _QUALITY * weight * standardise(column)
        return total

    def _by_items(self, attitudes: Mapping[str, float], vectors: np.ndarray) -> np.ndarray:
        total = np.zeros(len(vectors))
        for sign, weight in ((1, _NEAR_LIKED), (-1, -_NEAR_DISLIKED)):
            held = {i: abs(s) for i, s in attitudes.items() if s * sign > 0}
            if held:
                rows = [self._catalog.row(i) for i in held]
                near = np.maximum(0, vectors @ np.asarray(self._vectors[rows], dtype=np.float64).T)
                near *= np.array(list(held.values()))
                total += weight * (near.max(axis=1) if sign > 0 else near.sum(axis=1))
        return total
