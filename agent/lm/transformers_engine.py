"""Language models of Hugging Face transformers, in this process."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from transformers import PreTrainedModel

from agent.errors import ContextWindowError
from agent.lm.adapters import Adapter
from agent.lm.base import (
    GREEDY,
    FinishReason,
    Generation,
    Grammar,
    Sampling,
    Scores,
    Timing,
    TitleList,
    TitleScores,
    Usage,
)
from agent.lm.beam import search
from agent.lm.chat import ChatFormat
from agent.lm.decoder import Decoder
from agent.lm.grammar import GrammarCompiler, GrammarMatcher
from agent.lm.items import DistinctItems
from agent.lm.listing import title_list, write_list
from agent.lm.sampling import draw
from agent.lm.text import TextStream
from agent.lm.titles import TitleIndex
from prompts import Message

UNBOUNDED = 1 << 20
"""Context window of models that state none."""


class TransformersModel:
    """A causal language model with its tokenizer.

    Prompts that begin like an earlier one are computed from where they differ
    (``Usage.cached_tokens``). Calls may come from several threads.

    Args:
        model: The weights, quantised or not, on their device.
        tokenizer: Its tokenizer; with a chat template, or messages become a plain transcript.
        name: Identifies weights and quantisation.
        prefix_cache_tokens: Tokens of earlier prompts whose keys and values are kept.
        adapter: What was tuned and is in the weights.
    """

    can_score = True
    can_constrain = True

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: Any,
        *,
        name: str,
        prefix_cache_tokens: int = 8192,
        adapter: Adapter | None = None,
    ) -> None:
        self.name = name
        self.adapter = adapter
        self.parameters: int | None = model.num_parameters()
        self.context_window = _context_window(model, tokenizer)
        self.tokenizer = tokenizer
        self._format = ChatFormat(tokenizer)
        self._decoder = Decoder(
            model.eval(), context_window=self.context_window, prefix_cache_tokens=prefix_cache_tokens
        )
        self._end = _end_tokens(model, tokenizer)

    def forget(self) -> None:
        """Keep nothing of earlier prompts."""
        self._decoder.forget()

    def generate(
        self,
        messages: Sequence[Message],
        sampling: Sampling = GREEDY,
        *,
        grammar: Grammar | None = None,
    ) -> Generation:
        """Write an answer; see :class:`LanguageModel`.

        Raises:
            ContextWindowError: the prompt and ``max_tokens`` do not fit the context window.
            ModelError: the grammar is not valid.
        """
        *_, generation = self.stream(messages, sampling, grammar=grammar)
        assert isinstance(generation, Generation)
        return generation

    def stream(
        self,
        messages: Sequence[Message],
        sampling: Sampling = GREEDY,
        *,
        grammar: Grammar | None = None,
    ) -> Iterator[str | Generation]:
        """Yield pieces of text as they come and, last, the whole generation; raises as ``generate``."""
        start = time.perf_counter()
        first: float | None = None
        prompt = self.tokens(messages)
        self._check_window(len(prompt), sampling.max_tokens)
        matcher = self._grammars.matcher(grammar) if grammar else None
        continues = bool(messages) and messages[-1].role == "assistant"
        text = TextStream(self._decode, (*sampling.stop, *self._format.stop), strip=not continues)

        begun = messages[-1].content.rpartition("\n")[2] if continues else ""
        distinct = DistinctItems(self._decode, begun) if sampling.distinct_items and not matcher else None

        decoding = self._decoder.start(prompt)
        rng = np.random.default_rng(sampling.seed)
        written = 0
        reason: FinishReason | None = None
        try:
            while reason is None:
                run = self._next(decoding.logits, sampling, rng, matcher, distinct)[
                    : sampling.max_tokens - written
                ]
                written += len(run)
                if piece := text.push_tokens(run):
                    first = first or time.perf_counter() - start
                    yield piece
                if matcher and (not run or matcher.finished):
                    reason = "grammar"
                elif text.stopped or not run:
                    reason = "stop"
                elif written == sampling.max_tokens:
                    reason = "length"
                else:
                    decoding.feed(run)
        finally:
            decoding.keep()
        if piece := text.finish():
            yield piece
        usage = Usage(len(prompt), written, decoding.reused)
        yield Generation(text.text, self.name, usage, Timing(time.perf_counter() - start, first), reason)

    def score(self, prefix: Sequence[Message], continuations: Sequence[str]) -> Scores:
        """Log-probability of each continuation after the prefix.

        Prefix and continuations are tokenised apart, so a continuation begins with the white space it
        has in the text. The end of the text is not part of it.

        Raises:
            ContextWindowError: the prefix and the longest continuation do not fit the context window.
        """
        start = time.perf_counter()
        prompt = self.tokens(prefix)
        tokens = self.encode(continuations)
        counts = np.array([len(t) for t in tokens], dtype=np.int64)
        self._check_window(len(prompt), int(counts.max(initial=0)))
        decoding = self._decoder.start(prompt)
        logprobs = self._decoder.logprobs(decoding, tokens)
        decoding.keep()
        usage = Usage(len(prompt), int(counts.sum()), decoding.reused)
        return Scores(logprobs, counts, usage, Timing(time.perf_counter() - start))

    def list_titles(
        self,
        messages: Sequence[Message],
        index: TitleIndex,
        n: int,
        *,
        allowed: np.ndarray,
        sampling: Sampling,
        frame: str,
    ) -> TitleList:
        """Write a list of titles; see :func:`agent.lm.generate_titles`."""
        start = time.perf_counter()
        text = self._format.text(messages)
        prompt = self._format.tokens(text)
        new_line = not text.endswith("\n")
        rows, usage = write_list(
            self._decoder,
            prompt,
            index,
            n,
            allowed=allowed,
            sampling=sampling,
            frame=frame,
            new_line=new_line,
        )
        seconds = time.perf_counter() - start
        return title_list(rows, index, frame, model=self.name, usage=usage, seconds=seconds)

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
        """Find the most probable titles; see :func:`agent.lm.beam.search_titles`."""
        start = time.perf_counter()
        prompt = self.tokens(messages)
        self._check_window(len(prompt), index.longest)
        rows, scores, usage = search(
            self._decoder, prompt, index, width, allowed=allowed, prior=prior, prior_weight=prior_weight
        )
        return TitleScores(rows, scores, self.name, usage, Timing(time.perf_counter() - start))

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        """Tokens of messages with the chat template around them, up to where the model goes on."""
        return self._format.tokens(self._format.text(messages))

    @property
    def end_token(self) -> int:
        """The token that ends an answer."""
        end = self.tokenizer.eos_token_id
        return int(end) if end is not None else min(self._end)

    def count_tokens(self, text: str | Sequence[Message]) -> int:
        """Tokens of a text, or of messages with the chat template around them."""
        if isinstance(text, str):
            return len(self.encode([text])[0])
        return len(self.tokens(text))

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Tokens of texts, without special tokens; control tokens spelled out in them are plain text."""
        if not texts:
            return []
        safe = [self._format.neutralise(text) for text in texts]
        return self.tokenizer(safe, add_special_tokens=False)["input_ids"]

    def _next(
        self,
        logits: np.ndarray,
        sampling: Sampling,
        rng: np.random.Generator,
        matcher: GrammarMatcher | None,
        distinct: DistinctItems | None,
    ) -> list[int]:
        """A drawn token and those that the grammar forces after it; nothing at the end of the text."""
        if matcher:
            logits = matcher.mask(logits)
        elif distinct:
            logits = distinct.mask(logits)
        token = draw(logits, sampling, rng)
        if token in self._end:
            return []
        if distinct:
            distinct.push(token, logits)
        return [token, *(matcher.accept(token) if matcher else ())]

    def _decode(self, tokens: list[int]) -> str:
        return self.tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)

    def _check_window(self, prompt: int, more: int) -> None:
        if prompt + more > self.context_window:
            raise ContextWindowError(
                f"a prompt of {prompt} tokens and {more} more do not fit the context window of "
                f"{self.context_window} tokens",
                where=self.name,
                hint="shorten the prompt or ask for fewer tokens",
            )

    @cached_property
    def _grammars(self) -> GrammarCompiler:
        return GrammarCompiler(self.tokenizer)


def _context_window(model: PreTrainedModel, tokenizer: Any) -> int:
    config = model.config.get_text_config()
    for name in ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length"):
        if isinstance(size := getattr(config, name, None), int) and size > 0:
            return size
    return min(tokenizer.model_max_length, UNBOUNDED)


def _end_tokens(model: PreTrainedModel, tokenizer: Any) -> frozenset[int]:
    end = model.generation_config.eos_token_id
    ids = end if isinstance(end, list) else [end]
    return frozenset(i for i in (*ids, tokenizer.eos_token_id) if i is not None)
