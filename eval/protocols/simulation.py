"""Dialogues with a simulated user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from agent.lm import Usage
from eval.datasets import EvalSet, Question, Task
from eval.metrics import WrittenTitle
from eval.protocols.answers import Answer, Conversational, System
from eval.protocols.protocol import Protocol
from eval.protocols.simulated_user import SimulatedUser


@dataclass(frozen=True)
class Simulation(Protocol):
    """Dialogues until the system shows one of the items that the user will like, or patience ends.

    The row's list is the last one shown. The user is a :class:`SimulatedUser`, who never tells the title.

    Attributes:
        depth: How many items are shown at a turn.
        turns: After how many lists the user gives up.
    """

    name: ClassVar[str] = "simulation"
    tasks: ClassVar[tuple[Task, ...]] = ("history",)
    metrics: ClassVar[tuple[str, ...]] = ("success_rate@5", "turns_to_success")
    depth: int = 10
    turns: int = 5

    def answer(self, system: System, question: Question, data: EvalSet) -> Answer:
        """One dialogue; its tokens and time are the sums over its turns."""
        user = SimulatedUser(question, data.catalog)
        asked = question.unanswered
        conversation = (
            system.converse(asked, self.depth)
            if isinstance(system, Conversational)
            else Paging(system, asked, self.depth, self.turns)
        )
        utterance, said = user.opening(), list[Answer]()
        for turn in range(1, self.turns + 1):
            said.append(conversation.say(utterance))
            shown = said[-1].ranked[: self.depth]
            reaction = user.react(shown)
            if reaction.accepted is not None:
                return _together(said, turn, succeeded=True)
            for item_id, kind in reaction.feedback:
                conversation.feedback(item_id, kind)
            utterance = reaction.utterance
        return _together(said, self.turns, succeeded=False)


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
