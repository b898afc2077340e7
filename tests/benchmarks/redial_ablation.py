"""What each source and stage is worth in a conversation: each removed in turn, the weights fitted again.

    python tests/benchmarks/redial_ablation.py                 # retrieval and memory
    python tests/benchmarks/redial_ablation.py --folds 0

Every turn of each fold of ``redial`` is ranked by weights that were fitted on the fold's memory alone.
Differences are to the full set, paired by turn, with intervals by bootstrap over dialogues. Lists are not
diversified but where the row says so.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agent import Recommender, Strategy
from agent.fitting import choices_of, fitted_sources
from agent.ranking import Choice, diversify, fit_log_linear
from agent.retrieval import build_query, reciprocal_rank_fusion
from eval.datasets import EvalSet, load_dataset
from eval.protocols import NextItem, RecommenderSystem
from eval.statistics import mean_intervals

CUTOFFS = (1, 5, 10, 20)
STRATEGY = "fast,explain=none,ask=false,diversity=0"
MEMORY = ("neighbours", "own_neighbours", "word_neighbours", "co_mention", "mentions")
TEXT = ("embedding", "similar", "lexical")
GENRES = ("profile", "category")
DEEP = 50


@dataclass(frozen=True)
class Asked:
    """A turn to predict: its candidates with who proposed them, and what was right."""

    cluster: str
    rows: np.ndarray
    features: np.ndarray
    proposed: np.ndarray
    right: np.ndarray
    wanted: int
    fused: np.ndarray


def ask(data: EvalSet, recommender: Recommender) -> list[Asked]:
    """Every question of a fold with what each source says of every candidate."""
    system = RecommenderSystem(recommender, Strategy.parse(STRATEGY))
    parts, catalog = recommender.parts, data.catalog
    names = fitted_sources(recommender)
    sources = [parts.sources[name] for name in names]
    found = []
    for question in NextItem().questions(data):
        if not question.targets:
            continue
        made = recommender.recommend(
            question.request, system.context(question.unanswered), n=1, strategy=system.strategy
        )
        query = build_query(made.context, question.request)
        allowed = parts.filters.mask(made.context.constraints, made.context.known)
        lists = [source.retrieve(query, system.strategy.candidates, allowed) for source in sources]
        rows = np.unique([catalog.row(c.item_id) for each in lists for c in each]).astype(np.int64)
        place = {int(row): i for i, row in enumerate(rows)}
        features, proposed = np.zeros((len(rows), len(names))), np.zeros((len(rows), len(names)), dtype=bool)
        for column, (source, each) in enumerate(zip(sources, lists, strict=True)):
            said = source.score(query, rows)
            features[:, column] = 0.0 if said is None else said
            proposed[[place[catalog.row(c.item_id)] for c in each], column] = True
        fused = [catalog.row(f.item_id) for f in reciprocal_rank_fusion(lists)]
        targets = [catalog.row(target) for target in question.targets if target in catalog]
        found.append(
            Asked(
                question.cluster,
                rows,
                features,
                proposed,
                np.isin(rows, targets),
                len(question.targets),
                np.array([place[row] for row in fused], dtype=np.int64),
            )
        )
    return found


def recall(asked: Asked, order: np.ndarray) -> list[float]:
    """Recall at the cutoffs of candidates in an order."""
    return [float(asked.right[order[:k]].sum()) / asked.wanted for k in CUTOFFS]


def by_weights(asked: Asked, columns: Sequence[int], weights: np.ndarray) -> np.ndarray:
    """Candidates that the sources of some columns propose, by the sum of what these say."""
    own = np.flatnonzero(asked.proposed[:, columns].any(axis=1))
    return own[np.argsort(-(asked.features[own][:, columns] @ weights), kind="stable")]


def without(choices: Sequence[Choice], columns: Sequence[int]) -> np.ndarray:
    """Weights of some columns alone."""
    narrow = [Choice(c.features[:, columns], c.right, c.wanted, c.group) for c in choices]
    return fit_log_linear(narrow)


def variants(names: Sequence[str]) -> dict[str, list[int]]:
    """What is left of the sources, by what is removed."""
    every = list(range(len(names)))
    gone = {"nothing": (), **{name: (name,) for name in names}}
    gone |= {"the whole memory": MEMORY, "all texts": TEXT, "all genres": GENRES}
    return {removed: [i for i in every if names[i] not in out] for removed, out in gone.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folds", nargs="*", type=int, default=list(load_dataset("redial").folds))
    found: dict[str, list[list[float]]] = {}
    clusters: list[str] = []
    for fold in parser.parse_args().folds:
        data = load_dataset("redial", fold=fold)
        recommender = Recommender(data.catalog, None, dialogues=data.memory)
        vectors = recommender.parts.vectors
        choices = choices_of(recommender, recommender.parts.memory.dialogues)
        asked = ask(data, recommender)
        clusters += [each.cluster for each in asked]
        left = variants(fitted_sources(recommender))
        for removed, columns in left.items():
            weights = without(choices, columns)
            found.setdefault(removed, []).extend(recall(a, by_weights(a, columns, weights)) for a in asked)
        found.setdefault("the fitted weights (ranks fused)", []).extend(recall(a, a.fused) for a in asked)
        columns = left["nothing"]
        weights = without(choices, columns)
        for a in asked:
            best = by_weights(a, columns, weights)[:DEEP]
            scores = a.features[best][:, columns] @ weights
            order = best[diversify(vectors[a.rows[best]], scores, max(CUTOFFS), diversity=0.2)]
            found.setdefault("nothing, MMR at 0.2 added", []).append(recall(a, order))
        print(f"{fold}: {len(clusters)} turns", flush=True)
    show(found, np.array(clusters))


def show(found: dict[str, list[list[float]]], clusters: np.ndarray) -> None:
    """A markdown table: figures, and differences to the full set."""
    full = np.array(found["nothing"])
    print(f"| without | {' | '.join(f'R@{k}' for k in CUTOFFS)} | R@10 against all |\n|---|{'---|' * 5}")
    for removed, rows in found.items():
        values = np.array(rows)
        figures = " | ".join(f"{value:.3f}" for value in values.mean(axis=0))
        (gap,) = mean_intervals((values - full)[:, 2], clusters)
        print(f"| {removed} | {figures} | {gap.value:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}] |")


if __name__ == "__main__":
    main()
