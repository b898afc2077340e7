"""What are feedback and clarifying questions worth to a user who will know it when they see it?

    python tests/benchmarks/simulation.py [--users 300] [--part test] [--strategy fast]

Dialogues of five turns with users made of held-out ratings (``eval.protocols.SimulatedUser``), in pairs: the
same users, the same recommender, once with and once without.

- feedback: whoever tells what they think of items and which way the list should change, against whoever only
  asks for something else; counted are the items found within five turns that the user will like.
- questions: the same user whose recommender asks or does not; counted is the turn of the first hit, 6 where
  there was none. Who is asked answers in place of what they would have said otherwise. The reserved user
  begins without naming a category, and tells nothing unasked but likes and dislikes.

Constants (how much facets count, which questions are asked) were chosen on the validation part.
"""

from __future__ import annotations

import argparse

import numpy as np

from agent import Recommender, Strategy
from eval.datasets import EvalSet, load_dataset
from eval.protocols import SILENT, Manner, RecommenderSystem, Simulation
from eval.statistics import compare, mean_intervals

RESERVED = Manner(opens=False, critiques=False)
ARMS: dict[str, tuple[Manner, bool]] = {
    "feedback": (Manner(answers=False), False),
    "no feedback": (SILENT, False),
    "asked": (Manner(), True),
    "not asked": (Manner(), False),
    "reserved, asked": (RESERVED, True),
    "reserved, not asked": (RESERVED, False),
}
"""How forthcoming the user is, and whether the recommender asks."""


def play(data: EvalSet, recommender: Recommender, strategy: str, arm: str) -> np.ndarray:
    """For each user how many targets were shown, and the turn of the first; shape (users, 2)."""
    manner, asks = ARMS[arm]
    chosen = Strategy.parse(strategy).model_copy(update={"ask": asks, "explain": "none"})
    system = RecommenderSystem(recommender, chosen)
    simulation = Simulation(manner=manner, goes_on="feedback" in arm)
    rows = []
    for question in data.questions:
        found: dict[str, int] = {}
        for turn, (answer, _) in enumerate(simulation.dialogue(system, question, data), start=1):
            for item_id in answer.ranked[: simulation.depth]:
                if item_id in question.targets:
                    found.setdefault(item_id, turn)
        rows.append((len(found), min(found.values(), default=simulation.turns + 1)))
    return np.array(rows, dtype=float)


def report(values: dict[str, np.ndarray], ours: str, baseline: str, what: str, users: list[str]) -> None:
    """Both means with intervals, and the paired difference."""
    pair = {ours: values[ours], baseline: values[baseline]}
    for name, found in pair.items():
        (mean,) = mean_intervals(found, users)
        print(f"{what}, {name}: {mean.value:.3f} [{mean.low:.3f}, {mean.high:.3f}]")
    difference = compare(pair, baseline, users)[ours].difference
    share = difference.value / values[baseline].mean()
    shown = f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"
    print(f"  {ours} - {baseline}: {shown} ({share:+.0%})", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=300)
    parser.add_argument("--part", default="test", choices=("validation", "test"))
    parser.add_argument("--strategy", default="fast")
    options = parser.parse_args()
    data = load_dataset("movies-history", fold=options.part, sample=options.users)
    users = [question.cluster for question in data.questions]
    recommender = Recommender(data.catalog, None)
    played = {arm: play(data, recommender, options.strategy, arm) for arm in ARMS}
    found = {arm: rows[:, 0] for arm, rows in played.items()}
    first = {arm: rows[:, 1] for arm, rows in played.items()}
    success = {arm: (turns <= Simulation.turns).astype(float) for arm, turns in first.items()}
    print(f"{options.part}, {len(users)} users")
    report(found, "feedback", "no feedback", "items found in five turns", users)
    for asked, alone in (("asked", "not asked"), ("reserved, asked", "reserved, not asked")):
        report(first, asked, alone, "turn of the first hit", users)
        report(success, asked, alone, "hit within five turns", users)


if __name__ == "__main__":
    main()
