"""Rows to tune on: a prompt as inference renders it, and the answer that would have been right."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from agent.catalog import Catalog, Interaction, Item
from agent.context import PreferenceState, UserContext
from agent.dialogues import PastDialogue
from agent.errors import SettingsError
from agent.fitting import recommending_turns
from agent.generation import spoken_titles
from agent.localisation import text
from agent.prompting import render
from agent.recommender import Recommender
from prompts import Message
from prompts.budget import CountTokens, Rendered

Task = Literal["next", "history", "list", "item", "liking", "reply"]
"""The next title in a conversation and after a history, a list of titles, an item's text to its title,
whether somebody likes a named item, and what a person would have replied."""

TASKS: tuple[Task, ...] = get_args(Task)
WEIGHTS: Mapping[Task, float] = {
    "next": 1.0,
    "history": 1.0,
    "list": 0.5,
    "item": 0.3,
    "liking": 1.0,
    "reply": 0.5,
}
"""What a token of an answer counts."""


def task_weights(text: str) -> dict[Task, float]:
    """Read ``"liking=2,reply=0"``: :data:`WEIGHTS` with some in place of ours; 0 leaves a task out.

    Raises:
        SettingsError: an unknown task, or a weight that is no number from 0 on.
    """
    weights = dict(WEIGHTS)
    for part in filter(None, map(str.strip, text.split(","))):
        task, _, value = part.partition("=")
        try:
            weight = float(value)
        except ValueError:
            weight = -1.0
        if task not in TASKS or not 0 <= weight < float("inf"):
            raise SettingsError(
                f"{part!r} is no weight of a task", hint=f"write TASK=NUMBER; tasks: {', '.join(TASKS)}"
            )
        weights[task] = weight
    return weights


NEXT, LIST, LIKING = "score/next_title", "recommend/zero_shot", "judge/liking"
FROM_HISTORY = "recommend/from_history"
LIST_LENGTH = 10
_PER_USER = 2
_JUDGED = 6
_HISTORY = 12


@dataclass(frozen=True, slots=True)
class Row:
    """A prompt and its right answer.

    Attributes:
        task: What is learned by it.
        group: The dialogue, user or item it comes from; rows of one group begin alike.
        messages: The prompt.
        answer: What follows it, with the white space it begins with.
        item_id: The item that is the answer, where it is one.
        weight: What a token of the answer counts.
    """

    task: Task
    group: str
    messages: tuple[Message, ...]
    answer: str
    item_id: str | None = None
    weight: float = 1.0


class RowMaker:
    """Makes rows over a catalog.

    Args:
        recommender: Has the catalog, the prompts and the readers of utterances; it remembers the dialogues
            that lists are filled up from.
        count_tokens: Of the model that is tuned.
        budget: The most tokens of a prompt; inference allows more, and trims as is done here.
        lists: Share of the dialogues of which a list is made.
        replies: Share of the dialogues whose replies are learned.
        weights: What a token of an answer counts, by the task; rows of a task that counts nothing are left
            out by who learns from them.
        seed: Repeats what is drawn by chance.
    """

    def __init__(
        self,
        recommender: Recommender,
        count_tokens: CountTokens,
        *,
        budget: int,
        lists: float = 0.5,
        replies: float = 0.1,
        weights: Mapping[Task, float] = WEIGHTS,
        seed: int = 0,
    ) -> None:
        self.catalog: Catalog = recommender.catalog
        self.titles = spoken_titles(recommender.catalog)
        self._recommender, self._count_tokens = recommender, count_tokens
        self._budget, self._seed = budget, seed
        self._lists, self._replies_kept, self._weights = lists, replies, weights
        self._nobody = UserContext(locale=recommender.settings.locale)

    def of_dialogue(self, dialogue: PastDialogue) -> Iterator[Row]:
        """The next titles in a past dialogue, and in some dialogues a list or the replies."""
        chance = self._chance("dialogue", dialogue.id)
        turns = list(recommending_turns(self._recommender, dialogue))
        for place, context, new in turns:
            prompt = self._render(NEXT, context, _request(dialogue, place))
            for item_id in new:
                yield self._row("next", dialogue.id, prompt, self._title(item_id), item_id)
        if turns and chance.random() < self._lists:
            place, context, new = chance.choice(turns)
            titles = self._list(dialogue, context, new, chance)
            prompt = self._render(LIST, context, _request(dialogue, place), n=len(titles))
            yield self._row("list", f"{dialogue.id} list", prompt, _numbered(titles))
        if chance.random() < self._replies_kept:
            yield from self._replies(dialogue)

    def of_user(self, user: str, events: Sequence[Interaction]) -> Iterator[Row]:
        """What a user liked next after others, and what they think of some items."""
        chance = self._chance("user", user)
        known = [event for event in events if event.item_id in self.catalog]
        opinions = replace(self._nobody, history=tuple(known)).attitudes
        places = [
            place
            for place, event in enumerate(known)
            if place and opinions.get(event.item_id, event.event not in ("rate", "dislike")) > 0
            if event.item_id not in {earlier.item_id for earlier in known[:place]}
        ]
        for place in sorted(chance.sample(places, min(_PER_USER, len(places)))):
            context = self._nobody.with_(history=tuple(known[max(0, place - _HISTORY) : place]))
            item_id = known[place].item_id
            prompt = self._render(NEXT, context)
            yield self._row("history", user, prompt, self._title(item_id), item_id)
        yield from self.of_opinions(user, opinions, chance)

    def of_opinions(self, user: str, opinions: Mapping[str, int], chance: random.Random) -> Iterator[Row]:
        """Whether a user likes some items, by what they think of all others.

        At most half of the opinions are asked, as many dislikes as likes where there are enough.
        """
        likes = [i for i, attitude in opinions.items() if attitude > 0]
        dislikes = [i for i, attitude in opinions.items() if attitude < 0]
        most = min(_JUDGED, max(1, len(opinions) // 2))
        disliked = chance.sample(dislikes, min(len(dislikes), max(1, most // 2)))
        liked = chance.sample(likes, min(len(likes), most - len(disliked), _JUDGED // 2))
        asked = [*liked, *disliked]
        others = {i: a for i, a in opinions.items() if i not in asked}
        if others:
            for item_id in asked:
                said = "judge.yes" if opinions[item_id] > 0 else "judge.no"
                prompt = self.judging(others, item_id)
                yield self._row("liking", f"{user} likes", prompt, text(said, self._nobody.locale), item_id)

    def judging(self, opinions: Mapping[str, int], item_id: str) -> Rendered:
        """The question whether somebody with some opinions likes an item."""
        newest = dict(list(opinions.items())[-_HISTORY:])
        context = self._nobody.with_(state=PreferenceState(attitudes=newest))
        item = self.catalog.item(item_id)
        more = {"title": self.catalog.label(item), "about": ", ".join(item.categories)}
        return self._render(LIKING, context, **more)

    def of_item(self, item: Item) -> Row:
        """An item's text to its title."""
        prompt = self._render(NEXT, self._nobody, self.words(item))
        return self._row("item", "items", prompt, self._title(item.id), item.id)

    def words(self, item: Item) -> str:
        """What somebody who looks for an item could say of it without its title."""
        known = [", ".join(item.categories), "" if item.year is None else str(item.year)]
        described = (item.description or "").replace(item.title, "…")
        return ". ".join(part for part in (*known, described) if part)

    def _list(
        self, dialogue: PastDialogue, context: UserContext, new: Sequence[str], chance: random.Random
    ) -> list[str]:
        """What was recommended then and later, filled up with what other dialogues name beside it."""
        catalog = self.catalog
        barred = {*context.known, *context.state.mentioned}
        later = [i for i in dialogue.welcome if i in catalog and i not in barred]
        chosen = list(dict.fromkeys((*new, *later)))[:LIST_LENGTH]
        anchors = [catalog.row(i) for i in (*context.state.mentioned, *chosen)]
        beside, counts = self._recommender.parts.memory.together(anchors, dialogue.id)
        draw = np.array([chance.random() for _ in range(len(catalog))])
        scores = (beside / np.sqrt(counts + 1)).sum(axis=0) * (0.5 + draw) + 1e-3 * np.log1p(counts) * draw
        for row in np.argsort(-scores, kind="stable"):
            if len(chosen) == LIST_LENGTH:
                break
            if catalog[int(row)].id not in barred and catalog[int(row)].id not in chosen:
                chosen.append(catalog[int(row)].id)
        return [self.titles[catalog.row(i)] for i in chosen]

    def _replies(self, dialogue: PastDialogue) -> Iterator[Row]:
        for place, turn in enumerate(dialogue.turns):
            if place and turn.role == "assistant" and dialogue.turns[place - 1].role == "user":
                messages = dialogue.turns[:place]
                if self._count_tokens(messages) <= self._budget:
                    weight = self._weights["reply"]
                    yield Row("reply", f"{dialogue.id} reply", messages, turn.content, None, weight)

    def _title(self, item_id: str) -> str:
        return f" {self.titles[self.catalog.row(item_id)]}\n"

    def _render(self, name: str, context: UserContext, request: str = "", **inputs: object) -> Rendered:
        return render(
            self._recommender.parts.prompts,
            name,
            context,
            self.catalog,
            count_tokens=self._count_tokens,
            budget=self._budget,
            request=request,
            **inputs,
        )

    def _row(self, task: Task, group: str, prompt: Rendered, answer: str, item_id: str | None = None) -> Row:
        return Row(task, group, prompt.messages, answer, item_id, self._weights[task])

    def _chance(self, *what: str) -> random.Random:
        return random.Random(f"{self._seed} {' '.join(what)}")


def debiased(rows: Sequence[Row], power: float) -> tuple[Row, ...]:
    """Rows whose items count less the more rows they are the answer of:  weight (count / mean)^-power.

    The weights of all rows together stay what they were. Rows of the task ``item`` are left as they are.
    """
    counts = Counter(row.item_id for row in rows if row.item_id is not None and row.task != "item")
    if not counts or not power:
        return tuple(rows)
    own = [
        counts[row.item_id] ** -power if row.item_id is not None and row.task != "item" else None
        for row in rows
    ]
    mean = float(np.mean([factor for factor in own if factor is not None]))
    return tuple(
        row if factor is None else replace(row, weight=row.weight * factor / mean)
        for row, factor in zip(rows, own, strict=True)
    )


def _request(dialogue: PastDialogue, place: int) -> str:
    """What the user said last before a turn; empty where the assistant spoke last."""
    last = dialogue.turns[place - 1] if place else None
    return last.content if last is not None and last.role == "user" else ""


def _numbered(titles: Sequence[str]) -> str:
    return "".join(f"\n{rank}. {title}" for rank, title in enumerate(titles, start=1)) + "\n"
