"""Users' histories cut at a moment: what came before may be used, what came after is to be foretold.

The cut is one moment for all users (global temporal split), so that nothing is learned from the future:
Meng et al., Exploring data splitting strategies for the evaluation of recommendation models, RecSys 2020;
Ji et al., A critical study on data leakage in recommender system offline evaluation, TOIS 2023.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from agent.catalog import Interaction
from eval.datasets.records import Question
from eval.errors import DatasetError

PARTS = {"validation": (0.8, 0.9), "test": (0.9, 1.0)}
"""Which share of the events, oldest first, each part asks about."""

LIKED = 8.0
"""A rating (0 to 10) from which an item is liked."""

_LIKES = frozenset({"like", "purchase"})


@dataclass(frozen=True, slots=True)
class Split:
    """The events before a moment, and the questions about what came after."""

    before: tuple[Interaction, ...]
    questions: tuple[Question, ...]


def split_by_time(events: Sequence[Interaction], part: str, *, where: str) -> Split:
    """Cut events at the moment where a part begins.

    A question is a user with at least one event before the moment and at least one later like (a
    like, a purchase, a rating of at least 8 of 10) of an item that they had not used. Users who come
    later only are left out: nothing is known of them.

    Args:
        events: Events with times; those of the same second stay together.
        part: ``validation`` or ``test``.
        where: The file, for errors.

    Raises:
        DatasetError: an event has no time, or no user is left.
    """
    if any(event.timestamp is None for event in events):
        raise DatasetError("an event has no timestamp", where=where, hint="a split by time needs all of them")
    ordered = sorted(events, key=_time)
    begin, end = (ordered[int(share * len(ordered))] if share < 1 else None for share in PARTS[part])
    start = _time(begin) if begin else 0.0
    before = tuple(e for e in ordered if _time(e) < start)
    later = [e for e in ordered if _time(e) >= start and (end is None or _time(e) < _time(end))]
    used, coming = _by_user(before), _by_user(later)
    asked = (_question(user, used[user], coming[user]) for user in coming if user in used)
    questions = tuple(question for question in asked if question.targets)
    if not questions:
        raise DatasetError(
            f"no user has events before the {part} part and a like in it",
            where=where,
            hint=f"the {part} part is the events from {PARTS[part][0]:.0%} on, oldest first",
        )
    return Split(before, questions)


def is_like(event: Interaction) -> bool:
    """Whether an event says that the user liked the item."""
    if event.event == "rate":
        return event.value is not None and event.value >= LIKED
    return event.event in _LIKES


def _question(user: str, history: list[Interaction], later: list[Interaction]) -> Question:
    known = {event.item_id for event in history}
    liked = dict.fromkeys(e.item_id for e in later if is_like(e) and e.item_id not in known)
    return Question(id=user, cluster=user, targets=tuple(liked), history=tuple(history), later=tuple(later))


def _by_user(events: Sequence[Interaction]) -> dict[str, list[Interaction]]:
    found: defaultdict[str, list[Interaction]] = defaultdict(list)
    for event in events:
        found[event.user_id].append(event)
    return dict(found)


def _time(event: Interaction) -> float:
    return event.timestamp or 0.0
