"""Language models behind any server that speaks the OpenAI protocol (vLLM, SGLang, llama.cpp, ...)."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import openai

from agent.breaker import Breaker
from agent.errors import ContextWindowError, ModelError, ServerDownError, ServerError, UnsupportedError
from agent.lm.base import (
    GREEDY,
    FinishReason,
    Generation,
    Grammar,
    Sampling,
    Scores,
    Timing,
    Usage,
)
from agent.lm.chat import transcript
from agent.lm.text import StopFilter
from prompts import Message

BYTES_PER_TOKEN = 4
TOKENS_PER_MESSAGE = 4
UNKNOWN_WINDOW = 1 << 20
"""Context window where the server does not tell; it refuses itself what is too long."""
_PARALLEL = 8
_CONNECT = 5.0
"""Seconds until a host that does not even take the call is given up."""


class OpenAICompatibleModel:
    """A model on a server.

    Answers are constrained by JSON schemas where the server can (an answer that is no JSON is an
    error); titles of a catalog cannot be. Scoring needs ``/completions`` with ``echo`` and
    ``logprobs``; prefixes are then written as a plain transcript, since the chat template is the
    server's. Failing requests are sent again with growing pauses; a server that failed all the same is left
    alone for a while (:class:`agent.breaker.Breaker`). It need not be up when the engine is made.

    Args:
        base_url: Such as ``http://localhost:8000/v1``; ``/v1`` is added to an address without a path.
        model: Name of the model there; None: the first that the server lists when it is first asked.
        api_key: None: ``OPENAI_API_KEY`` of the environment, or none. It is in no message or log.
        timeout: Seconds until a request, or the next piece of a stream, is given up.
        retries: How often a failing request is sent again.
        count: Counts the tokens of a text; None: one token every four bytes of UTF-8, and four a message.
        breaker: Says when a server that failed is asked again; None: one of its own.
    """

    can_constrain = False
    parameters: int | None = None

    def __init__(
        self,
        base_url: str,
        model: str | None = None,
        *,
        api_key: str | None = None,
        timeout: float = 60.0,
        retries: int = 3,
        count: Callable[[str], int] | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        address = urlsplit(base_url)
        if address.path in ("", "/"):
            base_url = base_url.rstrip("/") + "/v1"
        self._where = re.sub(r"//[^/@]*@", "//", base_url)
        self._key = api_key or os.environ.get("OPENAI_API_KEY") or "none"
        self._timeout, self._count = timeout, count
        self._client = openai.OpenAI(
            base_url=base_url,
            api_key=self._key,
            timeout=openai.Timeout(timeout, connect=min(timeout, _CONNECT)),
            max_retries=retries,
        )
        self._limit = "max_completion_tokens" if address.hostname == "api.openai.com" else "max_tokens"
        self.breaker = breaker or Breaker(self._where, ServerDownError)
        self._model, self._window = model, UNKNOWN_WINDOW
        self._scores: bool | None = None

    @property
    def name(self) -> str:
        """Model and address; ``auto`` stands for the model of a server that has not been reached yet."""
        return f"{self._known() or 'auto'}@{self._where}"

    @property
    def context_window(self) -> int:
        """Tokens, as far as the server tells."""
        self._known()
        return self._window

    def generate(
        self, messages: Sequence[Message], sampling: Sampling = GREEDY, *, grammar: Grammar | None = None
    ) -> Generation:
        """Write an answer; see :class:`LanguageModel`.

        Raises:
            ServerDownError: the server could not be reached, failed or broke off, now or a short while ago.
            ServerError: the server refused.
            ContextWindowError: the server finds the prompt too long.
            UnsupportedError: the grammar is not a JSON schema, or the server ignored it.
        """
        *_, generation = self.stream(messages, sampling, grammar=grammar)
        assert isinstance(generation, Generation)
        return generation

    def stream(
        self, messages: Sequence[Message], sampling: Sampling = GREEDY, *, grammar: Grammar | None = None
    ) -> Iterator[str | Generation]:
        """Yield pieces of text as they come and, last, the whole generation; raises as ``generate``."""
        start = time.perf_counter()
        first: float | None = None
        text = StopFilter(sampling.stop)
        reason: str | None = None
        spent: Any = None
        with self.breaker.guard():
            request = self._request(messages, sampling, grammar)
            stream = self._call(lambda: self._client.chat.completions.create(**request))
            try:
                for chunk in stream:
                    spent = chunk.usage or spent
                    for choice in chunk.choices:
                        reason = choice.finish_reason or reason
                        if piece := text.push(choice.delta.content or ""):
                            if first is None:
                                first = time.perf_counter() - start
                                self.breaker.succeed()
                            yield piece
                    if text.stopped:
                        reason = "stop"
                        break
            except GeneratorExit:
                raise
            except Exception as error:  # the HTTP library's own errors come through here unwrapped
                raise self._broken_off(text.text, error) from error
            finally:
                stream.close()
            if reason is None:
                raise self._broken_off(text.text, None)
        if piece := text.finish():
            yield piece
        finish: FinishReason = "length" if reason == "length" else "grammar" if grammar else "stop"
        if finish == "grammar":
            self._check_json(text.text)
        timing = Timing(time.perf_counter() - start, first)
        yield Generation(text.text, self.name, self._usage(spent, messages, text.text), timing, finish)

    @property
    def can_score(self) -> bool:
        """Whether the server gives log-probabilities of a prompt; asked until it answers, True till then."""
        if self._scores is None:
            try:
                with self.breaker.guard():
                    self._scores = self._echo("one two") is not None
            except ServerDownError:
                return True
            except ModelError:
                self._scores = False
        return self._scores

    def score(self, prefix: Sequence[Message], continuations: Sequence[str]) -> Scores:
        """Log-probability of each continuation after the prefix, as a transcript.

        Raises:
            UnsupportedError: the server gives no log-probabilities of a prompt.
            ServerDownError: the server could not be reached or failed, now or a short while ago.
            ServerError: the server refused.
        """
        if not self.can_score:
            raise UnsupportedError(
                "the server gives no log-probabilities of a prompt (echo with logprobs)",
                where=self._where,
                hint="choose scorer=none, or a server such as vLLM or llama.cpp",
            )
        start = time.perf_counter()
        before = transcript(prefix)
        with self.breaker.guard(), ThreadPoolExecutor(_PARALLEL) as pool:
            scored = list(pool.map(lambda text: self._score_one(before, text), continuations))
        logprobs = np.array([logprob for logprob, _ in scored], dtype=np.float64)
        tokens = np.array([count for _, count in scored], dtype=np.int64)
        usage = Usage(self.count_tokens(before), int(tokens.sum()))
        return Scores(logprobs, tokens, usage, Timing(time.perf_counter() - start))

    def count_tokens(self, text: str | Sequence[Message]) -> int:
        """Tokens of a text or of messages: counted if the engine was given a counter, else estimated."""
        if not isinstance(text, str):
            return sum(self.count_tokens(m.content) + TOKENS_PER_MESSAGE for m in text)
        return self._count(text) if self._count else -(-len(text.encode()) // BYTES_PER_TOKEN)

    def _request(
        self, messages: Sequence[Message], sampling: Sampling, grammar: Grammar | None
    ) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._model or self._first_model(),
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            self._limit: sampling.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if sampling.stop:
            request["stop"] = list(sampling.stop)
        if sampling.seed is not None:
            request["seed"] = sampling.seed
        if grammar is not None:
            request["response_format"] = _response_format(grammar)
        return request

    def _call(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except openai.OpenAIError as error:
            raise self._failure(error) from error

    def _known(self) -> str | None:
        """The model's name where the server tells; one that failed is not asked for that alone."""
        if self._model is None and self.breaker.state == "closed":
            with suppress(ServerError), self.breaker.guard():
                return self._first_model()
        return self._model

    def _first_model(self) -> str:
        models = self._call(lambda: self._client.models.list().data)
        if not models:
            raise ServerError("the server has no model", where=self._where)
        self._window = getattr(models[0], "max_model_len", None) or UNKNOWN_WINDOW
        self._model = models[0].id
        return self._model

    def _echo(self, prompt: str) -> Any:
        """The log-probabilities of a prompt's tokens (and one more), or None where they are not given."""
        answer = self._call(
            lambda: self._client.completions.create(
                model=self._model or self._first_model(),
                prompt=prompt,
                echo=True,
                logprobs=1,
                max_tokens=1,
                temperature=0,
            )
        )
        logprobs = answer.choices[0].logprobs if answer.choices else None
        return logprobs if logprobs and logprobs.token_logprobs and logprobs.text_offset else None

    def _score_one(self, before: str, text: str) -> tuple[float, int]:
        """Sum and number of the log-probabilities of the tokens that reach into ``text``."""
        logprobs = self._echo(before + text)
        if logprobs is None:
            raise ServerError("the server left out the log-probabilities", where=self._where)
        ends = [*logprobs.text_offset[1:], len(before) + len(text) + 1]
        inside = [
            value
            for value, begin, end in zip(logprobs.token_logprobs, logprobs.text_offset, ends, strict=True)
            if end > len(before) and begin < len(before) + len(text) and value is not None
        ]
        return float(sum(inside)), len(inside)

    def _usage(self, spent: Any, messages: Sequence[Message], text: str) -> Usage:
        if spent is None:
            return Usage(self.count_tokens(messages), self.count_tokens(text))
        cached = getattr(spent.prompt_tokens_details, "cached_tokens", None) or 0
        return Usage(spent.prompt_tokens, spent.completion_tokens, cached)

    def _check_json(self, text: str) -> None:
        try:
            json.loads(text)
        except ValueError:
            raise UnsupportedError(
                "the server ignored the JSON schema: its answer is not JSON", where=self._where
            ) from None

    def _broken_off(self, text: str, error: Exception | None) -> ServerDownError:
        cause = f" ({self._clean(error)})" if error else ""
        return ServerDownError(
            f"the answer broke off after {len(text)} characters{cause}",
            where=self._where,
            hint="look at the server's log, then ask again",
        )

    def _failure(self, error: openai.OpenAIError) -> ModelError:
        """Our own error for one of the SDK's, with what to do about it."""
        kind: type[ServerError] = ServerDownError
        if isinstance(error, openai.APITimeoutError):
            what, hint = f"no answer within {self._timeout:g} s", "raise GROUNDREC_TIMEOUT or ask for less"
        elif isinstance(error, openai.APIConnectionError):
            what, hint = "the server cannot be reached", "start it, or correct the address"
        elif isinstance(error, openai.APIStatusError):
            what = f"the server answered {error.status_code}: {self._clean(error)}"
            if error.status_code == 400 and re.search(r"context|too long|maximum.*tokens", str(error), re.I):
                return ContextWindowError(what, where=self._where, hint="shorten the prompt or ask for less")
            hint = _HINTS.get(error.status_code, "look at the server's log")
            kind = ServerDownError if error.status_code >= 500 else ServerError
        else:
            what, hint = (
                f"the server's answer cannot be read: {self._clean(error)}",
                "look at the server's log",
            )
        return kind(what, where=self._where, hint=hint)

    def _clean(self, error: Exception) -> str:
        """An error's message on one line, without the key."""
        message = " ".join(str(error).split()) or type(error).__name__
        if self._key != "none":
            message = message.replace(self._key, "***")
        return message[:300]


_HINTS = {
    401: "set GROUNDREC_API_KEY or OPENAI_API_KEY",
    403: "the key may not use this model",
    404: "check the model's name and that the address ends in /v1",
    429: "wait, or ask for a higher limit",
}


def _response_format(grammar: Grammar) -> dict[str, Any]:
    if grammar.kind != "json_schema":
        raise UnsupportedError("an OpenAI-compatible server takes JSON schemas only", hint="use json_schema")
    try:
        schema = json.loads(grammar.text)
    except ValueError as error:
        raise ModelError(f"the JSON schema is not valid: {error}") from error
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}
