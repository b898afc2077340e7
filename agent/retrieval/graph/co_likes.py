"""How many people like two items: paths from item to item over users and dialogues, counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from scipy import sparse

from agent.catalog import Catalog, Interaction
from agent.context import UserContext
from agent.dialogues import PastDialogue
from agent.retrieval.collaborative.groups import group_matrix
from agent.retrieval.memory import ConversationMemory


class CoLikes:
    """Who likes what, for sentences such as "12 people who liked Heat liked it too".

    People are the users of the catalog's interactions, by the latest that they did with an item (a like, or a
    rating of at least 8), and those of past dialogues, by the latest that they said of it; each dialogue
    is taken to be of a person of its own. Whoever only used or named an item is not counted.

    Args:
        memory: Past dialogues, and the catalog; dialogues that join it are counted at once.
    """

    def __init__(self, memory: ConversationMemory) -> None:
        self._memory, self._catalog = memory, memory.catalog
        self._welcome: tuple[tuple[PastDialogue, ...], _Likes] = (), _Likes({}, self._catalog)

    def counts(self, item_id: str, others: Sequence[str], context: UserContext) -> list[tuple[str, int]]:
        """How many people like the item and each of some others, but for the user of the context.

        Args:
            item_id: In the catalog.
            others: Ids of items in the catalog.
            context: Its user and its dialogue are left out.
        """
        known, welcome = self._welcome
        if (now := self._memory.dialogues) != known:
            welcome = _Likes({d.id: _welcomed(d) for d in now}, self._catalog)
            self._welcome = now, welcome
        row, rows = self._catalog.row(item_id), [self._catalog.row(i) for i in others]
        users = self._users.together(row, rows, context.user_id)
        dialogues = welcome.together(row, rows, context.dialogue_id)
        return list(zip(others, (users + dialogues).tolist(), strict=True))

    @cached_property
    def _users(self) -> _Likes:
        events: defaultdict[str, list[Interaction]] = defaultdict(list)
        for event in self._catalog.interactions:
            events[event.user_id].append(event)
        attitudes = {user: UserContext(history=tuple(own)).attitudes for user, own in events.items()}
        return _Likes({user: _positive(found) for user, found in attitudes.items()}, self._catalog)


class _Likes:
    """The items that each of some people likes."""

    def __init__(self, liked: Mapping[str, Sequence[str]], catalog: Catalog) -> None:
        self._places = {person: place for place, person in enumerate(liked)}
        rows = [[catalog.row(i) for i in items if i in catalog] for items in liked.values()]
        self._likes: sparse.csc_array = group_matrix(rows, len(catalog)).tocsc()

    def together(self, row: int, rows: Sequence[int], without: str | None) -> np.ndarray:
        """How many people but ``without`` like both, int, shape (len(rows),)."""
        fans = self._likes[:, [row]].toarray().ravel()
        if without in self._places:
            fans[self._places[without]] = 0
        return np.asarray(self._likes[:, list(rows)].T @ fans).astype(np.int64)


def _welcomed(dialogue: PastDialogue) -> list[str]:
    said = sorted((i for i in dialogue.items if i.attitude is not None), key=lambda i: i.turn)
    return _positive({i.item_id: i.attitude or 0 for i in said})


def _positive(attitudes: Mapping[str, int]) -> list[str]:
    return [item_id for item_id, attitude in attitudes.items() if attitude > 0]
