"""The most probable titles of a catalog in one search: a beam over their trie (generative retrieval)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from agent.errors import ModelError, UnsupportedError
from agent.lm.base import LanguageModel, TitleScores, Usage
from agent.lm.titles import TitleIndex
from prompts import Message

if TYPE_CHECKING:
    from agent.lm.decoder import Decoder, Tree

_FINISHED = 3
"""Titles that are scored to their ends for each place in the beam."""


@runtime_checkable
class TitleSearcher(Protocol):
    """An engine that can search the titles of a catalog."""

    def encode(self, texts: Sequence[str]) -> Sequence[Sequence[int]]:
        """Tokens of each text, without special tokens; what a :class:`TitleIndex` is made with."""
        ...

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
        """See :func:`search_titles`."""
        ...


def search_titles(
    model: LanguageModel,
    messages: Sequence[Message],
    index: TitleIndex,
    width: int,
    *,
    allowed: np.ndarray | None = None,
    prior: np.ndarray | None = None,
    prior_weight: float = 0.0,
) -> TitleScores:
    """Find the titles that a model is most likely to name next, among those of a catalog.

    score(title) = log p(title | prompt) - w log prior(title)

    A beam search over the trie of titles (De Cao et al., Autoregressive entity retrieval, ICLR 2021), in
    which a node's prior is the sum of those of its titles, so that the beam itself is not drawn to what is
    probable anyway. A title leaves the beam when it is the only one left below its node, and is scored to its
    end with all others that left it.

    Args:
        model: An engine that can search.
        messages: A prompt that the title follows, such as ``score/next_title``.
        index: The catalog's titles, made with the model's own ``encode``.
        width: Nodes that go on at each depth.
        allowed: Which rows may be found, bool, shape (len(index),); None allows all.
        prior: log p(title) without the conversation, natural log, shape (len(index),); None: all alike.
        prior_weight: w.

    Returns:
        Distinct allowed rows, best first: at most three times ``width``.

    Raises:
        UnsupportedError: the engine cannot search titles.
        ModelError: ``allowed`` or ``prior`` does not fit the index.
        ContextWindowError: prompt and titles do not fit the context window.
    """
    if not (model.can_constrain and isinstance(model, TitleSearcher)):
        raise UnsupportedError(
            f"{model.name} cannot search the titles of a catalog", hint="use generation=free or constrained"
        )
    allowed = np.ones(len(index), dtype=bool) if allowed is None else np.asarray(allowed, dtype=bool)
    for name, given in (("allowed", allowed), ("prior", prior)):
        if given is not None and given.shape != (len(index),):
            raise ModelError(f"{name} has shape {given.shape}, the title index has {len(index)} rows")
    return model.search_titles(
        messages, index, width, allowed=allowed, prior=prior, prior_weight=prior_weight
    )


@dataclass(frozen=True, slots=True)
class _Node:
    """A node of the trie: its titles, in the order of the index, and how it is reached.

    ``parent`` is the place of the token before it among those fed; ``token`` is fed after that.
    """

    low: int
    high: int
    depth: int
    token: int
    parent: int
    logprob: float
    score: float


def search(
    decoder: Decoder,
    prompt: Sequence[int],
    index: TitleIndex,
    width: int,
    *,
    allowed: np.ndarray,
    prior: np.ndarray | None,
    prior_weight: float,
) -> tuple[np.ndarray, np.ndarray, Usage]:
    """Search the titles after a prompt; see :func:`search_titles`.

    Returns:
        Rows, best first; their scores; and what it cost.
    """
    live = np.concatenate([[0], np.cumsum(allowed[index.order])])
    prior = np.zeros(len(index)) if prior is None else np.asarray(prior, dtype=np.float64)
    weights = prior_weight * prior[index.order]
    beam = _Beam(index, live, prior[index.order], prior_weight)
    decoding = decoder.start(prompt)
    tree = decoder.tree(decoding)
    frontier = [_Node(0, len(index), 0, -1, -1, 0.0, 0.0)] if live[-1] else []
    places, logprobs, finished = [-1], tree.root, list[_Node]()
    while frontier:
        children = beam.children(frontier, places, logprobs)
        best = sorted(children, key=lambda node: -node.score)[:width]
        finished += [node for node in best if beam.decided(node)]
        frontier = [node for node in best if not beam.decided(node)]
        if frontier:
            places, logprobs = tree.feed([n.token for n in frontier], [n.parent for n in frontier])
    finished = sorted(finished, key=lambda node: -node.score)[: _FINISHED * width]
    at = np.array([beam.title(node) for node in finished], dtype=np.int64)
    tails = [index.sequence(place)[node.depth :] for place, node in zip(at, finished, strict=True)]
    sums = np.array([node.logprob for node in finished]) + _tails(tree, finished, tails)
    decoding.keep()
    scores = sums - weights[at]
    order = np.argsort(-scores, kind="stable")
    return index.order[at[order]], scores[order], Usage(len(prompt), tree.fed, decoding.reused)


class _Beam:
    """The trie as a beam sees it: titles that are allowed, and what their nodes are worth by themselves."""

    def __init__(self, index: TitleIndex, live: np.ndarray, prior: np.ndarray, weight: float) -> None:
        self._index, self._live, self._prior, self._weight = index, live, prior, weight

    def children(self, nodes: Sequence[_Node], places: Sequence[int], logprobs: np.ndarray) -> list[_Node]:
        """All ways on from some nodes, with their scores."""
        found = []
        for node, place, own in zip(nodes, places, logprobs, strict=True):
            tokens, lows = self._index.split(node.low, node.high, node.depth)
            highs = np.append(lows[1:], node.high)
            sums = node.logprob + own[tokens].astype(np.float64)
            scores = sums
            if self._weight:
                below = np.logaddexp.reduceat(self._prior[node.low : node.high], lows - node.low)
                scores = sums - self._weight * below
            found += [
                _Node(
                    int(lows[i]),
                    int(highs[i]),
                    node.depth + 1,
                    int(tokens[i]),
                    place,
                    float(sums[i]),
                    float(scores[i]),
                )
                for i in np.flatnonzero(self._live[highs] > self._live[lows])
            ]
        return found

    def decided(self, node: _Node) -> bool:
        """Whether only one title is left below a node, or one spelling."""
        alone = self._live[node.high] - self._live[node.low] == 1
        return bool(alone) or len(self._index.sequence(node.low)) == node.depth

    def title(self, node: _Node) -> int:
        """The place in the index of the first allowed title below a node."""
        return int(np.searchsorted(self._live, self._live[node.low] + 1)) - 1


def _tails(tree: Tree, nodes: Sequence[_Node], tails: Sequence[np.ndarray]) -> np.ndarray:
    """Log-probabilities of what follows each node, shape (len(nodes),)."""
    sums = np.zeros(len(nodes))
    open_ = [i for i, tail in enumerate(tails) if len(tail)]
    chains = [[nodes[i].token, *tails[i]] for i in open_]
    sums[open_] = tree.chains(chains, [nodes[i].parent for i in open_])
    return sums
