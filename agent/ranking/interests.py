"""Several interests of one user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from agent.catalog import Catalog
from agent.context import UserContext
from agent.grounding.embedder import Embedder
from agent.ranking.space import ItemSpace

MOST = 4
"""How many interests are told apart at most."""

_NEWEST = 50
_RECENCY = 0.95
_LEAST = 0.1
_SHARED = 0.5
_NAMED = 2
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Interest:
    """Something a user is interested in, among other things.

    Attributes:
        name: The user's words where it is what they now wish for, else the categories its items share, else
            the newest of its items; no two of a user have the same.
        share: How much of all the user's interest it is, above 0, up to 1.
        vector: The weighted mean of its points of the item space at length 1, shape (d,).
        item_ids: The liked items it was found in, oldest first.
    """

    name: str
    share: float
    vector: np.ndarray
    item_ids: tuple[str, ...] = ()


def find_interests(context: UserContext, space: ItemSpace, embedder: Embedder) -> tuple[Interest, ...]:
    """The user's interests, the greatest first: clusters of what they like and of what they now wish for.

    The newest 50 liked items, each weighing 0.95 of the next newer, and the wish, which weighs as much as all
    of them together, are merged two groups at a time, always those whose merging adds least to the weighted
    squared distances from the means (Ward), until there are at most four and the next two are not alike.
    Alike are groups whose mean cosine is that of the closest tenth of the catalog's pairs. What is under a
    tenth of the whole is no interest. After PinnerSage (Pal et al., KDD 2020).

    Args:
        context: The user.
        space: Where items are alike.
        embedder: Embeds the wish.

    Returns:
        Up to four, whose shares sum to 1; none where nothing is liked or wished for.
    """
    catalog = space.catalog
    liked = [i for i, attitude in context.attitudes.items() if attitude > 0 and i in catalog][-_NEWEST:]
    if not (liked or context.wish):
        return ()
    points = space.points([catalog.row(i) for i in liked])
    weights = _RECENCY ** np.arange(len(liked) - 1, -1, -1.0)
    if context.wish:
        points = np.concatenate([points, space.place(embedder.encode([context.wish])[0])[None]])
        weights = np.append(weights, weights.sum() or 1.0)
    groups = cluster(points, weights, likeness=space.likeness)
    groups = [group for group in groups if weights[group].sum() >= _LEAST * weights.sum()]
    whole = sum(float(weights[group].sum()) for group in groups)
    found: dict[str, Interest] = {}
    for group in sorted(groups, key=lambda group: -weights[group].sum()):
        mean = weights[group] @ points[group]
        known = {liked[i]: float(weights[i]) for i in group if i < len(liked)}
        newest = catalog.label(catalog.item(list(known)[-1])) if known else context.wish
        wished = context.wish if len(liked) in group else ""
        name = wished or ", ".join(_shared_categories(known, catalog)) or newest
        name = f"{name} ({newest})" if name in found else name
        share = float(weights[group].sum() / whole)
        found[name] = Interest(name, share, mean / max(float(np.linalg.norm(mean)), 1e-12), tuple(known))
    return tuple(found.values())


def nearest_interest(points: np.ndarray, interests: Sequence[Interest]) -> np.ndarray:
    """Which of at least one interest is nearest to each point of the item space; int, shape (n,)."""
    return np.asarray(np.argmax(points @ np.stack([interest.vector for interest in interests]).T, axis=1))


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
        if len(groups) <= most and float(means[one] @ means[other]) < likeness - _ROUNDING:
            break
        groups[one] = sorted(groups[one] + groups.pop(other))
        sums[one] = sums[one] + sums.pop(other)
        masses[one] += masses.pop(other)
    return sorted(groups)


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
