"""What variety costs, and what it gives: lists with diversification beside the same pipeline without.

    python tests/benchmarks/diversity.py movies-history --fold test
    python tests/benchmarks/diversity.py redial --fold 0 3 4

Differences are relative to the lists without, with 95% intervals by paired bootstrap over users or dialogues.
The second table is of the users whose likes make several interests (users of a history; conversations nearly
always wish for something): the share of the interests that are in the first ten places, the divergence
KL(p || 0.99 q + 0.01 p) of the places q from the interests' shares p in nats, and recall.

Parameters were chosen on three earlier cuts of ``movies-history`` (its ``validation`` part, and the events
from 60% and from 70% on, 10% each) and on folds 1 and 2 of ``redial``.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping

import numpy as np

from agent import Recommender, Strategy
from agent.arrange import at_play
from agent.ranking import Interest, nearest_interest
from agent.ranking.spread import divergence
from agent.retrieval import build_query
from eval.datasets import EvalSet, load_dataset
from eval.metrics import ItemFacts, Row, Rows, measure
from eval.protocols import NextItem, RecommenderSystem, TopN, run

METRICS = (
    "ndcg@10",
    "recall@10",
    "recall@50",
    "category_distance@10",
    "category_coverage@10",
    "embedding_distance@10",
    "alpha_ndcg@10",
    "subtopic_recall@10",
    "miscalibration@10",
)
OFF = "off"
RESAMPLES = 2000
FEWEST = 20
"""Lists below which there is no second table."""


def intervals(one: np.ndarray, base: np.ndarray, clusters: np.ndarray) -> tuple[float, float, float]:
    """mean(one) / mean(base) - 1 and its 95% interval over rows that both have."""
    told = np.isfinite(one) & np.isfinite(base)
    _, cluster = np.unique(clusters[told], return_inverse=True)
    sums = np.stack([np.bincount(cluster, weights=values[told]) for values in (one, base)])
    draw = np.random.default_rng(0)
    drawn = [sums[:, draw.integers(0, sums.shape[1], sums.shape[1])].sum(axis=1) for _ in range(RESAMPLES)]
    ratios = np.array([a / b - 1 for a, b in drawn if b])
    low, high = np.quantile(ratios, [0.025, 0.975])
    return float(sums[0].sum() / sums[1].sum() - 1), float(low), float(high)


def by_interest(
    recommender: Recommender, rows: list[list[int]], interests: list[tuple[Interest, ...]]
) -> np.ndarray:
    """For each list its share of interests and its divergence from their shares, shape (n, 2)."""
    found = []
    for listed, several in zip(rows, interests, strict=True):
        shares = np.array([interest.share for interest in several])
        belongs = nearest_interest(recommender.parts.space.points(listed), several)
        places = np.bincount(belongs, minlength=len(several)) / len(listed)
        found.append([(places > 0).mean(), divergence(shares, places[None])[0]])
    return np.array(found)


class Lists:
    """The lists of several strategies for the same questions, and the interests of those who asked."""

    def __init__(self, strategies: Mapping[str, str]) -> None:
        self.strategies = strategies
        self.values: dict[str, dict[str, list[np.ndarray]]] = {name: {} for name in strategies}
        self.interest: dict[str, list[np.ndarray]] = {name: [] for name in strategies}
        self.clusters: list[np.ndarray] = []
        self.several: list[np.ndarray] = []

    def add(self, data: EvalSet) -> None:
        """Ask all questions of a part of a data set."""
        recommender = Recommender(data.catalog, None, dialogues=data.memory)
        vectors = np.asarray(recommender.parts.vectors)
        facts = ItemFacts.of(data.catalog, counts=data.counts, embeddings=vectors)
        protocol = NextItem() if data.task == "conversation" else TopN()
        questions = sorted(protocol.questions(data), key=lambda question: question.id)
        found: list[tuple[Interest, ...]] = []
        for name, switches in self.strategies.items():
            system = RecommenderSystem(recommender, Strategy.parse(switches))
            made = [outcome.row for outcome in run(protocol, data, system)]
            if name == OFF:
                asked = [(system.context(question), question.request) for question in questions]
                found = [at_play(recommender.interests(c), build_query(c, text)) for c, text in asked]
            made.sort(key=lambda row: row.id)
            self._measure(name, made, facts, recommender, found)
        self.several.append(np.array([len(several) > 0 for several in found]))
        self.clusters.append(np.array([question.cluster for question in questions]))

    def _measure(
        self,
        name: str,
        made: list[Row],
        facts: ItemFacts,
        recommender: Recommender,
        found: list[tuple[Interest, ...]],
    ) -> None:
        for metric, measured in measure(Rows(made, facts), METRICS).items():
            self.values[name].setdefault(metric, []).append(measured.values)
        both = [(row, several) for row, several in zip(made, found, strict=True) if several]
        rows = [[recommender.catalog.row(i) for i in row.ranked[:10]] for row, _ in both]
        if rows:
            self.interest[name].append(by_interest(recommender, rows, [several for _, several in both]))

    def report(self) -> None:
        """Print both tables."""
        clusters, several = np.concatenate(self.clusters), np.concatenate(self.several)
        values = {
            name: {metric: np.concatenate(parts) for metric, parts in found.items()}
            for name, found in self.values.items()
        }
        print(f"{len(clusters)} lists")
        self._table(values, clusters)
        if several.sum() >= FEWEST:
            print(f"\n{several.sum()} lists for users of several interests")
            for name, found in values.items():
                measured = np.concatenate(self.interest[name])
                values[name] = {
                    "interests covered@10": measured[:, 0],
                    "divergence@10": measured[:, 1],
                    **{metric: found[metric][several] for metric in ("recall@10", "ndcg@10")},
                }
            self._table(values, clusters[several])

    @staticmethod
    def _table(values: Mapping[str, Mapping[str, np.ndarray]], clusters: np.ndarray) -> None:
        for name, found in values.items():
            print(f"  {name}")
            for metric, each in found.items():
                line = f"    {metric:24} {np.nanmean(each):.4f}"
                if name != OFF:
                    one, low, high = intervals(each, values[OFF][metric], clusters)
                    line += f"  {one:+.1%} [{low:+.1%}, {high:+.1%}]"
                print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dataset")
    parser.add_argument("--fold", nargs="+", default=["test"])
    parser.add_argument("--strategy", default="fast,explain=none,ask=false")
    parser.add_argument("--on", nargs="+", default=["diversity=auto"], help="switches to compare with off")
    parser.add_argument("--sample", type=int)
    options = parser.parse_args()
    lists = Lists(
        {OFF: f"{options.strategy},diversity=0", **{on: f"{options.strategy},{on}" for on in options.on}}
    )
    for fold in options.fold:
        part = int(fold) if fold.isdigit() else fold
        lists.add(load_dataset(options.dataset, fold=part, sample=options.sample))
    lists.report()


if __name__ == "__main__":
    main()
