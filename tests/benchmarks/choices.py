"""How often is the right one of given options chosen, with no memory and no interactions?

    python tests/benchmarks/choices.py [--strategy default] [--no-model]

Recipe-MPR (Zhang et al., SIGIR 2023): a request and five recipes, one of which fits. The recommender is set
beside every scorer alone, overall and by the kinds of requests, with 95% intervals and the paired difference
to the best of them, and to itself without the language model. The last row chooses the two constants that
matter here, how far the query is moved away from what a wish turns down and what the language model's score
weighs, on nine tenths of the requests and is measured on the other tenth, ten times: what the shipped
constants owe to having seen these requests is the difference between it and the recommender's row.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

import numpy as np

from agent import Recommender, Strategy
from agent.feedback import apply_understanding
from agent.retrieval import Query, build_query, standardise
from eval.datasets import EvalSet, Question, load_dataset
from eval.protocols import RecommenderSystem
from eval.statistics import compare, mean_intervals

ALONE = "sources=embedding,fusion=scores,generation=none,explain=none,score_weight=1000,diversity=0"
NEGATIVE = (0.0, 0.3, 0.5, 0.7, 0.9, 1.2)
WITHOUT = "without the model"
WEIGHTS = (0.0, 0.2, 0.4, 0.6, 1.0)

Scorer = Callable[[Question], np.ndarray | None]


def hits(data: EvalSet, scorer: Scorer) -> np.ndarray:
    """1 where the right option has the highest score, shared by those that tie; shape (len(data),)."""
    found = []
    for question in data.questions:
        scores = scorer(question)
        scores = np.zeros(len(question.options)) if scores is None else scores
        best = np.flatnonzero(scores >= scores.max() - 1e-9)
        found.append(np.mean([question.options[i] in question.targets for i in best]))
    return np.array(found)


def asked(recommender: Recommender, question: Question) -> tuple[Query, np.ndarray]:
    """What the sources are asked, and the rows of the options."""
    context = RecommenderSystem(recommender).context(question)
    said = recommender.understand(question.request)
    rows = np.array([recommender.catalog.row(option) for option in question.options])
    return build_query(apply_understanding(context, said, recommender.catalog), said.text), rows


def source(recommender: Recommender, name: str) -> Scorer:
    """A candidate source that is given the request as it is."""

    def score(question: Question) -> np.ndarray | None:
        return recommender.parts.sources[name].score(Query(question.request), asked(recommender, question)[1])

    return score


def lists(recommender: Recommender, strategy: str) -> Scorer:
    """The recommender; scores are ranks."""
    system = RecommenderSystem(recommender, strategy)

    def score(question: Question) -> np.ndarray:
        ranked = system(question.unanswered, len(question.options)).ranked
        return np.array([-ranked.index(o) if o in ranked else -len(ranked) for o in question.options])

    return score


def pmi(recommender: Recommender) -> Scorer:
    """The language model alone: so much of it that the rest breaks ties."""
    system = RecommenderSystem(recommender, ALONE)

    def score(question: Question) -> np.ndarray:
        made = recommender.recommend(
            question.request, system.context(question), n=len(question.options), strategy=system.strategy
        )
        found = {r.item.id: r.score for r in made.items}
        return np.array([found[option] for option in question.options])

    return score


def chosen_elsewhere(data: EvalSet, recommender: Recommender, model: list[np.ndarray]) -> np.ndarray:
    """Hits with constants chosen on the other nine tenths."""
    embedding = recommender.parts.sources["embedding"]
    wanted, unwanted = [], []
    for question in data.questions:
        query, rows = asked(recommender, question)
        none = np.zeros(len(rows))
        for text, kept in ((query.text, wanted), (query.less, unwanted)):
            score = embedding.score(Query(text), rows)
            kept.append(none if score is None else score)
    grid = [
        hits(data, _replay([
            standardise(w - negative * u) + weight * standardise(m)
            for w, u, m in zip(wanted, unwanted, model, strict=True)
        ]))
        for negative in NEGATIVE
        for weight in WEIGHTS
    ]  # fmt: skip
    table = np.stack(grid)
    fold = np.random.default_rng(0).permutation(len(data)) % 10
    best = [table[:, fold != f].mean(axis=1).argmax() for f in range(10)]
    return np.array([table[best[f], i] for i, f in enumerate(fold)])


def _replay(scores: list[np.ndarray]) -> Scorer:
    remaining = iter(scores)
    return lambda question: next(remaining)


def report(data: EvalSet, systems: Mapping[str, np.ndarray], ours: str, alone: list[str]) -> None:
    """Print accuracies by slice, and the differences to the best scorer and to the embedding alone."""
    clusters = np.array([question.cluster for question in data.questions])
    names = sorted({name for question in data.questions for name in question.slices})
    has = {name: np.array([name in question.slices for question in data.questions]) for name in names}
    parts = {"all": np.ones(len(data), dtype=bool), **has, "not Negated": ~has["Negated"]}
    for part, keep in parts.items():
        print(f"{part} ({keep.sum()})")
        for name, values in systems.items():
            (found,) = mean_intervals(values[keep], clusters[keep])
            print(f"  {name:22} {found.value:.3f} [{found.low:.3f}, {found.high:.3f}]")
        best = max(alone, key=lambda name: systems[name][keep].mean())
        for baseline in dict.fromkeys((best, "embedding alone", *({WITHOUT} & systems.keys()))):
            pair = {name: systems[name][keep] for name in (ours, baseline)}
            difference = compare(pair, baseline, clusters[keep])[ours].difference
            shown = f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"
            print(f"  {ours} - {baseline}: {shown}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--strategy", default="explain=none")
    parser.add_argument("--no-model", action="store_true")
    options = parser.parse_args()
    Strategy.parse(options.strategy)
    data = load_dataset("recipes")
    recommender = Recommender(data.catalog, None if options.no_model else "auto")
    systems = {
        "embedding alone": hits(data, source(recommender, "embedding")),
        "BM25 alone": hits(data, source(recommender, "lexical")),
    }
    scores = [np.zeros(len(question.options)) for question in data.questions]
    if not options.no_model:
        score = pmi(recommender)
        scores = [score(question) for question in data.questions]
        systems["LM PMI alone"] = hits(data, _replay(scores))
    alone = list(systems)
    systems["recommender"] = hits(data, lists(recommender, options.strategy))
    if not options.no_model:
        retrieval = f"{options.strategy},generation=none,scorer=none"
        systems[WITHOUT] = hits(data, lists(recommender, retrieval))
    systems["constants from elsewhere"] = chosen_elsewhere(data, recommender, scores)
    report(data, systems, "recommender", alone)


if __name__ == "__main__":
    main()
