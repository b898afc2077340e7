"""Items that belong together: those that one user likes, those that come up in one dialogue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

from agent.catalog import Catalog, Interaction

DAY = 86_400.0
LIKED = 8.0
"""A rating (0 to 10) from which an item is liked."""


def group_matrix(groups: Iterable[Sequence[int]], width: int) -> sparse.csr_array:
    """Which group has which item: 0 or 1, float32, shape (groups, width)."""
    rows = [np.unique(np.asarray(group, dtype=np.int64)) for group in groups]
    return _stacked(rows, [np.ones(len(row), dtype=np.float32) for row in rows], width)


def append(matrix: sparse.csr_array, rows: Sequence[int]) -> sparse.csr_array:
    """The matrix with one group more, of weight 1 for each of its items."""
    return sparse.vstack([matrix, group_matrix([rows], matrix.shape[1])], format="csr")


def user_groups(
    catalog: Catalog,
    interactions: Sequence[Interaction],
    *,
    half_life: float | None = None,
    rated: float = 0.0,
) -> sparse.csr_array:
    """What each user likes or uses; an event weighs the less the older it is.

    Disliked items are left out. Likes of one user for one item count once, the newest.

    Args:
        catalog: The items; events with others are left out.
        interactions: Past events.
        half_life: Days in which the weight of an event halves; all weigh 1 where None. Events without a
            time weigh as the oldest.
        rated: What a rating under 8 weighs beside a like; left out where 0.

    Returns:
        Weights up to 1, float32, shape (users, len(catalog)).
    """
    worth = [(event, _worth(event, rated)) for event in interactions if event.item_id in catalog]
    events = [event for event, value in worth if value]
    weights = decayed(events, half_life) * [value for _, value in worth if value]
    users: dict[str, dict[int, float]] = {}
    for event, weight in zip(events, weights, strict=True):
        items = users.setdefault(event.user_id, {})
        row = catalog.row(event.item_id)
        items[row] = max(items.get(row, 0.0), float(weight))
    rows = [np.array(sorted(items), dtype=np.int64) for items in users.values()]
    values = [
        np.array([items[int(i)] for i in row], dtype=np.float32)
        for row, items in zip(rows, users.values(), strict=True)
    ]
    return _stacked(rows, values, len(catalog))


def decayed(events: Sequence[Interaction], half_life: float | None) -> np.ndarray:
    """How much each event weighs: 0.5^(days before the newest / half_life), shape (events,)."""
    times = [event.timestamp for event in events if event.timestamp is not None]
    if half_life is None or not times:
        return np.ones(len(events))
    oldest, newest = min(times), max(times)
    ages = [newest - (oldest if event.timestamp is None else event.timestamp) for event in events]
    return np.asarray(0.5 ** (np.array(ages) / DAY / half_life))


def profile(rows: Sequence[int], recency: float) -> np.ndarray:
    """How much each of a user's items counts, oldest first: ``recency`` to the number of newer ones."""
    return np.asarray(recency ** np.arange(len(rows) - 1, -1, -1), dtype=np.float64)


def _worth(event: Interaction, rated: float) -> float:
    if event.event == "rate":
        return 1.0 if event.value is not None and event.value >= LIKED else rated
    return float(event.event != "dislike")


def _stacked(rows: Sequence[np.ndarray], values: Sequence[np.ndarray], width: int) -> sparse.csr_array:
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)]).astype(np.int64)
    columns = np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)
    data = np.concatenate(values) if values else np.empty(0, dtype=np.float32)
    return sparse.csr_array((data, columns, starts), shape=(len(rows), width))
