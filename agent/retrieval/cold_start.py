"""Dense cold start: a new item is recommendable the minute it enters the catalog, a new user after one like.

    r_ui = a_u a_i cos(u, i) + b_u + b_i

with u the mean embedding of what the user likes and i the item's own. Weights and biases are fitted by
regularised least squares and shrink to priors; that of an item's bias is what its text foretells.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from agent.catalog import Catalog
from agent.retrieval.collaborative.groups import profile
from agent.retrieval.collaborative.saved import load_arrays, save_arrays
from agent.retrieval.query import Query
from agent.retrieval.scored import ScoredSource


@dataclass(frozen=True, slots=True)
class ColdStart:
    """A fitted model.

    Attributes:
        item_weights: a_i, shape (items,).
        item_biases: b_i, shape (items,); those of items without a rating are ``foretold``.
        user_weight: The prior of a_u.
        user_bias: The prior of b_u.
        foretell: Weights that give the prior of an item's bias from its features, shape (features,).
    """

    item_weights: np.ndarray
    item_biases: np.ndarray
    user_weight: float
    user_bias: float
    foretell: np.ndarray


def fit_cold_start(
    users: np.ndarray,
    items: np.ndarray,
    ratings: np.ndarray,
    cosines: np.ndarray,
    features: np.ndarray,
    *,
    shrinkage: float = 10.0,
    ridge: float = 100.0,
    rounds: int = 10,
) -> ColdStart:
    """Fit weights and biases by turns, each the closed-form minimum given the others.

        min Σ (r - a_u a_i c - b_u - b_i)² + λ Σ ((a_u - ā)² + (a_i - 1)² + (b_u - b̄)² + (b_i - fᵢ·w)²)

    with λ the shrinkage, ā and b̄ the means over users, and w a ridge regression of the items' biases on
    their features, weighted by their numbers of ratings. Someone without a rating has the prior.

    Args:
        users: The user of each rating, int, shape (n,).
        items: The item of each rating, int, shape (n,).
        ratings: r, shape (n,): any scale; 1 for used and 0 for not used will do.
        cosines: cos(u, i) of each rating, with i left out of u, shape (n,).
        features: What is known of all items, shape (items, features).
        shrinkage: λ, in ratings.
        ridge: Of the regression of biases.
        rounds: How often each is fitted.
    """
    n_users, n_items = int(users.max()) + 1, len(features)
    user_weights, item_weights = np.ones(n_users), np.ones(n_items)
    user_biases, item_biases = np.full(n_users, ratings.mean()), np.zeros(n_items)
    user_weight, user_bias = 1.0, float(ratings.mean())
    foretell = np.zeros(features.shape[1])
    counts = np.bincount(items, minlength=n_items)
    for _ in range(rounds):
        rest = ratings - item_biases[items] - user_weights[users] * item_weights[items] * cosines
        user_biases = _shrunk(users, np.ones_like(rest), rest, user_bias, shrinkage, n_users)
        user_bias = float(user_biases.mean())
        rest = ratings - user_biases[users] - user_weights[users] * item_weights[items] * cosines
        foretell = _foretelling(features, items, rest, counts, ridge)
        item_biases = _shrunk(items, np.ones_like(rest), rest, features @ foretell, shrinkage, n_items)
        rest = ratings - user_biases[users] - item_biases[items]
        slope = item_weights[items] * cosines
        user_weights = _shrunk(users, slope, rest, user_weight, shrinkage, n_users)
        user_weight = float(np.sum(slope * rest) / max(np.sum(slope**2), 1e-12))
        item_weights = _shrunk(items, user_weights[users] * cosines, rest, 1.0, shrinkage, n_items)
    return ColdStart(item_weights, item_biases, user_weight, user_bias, foretell)


def user_cosines(
    vectors: np.ndarray, groups: sparse.csr_array, users: np.ndarray, items: np.ndarray
) -> np.ndarray:
    """cos(u, i), with u the mean of the vectors of the user's items but i, shape (n,); 0 where none is left.

    Args:
        vectors: Unit vectors of all items, shape (items, dimension).
        groups: The items of each user, shape (users, items).
        users: Rows of ``groups``, shape (n,).
        items: Rows of ``vectors``, shape (n,).
    """
    held = (groups > 0).astype(np.float32).tocsr()
    sums = held @ vectors
    own = np.asarray(held[users, items], dtype=np.float32).ravel()
    without = sums[users] - own[:, None] * vectors[items]
    norms = np.linalg.norm(without, axis=1)
    dots = np.einsum("nd,nd->n", without, vectors[items])
    return np.divide(dots, norms, out=np.zeros_like(dots), where=norms > 1e-6)


def sample_unused(groups: sparse.csr_array, per_use: int, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Users, items and ratings: 1 for each use, and 0 for ``per_use`` random items that a user does not use.

    Items that nobody has used are never drawn: that is no verdict, they may be new.

    Returns:
        Three arrays of one shape.
    """
    used = sparse.coo_array(groups)
    pool = np.unique(used.col)
    users = np.repeat(used.row, per_use)
    items = np.random.default_rng(seed).choice(pool, size=len(users))
    free = np.asarray(groups.tocsr()[users, items]).ravel() == 0
    return (
        np.concatenate([used.row, users[free]]),
        np.concatenate([used.col, items[free]]),
        np.concatenate([np.ones(used.nnz), np.zeros(int(free.sum()))]),
    )


def item_features(catalog: Catalog, vectors: np.ndarray) -> np.ndarray:
    """What is known of an item before anybody used it: its text's embedding, its age in years, and 1.

    The age is  log(1 + years before the newest),  centred; 0 where there is no year.

    Returns:
        Shape (len(catalog), dimension + 2).
    """
    years = np.array([np.nan if item.year is None else item.year for item in catalog], dtype=np.float64)
    ages = np.log1p(np.nanmax(years) - years) if np.isfinite(years).any() else np.zeros(len(catalog))
    ages = np.nan_to_num(ages - (np.nanmean(ages) if np.isfinite(ages).any() else 0.0))
    return np.column_stack([vectors, ages, np.ones(len(catalog))])


class ColdStartSource(ScoredSource):
    """Items by the dense model, those that nobody has used yet among them.

    Args:
        catalog: The items.
        vectors: Unit vectors of the items, shape (len(catalog), dimension).
        model: Fitted to this catalog's rows.
        recency: An item counts this much less for each newer one.
    """

    name = "cold_start"

    def __init__(
        self, catalog: Catalog, vectors: np.ndarray, model: ColdStart, *, recency: float = 0.98
    ) -> None:
        super().__init__(catalog)
        self._vectors, self._model, self._recency = vectors, model, recency

    @classmethod
    def fit(
        cls, catalog: Catalog, vectors: np.ndarray, groups: sparse.csr_array, *, per_use: int = 3
    ) -> ColdStartSource:
        """Fit to what users use, and as many times random items that they don't."""
        users, items, ratings = sample_unused(groups, per_use)
        cosines = user_cosines(vectors, groups, users, items)
        features = item_features(catalog, vectors)
        return cls(catalog, vectors, fit_cold_start(users, items, ratings, cosines, features))

    def save(self, folder: Path, **provenance: object) -> None:
        """Write the model into a folder, with what it was fitted on."""
        arrays = {
            "ids": np.array([item.id for item in self._catalog]),
            "item_weights": self._model.item_weights,
            "item_biases": self._model.item_biases,
            "priors": np.array([self._model.user_weight, self._model.user_bias]),
            "foretell": self._model.foretell,
        }
        save_arrays(folder, self.name, arrays, provenance)

    @classmethod
    def load(cls, catalog: Catalog, vectors: np.ndarray, folder: Path) -> ColdStartSource:
        """Read a saved model; items that are new in the catalog have the priors, at once.

        Raises:
            FormatError: it is not there, or damaged.
        """
        keys = ("ids", "item_weights", "item_biases", "priors", "foretell")
        arrays = load_arrays(folder, cls.name, keys)
        biases = item_features(catalog, vectors) @ arrays["foretell"]
        weights = np.ones(len(catalog))
        for place, item_id in enumerate(map(str, arrays["ids"])):
            if item_id in catalog:
                row = catalog.row(item_id)
                biases[row], weights[row] = arrays["item_biases"][place], arrays["item_weights"][place]
        user_weight, user_bias = map(float, arrays["priors"])
        return cls(catalog, vectors, ColdStart(weights, biases, user_weight, user_bias, arrays["foretell"]))

    def scores(self, query: Query) -> np.ndarray | None:
        """r_ui with the priors of a_u and b_u, those of a user who is new to the model.

        b_u moves no item past another. What is left of a_u after shrinking matters less than its being known
        after one like.
        """
        known = self._rows(query.anchors)
        if not known:
            return None
        user = profile(known, self._recency) @ self._vectors[known]
        norm = float(np.linalg.norm(user))
        cosines = self._vectors @ (user / norm if norm else user)
        model = self._model
        return np.asarray(
            model.user_weight * model.item_weights * cosines + model.user_bias + model.item_biases
        )

    def scale(self, scores: np.ndarray) -> np.ndarray:
        """Standard scores over the catalog: the ratings' own scale is the sample's."""
        return np.asarray((scores - scores.mean()) / max(float(scores.std()), 1e-12))


def _shrunk(
    owners: np.ndarray,
    slopes: np.ndarray,
    values: np.ndarray,
    prior: float | np.ndarray,
    shrinkage: float,
    count: int,
) -> np.ndarray:
    """The x that minimises  Σ (value - slope x)² + shrinkage (x - prior)²  for each owner, shape (count,)."""
    crossed = np.bincount(owners, weights=slopes * values, minlength=count)
    squares = np.bincount(owners, weights=slopes**2, minlength=count)
    return np.asarray((crossed + shrinkage * prior) / (squares + shrinkage))


def _foretelling(
    features: np.ndarray, items: np.ndarray, rest: np.ndarray, counts: np.ndarray, ridge: float
) -> np.ndarray:
    """Ridge regression of the items' mean residuals on their features, weighted by numbers of ratings."""
    means = np.bincount(items, weights=rest, minlength=len(features)) / np.maximum(counts, 1)
    weighted = features * counts[:, None]
    left = features.T @ weighted + ridge * np.eye(features.shape[1])
    return np.asarray(np.linalg.solve(left, weighted.T @ means))
