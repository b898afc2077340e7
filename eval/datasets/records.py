"""What an evaluation set holds: questions with their right answers, and what may be learned from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from agent.catalog import Catalog, Interaction
from agent.dialogues import PastDialogue
from prompts import Message

Task = Literal["conversation", "history", "completion", "choice", "grounding", "understanding"]
"""A turn of a conversation, a user's history, a list from a request, one of given options, a title's item,
what an utterance says."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a system is asked, with the right answer.

    Attributes:
        id: Unique in the set.
        cluster: The dialogue or user it belongs to. Questions of one cluster are not independent.
        targets: Ids of the right items that the user does not know yet.
        context: All that was said, oldest first.
        mentioned: Ids of the items said before, oldest first.
        repeated: Ids of the right items that were said before.
        history: The user's past events, oldest first.
        later: The user's events after the question was asked; only a simulated user may look at them.
        options: Ids of the options where the task is a choice, the targets among them.
        last: Ids of the list that the request answers, in rank order.
        label: All that must be understood of the request; None where that is not the task.
        slices: Names of slices it belongs to.
        repeats: Whether items that the user knows may be answered.
    """

    id: str
    cluster: str
    targets: tuple[str, ...] = ()
    context: tuple[Message, ...] = ()
    mentioned: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    history: tuple[Interaction, ...] = ()
    later: tuple[Interaction, ...] = ()
    options: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    label: Mapping[str, Any] | None = None
    slices: tuple[str, ...] = ()
    repeats: bool = False

    @property
    def request(self) -> str:
        """What the user says last; empty where the last turn is not the user's."""
        return self.context[-1].content if self.context and self.context[-1].role == "user" else ""

    @property
    def earlier(self) -> tuple[Message, ...]:
        """What was said before the request, oldest first."""
        return self.context[:-1] if self.request else self.context

    @property
    def text(self) -> str:
        """All that was said, a line a turn, oldest first."""
        return "\n".join(turn.content for turn in self.context)

    @property
    def unanswered(self) -> Question:
        """The question as a system may see it: without the right answers."""
        return replace(self, targets=(), repeated=(), later=(), label=None)

    @property
    def known(self) -> tuple[str, ...]:
        """Ids of the items that the user named or used, oldest first, each once."""
        return tuple(dict.fromkeys((*(event.item_id for event in self.history), *self.mentioned)))


@dataclass(frozen=True, slots=True)
class Dialogue(PastDialogue):
    """A past dialogue of an evaluation set.

    ``groups`` are the folds its people belong to; where there are two, it can be learned from in the
    other folds but never asked about.
    """

    groups: tuple[int, ...] = ()


@dataclass(frozen=True)
class EvalSet:
    """Questions over a catalog, and what systems may learn from.

    Attributes:
        name: The name or folder it was loaded by.
        task: What is asked.
        catalog: What can be answered; its interactions are the past events that may be learned from.
        questions: What is asked, in a fixed order.
        memory: Past dialogues that may be learned from; none shares a person with a question.
        fold: Which part of the data is asked about; None where there are no parts.
        folds: Names of all parts.
        licence: Under which licence the data are.
        credit: Who made them.
        checksum: 16 hex digits that change with any byte of the data, whatever part of them is asked.
    """

    name: str
    task: Task
    catalog: Catalog
    questions: tuple[Question, ...]
    memory: tuple[Dialogue, ...] = ()
    fold: int | str | None = None
    folds: tuple[int | str, ...] = ()
    licence: str = "not stated"
    credit: str = ""
    checksum: str = ""

    def __len__(self) -> int:
        return len(self.questions)

    @cached_property
    def counts(self) -> Mapping[str, float]:
        """How often each item was used in what may be learned from: dialogues that name it, plus events.

        The catalog's own popularity where there is neither.
        """
        spoken = Counter(i for d in self.memory for i in {said.item_id for said in d.items})
        used = Counter(e.item_id for e in self.catalog.interactions if e.event != "dislike")
        if spoken or used:
            return {item: float(count) for item, count in (spoken + used).items()}
        return {item.id: item.popularity for item in self.catalog}

    @cached_property
    def unknown_targets(self) -> tuple[str, ...]:
        """Ids of the targets that the catalog lacks: nobody can hit them, and they stay in every figure."""
        targets = (t for q in self.questions for t in (*q.targets, *q.repeated))
        return tuple(t for t in dict.fromkeys(targets) if t not in self.catalog)
