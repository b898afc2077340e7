"""Places of a list that are given to other candidates by chance, with the probabilities of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Placed:
    """A candidate in its place.

    Attributes:
        position: Which candidate.
        propensity: The probability of its being in this place, given the places above it.
        explored: Whether it was drawn from beyond the list.
    """

    position: int
    propensity: float = 1.0
    explored: bool = False


def explore(
    order: Sequence[int] | np.ndarray, scores: np.ndarray, share: float, seed: int
) -> tuple[Placed, ...]:
    """Give each place, with probability ``share``, to a candidate from beyond the list.

    Place by place from the top: with probability 1 - e the next of the list that is not shown yet, with
    probability e one of the candidates that are neither on the list nor shown yet, i with probability
    exp(s(i)) / sum over them of exp(s(j)) (Plackett-Luce draws without replacement). So the probability of
    what stands in a place given the places above it is

        1 - e                                for the next of the list,
        e exp(s(i)) / sum_j exp(s(j))        for an explored candidate,

    and 1 for the next of the list where nothing is left beyond it. The probability of the whole list is
    their product: what sequential importance weighting of slates takes (McInerney et al., KDD 2020).

    Args:
        order: Positions of the list, best first.
        scores: Of all candidates, as log-odds, shape (n,).
        share: e, from 0 to 1.
        seed: The same seed gives the same list.
    """
    listed = [int(position) for position in order]
    if not share:
        return tuple(Placed(position) for position in listed)
    draw = np.random.default_rng(seed)
    beyond = np.setdiff1d(np.arange(len(scores)), listed)
    weights = np.exp(scores[beyond] - scores[beyond].max(initial=-np.inf)) if len(beyond) else np.empty(0)
    waiting = iter(listed)
    placed: list[Placed] = []
    for _ in listed:
        if not len(beyond):
            placed.append(Placed(next(waiting)))
        elif draw.random() < share:
            odds = weights / weights.sum()
            one = int(draw.choice(len(beyond), p=odds))
            placed.append(Placed(int(beyond[one]), share * float(odds[one]), explored=True))
            beyond, weights = np.delete(beyond, one), np.delete(weights, one)
        else:
            placed.append(Placed(next(waiting), 1 - share))
    return tuple(placed)
