"""Whether intervals and tests keep their word: ``python tests/benchmarks/eval_statistics.py``.

Draws samples of rows from populations whose truth is known, in dialogues of 1 to 4 rows that are alike: hits
and misses at several rates, skewed positive values, and ranks' reciprocals. Prints how often a 95% interval
holds the true mean over ``--draws`` samples, and how often the paired test calls two systems different at .05
that are equally good. The first should be 93-97%, the second 4-6%.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from eval.statistics import mean_intervals, sign_flip_test

Draw = Callable[[np.random.Generator, np.ndarray, int], np.ndarray]
"""From a dialogue of each row, shape (n,), and a number of samples to values, shape (n, samples)."""


@dataclass(frozen=True)
class Population:
    """Where rows come from, and their true mean."""

    name: str
    mean: float
    draw: Draw


def hits(rate: float) -> Population:
    """Hits whose chance varies from dialogue to dialogue (beta-binomial, correlation .2)."""

    def draw(chance: np.random.Generator, labels: np.ndarray, samples: int) -> np.ndarray:
        luck = chance.beta(4 * rate, 4 * (1 - rate), (labels.max() + 1, samples))[labels]
        return (chance.random(luck.shape) < luck).astype(float)

    return Population(f"hits at {rate:.0%}", rate, draw)


def skewed(chance: np.random.Generator, labels: np.ndarray, samples: int) -> np.ndarray:
    """Gamma values with mean 1, shared by a dialogue, each times a factor from .5 to 1.5."""
    shared = chance.gamma(2, 0.5, (labels.max() + 1, samples))[labels]
    return shared * chance.uniform(0.5, 1.5, shared.shape)


def reciprocal_ranks(chance: np.random.Generator, labels: np.ndarray, samples: int) -> np.ndarray:
    """1 / rank of an item at rank 1 to 10, missed 7 times of 10, a third of rows as their dialogue."""
    values = _ranks(chance, (len(labels), samples))
    shared = _ranks(chance, (labels.max() + 1, samples))[labels]
    return np.where(chance.random(values.shape) < 1 / 3, shared, values)


def _ranks(chance: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    return np.where(chance.random(shape) < 0.7, 0.0, 1 / chance.integers(1, 11, shape))


POPULATIONS = (
    *map(hits, (0.5, 0.2, 0.1, 0.05)),
    Population("reciprocal ranks", 0.3 * float(np.mean(1 / np.arange(1, 11))), reciprocal_ranks),
    Population("skewed values", 1.0, skewed),
)


def dialogues(count: int, chance: np.random.Generator) -> np.ndarray:
    """The dialogue of each row; 1 to 4 rows belong to one."""
    return np.repeat(np.arange(count), chance.integers(1, 5, count))


def coverage(population: Population, count: int, draws: int, seed: int) -> float:
    """The share of samples whose interval holds the truth."""
    chance = np.random.default_rng(seed)
    labels = dialogues(count, chance)
    found = mean_intervals(population.draw(chance, labels, draws), labels)
    return float(np.mean([i.low <= population.mean <= i.high for i in found if i.low is not None]))


def false_positives(population: Population, count: int, draws: int, seed: int) -> float:
    """The share of pairs of equally good systems that the test tells apart."""
    chance = np.random.default_rng(seed)
    labels = dialogues(count, chance)
    one, other = (population.draw(chance, labels, draws) for _ in range(2))
    return float(np.mean(sign_flip_test(one - other, labels) < 0.05))


def main(sizes: Sequence[int] = (50, 100, 200, 600)) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for name, measured in (
        ("95% intervals hold the truth", coverage),
        ("equals are told apart at .05", false_positives),
    ):
        print(f"\n{name:30}" + "".join(f"{size:>14,}" for size in sizes) + "  dialogues")
        for population in POPULATIONS:
            shares = (measured(population, size, options.draws, options.seed) for size in sizes)
            print(f"{population.name:30}" + "".join(f"{share:>14.1%}" for share in shares), flush=True)


if __name__ == "__main__":
    main()
