"""What the conversations that come with ``movies`` are worth to someone who talks about movies.

    python tests/benchmarks/movies_dialogues.py --sample 300

Turns of these conversations are predicted from all others, and without any. Unlike the folds of ``redial``,
other conversations of the same people stay remembered.
"""

from __future__ import annotations

import argparse

import numpy as np

from agent import Catalog, Recommender, Strategy
from agent.dialogues import dialogues_of
from eval.datasets.conversations import turns_to_predict
from eval.datasets.records import Dialogue, Question
from eval.protocols import RecommenderSystem
from eval.statistics import mean_intervals

CUTOFFS = (5, 10, 20)
STRATEGY = "fast,explain=none,ask=false"


def drawn(catalog: Catalog, sample: int) -> list[Question]:
    """Turns that name a movie nobody has said yet."""
    dialogues = [Dialogue(d.id, d.turns, d.items) for d in dialogues_of(catalog)]
    questions = [q for dialogue in dialogues for q in turns_to_predict(dialogue) if q.targets]
    chosen = np.random.default_rng(0).choice(len(questions), min(sample, len(questions)), replace=False)
    return [questions[i] for i in sorted(chosen)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=300)
    catalog = Catalog.load("movies")
    questions = drawn(catalog, parser.parse_args().sample)
    clusters = np.array([question.cluster for question in questions])
    rows = {}
    for name, dialogues in (("with", None), ("without", ())):
        system = RecommenderSystem(Recommender(catalog, None, dialogues=dialogues), Strategy.parse(STRATEGY))
        lists = [system(question.unanswered, max(CUTOFFS)).ranked for question in questions]
        rows[name] = np.array(
            [
                [len({*ranked[:k]} & {*q.targets}) / len(q.targets) for k in CUTOFFS]
                for ranked, q in zip(lists, questions, strict=True)
            ]
        )
        show(f"{name} the conversations", rows[name], clusters)
    show("difference", rows["with"] - rows["without"], clusters)


def show(name: str, values: np.ndarray, clusters: np.ndarray) -> None:
    """One line of figures with intervals by dialogue."""
    figures = [
        f"R@{k} {got.value:.3f} [{got.low:.3f}, {got.high:.3f}]"
        for k, got in zip(CUTOFFS, mean_intervals(values, clusters), strict=True)
    ]
    print(f"{name} ({len(values)} turns): {'  '.join(figures)}", flush=True)


if __name__ == "__main__":
    main()
