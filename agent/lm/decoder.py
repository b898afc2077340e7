"""Token by token through a causal model of Hugging Face transformers, computing no prefix twice."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock
from typing import Any

import numpy as np
import torch
from transformers import DynamicCache, PreTrainedModel
from transformers.cache_utils import DynamicLayer

from agent.computing import computed
from agent.errors import ContextWindowError, UnsupportedError

PACKED_TOKENS = 256
"""Continuation tokens scored in one forward pass; bounds the memory of their logits."""


def _fork(cache: DynamicCache, length: int) -> DynamicCache | None:
    """The first ``length`` tokens of a cache, or None where it cannot be cut there.

    Plain layers grow by concatenation, so a fork shares their memory and neither sees the other's
    growth. Layers with a sliding window or a recurrent state can only be copied whole.
    """
    if not all(type(layer) is DynamicLayer for layer in cache.layers):
        return copy.deepcopy(cache) if length == cache.get_seq_length() else None
    fork = copy.copy(cache)
    fork.layers = [copy.copy(layer) for layer in cache.layers]
    for layer in fork.layers:
        layer.keys = layer.keys[..., :length, :]
        layer.values = layer.values[..., :length, :]
    return fork


def _shared(left: np.ndarray, right: np.ndarray) -> int:
    """Length of the longest common prefix of two token arrays."""
    length = min(len(left), len(right))
    different = np.flatnonzero(left[:length] != right[:length])
    return int(different[0]) if len(different) else length


@dataclass(slots=True)
class Decoding:
    """A token sequence that is being extended.

    Attributes:
        tokens: What has been fed so far.
        logits: Scores of the next token, float32, shape (vocabulary,).
        reused: How many of the first tokens came from an earlier call's cache.
    """

    _decoder: Decoder
    _cache: DynamicCache
    tokens: list[int]
    logits: np.ndarray
    reused: int

    def feed(self, tokens: Sequence[int]) -> np.ndarray:
        """Append tokens in one forward pass and return the new ``logits``.

        Raises:
            ContextWindowError: the sequence grows beyond the context window.
        """
        if (length := len(self.tokens) + len(tokens)) > (window := self._decoder.context_window):
            raise ContextWindowError(
                f"{length} tokens do not fit the context window of {window} tokens",
                hint="shorten the prompt or ask for less",
            )
        self.logits = self._decoder.forward(tokens, self._cache)[-1].numpy()
        self.tokens.extend(tokens)
        return self.logits

    def keep(self) -> None:
        """Let later calls reuse what was computed here."""
        self._decoder.remember(self.tokens, self._cache)


class Decoder:
    """A model with a cache of prefixes.

    Calls may come from several threads; forward passes run one at a time.

    Args:
        model: A causal language model in eval mode.
        context_window: Tokens that a sequence may have.
        prefix_cache_tokens: Total length of the prefixes kept; the least recently used go first.
    """

    def __init__(
        self, model: PreTrainedModel, *, context_window: int, prefix_cache_tokens: int = 8192
    ) -> None:
        self._model = model
        self._lock = Lock()
        self._prefixes: list[tuple[np.ndarray, DynamicCache]] = []
        self._prefix_cache_tokens = prefix_cache_tokens
        self._arguments = frozenset(inspect.signature(model.forward).parameters)
        self.context_window = context_window

    def start(self, prompt: Sequence[int]) -> Decoding:
        """Feed a prompt, reusing the longest prefix it shares with an earlier sequence."""
        cache, reused = self._recall(np.asarray(prompt))
        decoding = Decoding(self, cache, list(prompt[:reused]), np.empty(0, np.float32), reused)
        decoding.feed(prompt[reused:])
        return decoding

    def forward(
        self, tokens: Sequence[int], cache: DynamicCache, *, every: bool = False, **inputs: Any
    ) -> torch.Tensor:
        """Extend ``cache`` by tokens and return logits, float32 on the CPU.

        Returns:
            Shape (1, vocabulary) for the last token, or (len(tokens), vocabulary) with ``every``.
        """
        if not every and "logits_to_keep" in self._arguments:
            inputs["logits_to_keep"] = 1

        @torch.inference_mode()
        def compute() -> torch.Tensor:
            ids = torch.tensor([list(tokens)], device=self._model.device)
            logits = self._model(input_ids=ids, past_key_values=cache, use_cache=True, **inputs).logits[0]
            return (logits if every else logits[-1:]).float().cpu()

        return computed(compute)

    def tree(self, decoding: Decoding) -> Tree:
        """Begin a tree of continuations after a decoding.

        Raises:
            UnsupportedError: the model's attention cannot be masked token by token.
        """
        if not self._can_pack(decoding._cache):
            raise UnsupportedError(
                "the model's attention cannot be masked token by token",
                hint="use generation=constrained or free",
            )
        return Tree(self, decoding)

    def logprobs(self, decoding: Decoding, continuations: Sequence[Sequence[int]]) -> np.ndarray:
        """Sum of log-probabilities of each continuation after the decoding, float64, shape (n,).

        All continuations are packed into one sequence whose attention mask lets each see the prefix
        and itself only (tree attention, Miao et al. 2024, SpecInfer, section 4), so that the cache of
        the prefix is read, never repeated.
        """
        first = _log_softmax(torch.from_numpy(decoding.logits))
        sums = np.array([float(first[c[0]]) if len(c) else 0.0 for c in continuations])
        longer = [i for i, c in enumerate(continuations) if len(c) > 1]
        size = PACKED_TOKENS if self._can_pack(decoding._cache) else 1
        for group in _groups(longer, [len(c) - 1 for c in continuations], size):
            sums[group] += self._packed(decoding, [continuations[i] for i in group])
        return sums

    def _packed(self, decoding: Decoding, continuations: list[Sequence[int]]) -> np.ndarray:
        past = len(decoding.tokens)
        lengths = torch.tensor([len(c) - 1 for c in continuations])
        owner = torch.repeat_interleave(torch.arange(len(continuations)), lengths)
        inputs = {}
        if len(continuations) > 1:
            offset = torch.cat([torch.arange(int(n)) for n in lengths])
            visible = (owner[:, None] == owner[None]) & (offset[:, None] >= offset[None])
            visible = torch.cat([torch.ones(len(owner), past, dtype=torch.bool), visible], dim=1)
            inputs = self.seeing(visible, past + offset)
        cache = _fork(decoding._cache, past)
        tokens = [token for c in continuations for token in c[:-1]]
        logits = self.forward(tokens, cache, every=True, **inputs)
        targets = torch.tensor([token for c in continuations for token in c[1:]])
        taken = _log_softmax(logits).gather(1, targets[:, None])[:, 0].double()
        return torch.zeros(len(continuations), dtype=torch.double).index_add_(0, owner, taken).numpy()

    def seeing(self, visible: torch.Tensor, positions: torch.Tensor) -> dict[str, torch.Tensor]:
        """Inputs of a forward pass in which each token sees some of those before it.

        Args:
            visible: bool, shape (tokens, cached tokens + tokens).
            positions: Of the tokens, shape (tokens,).
        """
        mask = torch.zeros(visible.shape, dtype=self._model.dtype)
        mask.masked_fill_(~visible, torch.finfo(mask.dtype).min)
        device = self._model.device
        return {
            "attention_mask": mask[None, None].to(device),
            "position_ids": positions[None].to(device),
        }

    def _can_pack(self, cache: DynamicCache) -> bool:
        return (
            {"attention_mask", "position_ids"} <= self._arguments
            and self._model.config._attn_implementation in ("sdpa", "eager")
            and all(type(layer) is DynamicLayer for layer in cache.layers)
        )

    def _recall(self, prompt: np.ndarray) -> tuple[DynamicCache, int]:
        with self._lock:
            shares = [min(_shared(tokens, prompt), len(prompt) - 1) for tokens, _ in self._prefixes]
            for i in sorted(range(len(shares)), key=shares.__getitem__, reverse=True):
                fork = _fork(self._prefixes[i][1], shares[i]) if shares[i] > 0 else None
                if fork is not None:
                    self._prefixes.append(self._prefixes.pop(i))
                    return fork, shares[i]
        return DynamicCache(config=self._model.config), 0

    def forget(self) -> None:
        """Keep none of the sequences so far."""
        with self._lock:
            self._prefixes = []

    def remember(self, tokens: Sequence[int], cache: DynamicCache) -> None:
        """Keep the cache of a sequence; prefixes that it contains, and the oldest, are dropped."""
        own = np.asarray(tokens)
        with self._lock:
            kept = [(t, c) for t, c in self._prefixes if _shared(t, own) < len(t)]
            kept.append((own, cache))
            while sum(len(t) for t, _ in kept) > self._prefix_cache_tokens:
                kept.pop(0)
            self._prefixes = kept


class Tree:
    """Continuations of a decoding that share their beginnings, in one cache.

    Each token sees the decoding and the tokens on its own way (tree attention), so that branches are
    neither copied nor reordered.

    Attributes:
        root: Log-probabilities of the first token, shape (1, vocabulary).
        fed: How many tokens were fed.
    """

    def __init__(self, decoder: Decoder, decoding: Decoding) -> None:
        self._decoder, self._past = decoder, len(decoding.tokens)
        self._cache = _fork(decoding._cache, self._past)
        self._ways: list[list[int]] = []
        self.root = _log_softmax(torch.from_numpy(decoding.logits))[None].numpy()

    @property
    def fed(self) -> int:
        """How many tokens were fed."""
        return len(self._ways)

    def feed(self, tokens: Sequence[int], parents: Sequence[int]) -> tuple[list[int], np.ndarray]:
        """Feed tokens in one forward pass, each after its parent: the place of a token fed before, or -1.

        A parent may be one of these tokens, where it comes before.

        Returns:
            The tokens' places, and log-probabilities of what follows each, shape (len(tokens), vocabulary).
        """
        first, past = self.fed, self._past
        for place, parent in enumerate(parents, start=first):
            self._ways.append([*(self._ways[parent] if parent >= 0 else ()), place])
        visible = torch.zeros(len(tokens), past + self.fed, dtype=torch.bool)
        visible[:, :past] = True
        for row, way in enumerate(self._ways[first:]):
            visible[row, [past + place for place in way]] = True
        positions = torch.tensor([past + len(way) - 1 for way in self._ways[first:]])
        assert self._cache is not None
        logits = self._decoder.forward(
            tokens, self._cache, every=True, **self._decoder.seeing(visible, positions)
        )
        return list(range(first, self.fed)), _log_softmax(logits).numpy()

    def chains(self, chains: Sequence[Sequence[int]], parents: Sequence[int]) -> np.ndarray:
        """Sum of log-probabilities of each chain but for its first token, float64, shape (len(chains),).

        Args:
            chains: Tokens that follow each other; at least two each.
            parents: The place that each follows, or -1.
        """
        sums = np.zeros(len(chains))
        for group in _groups(range(len(chains)), [len(c) - 1 for c in chains], PACKED_TOKENS):
            tokens, before, targets, owners = list[int](), list[int](), list[int](), list[int]()
            for i in group:
                for depth, (token, target) in enumerate(pairwise(chains[i])):
                    before.append(self.fed + len(tokens) - 1 if depth else parents[i])
                    tokens.append(int(token))
                    targets.append(int(target))
                    owners.append(i)
            _, logprobs = self.feed(tokens, before)
            np.add.at(sums, owners, logprobs[np.arange(len(targets)), targets].astype(np.float64))
        return sums


def _log_softmax(logits: torch.Tensor) -> torch.Tensor:
    return torch.log_softmax(logits.float(), dim=-1)


def _groups(indices: Sequence[int], sizes: Sequence[int], limit: int) -> list[list[int]]:
    """Consecutive groups of indices whose sizes sum to at most ``limit`` (or single ones)."""
    groups: list[list[int]] = []
    total = limit
    for i in indices:
        if total + sizes[i] > limit:
            groups.append([])
            total = 0
        groups[-1].append(i)
        total += sizes[i]
    return groups
