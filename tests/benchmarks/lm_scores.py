"""Does the language model add to fitted retrieval? Its scores of the best candidates, stored and weighed.

    python tests/benchmarks/lm_scores.py store SCORES.jsonl      # goes on where it stopped
    python tests/benchmarks/lm_scores.py report SCORES.jsonl
    python tests/benchmarks/lm_scores.py store TUNED.jsonl --adapter FOLDER --fold 0 --top 50 --beams 32

``store`` ranks every turn of every fold of ``redial`` by weights of the sources that were fitted on the turns
of the other folds, and writes what the model says of the first 20 titles, and of those that its beam finds
among the candidates:  log p(title | conversation)  and  log p(title | the same prompt without it),  in an
order of turns by chance, so that any part of the file is a sample. ``report`` weighs these as further
features of the log-linear ranker, for each fold by the turns of the other folds alone, so that no turn chose
anything that ranks it; where an adapter leaves but the fold that it did not learn from, for each fifth of its
dialogues by the others. Differences to the fitted ranking are paired by turn, with intervals by bootstrap
over dialogues. Lists are not diversified.
"""

from __future__ import annotations

import argparse
import json
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from redial_ablation import Asked, ask, crossed

from agent import Recommender, UserContext
from agent.lm import LanguageModel
from agent.prompting import prompt_inputs
from agent.ranking import Choice, fit_log_linear
from agent.settings import Settings
from eval.datasets import load_dataset
from eval.statistics import mean_intervals
from prompts import Message, PromptLibrary
from prompts.budget import fit

PROMPT = "score/next_title"
BUDGET = 1024
CUTOFFS = (1, 5, 10, 20)

Row = Mapping[str, Any]

FEATURES: dict[str, Callable[[Row], list[np.ndarray]]] = {
    "the fitted weights alone": lambda row: [],
    "PMI": lambda row: [row["given"] - row["blank"]],
    "PMI, standardised": lambda row: [standard(row["given"] - row["blank"])],
    "log p": lambda row: [row["given"]],
    "log p and log p without the conversation": lambda row: [row["given"], row["blank"]],
    "the same by token": lambda row: [row["given"] / row["tokens"], row["blank"] / row["tokens"]],
    "both and the number of tokens": lambda row: [row["given"], row["blank"], row["tokens"]],
    "place by log p": lambda row: [10 / (10 + np.argsort(np.argsort(-row["given"])))],
    "place in the beam": lambda row: [row["beam"]],
    "log p and place in the beam": lambda row: [row["given"], row["beam"]],
    "log p without the conversation alone": lambda row: [row["blank"]],
}


def standard(values: np.ndarray) -> np.ndarray:
    """Mean 0 and standard deviation 1."""
    return np.asarray((values - values.mean()) / (values.std() + 1e-9))


def prompt(context: UserContext, request: str, recommender: Recommender) -> Sequence[Message]:
    """The scoring prompt, within the budget of a turn."""
    inputs = prompt_inputs(context, recommender.catalog, request=request)
    template = PromptLibrary().get(PROMPT, "en")
    return fit(template, inputs, model_of(recommender).count_tokens, BUDGET).messages


def model_of(recommender: Recommender) -> LanguageModel:
    """The model, which is there."""
    model = recommender.parts.model
    assert model is not None
    return model


def scored(a: Asked, weights: np.ndarray, recommender: Recommender, top: int, beams: int) -> dict[str, Any]:
    """What the model says of the first titles of a turn, and of its own where it searches for some."""
    said, parts = a.features @ weights, recommender.parts
    conversation = prompt(a.context, a.question.request, recommender)
    start = time.perf_counter()
    places: dict[int, float] = {}
    if beams:
        allowed = parts.filters.mask(a.context.constraints, a.context.known)
        found = parts.generator.searched(conversation, allowed, width=beams, n=2 * beams).candidates
        places = {recommender.catalog.row(c.item_id): 10 / (10 + rank) for rank, c in enumerate(found, 1)}
    searched = time.perf_counter() - start
    beam = np.array([places.get(int(row), 0.0) for row in a.rows])
    order = np.argsort(-said, kind="stable")
    best = np.concatenate([order[:top], [i for i in order[top:] if beam[i]]]).astype(np.int64)
    spoken = [" " + parts.generator.titles[row] for row in a.rows[best]]
    start = time.perf_counter()
    given = model_of(recommender).score(conversation, spoken)
    seconds = time.perf_counter() - start
    blank, _ = parts.scorer.priors(prompt(UserContext(), "", recommender), a.rows[best])
    return {
        "id": a.question.id,
        "dialogue": a.question.cluster,
        "wanted": a.wanted,
        "rows": a.rows[best].tolist(),
        "right": a.right[best].tolist(),
        "fitted": said[best].round(5).tolist(),
        "given": given.logprobs.round(4).tolist(),
        "blank": blank.astype(float).round(4).tolist(),
        "beam": beam[best].round(4).tolist(),
        "tokens": given.tokens.tolist(),
        "prompt_tokens": given.usage.prompt_tokens,
        "seconds": round(seconds, 3),
        "searched": round(searched, 3),
    }


def store(
    path: Path, top: int, beams: int = 0, adapter: Path | None = None, only: int | str | None = None
) -> None:
    """Append a line a turn; turns that are there are not asked again."""
    done = {row["id"] for row in read(path)} if path.exists() else set()
    asked = {}
    for fold in load_dataset("redial").folds:
        data = load_dataset("redial", fold=fold)
        asked[fold] = ask(data, Recommender(data.catalog, None, dialogues=data.memory))
    weights = {fold: crossed(asked, fold) for fold in asked}
    recommender = Recommender(
        load_dataset("redial").catalog, "auto", dialogues=(), settings=Settings(adapter=adapter)
    )
    turns = [(fold, a) for fold, some in asked.items() if only in (None, fold) for a in some if len(a.rows)]
    order = np.random.default_rng(0).permutation(len(turns))
    with path.open("a", encoding="utf-8") as file:
        for count, (fold, a) in enumerate(turns[i] for i in order):
            if a.question.id not in done:
                line = {"fold": fold, **scored(a, weights[fold], recommender, top, beams)}
                file.write(json.dumps(line) + "\n")
                file.flush()
            if count % 100 == 0:
                print(f"{count} of {len(turns)} turns", flush=True)


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The stored turns, lists as arrays."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield {key: np.array(value) if isinstance(value, list) else value for key, value in row.items()}


def measures(right: np.ndarray, wanted: int) -> list[float]:
    """Recall at the cutoffs and the reciprocal rank of the first that is right."""
    first = np.flatnonzero(right)
    recalls = [right[:k].sum() / wanted for k in CUTOFFS]
    return [*map(float, recalls), 1 / (first[0] + 1) if len(first) else 0.0]


def ranked(rows: Sequence[Row], features: Callable[[Row], list[np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Measures of each turn, ranked by weights of the other folds, and the mean weights."""
    choices = [
        Choice(
            np.column_stack([row["fitted"], *features(row)]).astype(np.float64), row["right"], row["wanted"]
        )
        for row in rows
    ]
    several = len({row["fold"] for row in rows}) > 1
    groups = [row["fold"] if several else zlib.crc32(row["dialogue"].encode()) % 5 for row in rows]
    weights = {
        group: fit_log_linear([c for c, own in zip(choices, groups, strict=True) if own != group])
        for group in set(groups)
    }
    found = []
    for choice, group in zip(choices, groups, strict=True):
        order = np.argsort(-(choice.features @ weights[group]), kind="stable")
        found.append(measures(choice.right[order], choice.wanted))
    return np.array(found), np.mean(list(weights.values()), axis=0)


def report(path: Path) -> None:
    """A markdown table: figures, differences to the fitted weights alone, and the weights."""
    rows = list(read(path))
    clusters = [row["dialogue"] for row in rows]
    seconds = np.median([row["seconds"] for row in rows])
    searched = np.median([row["searched"] for row in rows])
    titles = len(rows[0]["rows"])
    print(f"{len(rows)} turns, {seconds:.2f} s to score {titles} titles, {searched:.2f} s to search")
    names = [*(f"R@{k}" for k in CUTOFFS), "MRR"]
    print(f"| + | {' | '.join(names)} | R@1, R@5, R@10, MRR against the first row | weights |\n|{'---|' * 8}")
    base: np.ndarray | None = None
    for name, features in FEATURES.items():
        values, weights = ranked(rows, features)
        base = values if base is None else base
        gaps = mean_intervals((values - base)[:, [0, 1, 2, 4]], clusters)
        told = "; ".join(f"{gap.value:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]" for gap in gaps)
        figures = " | ".join(f"{value:.4f}" for value in values.mean(axis=0))
        print(f"| {name} | {figures} | {told} | {' '.join(f'{w:.3f}' for w in weights)} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["store", "report"])
    parser.add_argument("path", type=Path)
    parser.add_argument("--top", type=int, default=20, help="titles scored a turn")
    parser.add_argument("--beams", type=int, default=0, help="width of the model's own search; 0: none")
    parser.add_argument("--adapter", type=Path, help="of the model, tuned without the fold that is asked")
    parser.add_argument("--fold", type=int, help="the only fold that is asked")
    options = parser.parse_args()
    if options.command == "store":
        store(options.path, options.top, options.beams, options.adapter, options.fold)
    report(options.path)


if __name__ == "__main__":
    main()
