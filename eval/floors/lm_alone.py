"""The language model on its own: a prompt, and the titles it writes."""

from __future__ import annotations

import time

import numpy as np

from agent import UserContext
from agent.context import PreferenceState
from agent.generation import TitleGenerator
from agent.grounding import Grounder
from agent.lm import GREEDY, LanguageModel
from agent.prompting import choose_prompt, prompt_inputs
from eval.datasets import EvalSet, Question
from eval.protocols import Answer, constrained_titles, grounded_titles, options_constraint
from prompts import PromptLibrary, fit

LISTED = 10
"""Titles asked for: each costs a decoding step a token."""

_PROMPT_TOKENS = 1024
_ANSWER_TOKENS = 256


class LMAloneFloor:
    """What a model lists with nothing retrieved, ranked or diversified.

    Its titles are constrained to the items that may be answered, where the model can be; else they are
    written freely and grounded.

    Args:
        data: The set.
        model: A language model.
        prompts: Where the prompts are; our own where not given.
    """

    name = "lm-alone"

    def __init__(self, data: EvalSet, model: LanguageModel, prompts: PromptLibrary | None = None) -> None:
        self.catalog, self.model = data.catalog, model
        self._prompts = prompts or PromptLibrary()
        self._generator = TitleGenerator(data.catalog, model, Grounder(data.catalog))

    def __call__(self, question: Question, n: int) -> Answer:
        """At most ``n`` items, and at most ten."""
        start = time.perf_counter()
        allowed = self._allowed(question)
        count = min(n, LISTED)
        context = self._context(question)
        prompt = self._prompts.get(choose_prompt(context, question.request, 0), context.locale)
        inputs = prompt_inputs(context, self.catalog, request=question.request, n=count)
        budget = min(_PROMPT_TOKENS, self.model.context_window - _ANSWER_TOKENS)
        messages = fit(prompt, inputs, self.model.count_tokens, budget).messages
        generated = (
            self._generator.constrained(messages, count, allowed, GREEDY)
            if self.model.can_constrain
            else self._generator.free(messages, allowed, GREEDY)
        )
        ranked = tuple(candidate.item_id for candidate in generated.candidates)
        return Answer(
            question.id,
            ranked,
            titles=(
                constrained_titles(ranked, self.catalog)
                if self.model.can_constrain
                else grounded_titles(generated.groundings)
            ),
            usage=generated.generation.usage,
            milliseconds=(time.perf_counter() - start) * 1000,
        )

    def _context(self, question: Question) -> UserContext:
        mentioned = frozenset(i for i in question.mentioned if i in self.catalog and not question.repeats)
        return UserContext(
            history=question.history,
            dialogue=question.earlier,
            state=PreferenceState(seen=mentioned),
            constraints=options_constraint(question, self.catalog),
        )

    def _allowed(self, question: Question) -> np.ndarray:
        options = set(question.options)
        refused = set() if question.repeats else set(question.known)
        return np.array([i.id not in refused and (not options or i.id in options) for i in self.catalog])
