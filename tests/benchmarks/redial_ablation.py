"""What each source and stage is worth in a conversation: each removed in turn, the weights fitted again.

    python tests/benchmarks/redial_ablation.py

Every turn of each fold of ``redial`` is ranked with the memory of the other folds' dialogues, by weights that
were fitted on their turns. Differences are to the full set, paired by turn, with intervals by bootstrap over
dialogues. Lists are not diversified but where the row says so.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agent import Recommender, Strategy, UserContext
from agent.fitting import fitted_sources
from agent.ranking import (
    Aspects,
    Choice,
    candidate_features,
    diversify,
    feature_names,
    fit_log_linear,
)
from agent.retrieval import build_query, reciprocal_rank_fusion
from eval.datasets import EvalSet, Question, load_dataset
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

    question: Question
    context: UserContext
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
    sources = [parts.sources[name] for name in fitted_sources(recommender)]
    owner = [name.removesuffix("_place") for name in feature_names(s.name for s in sources)]
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
        _, columns = candidate_features(sources, query, system.strategy.candidates, allowed, catalog)
        found_by = np.zeros((len(rows), len(sources)), dtype=bool)
        for column, each in enumerate(lists):
            found_by[[place[catalog.row(c.item_id)] for c in each], column] = True
        proposed = found_by[:, [[s.name for s in sources].index(name) for name in owner]]
        fused = [catalog.row(f.item_id) for f in reciprocal_rank_fusion(lists)]
        targets = [catalog.row(target) for target in question.targets if target in catalog]
        found.append(
            Asked(
                question,
                made.context,
                rows,
                columns,
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


def crossed(
    asked: Mapping[int | str, Sequence[Asked]], fold: int | str, columns: Sequence[int] | None = None
) -> np.ndarray:
    """Weights for the turns of a fold, of all features or some columns: from the turns of the other folds."""
    kept = slice(None) if columns is None else list(columns)
    others = [a for other, some in asked.items() if other != fold for a in some if len(a.rows)]
    return fit_log_linear([Choice(a.features[:, kept], a.right, a.wanted) for a in others])


def variants(names: Sequence[str]) -> dict[str, list[int]]:
    """What is left of the sources, by what is removed."""
    features = feature_names(names)
    places = features[len(names) :]
    gone = {"nothing": (), **{name: (name,) for name in names}}
    gone |= {"the whole memory": MEMORY, "all texts": TEXT, "all genres": GENRES}
    left = {
        removed: [i for i, name in enumerate(features) if name.removesuffix("_place") not in out]
        for removed, out in gone.items()
    }
    return left | {"places": [i for i, name in enumerate(features) if name not in places]}


def spread(asked: Asked, best: np.ndarray, scores: np.ndarray, recommender: Recommender) -> np.ndarray:
    """Candidates, best first, spread by MMR."""
    rows, space = asked.rows[best], recommender.parts.space
    vectors, aspects = recommender.parts.vectors[rows], Aspects(space.categories(rows))
    return best[diversify(vectors, scores, max(CUTOFFS), aspects, method="mmr", diversity=0.2)]


def main() -> None:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    asked: dict[int | str, list[Asked]] = {}
    for fold in load_dataset("redial").folds:
        data = load_dataset("redial", fold=fold)
        recommender = Recommender(data.catalog, None, dialogues=data.memory)
        asked[fold] = ask(data, recommender)
        print(f"fold {fold}: {len(asked[fold])} turns", flush=True)
    found: dict[str, list[list[float]]] = {}
    for removed, columns in variants(fitted_sources(recommender)).items():
        for fold, some in asked.items():
            weights = crossed(asked, fold, columns)
            found.setdefault(removed, []).extend(recall(a, by_weights(a, columns, weights)) for a in some)
    found["the fitted weights (ranks fused)"] = [recall(a, a.fused) for some in asked.values() for a in some]
    for fold, some in asked.items():
        weights = crossed(asked, fold)
        for a in some:
            best = np.argsort(-(a.features @ weights), kind="stable")[:DEEP]
            order = spread(a, best, a.features[best] @ weights, recommender)
            found.setdefault("nothing, MMR at 0.2 added", []).append(recall(a, order))
    show(found, np.array([a.question.cluster for some in asked.values() for a in some]))


def show(found: dict[str, list[list[float]]], clusters: np.ndarray) -> None:
    """A markdown table: figures, and differences to the full set."""
    full = np.array(found["nothing"])
    names = " | ".join(f"R@{k}" for k in CUTOFFS)
    print(f"| without | {names} | R@1 against all | R@10 against all |\n|{'---|' * 7}")
    for removed, rows in found.items():
        values = np.array(rows)
        figures = " | ".join(f"{value:.3f}" for value in values.mean(axis=0))
        gaps = mean_intervals((values - full)[:, [0, 2]], clusters)
        told = " | ".join(f"{gap.value:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]" for gap in gaps)
        print(f"| {removed} | {figures} | {told} |")


if __name__ == "__main__":
    main()
