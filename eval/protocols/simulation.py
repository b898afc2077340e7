"""Dialogues with a simulated user."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from agent.lm import Usage
from eval.datasets import EvalSet, Question, Task
from eval.metrics import WrittenTitle
from eval.protocols.answers import Answer, Conversational, System
from eval.protocols.protocol import Protocol
from eval.protocols.simulated_user import FORTHCOMING, Manner, Reaction, SimulatedUser


@dataclass(frozen=True)
class Simulation(Protocol):
    """Dialogues until the system shows one of the items that the user will like, or patience ends.

    The row's list is the last one shown. The user is a :class:`SimulatedUser`, who never tells the title.

    Attributes:
        depth: How many items are shown at a turn.
        turns: After how many lists the user gives up.
        manner: How forthcoming the user is.
        goes_on: Whether the user takes what they find and goes on for the rest of what they will like.
    """

    name: ClassVar[str] = "simulation"
    tasks: ClassVar[tuple[Task, ...]] = ("history",)
    metrics: ClassVar[tuple[str, ...]] = ("success_rate@5", "turns_to_success")
    depth: int = 10
    turns: int = 5
    manner: Manner = FORTHCOMING
    goes_on: bool = False

    def answer(self, system: System, question: Question, data: EvalSet) -> Answer:
        """One dialogue; its tokens and time are the sums over its turns."""
        said = list[Answer]()
        for turn, (answer, reaction) in enumerate(self.dialogue(system, question, data), start=1):
            said.append(answer)
            if reaction.accepted is not None:
                return _together(said, turn, succeeded=True)
        return _together(said, self.turns, succeeded=False)

    def dialogue(
        self, system: System, question: Question, data: EvalSet
    ) -> Iterator[tuple[Answer, Reaction]]:
        """The turns of one dialogue: what was shown, and what the user did with it."""
        user = SimulatedUser(question, data.catalog, self.manner)
        blind = question.unanswered
        conversation = (
            system.converse(blind, self.depth)
            if isinstance(system, Conversational)
            else Paging(system, blind, self.depth, self.turns)
        )
        utterance = user.opening()
        for _ in range(self.turns):
            answer = conversation.say(utterance)
            shown, asked = answer.ranked[: self.depth], getattr(conversation, "asked", None)
            reaction = user.react(shown, asked)
            going_on: Reaction | None = reaction
            if reaction.accepted is not None:
                going_on = user.take(shown, asked) if self.goes_on else None
            yield answer, reaction
            if going_on is None:
                return
            for item_id, kind in going_on.feedback:
                conversation.feedback(item_id, kind)
            utterance = going_on.utterance


class Paging:
    """A dialogue with a system that takes no feedback: each turn shows the next part of one list."""

    def __init__(self, system: System, question: Question, n: int, turns: int) -> None:
        self._answer = system(question, n * turns)
        self._n, self._page = n, 0

    def say(self, utterance: str) -> Answer:
        """The next part of the list."""
        first = self._page * self._n
        self._page += 1
        page = replace(self._answer, ranked=self._answer.ranked[first : first + self._n])
        return page if first == 0 else replace(page, usage=None, milliseconds=None, titles=None)

    def feedback(self, item_id: str, kind: Literal["like", "dislike"]) -> None:
        """Not taken in."""


def _together(said: Sequence[Answer], turns: int, *, succeeded: bool) -> Answer:
    """The answers of a dialogue as one: the last list, all titles written, tokens and time summed."""
    usages = [answer.usage for answer in said if answer.usage is not None]
    times = [answer.milliseconds for answer in said if answer.milliseconds is not None]
    titles: list[WrittenTitle] = [title for answer in said for title in answer.titles or ()]
    traces = [stage for answer in said for stage in answer.trace or ()]
    return replace(
        said[-1],
        titles=tuple(titles) if any(answer.titles is not None for answer in said) else None,
        faithful=tuple(passed for answer in said for passed in answer.faithful),
        turns=turns,
        succeeded=succeeded,
        usage=sum(usages, Usage()) if usages else None,
        milliseconds=sum(times) if times else None,
        trace=traces or None,
    )
