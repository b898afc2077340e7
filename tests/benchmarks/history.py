"""What users like next: the pipeline against sources tuned in the same run, and without each of its own.

python tests/benchmarks/history.py          # the test part of movies-history, which chose nothing
python tests/benchmarks/history.py --write  # fit the shipped weights, on what comes before the test part
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import agent.ranking
from agent import Recommender
from agent.history_fitting import fit_history, windows
from agent.history_rankers import ndcg_of
from agent.ranking import LogLinearRanker
from agent.retrieval import HistoryModels
from agent.retrieval.history_tuning import tune
from eval.datasets import DATASETS, EvalSet, Question, load_dataset
from eval.floors import ItemTextFloor, PopularityFloor
from eval.protocols import RecommenderSystem
from eval.statistics import mean_intervals

SHIPPED = Path(agent.ranking.__file__).parent / "history.json"
DEPTH = 50
STRATEGY = "fast,explain=none,diversity=0"


def write() -> None:
    """Fit the weights on the training and validation part, into the package."""
    data = load_dataset("movies-history", fold="test")
    recommender = Recommender(data.catalog, None)
    fitted = fit_history(data.catalog, data.catalog.interactions, recommender.parts.vectors, print)
    info = DATASETS["movies-history"]
    about = {
        "fitted by": "python tests/benchmarks/history.py --write",
        "data": f"movies-history, before its test part ({info.credit}; {info.licence})",
    }
    LogLinearRanker(fitted.ranker.weights, {**about, **fitted.ranker.provenance}).save(SHIPPED)
    print(fitted.models.options, dict(fitted.ranker.weights), dict(fitted.ndcg))


def lists(data: EvalSet) -> dict[str, list[Sequence[str]]]:
    """The list of each system for each question."""
    recommender = Recommender(data.catalog, None)
    parts = recommender.parts
    cut = [w for w in windows(data.catalog, data.catalog.interactions) if w.asked]
    options = tune(
        data.catalog, [(w.before, [(a.query, a.allowed, a.right) for a in w.asked[:200]]) for w in cut]
    )
    print("tuned alone:", options, flush=True)
    alone = HistoryModels.fit(data.catalog, data.catalog.interactions, parts.vectors, options).sources
    systems = {"pipeline": RecommenderSystem(recommender, STRATEGY)}
    names = tuple(name for name in parts.history_ranker.sources if parts.has(name))
    for name in names:
        others = "|".join(other for other in names if other != name)
        systems[f"without {name}"] = RecommenderSystem(recommender, f"{STRATEGY},sources={others}")
    systems["no newcomers"] = RecommenderSystem(recommender, f"{STRATEGY},newcomers=0")
    cache = recommender.settings.cache_dir
    floors = {
        "popularity": PopularityFloor(data),
        "item text": ItemTextFloor(data, parts.embedder, cache_dir=cache),
    }
    found: dict[str, list[Sequence[str]]] = {
        name: [made(q.unanswered, DEPTH).ranked for q in data.questions]
        for name, made in {**systems, **floors}.items()
    }
    queries = [_asked(systems["pipeline"], question) for question in data.questions]
    for name in ("recent", "item_knn", "ease", "als", "user_graph"):
        found[name] = [
            [c.item_id for c in alone[name].retrieve(query, DEPTH, allowed)] for query, allowed in queries
        ]
    return found


def report(data: EvalSet, found: dict[str, list[Sequence[str]]]) -> None:
    """NDCG@10 and recall of all, with paired differences from the pipeline."""
    counts = data.counts
    few = np.array([len({e.item_id for e in q.history}) <= 5 for q in data.questions])
    cold = np.array([all(not counts.get(t) for t in q.targets) for q in data.questions])
    users = np.array([q.cluster for q in data.questions])
    ndcg = {name: np.array(list(map(_ndcg, ranked, data.questions))) for name, ranked in found.items()}
    recall = {name: np.array(list(map(_recall, ranked, data.questions))) for name, ranked in found.items()}
    for title, values, part in (
        ("NDCG@10, all", ndcg, few | True),
        ("NDCG@10, at most 5 items used", ndcg, few),
        ("recall@50, all", recall, few | True),
        ("recall@50, items that nobody has used", recall, cold),
    ):
        print(f"\n{title} ({part.sum()} users)")
        ours = values["pipeline"][part]
        for name, all_of in values.items():
            theirs = all_of[part]
            mean, difference = mean_intervals(np.column_stack([theirs, ours - theirs]), users[part])
            print(
                f"  {name:20s} {mean.value:.4f} [{_shown(mean.low)}, {_shown(mean.high)}]  pipeline "
                f"{difference.value:+.4f} [{_shown(difference.low)}, {_shown(difference.high)}]"
            )


def _asked(system: RecommenderSystem, question: Question) -> tuple[object, np.ndarray]:
    from agent.retrieval import build_query

    context = system.context(question.unanswered)
    return build_query(context), system.recommender.parts.filters.mask((), context.known)


def _ndcg(ranked: Sequence[str], question: Question) -> float:
    right = np.array([item in question.targets for item in ranked], dtype=bool)
    return ndcg_of(np.arange(len(right)), right, len(question.targets))


def _recall(ranked: Sequence[str], question: Question) -> float:
    return len({*ranked[:DEPTH]} & {*question.targets}) / len(question.targets)


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    if parser.parse_args().write:
        write()
        return
    data = load_dataset("movies-history", fold="test")
    report(data, lists(data))


if __name__ == "__main__":
    main()
