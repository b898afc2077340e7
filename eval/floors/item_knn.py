"""Items that come together with those the user named or used."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy import sparse

from eval.datasets import EvalSet, Question
from eval.datasets.history import is_like
from eval.floors.scored import ScoredFloor

SHRINKAGE = 5.0


class ItemKnnFloor(ScoredFloor):
    """Item-based neighbours: cosine of the dialogues or users that two items have in common, shrunk.

        s(i, j) = n_ij / (sqrt(n_i n_j) + 5),    score(j) = sum of s(i, j) over the known items i

    with n_ij the dialogues that name both items, or the users who like both. Disliked items are left out.
    Sources: Sarwar et al., WWW 2001; Deshpande and Karypis, TOIS 2004; the shrinkage of Bell and Koren,
    ICDM 2007.
    """

    name = "item-knn"

    def __init__(self, data: EvalSet, *, shrinkage: float = SHRINKAGE) -> None:
        super().__init__(data)
        groups = [*_dialogues(data), *_users(data)]
        pairs = [(g, row) for g, items in enumerate(groups) for row in self.rows(tuple(dict.fromkeys(items)))]
        group, item = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        shape = (len(groups), len(self.catalog))
        has = sparse.csr_array((np.ones(len(pairs), dtype=np.float32), (group, item)), shape=shape)
        self._together = (has.T @ has).tocsr()
        self._totals = has.sum(axis=0)
        self._shrinkage = shrinkage

    def scores(self, question: Question) -> np.ndarray:
        """Sums of shrunk cosines with the items known to be liked, or said without a verdict."""
        known = self.rows(_liked(question))
        together = self._together[known].toarray()
        norms = np.sqrt(self._totals[known][:, None] * self._totals[None, :])
        return (together / (norms + self._shrinkage)).sum(axis=0)


def _dialogues(data: EvalSet) -> Iterable[list[str]]:
    return ([said.item_id for said in dialogue.items] for dialogue in data.memory)


def _users(data: EvalSet) -> Iterable[list[str]]:
    liked: dict[str, list[str]] = {}
    for event in data.catalog.interactions:
        if is_like(event):
            liked.setdefault(event.user_id, []).append(event.item_id)
    return liked.values()


def _liked(question: Question) -> tuple[str, ...]:
    liked = (event.item_id for event in question.history if is_like(event))
    return tuple(dict.fromkeys((*liked, *question.mentioned)))
