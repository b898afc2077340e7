"""Several interests of one user, and lists that give each its share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from agent.catalog import Catalog
from agent.context import UserContext
from agent.grounding.embedder import Embedder
from agent.ranking.diversity import diversify

MOST = 4
"""How many interests are told apart at most."""

_NEWEST = 50
_RECENCY = 0.95
_PAIRS = 2000
_ALIKE = 0.9
_SHARED = 0.5
_NAMED = 2


@dataclass(frozen=True, slots=True, eq=False)
class Interest:
    """Something a user is interested in, among other things.

    Attributes:
        name: The categories its items share, else the newest of its items, else the user's words; no two
            of a user have the same.
        share: How much of all the user's interest it is, above 0, up to 1.
        vector: The weighted mean of its embeddings at length 1, shape (dimension,).
        item_ids: The liked items it was found in, oldest first.
    """

    name: str
    share: float
    vector: np.ndarray
    item_ids: tuple[str, ...] = ()


def find_interests(
    context: UserContext, catalog: Catalog, vectors: np.ndarray, embedder: Embedder
) -> tuple[Interest, ...]:
    """The user's interests, the greatest first: clusters of what they like and of what they now wish for.

    The newest 50 liked items and the wish, each weighing 0.95 of the next newer, are merged two groups at
    a time, always those whose merging adds least to the weighted squared distances from the means (Ward),
    until there are at most four and the next two are not alike. Alike are groups whose mean cosine is that
    of the closest tenth of the catalog's pairs. After PinnerSage (Pal et al., KDD 2020).

    Args:
        context: The user.
        catalog: The items.
        vectors: Unit vectors of the items, shape (len(catalog), dimension).
        embedder: Embeds the wish.

    Returns:
        Up to four, whose shares sum to 1; none where nothing is liked or wished for.
    """
    liked = [i for i, attitude in context.attitudes.items() if attitude > 0 and i in catalog][-_NEWEST:]
    points = np.asarray(vectors[[catalog.row(i) for i in liked]], dtype=np.float64)
    if context.wish:
        points = np.concatenate([points, embedder.encode([context.wish])])
    if not len(points):
        return ()
    weights = _RECENCY ** np.arange(len(points) - 1, -1, -1.0)
    groups = cluster(points, weights, likeness=typical_likeness(vectors))
    found: dict[str, Interest] = {}
    for group in sorted(groups, key=lambda group: -weights[group].sum()):
        mean = weights[group] @ points[group]
        known = {liked[i]: float(weights[i]) for i in group if i < len(liked)}
        newest = catalog.label(catalog.item(list(known)[-1])) if known else context.wish
        name = ", ".join(_shared_categories(known, catalog)) or newest
        name = f"{name} ({newest})" if name in found else name
        share = float(weights[group].sum() / weights.sum())
        found[name] = Interest(name, share, mean / max(float(np.linalg.norm(mean)), 1e-12), tuple(known))
    return tuple(found.values())


def cluster(points: np.ndarray, weights: np.ndarray, *, likeness: float, most: int = MOST) -> list[list[int]]:
    """Weighted agglomerative clustering of unit vectors by Ward's criterion.

    Args:
        points: Unit vectors, shape (n, dimension).
        weights: Of the points, above 0, shape (n,).
        likeness: Groups with at least this mean cosine are merged.
        most: How many groups there may be.

    Returns:
        Positions of each group in order, groups by their first position.
    """
    groups = [[i] for i in range(len(points))]
    sums = [weight * point for weight, point in zip(weights, points, strict=True)]
    masses = [float(weight) for weight in weights]
    while len(groups) > 1:
        totals, mass = np.array(sums), np.array(masses)
        means = totals / mass[:, None]
        lengths = (means**2).sum(axis=1)
        squares = lengths[:, None] + lengths[None, :] - 2 * means @ means.T
        costs = squares * np.outer(mass, mass) / (mass[:, None] + mass[None, :])
        np.fill_diagonal(costs, np.inf)
        one, other = sorted(map(int, np.unravel_index(int(np.argmin(costs)), costs.shape)))
        if len(groups) <= most and float(means[one] @ means[other]) < likeness:
            break
        groups[one] = sorted(groups[one] + groups.pop(other))
        sums[one] = sums[one] + sums.pop(other)
        masses[one] += masses.pop(other)
    return sorted(groups)


def typical_likeness(vectors: np.ndarray) -> float:
    """The cosine that one in ten of the catalog's pairs reach, from 2,000 pairs that are always the same."""
    pairs = np.random.default_rng(0).integers(0, len(vectors), (_PAIRS, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    if not len(pairs):
        return 1.0
    cosines = np.einsum("nd,nd->n", vectors[pairs[:, 0]], vectors[pairs[:, 1]])
    return float(np.quantile(cosines, _ALIKE))


def share_out(
    vectors: np.ndarray,
    scores: np.ndarray,
    k: int,
    interests: Sequence[Interest],
    *,
    method: str = "mmr",
    diversity: float = 0.2,
) -> np.ndarray:
    """Choose and order ``k`` candidates so that each interest has its share of every beginning of the list.

    A candidate belongs to the nearest interest; within each, :func:`diversify` chooses. The next place
    goes to the interest with the largest  share / (2 places + 1),  the method of Sainte-Laguë that PM-1 takes
    over (Dang and Croft, Diversity by proportionality, SIGIR 2012), as long as it has candidates. This
    calibrates the list to the user in the sense of Steck, RecSys 2018.

    Args:
        vectors: Embeddings of the candidates, shape (n, dimension).
        scores: Their relevance, shape (n,).
        k: How many to choose.
        interests: At least one.
        method: See :func:`diversify`.
        diversity: Within an interest; see :func:`diversify`.

    Returns:
        Positions into ``scores``, best first, shape (min(k, n),).
    """
    nearest = np.argmax(vectors @ np.stack([interest.vector for interest in interests]).T, axis=1)
    own = [np.flatnonzero(nearest == place) for place in range(len(interests))]
    queues = [
        members[diversify(vectors[members], scores[members], k, method=method, diversity=diversity)]
        for members in own
    ]
    taken = np.zeros(len(interests), dtype=np.int64)
    shares = np.array([interest.share for interest in interests])
    chosen: list[int] = []
    while len(chosen) < min(k, len(scores)):
        left = taken < [len(queue) for queue in queues]
        place = int(np.argmax(np.where(left, shares / (2 * taken + 1), -1.0)))
        chosen.append(int(queues[place][taken[place]]))
        taken[place] += 1
    return np.array(chosen, dtype=np.int64)


def _shared_categories(weights: Mapping[str, float], catalog: Catalog) -> list[str]:
    """Up to two categories that half of some weighted items have, the most telling first."""
    total, shares = sum(weights.values()), dict[str, float]()
    for item_id, weight in weights.items():
        for category in catalog.item(item_id).categories:
            shares[category] = shares.get(category, 0.0) + weight / total
    held = _frequencies(catalog)
    common = [name for name, share in shares.items() if share >= _SHARED]
    return sorted(common, key=lambda name: -shares[name] * np.log(len(catalog) / held[name]))[:_NAMED]


@lru_cache(maxsize=4)
def _frequencies(catalog: Catalog) -> Counter[str]:
    return Counter(category for item in catalog for category in item.categories)
