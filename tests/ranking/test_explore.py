"""Exploration: the probabilities by hand, and against what is drawn."""

from collections import Counter
from itertools import product

import numpy as np
import pytest

from agent.ranking import Placed, explore

SCORES = np.log([4.0, 3.0, 1.0, 2.0])
"""The list is of the first two; beyond it stand 1/3 and 2/3."""


def test_nothing_is_left_to_chance_unless_asked_for():
    assert explore([2, 0], SCORES, 0.0, 1) == (Placed(2), Placed(0))


def test_propensities_are_those_of_the_formula():
    alone = {0: 0.8, 1: 0.8, 2: 0.2 / 3, 3: 0.4 / 3}
    for seed in range(200):
        first, second = explore([0, 1], SCORES, 0.2, seed)
        assert first.propensity == pytest.approx(alone[first.position])
        if not first.explored:
            assert second.propensity == pytest.approx(alone[second.position])
        elif second.explored:  # the only one left
            assert second.propensity == pytest.approx(0.2)
        else:
            assert (second.position, second.propensity) == (0, pytest.approx(0.8))


def test_the_probabilities_of_all_lists_sum_to_one_and_are_those_drawn():
    draws, told = Counter(), {}
    for seed in range(20_000):
        placed = explore([0, 1], SCORES, 0.4, seed)
        ids = tuple(p.position for p in placed)
        draws[ids] += 1
        told[ids] = np.prod([p.propensity for p in placed])
    assert set(told) == {
        ids
        for ids in product(range(4), repeat=2)
        if len(set(ids)) == 2 and ids in {(0, 1), (0, 2), (0, 3), (2, 0), (3, 0), (2, 3), (3, 2)}
    }
    assert sum(told.values()) == pytest.approx(1.0)
    for ids, probability in told.items():
        # Five standard errors of a share of 20,000.
        assert draws[ids] / 20_000 == pytest.approx(probability, abs=5 * (0.25 / 20_000) ** 0.5)


def test_where_nothing_is_left_beyond_the_list_goes_on():
    assert explore([1, 0], SCORES[:2], 1.0, 0) == (Placed(1), Placed(0))
    placed = explore([0, 1], SCORES[:3], 1.0, 0)
    assert [(p.position, p.explored, p.propensity) for p in placed] == [(2, True, 1.0), (0, False, 1.0)]


def test_the_same_seed_gives_the_same_list():
    scores = np.linspace(2, 0, 30)
    assert explore(range(10), scores, 0.5, 7) == explore(range(10), scores, 0.5, 7)
    assert len({explore(range(10), scores, 0.5, seed) for seed in range(20)}) > 10
