"""What every language-model engine does, and the records it returns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from prompts import Message

FinishReason = Literal["stop", "length", "grammar"]


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one or several calls. ``cached_tokens`` are prompt tokens that were not computed again."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cached_tokens + other.cached_tokens,
        )


@dataclass(frozen=True, slots=True)
class Timing:
    """Wall-clock seconds of a call, and until its first token where it streams."""

    seconds: float = 0.0
    first_token_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How text is drawn. ``temperature=0`` is greedy; then ``seed`` and ``top_p`` have no effect.

    ``distinct_items`` keeps lists from repeating an item; only engines in this process can, see
    :class:`agent.lm.items.DistinctItems`. It has no effect under a grammar.
    """

    max_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    distinct_items: bool = False


GREEDY = Sampling()
"""The most probable token every time, at most 256 of them."""


@dataclass(frozen=True, slots=True)
class Generation:
    """The text of one call, with what it cost."""

    text: str
    model: str
    usage: Usage
    timing: Timing
    finish_reason: FinishReason = "stop"


@dataclass(frozen=True, slots=True)
class TitleList:
    """A generated list of titles, as rows of the :class:`TitleIndex` it was constrained to."""

    rows: tuple[int, ...]
    generation: Generation


@dataclass(frozen=True, slots=True)
class TitleScores:
    """The best titles that a search found, as rows of its :class:`TitleIndex`.

    Attributes:
        rows: Best first, shape (n,).
        scores: Their log-probabilities (natural log) less the weighted prior's, shape (n,).
        model: Name of the model.
        usage: What it cost.
        timing: How long it took.
    """

    rows: np.ndarray
    scores: np.ndarray
    model: str
    usage: Usage
    timing: Timing


@dataclass(frozen=True, slots=True)
class Scores:
    """Log-probabilities (natural log) of continuations: sums over tokens, shape (n,), and token counts."""

    logprobs: np.ndarray
    tokens: np.ndarray
    usage: Usage
    timing: Timing


@dataclass(frozen=True, slots=True)
class Grammar:
    """A shape that generated text must have: a Lark grammar (llguidance dialect) or a JSON schema."""

    kind: Literal["lark", "json_schema"]
    text: str


SMALL = 2_000_000_000
"""Below this many parameters a model is held by the hand: its titles are constrained to the catalog, it
chooses among true sentences, and rules read the utterances."""


@runtime_checkable
class LanguageModel(Protocol):
    """A causal language model.

    ``messages`` are chat messages; where the last one has the role ``assistant`` its text is
    continued rather than answered. ``name`` identifies weights, revision and quantisation.
    """

    parameters: int | None
    can_constrain: bool
    """Whether :func:`agent.lm.generate_titles` works with it."""

    @property
    def name(self) -> str:
        """Identifies the weights."""
        ...

    @property
    def context_window(self) -> int:
        """Tokens of prompt and answer together."""
        ...

    @property
    def can_score(self) -> bool:
        """Whether :meth:`score` works."""
        ...

    def generate(
        self, messages: Sequence[Message], sampling: Sampling = ..., *, grammar: Grammar | None = None
    ) -> Generation:
        """Write an answer.

        Raises:
            ContextWindowError: the prompt and ``max_tokens`` do not fit the context window.
            UnsupportedError: the engine cannot enforce a grammar.
            ServerError: a remote engine refused; ServerDownError, a child of it: it is down.
        """
        ...

    def stream(
        self, messages: Sequence[Message], sampling: Sampling = ..., *, grammar: Grammar | None = None
    ) -> Iterator[str | Generation]:
        """Yield pieces of text as they come and, last, the whole :class:`Generation`."""
        ...

    def score(self, prefix: Sequence[Message], continuations: Sequence[str]) -> Scores:
        """Log-probability of each continuation after the prefix; raises UnsupportedError."""
        ...

    def count_tokens(self, text: str | Sequence[Message]) -> int:
        """Tokens of a text, or of messages with the chat template around them."""
        ...


def is_small(model: LanguageModel) -> bool:
    """Whether a model is known to have fewer parameters than :data:`SMALL`."""
    return model.parameters is not None and model.parameters < SMALL
