"""A language model that is counted, and spared where too many wait for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import numpy as np

from agent.breaker import Breaker
from agent.errors import ModelError, ServerError
from agent.lm import GREEDY, Generation, Grammar, LanguageModel, Sampling, Scores, TitleIndex, TitleList
from agent.lm.adapters import Adapter
from agent.lm.base import TitleScores
from agent.lm.beam import TitleSearcher
from agent.lm.listing import FRAME, TitleLister
from agent.serve.ops.metrics import Metrics
from prompts import Message


class WatchedModel:
    """A language model whose calls, tokens and failures are counted.

    Args:
        model: Who does the work.
        metrics: Where it is counted.
        crowded: Whether too many wait; calls then fail at once with ServerError, which the recommender
            answers with a list by retrieval alone.
    """

    def __init__(self, model: LanguageModel, metrics: Metrics, crowded: Callable[[], bool]) -> None:
        self._model, self._metrics, self._crowded = model, metrics, crowded
        self.parameters, self.can_constrain = model.parameters, model.can_constrain

    @property
    def name(self) -> str:
        """Of the model."""
        return self._model.name

    @property
    def breaker(self) -> Breaker | None:
        """Of a model on a server."""
        return getattr(self._model, "breaker", None)

    @property
    def adapter(self) -> Adapter | None:
        """What was tuned and is in the model."""
        return getattr(self._model, "adapter", None)

    @property
    def context_window(self) -> int:
        """Tokens."""
        return self._model.context_window

    @property
    def can_score(self) -> bool:
        """Whether :meth:`score` works."""
        return self._model.can_score

    def forget(self) -> None:
        """Keep nothing of earlier prompts, where the model keeps any."""
        if callable(forget := getattr(self._model, "forget", None)):
            forget()

    def generate(
        self, messages: Sequence[Message], sampling: Sampling = GREEDY, *, grammar: Grammar | None = None
    ) -> Generation:
        """See :class:`LanguageModel`."""
        with self._call("generate"):
            generation = self._model.generate(messages, sampling, grammar=grammar)
        self._metrics.used(generation.usage)
        return generation

    def stream(
        self, messages: Sequence[Message], sampling: Sampling = GREEDY, *, grammar: Grammar | None = None
    ) -> Iterator[str | Generation]:
        """See :class:`LanguageModel`."""
        with self._call("stream"):
            for piece in self._model.stream(messages, sampling, grammar=grammar):
                if isinstance(piece, Generation):
                    self._metrics.used(piece.usage)
                yield piece

    def score(self, prefix: Sequence[Message], continuations: Sequence[str]) -> Scores:
        """See :class:`LanguageModel`."""
        with self._call("score"):
            scores = self._model.score(prefix, continuations)
        self._metrics.used(scores.usage)
        return scores

    def list_titles(
        self,
        messages: Sequence[Message],
        index: TitleIndex,
        n: int,
        *,
        allowed: np.ndarray,
        sampling: Sampling = GREEDY,
        frame: str = FRAME,
    ) -> TitleList:
        """See :func:`agent.lm.generate_titles`."""
        with self._call("list_titles"):
            listed = cast(TitleLister, self._model).list_titles(
                messages, index, n, allowed=allowed, sampling=sampling, frame=frame
            )
        self._metrics.used(listed.generation.usage)
        return listed

    def search_titles(
        self,
        messages: Sequence[Message],
        index: TitleIndex,
        width: int,
        *,
        allowed: np.ndarray,
        prior: np.ndarray | None = None,
        prior_weight: float = 0.0,
    ) -> TitleScores:
        """See :func:`agent.lm.beam.search_titles`."""
        with self._call("search_titles"):
            found = cast(TitleSearcher, self._model).search_titles(
                messages, index, width, allowed=allowed, prior=prior, prior_weight=prior_weight
            )
        self._metrics.used(found.usage)
        return found

    def encode(self, texts: Sequence[str]) -> Sequence[Sequence[int]]:
        """Tokens of each text."""
        return cast(TitleLister, self._model).encode(texts)

    def count_tokens(self, text: str | Sequence[Message]) -> int:
        """Tokens of a text, or of messages."""
        return self._model.count_tokens(text)

    @contextmanager
    def _call(self, name: str) -> Iterator[None]:
        if self._crowded():
            self._metrics.failures.labels("crowded").inc()
            raise ServerError("not asked, for too many are waiting for it", where=self.name)
        start = time.perf_counter()
        try:
            yield
        except ModelError as error:
            self._metrics.failures.labels(type(error).__name__).inc()
            raise
        finally:
            self._metrics.calls.labels(name).observe(time.perf_counter() - start)
