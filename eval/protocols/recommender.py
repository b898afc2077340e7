"""A recommender as a system under evaluation."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Literal

from agent import Catalog, Recommender, Session, Strategy, UserContext, explain
from agent.clarification import Clarification
from agent.context import Constraint
from agent.errors import ServerError
from agent.feedback import apply_understanding
from agent.recommendation import Recommendations
from agent.trace import Stage, Trace
from eval.datasets import Question
from eval.metrics import WrittenTitle
from eval.protocols.answers import Answer, constrained_titles
from eval.protocols.grounding import ground
from eval.protocols.utterances import to_json

_CHECKED_REASONS = 10


class RecommenderSystem:
    """Asks a :class:`agent.Recommender`.

    The turns before the request are read as a session would have read them, so that wishes, likes and
    constraints said earlier count. Items mentioned before are given as seen; who liked which of them is
    for the recommender to understand.

    Args:
        recommender: Made with the set's catalog and its memory.
        strategy: How lists are made; the recommender's where None. Its ``n`` is how many titles the model
            is asked for, whatever the length of the lists.
        name: What tables call it.
        seed: Makes sampling repeatable.
        trace: Whether answers hold their traces.
    """

    def __init__(
        self,
        recommender: Recommender,
        strategy: Strategy | str | None = None,
        *,
        name: str = "recommender",
        seed: int | None = None,
        trace: bool = False,
    ) -> None:
        chosen = Strategy.parse(strategy) if isinstance(strategy, str) else strategy or recommender.strategy
        self.name = name
        self.recommender = recommender
        self.strategy = chosen.model_copy(update={"generated": chosen.generated or chosen.n})
        self.seed, self.trace = seed, trace

    def __call__(self, question: Question, n: int) -> Answer:
        """The list for a question; raises what :meth:`agent.Recommender.recommend` raises."""
        context = self.context(question)
        start = time.perf_counter()
        made = self.recommender.recommend(
            question.request, context, n=n, strategy=self.strategy, seed=self.seed
        )
        milliseconds = (time.perf_counter() - start) * 1000
        return self.to_answer(question, made, milliseconds)

    def converse(self, question: Question, n: int) -> SessionConversation:
        """Begin a session with the user of a question."""
        return SessionConversation(self, question, n)

    def ground(self, question: Question) -> Answer:
        """The item that a title names, or none."""
        return ground(self.recommender.parts.grounder, question)

    def understand(self, question: Question) -> Answer:
        """What the request says, read by rules or by the model as the strategy has it."""
        start = time.perf_counter()
        said = self.recommender.understand(question.request, question.last, self.strategy)
        milliseconds = (time.perf_counter() - start) * 1000
        return Answer(question.id, understood=to_json(said), milliseconds=milliseconds)

    def context(self, question: Question) -> UserContext:
        """What is known of the user when the request comes."""
        catalog = self.recommender.catalog
        context = UserContext(
            user_id=question.cluster,
            history=question.history,
            locale=self.recommender.settings.locale,
            dialogue_id=question.cluster,
        )
        for turn in question.earlier:
            if turn.role == "user":
                said = self.recommender.understand(turn.content, strategy=self.strategy)
                context = apply_understanding(context, said, catalog)
        mentioned = tuple(item_id for item_id in question.mentioned if item_id in catalog)
        state = replace(context.state, mentioned=mentioned)
        if not question.repeats:
            state = replace(state, seen=state.seen.union(mentioned))
        constraints = context.constraints + options_constraint(question, catalog)
        return context.with_(dialogue=question.earlier, state=state, constraints=constraints)

    def to_answer(self, question: Question, made: Recommendations, milliseconds: float) -> Answer:
        """A list of the recommender as an answer.

        Raises:
            ServerError: something did not answer; the list that was made without it says nothing of it.
        """
        for what, why in made.trace.degraded.items():
            raise ServerError(why, where=what)
        model = self.recommender.parts.model
        return Answer(
            question.id,
            ranked=made.ids,
            titles=self._titles(made.trace),
            examples=self._examples(question, made.trace),
            faithful=self._faithful(made),
            usage=made.trace.usage if model is not None else None,
            milliseconds=milliseconds,
            trace=tuple(made.trace.to_json()) if self.trace else None,
        )

    def _titles(self, trace: Trace) -> tuple[WrittenTitle, ...] | None:
        """What the model wrote, grounded; None where it wrote nothing."""
        generated = _stage(trace, "generate")
        if generated is None:
            return None
        if generated.inputs["constrained"]:
            return constrained_titles(generated.outputs["items"], self.recommender.catalog)
        names = ("text", "item_id", "method", "confidence", "reason")
        return tuple(
            WrittenTitle(*(found[name] for name in names)) for found in trace["ground"].outputs["groundings"]
        )

    def _examples(self, question: Question, trace: Trace) -> tuple[str, ...]:
        """Titles of the past dialogues that the prompt shows."""
        prompt = _stage(trace, "prompt")
        if prompt is None:
            return ()
        shown = "\n".join(message["content"] for message in prompt.outputs["messages"])
        memory = self.recommender.parts.memory
        chosen = memory.examples(question.request, self.strategy.shots, question.cluster)
        # Trimmed examples, and those of a prompt that takes none, are not in the text.
        return tuple(title for example in chosen for title in example.titles if title in shown)

    def _faithful(self, made: Recommendations) -> tuple[bool, ...]:
        catalog, context = self.recommender.catalog, made.context
        return tuple(
            not explain.violations(
                reason.text,
                r.item,
                r.label,
                reason.evidence,
                context=context,
                catalog=catalog,
                locale=context.locale,
            )
            for r in made.items[:_CHECKED_REASONS]
            for reason in r.reasons
        )


class SessionConversation:
    """A dialogue in a :class:`agent.Session`."""

    def __init__(self, system: RecommenderSystem, question: Question, n: int) -> None:
        self._system, self._question = system, question
        context = system.context(question)
        self._session = Session(system.recommender, context, n=n, strategy=system.strategy)

    @property
    def asked(self) -> Clarification | None:
        """The clarifying question that awaits an answer."""
        return self._session.asked

    def say(self, utterance: str) -> Answer:
        """The list that answers an utterance; an empty one where the session only talks."""
        start = time.perf_counter()
        turn = self._session.say(utterance)
        milliseconds = (time.perf_counter() - start) * 1000
        if turn.recommendations is None:
            return Answer(self._question.id, milliseconds=milliseconds)
        return self._system.to_answer(self._question, turn.recommendations, milliseconds)

    def feedback(self, item_id: str, kind: Literal["like", "dislike"]) -> None:
        """Tell what the user thinks of an item."""
        self._session.feedback(item_id, kind)


def options_constraint(question: Question, catalog: Catalog) -> tuple[Constraint, ...]:
    """The options of a question as a condition, in whose words a model reads them; none without options."""
    if not question.options:
        return ()
    labels = [catalog.label(catalog.item(option)) for option in question.options]
    return (Constraint("id", "in", question.options, f"one of: {' / '.join(labels)}"),)


def _stage(trace: Trace, name: str) -> Stage | None:
    return next((stage for stage in trace.stages if stage.name == name), None)
