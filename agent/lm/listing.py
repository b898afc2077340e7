"""A numbered list of titles that are all in the catalog: the frame is given, the titles constrained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from agent.errors import ModelError, UnsupportedError
from agent.lm.base import GREEDY, Generation, LanguageModel, Sampling, Timing, TitleList, Usage
from agent.lm.sampling import draw
from agent.lm.titles import TitleIndex, TitleWalk, encode_after
from prompts import Message

if TYPE_CHECKING:
    from agent.lm.decoder import Decoder

FRAME = "{rank}."


@runtime_checkable
class TitleLister(Protocol):
    """An engine that can write a list of titles from a catalog."""

    def encode(self, texts: Sequence[str]) -> Sequence[Sequence[int]]:
        """Tokens of each text, without special tokens; what a :class:`TitleIndex` is made with."""
        ...

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
        """See :func:`generate_titles`."""
        ...


def generate_titles(
    model: LanguageModel,
    messages: Sequence[Message],
    index: TitleIndex,
    n: int,
    *,
    allowed: np.ndarray | None = None,
    sampling: Sampling = GREEDY,
    frame: str = FRAME,
) -> TitleList:
    """Let a model write a list of titles of a catalog.

    Args:
        model: An engine with ``can_constrain``.
        messages: The prompt; where the last message is the assistant's, the list follows it.
        index: The catalog's titles, made with the model's own ``encode``.
        n: Length of the list.
        allowed: Which rows may be written, bool, shape (len(index),); None allows all.
        sampling: Temperature, ``top_p`` and seed; ``max_tokens`` and ``stop`` have no effect.
        frame: What stands before each title; ``{rank}`` counts from 1.

    Returns:
        ``min(n, allowed.sum())`` distinct allowed rows in the order written.

    Raises:
        UnsupportedError: the engine cannot constrain its output to titles.
        ModelError: ``allowed`` does not fit the index.
        ContextWindowError: prompt and list do not fit the context window.
    """
    if not (model.can_constrain and isinstance(model, TitleLister)):
        raise UnsupportedError(
            f"{model.name} cannot be constrained to titles", hint="use free generation with grounding"
        )
    allowed = np.ones(len(index), dtype=bool) if allowed is None else np.asarray(allowed, dtype=bool)
    if allowed.shape != (len(index),):
        raise ModelError(f"allowed has shape {allowed.shape}, the title index has {len(index)} rows")
    return model.list_titles(messages, index, n, allowed=allowed, sampling=sampling, frame=frame)


def write_list(
    decoder: Decoder,
    prompt: Sequence[int],
    index: TitleIndex,
    n: int,
    *,
    allowed: np.ndarray,
    sampling: Sampling,
    frame: str,
    new_line: bool,
) -> tuple[tuple[int, ...], Usage]:
    """Decode a list token by token.

    Wherever only one token is possible (frame, rest of a title) it is not asked for; it goes into the
    next forward pass together with what follows it.

    Args:
        decoder: The model.
        prompt: Tokens of the prompt.
        index: The titles, in the model's tokens.
        n: Length of the list.
        allowed: Which rows may be written, bool, shape (len(index),).
        sampling: Temperature, ``top_p`` and seed.
        frame: What stands before each title.
        new_line: Whether the prompt does not end a line, so that the list must begin one.

    Returns:
        The rows, and what it cost.
    """
    walk = index.walk(allowed)
    rng = np.random.default_rng(sampling.seed)
    rows: list[int] = []
    decoding = None
    pending: list[int] = []
    completion = 0
    for rank in range(1, min(n, walk.live) + 1):
        marker = frame.format(rank=rank)
        before, text = ("", f"\n{marker}") if rank == 1 and new_line else ("\n", marker)
        pending += [*encode_after(index.encode, before, [text])[0], *walk.forced()]
        while not walk.at_end:
            completion += len(pending)
            if decoding is None:
                decoding = decoder.start([*prompt, *pending])
            else:
                decoding.feed(pending)
            pending = _choose(walk, decoding.logits, sampling, rng)
        rows.append(walk.take())
    if decoding is not None:
        decoding.keep()
    reused = min(decoding.reused, len(prompt)) if decoding is not None else 0
    return tuple(rows), Usage(len(prompt), completion + len(pending), reused)


def _choose(walk: TitleWalk, logits: np.ndarray, sampling: Sampling, rng: np.random.Generator) -> list[int]:
    """One chosen token and all that are forced after it."""
    children = walk.children()
    token = int(children[draw(logits[children], sampling, rng)])
    walk.advance(token)
    return [token, *walk.forced()]


def title_list(
    rows: Sequence[int], index: TitleIndex, frame: str, *, model: str, usage: Usage, seconds: float
) -> TitleList:
    """Rows with the text and the record of their generation."""
    text = "\n".join(f"{frame.format(rank=i)} {index.titles[row]}" for i, row in enumerate(rows, 1))
    return TitleList(tuple(rows), Generation(text, model, usage, Timing(seconds), "grammar"))
