"""Items that nobody has used yet: those that fill the newcomers' places against the nearest by text.

python tests/benchmarks/newcomers.py

Asked are users who next like nothing but unused items, at seven moments of what comes before the test part of
``movies-history``, which has few of them. A single new film decides much at each moment: beside the intervals
over users stand the means of the moments, and an interval of the difference over these.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy import stats

from agent import Catalog, Recommender
from agent.catalog import Interaction
from agent.context import UserContext
from agent.ranking import Filters
from agent.retrieval import HistoryOptions, build_query
from agent.retrieval.cold_start import ColdStartSource
from agent.retrieval.collaborative import decayed_counts, user_groups
from eval.datasets import load_dataset
from eval.datasets.history import is_like
from eval.statistics import mean_intervals

CUTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
LISTED, PLACES = 50, 12
"""The length of a list, and how many of its places newcomers have by default."""


def main() -> None:
    catalog = load_dataset("movies-history", fold="test").catalog
    vectors = Recommender(catalog, None).parts.vectors
    events = sorted(catalog.interactions, key=lambda event: event.timestamp or 0.0)
    users: list[str] = []
    recalls: list[np.ndarray] = []
    for begin, end in pairwise(int(cut * len(events)) for cut in CUTS):
        asked, found = moment(catalog, vectors, events[:begin], events[begin:end])
        print(
            f"{len(asked)} users; newcomers, text, text in as many places: {found.mean(axis=0)}", flush=True
        )
        users += asked
        recalls.append(found)
    over = np.array([found[:, 0].mean() - found[:, 1].mean() for found in recalls])
    half = stats.t.ppf(0.975, len(over) - 1) * over.std(ddof=1) / np.sqrt(len(over))
    print(f"minus text, a moment: {over.mean():.4f} [{over.mean() - half:.4f}, {over.mean() + half:.4f}]")
    values = np.concatenate(recalls)
    differences = values[:, :1] - values[:, 1:]
    names = (
        "newcomers",
        f"text, {LISTED} places",
        f"text, {PLACES} places",
        "minus text",
        "in as many places",
    )
    for name, mean in zip(names, mean_intervals(np.column_stack([values, differences]), users), strict=True):
        print(f"{name:20s} {mean.value:.4f} [{mean.low:.4f}, {mean.high:.4f}]")


def moment(
    catalog: Catalog, vectors: np.ndarray, before: Sequence[Interaction], later: Sequence[Interaction]
) -> tuple[list[str], np.ndarray]:
    """Who is asked at a moment, and the recall of the three ways for each, shape (users, 3)."""
    unused = decayed_counts(catalog, before, None, rated=1.0) == 0
    half_life = HistoryOptions().half_life
    source = ColdStartSource.fit(catalog, vectors, user_groups(catalog, before, half_life=half_life))
    filters = Filters(catalog)
    histories: dict[str, list[Interaction]] = {}
    for event in before:
        histories.setdefault(event.user_id, []).append(event)
    liked: dict[str, set[int]] = {}
    for event in later:
        if event.user_id in histories and is_like(event):
            liked.setdefault(event.user_id, set()).add(catalog.row(event.item_id))
    users, found = [], []
    for user, rows in liked.items():
        history = histories[user]
        right = np.array(sorted(rows - {catalog.row(event.item_id) for event in history}), dtype=np.int64)
        if not len(right) or not unused[right].all():
            continue
        context = UserContext(user_id=user, history=tuple(history))
        allowed = filters.mask((), context.known)
        scores = source.scores(build_query(context))
        own = [catalog.row(event.item_id) for event in history if is_like(event)]
        text = vectors @ vectors[own].mean(axis=0) if own else np.zeros(len(catalog))
        lists = (
            best(scores, allowed & unused, PLACES),
            best(text, allowed, LISTED),
            best(text, allowed & unused, PLACES),
        )
        users.append(user)
        found.append([np.isin(right, ranked).mean() for ranked in lists])
    return users, np.array(found).reshape(-1, 3)


def best(scores: np.ndarray | None, allowed: np.ndarray, k: int) -> np.ndarray:
    """Rows of the best allowed items; none where there are no scores."""
    rows = np.flatnonzero(allowed)
    return rows[:0] if scores is None else rows[np.argsort(-scores[rows], kind="stable")[:k]]


if __name__ == "__main__":
    main()
