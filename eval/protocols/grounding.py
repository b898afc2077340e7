"""Titles as people and models write them, and the items they name or do not."""

from __future__ import annotations

import typing
from dataclasses import dataclass
from typing import ClassVar

from agent.grounding import Grounder
from eval.datasets import EvalSet, Question, Task
from eval.errors import ProtocolError
from eval.protocols.answers import Answer, System, grounded_titles
from eval.protocols.protocol import Protocol


@typing.runtime_checkable
class Grounds(typing.Protocol):
    """A system that links titles to items."""

    def ground(self, question: Question) -> Answer:
        """The item that the question's text names, or an empty list where it names none."""
        ...


@dataclass(frozen=True)
class TitleGrounding(Protocol):
    """Links titles to the items of a catalog.

    ``recall@1`` is the share of titles in the catalog that are linked right. A title that the catalog
    lacks has no target; there ``out_of_catalog_rate`` is the share that is rejected, as it should be, and
    the rest are false links. The two kinds are slices.
    """

    name: ClassVar[str] = "title-grounding"
    tasks: ClassVar[tuple[Task, ...]] = ("grounding",)
    metrics: ClassVar[tuple[str, ...]] = ("recall@1", "out_of_catalog_rate")
    depth: int = 1

    def prepare(self, question: Question) -> Question:
        """Every title is asked, also those without an item."""
        return question

    def answer(self, system: System, question: Question, data: EvalSet) -> Answer:
        """What the system links the title to; raises ProtocolError where it links none."""
        if not isinstance(system, Grounds):
            raise ProtocolError(f"{system.name} does not link titles", where=data.name)
        return system.ground(question.unanswered)


class GrounderSystem:
    """A :class:`agent.grounding.Grounder` as a system."""

    def __init__(self, grounder: Grounder, *, name: str = "grounder") -> None:
        self.name, self._grounder = name, grounder

    def __call__(self, question: Question, n: int) -> Answer:
        """The same as :meth:`ground`; there is never more than one item."""
        return self.ground(question)

    def ground(self, question: Question) -> Answer:
        """The item named, or none."""
        return ground(self._grounder, question)


def ground(grounder: Grounder, question: Question) -> Answer:
    """The answer of a grounder to the title that is a question's text."""
    return Answer.of_titles(question.id, grounded_titles(grounder.ground([question.text])))
