"""Fit the weights of the candidate sources on the shipped conversations, and measure what they are worth.

    python tests/benchmarks/conversation_weights.py          # recall on folds that chose nothing
    python tests/benchmarks/conversation_weights.py --write  # fit on all of them, into the package

The folds are those of ``redial``: by dialogue, no person in two of them. For each, the weights are fitted on
the other dialogues, every turn of which is predicted without its own dialogue.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import agent.ranking
from agent import Recommender, Strategy
from agent.fitting import Fit, fit_ranker
from agent.profile import Profile
from agent.ranking import LogLinearRanker
from eval.datasets import DATASETS, EvalSet, load_dataset
from eval.protocols import NextItem, RecommenderSystem
from eval.statistics import mean_intervals

CUTOFFS = (1, 5, 10, 20, 50)
SHIPPED = Path(agent.ranking.__file__).parent
ALONE = ("mentions", "embedding", "similar", "profile", "lexical", "category")
"""Sources that say something without a memory; how many dialogues name an item stands for its popularity."""

_SHRUNK = 0.5
"""Part of the weight of mentions that popularity is given: a catalog counts all its users over years, not
the conversations at hand. It costs no more than 0.005 of recall@10 on ``redial``."""


def fit(data: EvalSet) -> Fit:
    """Weights from the memory of a data set."""
    return fit_ranker(Recommender(data.catalog, None, dialogues=data.memory))


def recalls(data: EvalSet, ranker: LogLinearRanker, strategy: str) -> list[tuple[str, bool, np.ndarray]]:
    """For each question: its dialogue, whether an item was mentioned before, and recall at the cutoffs."""
    recommender = Recommender(data.catalog, None, dialogues=data.memory, profile=Profile(ranker=ranker))
    system = RecommenderSystem(recommender, Strategy.parse(strategy))
    found = []
    for question in NextItem().questions(data):
        if question.targets:
            ranked = system(question.unanswered, max(CUTOFFS)).ranked
            hit = [len({*ranked[:k]} & {*question.targets}) / len(question.targets) for k in CUTOFFS]
            found.append((question.cluster, bool(question.mentioned), np.array(hit)))
    return found


def report(name: str, found: list[tuple[str, bool, np.ndarray]]) -> None:
    """One line a slice."""
    clusters = np.array([cluster for cluster, _, _ in found])
    mentioned = np.array([some for _, some, _ in found])
    values = np.array([hit for _, _, hit in found])
    for part, keep in (("all", mentioned | True), ("nothing mentioned", ~mentioned)):
        intervals = mean_intervals(values[keep], clusters[keep])
        shown = [
            f"R@{k} {got.value:.3f} [{got.low:.3f}, {got.high:.3f}]"
            for k, got in zip(CUTOFFS, intervals, strict=True)
        ]
        print(f"{name}, {part} ({keep.sum()}): {'  '.join(shown)}", flush=True)


def write() -> None:
    """Fit on all folds' dialogues together, with their memory and without, into the package."""
    folds = [load_dataset("redial", fold=fold) for fold in load_dataset("redial").folds]
    dialogues = {dialogue.id: dialogue for data in folds for dialogue in data.memory}
    info = DATASETS["redial"]
    for name, sources in (("conversational", Strategy().sources), ("titles", ALONE)):
        strategy = Strategy(sources=sources)
        recommender = Recommender(
            folds[0].catalog, None, dialogues=tuple(dialogues.values()), strategy=strategy
        )
        fitted = fit_ranker(recommender)
        provenance = {
            "fitted by": "python tests/benchmarks/conversation_weights.py --write",
            "data": f"redial ({info.credit}; {info.licence})",
            "checksum": info.checksum,
            **fitted.ranker.provenance,
        }
        weights = dict(fitted.ranker.weights)
        if name == "titles":
            weights["popularity"] = _SHRUNK * weights.pop("mentions")
        LogLinearRanker(weights, provenance).save(SHIPPED / f"{name}.json")
        print(name, weights, fitted.recall, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--strategy", default="fast,explain=none")
    options = parser.parse_args()
    if options.write:
        write()
        return
    found: list[tuple[str, bool, np.ndarray]] = []
    for fold in load_dataset("redial").folds:
        data = load_dataset("redial", fold=fold)
        found += recalls(data, fit(data).ranker, options.strategy)
    report(options.strategy, found)


if __name__ == "__main__":
    main()
