"""Labelled utterances, and what a system understands of each."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, replace
from typing import Any, ClassVar

from agent.context import Constraint
from agent.understanding import Understanding
from agent.understanding.turn import Critique, Mention
from eval.datasets import EvalSet, Question, Task
from eval.errors import ProtocolError
from eval.metrics import Row
from eval.protocols.answers import Answer, System
from eval.protocols.protocol import Protocol
from eval.protocols.understanding import score_line


@typing.runtime_checkable
class Understands(typing.Protocol):
    """A system that reads utterances."""

    def understand(self, question: Question) -> Answer:
        """What the question's request says, as the answer to the list that it was shown."""
        ...


@dataclass(frozen=True)
class UtteranceUnderstanding(Protocol):
    """Reads single utterances: items named with attitude, conditions, critiques, tastes, intents.

    Everything that a label holds must be found, and nothing else; of an utterance that breaks the system
    nothing was understood.
    """

    name: ClassVar[str] = "understanding"
    tasks: ClassVar[tuple[Task, ...]] = ("understanding",)
    metrics: ClassVar[tuple[str, ...]] = (
        "mentions_f1",
        "items_f1",
        "constraints_f1",
        "critiques_f1",
        "facets_f1",
        "intents_accuracy",
    )
    depth: int = 1

    def prepare(self, question: Question) -> Question:
        """Every utterance is asked."""
        return question

    def answer(self, system: System, question: Question, data: EvalSet) -> Answer:
        """What the system understands; raises ProtocolError where it reads no utterances."""
        if not isinstance(system, Understands):
            raise ProtocolError(f"{system.name} reads no utterances", where=data.name)
        return system.understand(question.unanswered)

    def row(self, question: Question, answer: Answer, data: EvalSet) -> Row:
        """The row with what is right of all that was found and of all that is labelled."""
        assert question.label is not None
        counts = score_line(question.label, from_json(question.request, answer.understood or {})).counts
        understood = {name: astuple(count) for name, count in counts.items()}
        return replace(super().row(question, answer, data), understood=understood)


def to_json(said: Understanding) -> dict[str, Any]:
    """What was understood of an utterance, without its text."""
    return {
        "intents": list(said.intents),
        "mentions": [asdict(mention) for mention in said.mentions],
        "constraints": [asdict(constraint) for constraint in said.constraints],
        "critiques": [asdict(critique) for critique in said.critiques],
        "facets": [[*name, weight] for name, weight in said.facets.items()],
        "relaxed": list(said.relaxed),
        "n": said.n,
    }


def from_json(text: str, found: Mapping[str, Any]) -> Understanding:
    """The understanding of a text that :func:`to_json` was called on; of nothing where that is empty."""
    return Understanding(
        text,
        intents=tuple(found.get("intents", ())),
        mentions=tuple(Mention(**{**m, "item_ids": tuple(m["item_ids"])}) for m in found.get("mentions", ())),
        constraints=tuple(
            Constraint(**{**c, "value": tuple(c["value"]) if isinstance(c["value"], list) else c["value"]})
            for c in found.get("constraints", ())
        ),
        critiques=tuple(Critique(**critique) for critique in found.get("critiques", ())),
        facets={(name, value): weight for name, value, weight in found.get("facets", ())},
        relaxed=tuple(found.get("relaxed", ())),
        n=found.get("n"),
    )
