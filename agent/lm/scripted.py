"""A model that says what it was told to say: for tests, never a default."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from agent.errors import ContextWindowError, ModelError, UnsupportedError
from agent.lm.base import GREEDY, Generation, Grammar, Sampling, Scores, Timing, TitleList, Usage
from agent.lm.listing import title_list
from agent.lm.text import TextStream
from agent.lm.titles import TitleIndex
from prompts import Message

_NUMBERED = re.compile(r"^\s*(?:\d+[.)]|[-*])\s*")


class ScriptedModel:
    """Gives prepared answers, in order.

    Tokens are bytes of UTF-8. ``max_tokens`` and ``stop`` end an answer as they would end any other;
    grammars and the rest of ``sampling`` have no effect.

    Args:
        answers: What ``generate``, ``stream`` and ``list_titles`` say, one a call.
        scores: Log-probability of a continuation after a prefix; None: the engine cannot score.
        name: The name of the model.
        context_window: In bytes.

    Attributes:
        prompts: The messages of every call, in order.
    """

    can_constrain = True

    def __init__(
        self,
        answers: Sequence[str] = (),
        scores: Callable[[Sequence[Message], str], float] | None = None,
        *,
        name: str = "scripted",
        context_window: int = 1 << 20,
    ) -> None:
        self.name = name
        self.parameters: int | None = None
        self.context_window = context_window
        self.can_score = scores is not None
        self.prompts: list[tuple[Message, ...]] = []
        self._answers = deque(answers)
        self._scores = scores

    def generate(
        self, messages: Sequence[Message], sampling: Sampling = GREEDY, *, grammar: Grammar | None = None
    ) -> Generation:
        """Return the next answer; raises ModelError when there is none left."""
        *_, generation = self.stream(messages, sampling, grammar=grammar)
        assert isinstance(generation, Generation)
        return generation

    def stream(
        self, messages: Sequence[Message], sampling: Sampling = GREEDY, *, grammar: Grammar | None = None
    ) -> Iterator[str | Generation]:
        """Yield the next answer word by word and, last, the whole of it; raises ContextWindowError."""
        if self.count_tokens(messages) + sampling.max_tokens > self.context_window:
            raise ContextWindowError(
                f"the prompt and {sampling.max_tokens} more bytes exceed the window of {self.context_window}",
                where=self.name,
            )
        answer = self._next(messages).encode()
        text = TextStream(_decode, sampling.stop)
        pieces = [
            text.push_tokens(piece) for piece in re.findall(rb"\s*\S+|\s+", answer[: sampling.max_tokens])
        ]
        yield from filter(None, [*pieces, text.finish()])
        cut = len(answer) > sampling.max_tokens and not text.stopped
        usage = Usage(self.count_tokens(messages), len(text.text.encode()))
        yield Generation(text.text, self.name, usage, Timing(), "length" if cut else "stop")

    def score(self, prefix: Sequence[Message], continuations: Sequence[str]) -> Scores:
        """Ask the scoring function; raises UnsupportedError where none was given."""
        if self._scores is None:
            raise UnsupportedError(f"{self.name} cannot score", hint="give it a scoring function")
        logprobs = np.array([self._scores(prefix, text) for text in continuations], dtype=np.float64)
        tokens = np.array([self.count_tokens(text) for text in continuations], dtype=np.int64)
        return Scores(logprobs, tokens, Usage(self.count_tokens(prefix), int(tokens.sum())), Timing())

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
        """Titles of the next answer (one a line) that are allowed, then the first allowed rows."""
        free = dict.fromkeys(np.flatnonzero(allowed).tolist())
        rows_of: dict[str, list[int]] = {}
        for row in free:
            rows_of.setdefault(index.titles[row], []).append(row)
        rows = []
        for line in self._next(messages).splitlines():
            if named := rows_of.get(_NUMBERED.sub("", line).strip()):
                rows.append(named.pop(0))
                del free[rows[-1]]
        rows = [*rows, *free][: min(n, int(allowed.sum()))]
        usage = Usage(self.count_tokens(messages))
        return title_list(rows, index, frame, model=self.name, usage=usage, seconds=0.0)

    def count_tokens(self, text: str | Sequence[Message]) -> int:
        """Bytes of a text, or of all messages."""
        return len(text.encode()) if isinstance(text, str) else sum(len(m.content.encode()) for m in text)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """The bytes of each text."""
        return [list(text.encode()) for text in texts]

    def _next(self, messages: Sequence[Message]) -> str:
        self.prompts.append(tuple(messages))
        if not self._answers:
            raise ModelError(f"the script has no answer number {len(self.prompts)}", where=self.name)
        return self._answers.popleft()


def _decode(tokens: list[int]) -> str:
    return bytes(tokens).decode(errors="replace")
