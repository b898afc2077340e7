"""What the language model is asked in a turn: for titles, and what it thinks of candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from agent.clarification import Clarification
from agent.context import UserContext, fold
from agent.errors import ModelError, ServerError
from agent.generation import Generated
from agent.lm import Sampling
from agent.localisation import text
from agent.parts import Parts
from agent.prompting import choose_prompt, prompt_inputs, render
from agent.retrieval import FEW, Fused, Query
from agent.settings import Strategy
from agent.trace import LANGUAGE_MODEL, Stage, Trace
from agent.understanding import Understanding
from prompts import Example
from prompts.budget import Rendered, fit

_ASK_PROMPT = "ask/clarify"
_ANSWER_TOKENS = 256


class PromptedModel:
    """The language model of a recommender, asked by prompts that hold the user's context."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def generate(
        self,
        said: Understanding,
        context: UserContext,
        allowed: np.ndarray,
        strategy: Strategy,
        seed: int | None,
        query: Query,
        trace: Trace,
        interests: Sequence[str] = (),
    ) -> Generated | None:
        """Titles from the language model, or None where there is no model, no wish, or the model fails."""
        if strategy.generation == "none" or query.broad or (model := self._parts.model) is None:
            return None
        if strategy.generation == "auto" and self._parts.has_small_model and few(allowed):
            return None  # it scores all of them, which says more than the order it would list them in
        constrained = strategy.generation in ("constrained", "beam") or (
            strategy.generation == "auto" and self._parts.has_small_model
        )
        searched = strategy.generation == "beam"
        with trace.stage("prompt") as stage:
            if searched:
                name, examples = strategy.score_prompt, self._shots(said, context, strategy)
            else:
                examples = self._parts.memory.examples(said.text, strategy.shots, context.dialogue_id)
                name = choose_prompt(context, said.text, len(examples), strategy.prompt)
            rendered = self._render(name, said, context, strategy, examples=examples, interests=interests)
            _record_prompt(stage, rendered)
        sampling = Sampling(max_tokens=strategy.max_tokens, temperature=strategy.temperature, seed=seed)
        with trace.stage("generate", model=model.name, constrained=constrained) as stage:
            try:
                count = strategy.generated or strategy.n
                generator = self._parts.generator
                if searched:
                    generated = generator.searched(
                        rendered.messages,
                        allowed,
                        width=strategy.beams,
                        n=strategy.candidates,
                        blank=self._blank(context, strategy).messages,
                        debias=strategy.beam_debias,
                    )
                elif constrained:
                    generated = generator.constrained(rendered.messages, count, allowed, sampling)
                else:
                    generated = generator.free(rendered.messages, allowed, sampling)
            except ServerError as error:
                stage.do_without(LANGUAGE_MODEL, error)
                return None
            stage.usage = generated.generation.usage
            stage.outputs = {
                "text": generated.generation.text,
                "items": [c.item_id for c in generated.candidates],
            }
        with trace.stage("ground") as stage:
            stage.inputs = {"titles": [g.text for g in generated.groundings]}
            stage.outputs = {"groundings": [g.to_json() for g in generated.groundings]}
            stage.degraded |= generated.degraded
            stage.notes += [f"{item_id} is in the catalog but not allowed" for item_id in generated.refused]
        return generated

    def score(
        self,
        fused: Sequence[Fused],
        said: Understanding,
        context: UserContext,
        strategy: Strategy,
        query: Query,
        stage: Stage,
    ) -> np.ndarray | None:
        """PMI of the best candidates, or None where the model cannot or need not score."""
        if strategy.scorer == "none" or not strategy.score_weight or query.broad:
            return None
        if (model := self._parts.model) is None:
            return None
        if not model.can_score:
            stage.notes.append(f"{model.name} cannot score")
            return None
        rows = [self._parts.catalog.row(f.item_id) for f in fused[: strategy.scored]]
        # Scores of options that the prompt lists choose right less often (.24 against .32 of five recipes).
        unlisted = context.with_(constraints=tuple(c for c in context.constraints if c.field != "id"))
        examples = self._shots(said, context, strategy)
        conversation = self._render(strategy.score_prompt, said, unlisted, strategy, examples=examples)
        blank = self._blank(context, strategy)
        try:
            pmi, stage.usage = self._parts.scorer.score(conversation.messages, blank.messages, rows)
        except ServerError as error:
            stage.do_without(LANGUAGE_MODEL, error)
            return None
        stage.outputs["pmi"] = [round(float(value), 3) for value in pmi[:10]]
        return pmi

    def ask(self, asked: Clarification, said: Understanding, context: UserContext, stage: Stage) -> str:
        """A clarifying question in the words of a capable model, else in plain ones.

        The model's words are taken where they are one question that offers every option.
        """
        model = self._parts.model
        if model is None or self._parts.has_small_model:
            return asked.text
        prompt = self._parts.prompts.get(_ASK_PROMPT, context.locale)
        inputs = prompt_inputs(context, self._parts.catalog, request=said.text)
        known = [*inputs["constraints"], *inputs["facets"]]
        options = [option.words for option in asked.options]
        budget = model.context_window - _ANSWER_TOKENS
        rendered = fit(prompt, {**inputs, "known": known, "options": options}, model.count_tokens, budget)
        limit, stop = prompt.generation.max_tokens or _ANSWER_TOKENS, tuple(prompt.generation.stop)
        try:
            generation = model.generate(rendered.messages, Sampling(limit, stop=stop))
        except ServerError as error:
            stage.do_without(LANGUAGE_MODEL, error)
            return asked.text
        except ModelError as error:
            stage.notes.append(str(error))
            return asked.text
        stage.usage = generation.usage
        stage.inputs = {"prompt": rendered.name, "version": rendered.version, "hash": rendered.hash}
        words = " ".join(generation.text.split()).rstrip("?？ ")
        if not all(fold(option) in fold(words) for option in options) or set("?？\n") & set(words):
            stage.notes.append(f"not taken, for it does not offer the options: {words}")
            return asked.text
        return words + text("ask.mark", context.locale)

    def _shots(self, said: Understanding, context: UserContext, strategy: Strategy) -> tuple[Example, ...]:
        """Past dialogues like this one, where the prompt that scores shows some."""
        prompt = self._parts.prompts.get(strategy.score_prompt, context.locale)
        if all(each.name != "examples" for each in prompt.inputs):
            return ()
        return self._parts.memory.examples(said.text, strategy.shots, context.dialogue_id)

    def _blank(self, context: UserContext, strategy: Strategy) -> Rendered:
        """The prompt that scores, without the user."""
        nobody = UserContext(locale=context.locale)
        return self._render(strategy.score_prompt, Understanding(""), nobody, strategy)

    def _render(
        self, name: str, said: Understanding, context: UserContext, strategy: Strategy, **more: Any
    ) -> Rendered:
        """A prompt with the user's context in it, trimmed to the strategy's budget and the model's window."""
        model = self._parts.model
        assert model is not None
        return render(
            self._parts.prompts,
            name,
            context,
            self._parts.catalog,
            count_tokens=model.count_tokens,
            budget=min(strategy.prompt_tokens, model.context_window - _ANSWER_TOKENS),
            request=said.text,
            n=strategy.generated or strategy.n,
            **more,
        )


def few(allowed: np.ndarray) -> bool:
    """Whether all items that may be recommended are candidates."""
    return int(allowed.sum()) <= FEW


def _record_prompt(stage: Stage, rendered: Rendered) -> None:
    stage.inputs = {"prompt": rendered.name, "version": rendered.version, "hash": rendered.hash}
    stage.outputs = {
        "tokens": rendered.tokens,
        "messages": [{"role": m.role, "content": m.content} for m in rendered.messages],
    }
    stage.notes += [f"trimmed {what}" for what in rendered.trimmed]
