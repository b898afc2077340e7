"""What a system answers, apart from what it is worth: answers are stored, and can be scored again."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from typing import Any

from agent.catalog import Catalog
from agent.grounding import Grounding
from agent.lm import Usage
from eval.datasets import Question
from eval.metrics import Row, WrittenTitle


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of one system to one question.

    Attributes:
        question: The question's id.
        ranked: Item ids, best first, as the system gave them.
        titles: The titles that a model wrote, in order; None where it wrote none.
        examples: Titles that the prompt's examples showed.
        faithful: For each reason given, whether the checker passes it.
        turns: Turns that a simulated dialogue took.
        succeeded: Whether it ended in an accepted item; None where none was simulated.
        understood: What was understood of an utterance, JSON-ready; None where that was not asked.
        usage: Tokens spent; None where no language model ran.
        milliseconds: Wall-clock time; None where it was not measured.
        error: Why no answer came; None where one did.
        trace: The stages of its making, JSON-ready; None unless asked for.
    """

    question: str
    ranked: tuple[str, ...] = ()
    titles: tuple[WrittenTitle, ...] | None = None
    examples: tuple[str, ...] = ()
    faithful: tuple[bool, ...] = ()
    turns: int | None = None
    succeeded: bool | None = None
    understood: Mapping[str, Any] | None = None
    usage: Usage | None = None
    milliseconds: float | None = None
    error: str | None = None
    trace: Sequence[Mapping[str, Any]] | None = None

    @classmethod
    def of_titles(cls, question: str, titles: Sequence[WrittenTitle], **rest: Any) -> Answer:
        """The answer whose list is nothing but the items that titles name, each once."""
        ranked = dict.fromkeys(title.item_id for title in titles if title.item_id is not None)
        return cls(question, tuple(ranked), titles=tuple(titles), **rest)

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready mapping; fields that say nothing are left out."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        if self.titles is not None:
            values["titles"] = [list(astuple(title)) for title in self.titles]
        if self.usage is not None:
            values["usage"] = asdict(self.usage)
        # An empty list of titles tells of a text without any, so only absent values go.
        return {name: value for name, value in values.items() if value is not None and value != ()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Answer:
        """The answer that :meth:`to_json` was made of."""
        found = dict(values)
        for name in ("ranked", "examples", "faithful"):
            found[name] = tuple(found.get(name, ()))
        if found.get("titles") is not None:
            found["titles"] = tuple(WrittenTitle(*title) for title in found["titles"])
        if found.get("trace") is not None:
            found["trace"] = tuple(found["trace"])
        if found.get("usage") is not None:
            found["usage"] = Usage(**found["usage"])
        return cls(**found)


def grounded_titles(groundings: Iterable[Grounding]) -> tuple[WrittenTitle, ...]:
    """Titles as they were written, and what became of them."""
    return tuple(
        WrittenTitle(g.text, g.item_id, g.method, round(g.confidence, 4), g.reason) for g in groundings
    )


def constrained_titles(item_ids: Iterable[str], catalog: Catalog) -> tuple[WrittenTitle, ...]:
    """The titles of items that a model could not but write."""
    return tuple(WrittenTitle(catalog.item(i).title, i, "constrained") for i in item_ids)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question, what a system answered, and the row to be measured."""

    question: Question
    answer: Answer
    row: Row


class System(typing.Protocol):
    """What is evaluated: a callable with a name. It gets questions without their right answers."""

    name: str

    def __call__(self, question: Question, n: int) -> Answer:
        """The ``n`` best items, best first: fewer where it has no more to say.

        Items of ``question.known`` are no use unless ``question.repeats``; of a question with ``options``
        only these are.
        """
        ...


class Conversation(typing.Protocol):
    """One dialogue with a system that takes feedback."""

    def say(self, utterance: str) -> Answer:
        """The list that answers an utterance."""
        ...

    def feedback(self, item_id: str, kind: typing.Literal["like", "dislike"]) -> None:
        """Tell what the user thinks of an item that was shown."""
        ...


@typing.runtime_checkable
class Conversational(typing.Protocol):
    """A system that can hold a dialogue; others show the next part of one list at every turn."""

    def converse(self, question: Question, n: int) -> Conversation:
        """Begin a dialogue with the user of a question, in lists of ``n``."""
        ...
