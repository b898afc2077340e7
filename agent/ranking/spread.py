"""Lists that spread over categories, as far as the user does, at little cost of relevance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_MEMBER = 0.75
_AGAIN = 0.5
_CALIBRATED = 1 / 3
_GROWTH = 3
_SMOOTHING = 0.01
_REFERENCE = 10
_STEEPEST = 5.0
_PROMISED = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Aspects:
    """What a list may spread over.

    Attributes:
        has: Which candidate has which category: 0 or 1, shape (n, c).
        shown: How many items with each category the user has just been shown, shape (c,).
        taste: How the user's likes are spread over the categories, shape (c,), sum 1; None where nothing
            is known of it, or something else is wanted now.
        interest: The interest that each candidate belongs to, int, shape (n,); None where there are none.
        shares: The shares of the interests, shape (m,).
    """

    has: np.ndarray
    shown: np.ndarray | None = None
    taste: np.ndarray | None = None
    interest: np.ndarray | None = None
    shares: np.ndarray | None = None


def spread_out(
    vectors: np.ndarray, scores: np.ndarray, k: int, aspects: Aspects, *, diversity: float
) -> np.ndarray:
    """Choose and order ``k`` candidates, each place greedily by what it adds.

    The first place is the most relevant candidate's. Place t > 1 goes to the largest

        (1 - d) r(i) / log2(t + 1)  +  d gain(i)

    - r(i) = exp(s(i) - s(10th best)), scores being log-odds: relevance counts as much as in DCG, where a low
      place costs little, and a difference variety can bridge at the end of a list is out of its reach at
      the head.
    - gain(i) = sum over i's categories of 2^-(times listed or just shown) / (number of its categories)^0.75:
      xQuAD (Santos et al., WWW 2010) with categories as aspects. Items without any gain what others gain on
      average; where none has any, 1 - mean cosine to the list.
    - with a taste p, two thirds of that and a third of  - t/3 KL(p || 0.99 q + 0.01 p),  q the list's own
      categories with i in it: Steck, Calibrated recommendations, RecSys 2018.
    - plus 1 while i's interest has fewer places than half its share of the first t, rounded down: a quota.

    Args:
        vectors: Unit vectors of the candidates, shape (n, dimension).
        scores: Their relevance as standardised log-odds, shape (n,).
        k: How many to choose.
        aspects: What there is to spread over.
        diversity: d, from 0 to 1.

    Returns:
        Positions into ``scores``, best first, shape (min(k, n),).
    """
    n, has = len(scores), aspects.has
    if not n:
        return np.empty(0, dtype=np.int64)
    reference = np.sort(scores)[::-1][min(_REFERENCE, n) - 1]
    relevance = np.exp(np.minimum(scores - reference, _STEEPEST))
    sizes = np.maximum(has.sum(axis=1, keepdims=True), 1)
    described = np.asarray(has.any(axis=1))
    member, spread = has / sizes**_MEMBER, has / sizes
    seen = np.zeros(has.shape[1]) if aspects.shown is None else aspects.shown.astype(np.float64)
    listed, count = np.zeros(has.shape[1]), 0
    taken = np.zeros(0 if aspects.shares is None else len(aspects.shares))
    left = np.ones(n, dtype=bool)
    near = np.zeros(n)
    chosen: list[int] = []
    for place in range(1, min(k, n) + 1):
        value = (1 - diversity) * relevance / np.log2(place + 1)
        if place > 1:
            gain: np.ndarray = member @ _AGAIN**seen if described.any() else 1 - near / len(chosen)
            if aspects.taste is not None and described.any():
                apart = divergence(aspects.taste, (listed + spread) / (count + 1))
                gain = (1 - _CALIBRATED) * gain - _CALIBRATED * place / _GROWTH * apart
            if described.any():
                gain[~described] = gain[described].mean()
            if aspects.interest is not None and aspects.shares is not None:
                owed: np.ndarray = np.floor(_PROMISED * aspects.shares * place + 1e-9) - taken
                gain = gain + np.where(owed[aspects.interest] > 0, 1.0, 0.0)
            value = value + diversity * gain
        best = int(np.argmax(np.where(left, value, -np.inf))) if place > 1 else int(np.argmax(scores))
        chosen.append(best)
        left[best] = False
        seen += has[best]
        near += vectors @ vectors[best]
        if described[best]:
            listed, count = listed + spread[best], count + 1
        if aspects.interest is not None:
            taken[aspects.interest[best]] += 1
    return np.array(chosen, dtype=np.int64)


def divergence(taste: np.ndarray, lists: np.ndarray) -> np.ndarray:
    """KL(p || 0.99 q + 0.01 p) in nats for each q of ``lists``, shape (n, c); shape (n,)."""
    told = taste > 0
    p = taste[told]
    q = (1 - _SMOOTHING) * lists[:, told] + _SMOOTHING * p
    return np.asarray((p * np.log(p / q)).sum(axis=1))
