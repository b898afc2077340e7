"""Evaluation protocols: which questions are asked, how, and how answers become rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.errors import SettingsError
from eval.datasets import EvalSet, Question, Task
from eval.errors import ProtocolError
from eval.metrics import DEPTH, Row
from eval.protocols.answers import Answer, Outcome, System


@dataclass(frozen=True)
class Protocol:
    """The base: every question with targets is asked once, and the list is measured.

    Attributes:
        name: What settings and tables call it.
        tasks: The kinds of sets it can be run on.
        metrics: The metrics that matter most, the first one above all.
        depth: How long the lists are that systems are asked for.
    """

    name: ClassVar[str] = "list"
    tasks: ClassVar[tuple[Task, ...]] = ()
    metrics: ClassVar[tuple[str, ...]] = ("ndcg@10", "recall@10", "recall@50", "mrr@10")
    depth: int = DEPTH

    def questions(self, data: EvalSet) -> Iterator[Question]:
        """The questions asked, in the order of the set.

        Raises:
            ProtocolError: the set is of another kind, or has no questions for this protocol.
        """
        if data.task not in self.tasks:
            raise ProtocolError(
                f"{self.name} cannot be run on a set of the kind {data.task!r}",
                where=data.name,
                hint=f"it needs one of the kind {' or '.join(self.tasks)}",
            )
        asked = False
        for question in data.questions:
            if (prepared := self.prepare(question)) is not None:
                asked = True
                yield prepared
        if not asked:
            raise ProtocolError(f"no question is one for {self.name}", where=data.name)

    def prepare(self, question: Question) -> Question | None:
        """The question as it is asked; None where it is not."""
        return question if question.targets else None

    def answer(self, system: System, question: Question, data: EvalSet) -> Answer:
        """What the system answers, which never sees what is right; raises what the system raises."""
        return system(question.unanswered, self.depth)

    def row(self, question: Question, answer: Answer, data: EvalSet) -> Row:
        """The row to be measured: the answer's list without repeats, known items and items of no catalog."""
        refused = set() if question.repeats else set(question.known)
        options = set(question.options)
        ranked = tuple(
            item_id
            for item_id in dict.fromkeys(answer.ranked)
            if item_id in data.catalog and item_id not in refused and (not options or item_id in options)
        )
        return Row(
            id=question.id,
            cluster=question.cluster,
            ranked=ranked[: self.depth],
            targets=question.targets,
            history=question.known,
            options=question.options,
            failed=answer.error is not None,
            slices=question.slices,
            titles=answer.titles,
            examples=answer.examples,
            faithful=answer.faithful,
            turns=answer.turns,
            succeeded=answer.succeeded,
            usage=answer.usage,
            milliseconds=answer.milliseconds,
        )


@dataclass(frozen=True)
class NextItem(Protocol):
    """The items that come next in a conversation: only those that nobody has said yet.

    He et al., Large language models as zero-shot conversational recommenders, CIKM 2023: about half of
    what had been published as accuracy was repetition.
    """

    name: ClassVar[str] = "next-item"
    tasks: ClassVar[tuple[Task, ...]] = ("conversation",)

    def prepare(self, question: Question) -> Question | None:
        """The question without targets that were said before; None where no others are left."""
        new = tuple(target for target in question.targets if target not in question.known)
        return replace(question, targets=new) if new else None


@dataclass(frozen=True)
class NextItemAll(Protocol):
    """All items that come next in a conversation, also those that were said before.

    Only to be read beside :class:`NextItem` and the naive copy of what was said.
    """

    name: ClassVar[str] = "next-item-all"
    tasks: ClassVar[tuple[Task, ...]] = ("conversation",)

    def prepare(self, question: Question) -> Question | None:
        """The question with repeated items among its targets."""
        targets = tuple(dict.fromkeys((*question.targets, *question.repeated)))
        return replace(question, targets=targets, repeats=True)


@dataclass(frozen=True)
class TopN(Protocol):
    """What users like after a moment, from what they used before it, ranked over the full catalog.

    Never over sampled candidates, which reverses comparisons: Krichene and Rendle, On sampled metrics for
    item recommendation, KDD 2020.
    """

    name: ClassVar[str] = "top-n"
    tasks: ClassVar[tuple[Task, ...]] = ("history",)


@dataclass(frozen=True)
class ListCompletion(Protocol):
    """All items that belong to a request."""

    name: ClassVar[str] = "list-completion"
    tasks: ClassVar[tuple[Task, ...]] = ("completion", "conversation")


@dataclass(frozen=True)
class Choice(Protocol):
    """The right one of the options given."""

    name: ClassVar[str] = "choice"
    tasks: ClassVar[tuple[Task, ...]] = ("choice",)
    metrics: ClassVar[tuple[str, ...]] = ("accuracy", "auc")


def run(protocol: Protocol, data: EvalSet, system: System) -> Iterator[Outcome]:
    """Ask a system every question of a protocol, one at a time.

    A question whose answer fails becomes a row that failed; it is neither dropped nor asked again.

    Yields:
        An outcome a question, in the order of the set.

    Raises:
        ProtocolError: the protocol cannot be run on this set.
        SettingsError: the system's settings are wrong, so that every answer would fail.
    """
    for question in protocol.questions(data):
        answer = ask(protocol, system, question, data)
        yield Outcome(question, answer, protocol.row(question, answer, data))


def ask(protocol: Protocol, system: System, question: Question, data: EvalSet) -> Answer:
    """One answer, with its time; what the system raises becomes ``error``.

    Raises:
        SettingsError: the system's settings are wrong.
    """
    start = time.perf_counter()
    try:
        answer = protocol.answer(system, question, data)
    except SettingsError:
        raise
    except Exception as error:  # a row must come of whatever a system does
        answer = Answer(question.id, error=f"{type(error).__name__}: {error}")
    if answer.milliseconds is None:
        answer = replace(answer, milliseconds=(time.perf_counter() - start) * 1000)
    return answer
