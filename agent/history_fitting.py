"""The sources that learn from interactions, fitted, and weighed by what users did next."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agent.catalog import Catalog, Interaction
from agent.context import UserContext
from agent.errors import FittingError
from agent.history_rankers import Comparison, Fold, Weighing, ndcg_of
from agent.ranking import Choice, Filters, Ranker, candidate_features, library_size
from agent.retrieval import HistoryModels, Query, SimilarSource, build_query
from agent.retrieval.collaborative import RecentSource
from agent.retrieval.collaborative.groups import LIKED
from agent.retrieval.history import events_checksum
from agent.retrieval.history_tuning import tune
from agent.retrieval.scored import CandidateSource

NEEDED = 50
"""Users with a later like below which weights would be noise."""

_CUTS = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Shares of the events, oldest first, where a window begins; it ends at the next. The last is held out."""

_ASKED, _TRIED = 400, 200
_CANDIDATES = 100
_LISTED = 10
_UNSEEN = 0.3
_PARTS = ((0, 0), (0, 1), (1, 0))
"""Which half of the users, and which fifth of their events, each window by chance hides."""
_LIKES = frozenset({"like", "purchase", "click", "view"})

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A user at a moment: what they had used, and the rows of what they liked next."""

    user: str
    query: Query
    allowed: np.ndarray
    right: np.ndarray


@dataclass(frozen=True, slots=True)
class Window:
    """What was known at a moment, and who liked what next.

    ``coming`` counts, for each item, the users who liked it next, asked or not; None where events have no
    times, so that what comes next is what came before.
    """

    before: tuple[Interaction, ...]
    asked: tuple[Asked, ...]
    coming: np.ndarray | None


@dataclass(frozen=True, slots=True)
class HistoryFit:
    """Fitted models and weights, and what they are worth.

    Attributes:
        models: Fitted to all events, with the options that were best in the windows before the last.
        ranker: Weights, with boosted trees or without, fitted on all windows.
        ndcg: NDCG@10 in the last window, by what ranked: ``fitted`` by a ranker of the windows before it,
            each source by its name, weights alone ``without`` each source, and ``popularity``. Whether
            there are trees was decided in this window too.
        users: How many users were asked there.
        comparison: Why there are trees, or none.
    """

    models: HistoryModels
    ranker: Ranker
    ndcg: Mapping[str, float]
    users: int
    comparison: Comparison


def fit_history(
    catalog: Catalog,
    interactions: Sequence[Interaction],
    vectors: np.ndarray,
    progress: Progress | None = None,
    *,
    asks: Callable[[str], bool] = lambda user: True,
) -> HistoryFit:
    """Fit the sources that learn from interactions, and weigh them.

    The events are cut at five moments. Up to each the sources are fitted, and the next likes of the users
    who are known by then are foretold. What is used at all changes from week to week, and five moments say
    little about how; so the personal sources are weighed as what they add to knowing how often each item
    was liked next, and ``recent`` then stands in for that. Events without times are parted by chance, and
    ``recent`` is weighed as any other source.

    The weights are joined by boosted trees where these rank better in windows that neither was fitted on.

    Args:
        catalog: The items.
        interactions: Past events; those with unknown items are counted and left out.
        vectors: Unit vectors of the items, shape (len(catalog), dimension).
        progress: Told how many windows are done.
        asks: Which users, by id, the weights may be fitted on; all are learned from.

    Raises:
        FittingError: there is too little to learn from.
    """
    events = [event for event in interactions if event.item_id in catalog]
    cut = windows(catalog, events, asks)
    enough = [window for window in cut if window.asked]
    users = sum(len(window.asked) for window in enough)
    if users < NEEDED or len(enough) < 2:
        raise FittingError(
            f"only {users} users like something new after what is known of them; {NEEDED} are needed, in at "
            "least two periods",
            hint="give more interactions: a few hundred users with several likes each will do",
        )
    steps = len(enough) + 2
    options = tune(
        catalog, [(w.before, [(a.query, a.allowed, a.right) for a in w.asked[:_TRIED]]) for w in enough[:-1]]
    )
    _tell(progress, 1, steps)
    choices, ready = [], []
    for window in enough:
        models = HistoryModels.fit(catalog, window.before, vectors, options)
        ready.append(sources_of(models, catalog, vectors))
        choices.append(choices_of(window, ready[-1], catalog))
        _tell(progress, len(choices) + 1, steps)
    names = [source.name for source in ready[-1]]
    weighing = Weighing(names)
    folds = _folds(choices, _timed(events))
    fitted = [weighing.both(earlier) for earlier, _ in folds]
    comparison = weighing.compare(folds, fitted)
    ndcg = weighing.measure(folds[-1], fitted[-1][comparison.chosen])
    ndcg["popularity"] = _popularity(enough[-1], catalog)
    ranker = weighing.fit(comparison.chosen, [choice for some in choices for choice in some])
    models = HistoryModels.fit(catalog, events, vectors, options)
    _tell(progress, steps, steps)
    provenance: dict[str, Any] = {
        "catalog": catalog.name,
        "interactions": len(events),
        "unknown_items": len(interactions) - len(events),
        "checksum": events_checksum(events),
        "split": "by time" if _timed(events) else "by chance",
        "users": users,
        "ndcg@10": {name: round(value, 4) for name, value in ndcg.items()},
        "held_out_users": len(choices[-1]),
        "ranker": comparison.as_dict(),
    }
    return HistoryFit(models, replace(ranker, provenance=provenance), ndcg, len(choices[-1]), comparison)


def windows(
    catalog: Catalog, events: Sequence[Interaction], asks: Callable[[str], bool] = lambda user: True
) -> list[Window]:
    """Events cut by time where all have one, else by chance.

    By chance, half of the users have one like in five hidden, then another one in five, then the other half;
    the last window so asks nobody who was asked before.

    Args:
        catalog: The items.
        events: Past events with its items.
        asks: Which users, by id, may be asked.
    """
    if _timed(events):
        ordered = sorted(events, key=lambda event: event.timestamp or 0.0)
        moments = [ordered[int(share * len(ordered))].timestamp or 0.0 for share in _CUTS] if ordered else []
        ends = [*moments[1:], np.inf]
        return [
            _window(
                catalog,
                [e for e in ordered if (e.timestamp or 0.0) < begin],
                [e for e in ordered if begin <= (e.timestamp or 0.0) < end],
                asks,
            )
            for begin, end in zip(moments, ends, strict=True)
        ]
    found = []
    for half, fifth in _PARTS:
        hidden = [_hidden(event, half, fifth) for event in events]
        before = [event for event, hide in zip(events, hidden, strict=True) if not hide]
        later = [event for event, hide in zip(events, hidden, strict=True) if hide]
        found.append(replace(_window(catalog, before, later, asks), coming=None))
    return found


def sources_of(models: HistoryModels, catalog: Catalog, vectors: np.ndarray) -> list[CandidateSource]:
    """The sources that are weighed."""
    return [*models.sources.values(), SimilarSource(catalog, vectors)]


def choices_of(window: Window, sources: Sequence[CandidateSource], catalog: Catalog) -> list[Choice]:
    """What there was to choose from for the users of a window.

    The features are those of ``sources``, in their order, the size of the library, and the logarithm of how
    many others liked the item next; where that is not known, what ``recent`` says stands for it.
    """
    recent = [source.name for source in sources].index(RecentSource.name)
    choices = []
    for asked in window.asked:
        rows, columns = candidate_features(sources, asked.query, _CANDIDATES, asked.allowed, catalog)
        if len(rows):
            right = np.isin(rows, asked.right)
            coming = window.coming
            others = columns[:, recent] if coming is None else np.log(coming[rows] - right + _UNSEEN)
            size = np.full(len(rows), library_size(asked.query))
            found = np.column_stack([columns, size, others])
            choices.append(Choice(found, right, len(asked.right), asked.user))
    return choices


def _window(
    catalog: Catalog,
    before: Sequence[Interaction],
    later: Sequence[Interaction],
    asks: Callable[[str], bool],
) -> Window:
    histories: dict[str, list[Interaction]] = {}
    for event in before:
        histories.setdefault(event.user_id, []).append(event)
    liked: dict[str, dict[int, None]] = {}
    for event in later:
        if event.user_id in histories and _is_like(event):
            liked.setdefault(event.user_id, {})[catalog.row(event.item_id)] = None
    new = {
        user: [row for row in rows if row not in {catalog.row(e.item_id) for e in histories[user]}]
        for user, rows in liked.items()
    }
    coming = np.zeros(len(catalog))
    for rows in new.values():
        coming[rows] += 1
    filters = Filters(catalog)
    drawn = sorted(
        (user for user, rows in new.items() if rows and asks(user)),
        key=lambda user: zlib.crc32(user.encode()),
    )
    asked = []
    for user in drawn[:_ASKED]:
        context = UserContext(user_id=user, history=tuple(histories[user]))
        allowed = filters.mask((), context.known)
        asked.append(Asked(user, build_query(context), allowed, np.array(new[user])))
    return Window(tuple(before), tuple(asked), coming)


def _folds(choices: Sequence[Sequence[Choice]], timed: bool) -> list[Fold]:
    """Windows that rankers are compared on, each with others that foretell it; the last window comes last.

    By time these are the two last ones, each after all before it. By chance each half of the users foretells
    the other: the last window asked a half of its own.
    """
    *before, last = choices
    earlier = [choice for some in before for choice in some]
    folds: list[Fold] = [(earlier, last)]
    if not timed:
        folds.insert(0, (last, earlier))
    elif len(before) > 1:
        folds.insert(0, ([choice for some in before[:-1] for choice in some], before[-1]))
    return [fold for fold in folds if all(any(c.right.any() for c in part) for part in fold)] or [folds[-1]]


def _popularity(window: Window, catalog: Catalog) -> float:
    """NDCG@10 of the most used items of all time."""
    uses = np.zeros(len(catalog))
    np.add.at(uses, [catalog.row(event.item_id) for event in window.before], 1.0)
    found = []
    for asked in window.asked:
        order = np.argsort(-np.where(asked.allowed, uses, -1.0), kind="stable")[:_LISTED]
        right = np.isin(order, asked.right)
        found.append(ndcg_of(np.arange(len(order)), right, len(asked.right)))
    return float(np.mean(found))


def _is_like(event: Interaction) -> bool:
    if event.event == "rate":
        return event.value is not None and event.value >= LIKED
    return event.event in _LIKES


def _timed(events: Sequence[Interaction]) -> bool:
    return bool(events) and all(event.timestamp is not None for event in events)


def _hidden(event: Interaction, half: int, fifth: int) -> bool:
    """Whether an event is hidden by chance: one in five of those of every other user."""
    if _drawn(event.user_id) % 2 != half:
        return False
    return _drawn(event.user_id, event.item_id) % 5 == fifth


def _drawn(*parts: str) -> int:
    """A number that is the same in every run."""
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:4], "big")


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress("interactions", done, total)
