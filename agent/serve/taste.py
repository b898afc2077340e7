"""A map of the catalog with the user on it."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from agent.context import UserContext
from agent.ranking import nearest_interest
from agent.recommender import Recommender
from agent.serve.views import TasteMap, TastePoint

_SAMPLE = 5_000
_BACKDROP = 300
_EDGE = 0.99


class TasteMapper:
    """Places items in two dimensions: the first two principal components of the item space.

    They are found once, in 5,000 items drawn at random but always the same, and scaled so that 99 of 100
    items lie between -1 and 1; the others are put on the edge.
    """

    def __init__(self, recommender: Recommender) -> None:
        self._recommender, self._catalog = recommender, recommender.catalog

    def map(self, context: UserContext, shown: tuple[str, ...]) -> TasteMap:
        """The user's items and the last list, before the best known of the catalog."""
        state, catalog = context.state, self._catalog
        kinds: dict[str, str] = {catalog[int(row)].id: "other" for row in self._best_known}
        kinds |= dict.fromkeys(shown, "shown") | dict.fromkeys(state.seen, "seen")
        kinds |= {i: "liked" if attitude > 0 else "disliked" for i, attitude in context.attitudes.items()}
        kinds = {item_id: kind for item_id, kind in kinds.items() if item_id in catalog}
        rows = [catalog.row(item_id) for item_id in kinds]
        points = self._recommender.parts.space.points(rows)
        places = self._place(points)
        interests = self._recommender.interests(context)
        nearest = nearest_interest(points, interests) if interests else None
        return TasteMap(
            points=[
                TastePoint(
                    id=item_id,
                    label=catalog.label(catalog[row]),
                    x=round(float(x), 4),
                    y=round(float(y), 4),
                    kind=kind,
                    interest=interests[int(nearest[i])].name
                    if nearest is not None and kind == "liked"
                    else None,
                )
                for i, (item_id, kind, row, (x, y)) in enumerate(
                    zip(kinds, kinds.values(), rows, places, strict=True)
                )
            ],
            method="pca",
        )

    @cached_property
    def _best_known(self) -> np.ndarray:
        return np.argsort(-self._catalog.popularity, kind="stable")[:_BACKDROP]

    def _place(self, points: np.ndarray) -> np.ndarray:
        mean, axes, scale = self._axes
        return np.clip((points - mean) @ axes / scale, -1, 1)

    @cached_property
    def _axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The mean, shape (d,), the axes, shape (d, 2), and their lengths, shape (2,)."""
        count = len(self._catalog)
        rows = np.random.default_rng(0).permutation(count)[:_SAMPLE]
        points = self._recommender.parts.space.points(np.sort(rows))
        mean = points.mean(axis=0)
        _, vectors = np.linalg.eigh((points - mean).T @ (points - mean))
        axes = vectors[:, [-1, -2]] if vectors.shape[1] > 1 else np.repeat(vectors, 2, axis=1)
        # An axis has no direction of its own; ours points to where its greatest part is positive.
        axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), [0, 1]])
        reach = np.quantile(np.abs((points - mean) @ axes), _EDGE, axis=0)
        return mean, axes, np.where(reach > 0, reach, 1.0)
