"""Regression trees as plain arrays: what boosting has fitted, evaluated without the library that did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True, slots=True)
class Trees:
    """The nodes of all trees, one tree after the other, its root first; each (nodes,) but ``roots``.

    Attributes:
        feature: The column that a node asks for; -1 in leaves.
        threshold: Rows with at most this go left.
        left: Where they go; a node's children come after it.
        right: Where the others go.
        value: What a leaf adds.
        roots: Where each tree begins, shape (trees,).
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    roots: np.ndarray

    @classmethod
    def of(cls, grown: Sequence[np.ndarray]) -> Trees:
        """The node tables of the predictors of scikit-learn's ``HistGradientBoosting`` estimators."""
        sizes = [len(nodes) for nodes in grown]
        roots = np.cumsum([0, *sizes[:-1]]) if sizes else np.zeros(0)
        nodes = np.concatenate(grown)
        shift = np.repeat(roots, sizes)
        leaf = nodes["is_leaf"].astype(bool)
        return cls(
            feature=np.where(leaf, -1, nodes["feature_idx"]).astype(np.int32),
            threshold=np.where(leaf, 0.0, nodes["num_threshold"]).astype(np.float64),
            left=np.where(leaf, 0, nodes["left"] + shift).astype(np.int32),
            right=np.where(leaf, 0, nodes["right"] + shift).astype(np.int32),
            value=np.where(leaf, nodes["value"], 0.0).astype(np.float64),
            roots=roots.astype(np.int32),
        )

    def check(self, columns: int) -> None:
        """Refuse nodes by which no row could be led to a leaf.

        Raises:
            ValueError: they are none of trees over so many columns.
        """
        n, places = len(self.feature), np.arange(len(self.feature))
        if any(getattr(self, f.name).shape != (n,) for f in fields(self) if f.name != "roots"):
            raise ValueError("arrays of nodes differ in length")
        if not (np.isfinite(self.value).all() and ((self.feature >= -1) & (self.feature < columns)).all()):
            raise ValueError("nodes ask for what is not there")
        inner = self.feature >= 0
        for child in (self.left[inner], self.right[inner]):
            if not ((child > places[inner]) & (child < n)).all():
                raise ValueError("nodes lead nowhere")
        if self.roots.ndim != 1 or not ((self.roots >= 0) & (self.roots < n)).all():
            raise ValueError("roots are no nodes")

    def predict(self, x: np.ndarray) -> np.ndarray:
        """The sum of the leaves that each row reaches.

        Args:
            x: Shape (n, columns), without NaN.

        Returns:
            Shape (n,).
        """
        rows = np.arange(len(x))
        at = np.repeat(self.roots[:, None], len(x), axis=1)
        while ((asked := self.feature[at]) >= 0).any():
            goes_left = x[rows, asked] <= self.threshold[at]
            further = np.where(goes_left, self.left[at], self.right[at])
            at = np.where(asked >= 0, further, at)
        return np.asarray(self.value[at].sum(axis=0))
