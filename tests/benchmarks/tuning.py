"""What tuning is worth: the model alone, the whole pipeline, free lists, and opinions.

    python tests/benchmarks/tuning.py tune tuned                    # on all but the people of fold 0
    python tests/benchmarks/tuning.py ask untuned                   # beam alone and in the pipeline, fold 0
    python tests/benchmarks/tuning.py ask tuned --adapter tuned
    python tests/benchmarks/tuning.py ask many_shot --shots 8
    python tests/benchmarks/tuning.py compare untuned tuned many_shot
    python tests/benchmarks/tuning.py compare tuned:none tuned:0.5
    python tests/benchmarks/tuning.py free --adapter tuned
    python tests/benchmarks/tuning.py tune longer --go-on tuned --sample 60   # on 60 dialogues of fold 0
    python tests/benchmarks/tuning.py tune watched --dataset movies-history --users 1500
    python tests/benchmarks/tuning.py opinions --adapter watched
    python tests/benchmarks/tuning.py ask watched --adapter watched --dataset movies-history

``ask`` keeps every answer in ``--kept`` and goes on where it stopped. It asks the beam (``alone``), the
pipeline without a model (``none``), and the pipeline with the beam's list, once for each weight it is given.
``--validation`` asks the twentieth of the other folds' dialogues that tuning keeps for validation: where
options are chosen. Users of ``movies-history`` are learned from but for a fifth, whose opinions are asked.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agent import Recommender, UserContext
from agent.history_rankers import ndcg_of
from agent.lm import Sampling, load_model
from agent.localisation import text
from agent.prompting import render
from agent.settings import Settings
from agent.tuning import RowMaker
from eval.datasets import EvalSet, load_dataset
from eval.datasets.conversations import turns_to_predict
from eval.datasets.records import Dialogue, Question
from eval.protocols import RecommenderSystem
from eval.statistics import mean_intervals
from prompts import Message

BASE = "smollm2-135m-instruct"
LICENCES = {
    "redial": "CC BY 4.0 (ReDial, Li et al., NeurIPS 2018)",
    "movies-history": "MIT (MovieTweetings, Dooms et al., CrowdRec 2013)",
}
CUTOFFS = (1, 5, 10, 20)
MEASURES = (*(f"R@{k}" for k in CUTOFFS), "NDCG@10")
PIPELINE = "fast,explain=none,ask=false,diversity=0"
ALONE, NONE = "alone", "none"


def questions(data: EvalSet, sample: int, *, validation: bool) -> list[Question]:
    """Turns or users with something new to recommend: of the fold, or what tuning keeps for validation."""
    from agent.tuning.tune import held_out

    found = list(data.questions)
    if validation:
        kept = [Dialogue(d.id, d.turns, d.items) for d in data.memory if held_out(d.id)]
        found = [q for dialogue in kept for q in turns_to_predict(dialogue)]
    found = [question for question in found if question.targets]
    chosen = np.random.default_rng(0).permutation(len(found))[:sample]
    return [found[i] for i in chosen]


def recommender(data: EvalSet, model: str | None, adapter: Path | None, *, validation: bool) -> Recommender:
    from agent.tuning.tune import held_out

    memory = [d for d in data.memory if not (validation and held_out(d.id))]
    return Recommender(data.catalog, model, dialogues=memory, settings=Settings(adapter=adapter))


def ask(options: argparse.Namespace) -> None:
    """Ask all questions of one model, and keep the answers."""
    data = loaded(options)
    beam = f"{PIPELINE},generation=beam,beams={options.beams},beam_debias={options.debias}"
    if options.shots:
        beam += f",score_prompt=score/few_shot,shots={options.shots},prompt_tokens=2048"
    made = recommender(data, BASE, options.adapter, validation=options.validation)
    strategies = {f"{weight:g}": f"{beam},weights.generated={weight}" for weight in options.weights}
    systems = {
        name: RecommenderSystem(made, strategy, trace=True)
        for name, strategy in {**strategies, NONE: PIPELINE}.items()
    }
    # The beam's list hangs on the prompt alone, so it is searched for once for all weights.
    made.parts.generator.searched = cache(made.parts.generator.searched)  # type: ignore[method-assign]
    options.kept.mkdir(parents=True, exist_ok=True)
    file = options.kept / f"{options.name}.jsonl"
    done = {line["id"] for line in lines(file)}
    start = time.monotonic()
    asked = questions(data, options.sample, validation=options.validation)
    for count, question in enumerate(asked, start=1):
        if question.id in done:
            continue
        answers = {name: system(question.unanswered, max(CUTOFFS)) for name, system in systems.items()}
        ranked = {name: answer.ranked for name, answer in answers.items()}
        first = next(iter(strategies))
        searched = next((s for s in answers[first].trace or () if s["stage"] == "generate"), None)
        ranked[ALONE] = tuple(searched["outputs"]["items"]) if searched else ()
        measured = {name: measures(ids, question) for name, ids in ranked.items()}
        line = {
            "id": question.id,
            "cluster": question.cluster,
            "measures": measured,
            "ms": searched["milliseconds"] if searched else 0.0,
        }
        with file.open("a") as out:
            out.write(json.dumps(line) + "\n")
        if count % 20 == 0:
            print(f"{count} of {len(asked)}, {time.monotonic() - start:.0f} s", flush=True)
    compare([f"{options.name}:{part}" for part in (NONE, ALONE, *strategies)], options.kept)


def cache(search: Callable[..., Any]) -> Callable[..., Any]:
    """A search that remembers the latest answer."""
    latest: dict[Any, Any] = {}

    def cached(messages: Sequence[Message], allowed: np.ndarray, **more: Any) -> Any:
        key = (tuple(messages), allowed.tobytes())
        if key not in latest:
            latest.clear()
            latest[key] = search(messages, allowed, **more)
        return latest[key]

    return cached


def loaded(options: argparse.Namespace) -> EvalSet:
    """The data of a fold, or those before the test part of ``movies-history``."""
    history = options.dataset == "movies-history"
    return load_dataset(options.dataset, fold="test" if history else options.fold)


def measures(ids: Sequence[str], question: Question) -> list[float]:
    """Recall at the cutoffs, and NDCG@10."""
    right = np.array([i in question.targets for i in ids[: max(CUTOFFS)]], dtype=bool)
    recalls = [float(right[:k].sum()) / len(question.targets) for k in CUTOFFS]
    return [*recalls, ndcg_of(np.arange(len(right)), right, len(question.targets))]


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.is_file() else []


def compare(names: Sequence[str], kept: Path) -> None:
    """Recall of each system, and its difference to the first, on the questions that all were asked.

    Args:
        names: What was asked, with ``:none`` or ``:0.5`` for a pipeline; else the beam alone.
        kept: Where the answers are.
    """
    parts = {name: (name.partition(":")[0], name.partition(":")[2] or ALONE) for name in names}
    answers = {
        name: {line["id"]: line for line in lines(kept / f"{own}.jsonl")} for name, (own, _) in parts.items()
    }
    ids = sorted(set.intersection(*(set(each) for each in answers.values())))
    clusters = np.array([answers[names[0]][i]["cluster"] for i in ids])
    values = {
        name: np.array([answers[name][i]["measures"][part] for i in ids]) for name, (_, part) in parts.items()
    }
    for name in names:
        milliseconds = np.median([answers[name][i]["ms"] for i in ids])
        show(f"{name} ({len(ids)} turns, beam {milliseconds:.0f} ms)", values[name], clusters)
    for name in names[1:]:
        show(f"{name} - {names[0]}", values[name] - values[names[0]], clusters)


def show(name: str, values: np.ndarray, clusters: np.ndarray) -> None:
    figures = [
        f"{measure} {got.value:.3f} [{got.low:.3f}, {got.high:.3f}]"
        for measure, got in zip(MEASURES, mean_intervals(values, clusters), strict=True)
    ]
    print(f"{name}: {'  '.join(figures)}", flush=True)


def free(options: argparse.Namespace) -> None:
    """Lists of ten, written freely: titles that are in the catalog, and different ones a list."""
    data = loaded(options)
    made = recommender(data, BASE, options.adapter, validation=False)
    system = RecommenderSystem(made, "understand=rules")
    model, parts = made.parts.model, made.parts
    assert model is not None
    inside, written, distinct = 0, 0, []
    clusters, shares = [], []
    for question in questions(data, options.sample, validation=False):
        context = system.context(question.unanswered)
        prompt = render(
            parts.prompts,
            "recommend/zero_shot",
            context,
            made.catalog,
            count_tokens=model.count_tokens,
            budget=1024,
            request=question.request,
            n=10,
        )
        made_list = parts.generator.free(
            prompt.messages, np.ones(len(made.catalog), dtype=bool), Sampling(max_tokens=160)
        )
        titles = made_list.groundings[:10]
        found = [g.item_id for g in titles if g.item_id is not None]
        inside, written = inside + len(found), written + len(titles)
        distinct.append(len(set(found)))
        shares.append(len(found) / max(1, len(titles)))
        clusters.append(question.cluster)
    (share,) = mean_intervals(np.array(shares)[:, None], np.array(clusters))
    (different,) = mean_intervals(np.array(distinct, dtype=float)[:, None], np.array(clusters))
    print(f"{model.name}, {len(distinct)} lists: {written} titles, {inside} in the catalog")
    print(f"share in the catalog {share.value:.3f} [{share.low:.3f}, {share.high:.3f}]")
    print(f"different ones a list {different.value:.2f} [{different.low:.2f}, {different.high:.2f}]")


def tune(options: argparse.Namespace) -> None:
    """Tune on what may be learned from for a fold, or on people; or further, on dialogues of the fold."""
    from agent.tuning import LoraOptions, RowOptions, task_weights
    from agent.tuning import tune as run

    data = loaded(options)
    last = [0.0]

    def tell(what: str, done: int, total: int) -> None:
        if time.monotonic() - last[0] > 60 or done == total:
            last[0] = time.monotonic()
            print(f"{time.strftime('%H:%M:%S')} {what}: {done} of {total}", flush=True)

    dialogues = data.memory
    if options.go_on is not None:
        shutil.copytree(options.go_on, options.out, symlinks=True)
        own = {question.cluster for question in data.questions}
        others = load_dataset(options.dataset, fold=(int(options.fold) + 1) % 5).memory
        dialogues = tuple(d for d in others if d.id in own)[: options.sample]
    asked = {*apart(data)}
    tuned = run(
        data.catalog,
        options.out,
        model=BASE,
        dialogues=dialogues,
        interactions=[event for event in data.catalog.interactions if event.user_id not in asked],
        go_on=options.go_on is not None,
        licence=LICENCES[options.dataset],
        rows=RowOptions(
            users=options.users,
            items=options.items,
            prompt_tokens=options.prompt_tokens,
            debias=options.power,
            lists=options.lists,
            replies=options.replies,
            weights=task_weights(options.task_weights),
            measured=options.measured,
        ),
        lora=LoraOptions(
            epochs=options.epochs,
            learning_rate=options.learning_rate,
            minutes=options.minutes,
            seed=options.seed,
            evaluations=options.evaluations,
        ),
        progress=tell,
    )
    print(json.dumps(dict(tuned.card), indent=1))


def apart(data: EvalSet) -> list[str]:
    """A fifth of the users, whom nothing is learned from."""
    order = np.random.default_rng(1).permutation(sorted({e.user_id for e in data.catalog.interactions}))
    return [str(user) for user in order[: len(order) // 5]]


def opinions(options: argparse.Namespace) -> None:
    """AUC of whether people like a film, two films each, by what they think of others."""
    data = load_dataset("movies-history", fold="test")
    users: dict[str, list] = {}
    for event in data.catalog.interactions:
        users.setdefault(event.user_id, []).append(event)
    for adapter in (None, options.adapter):
        model = load_model(BASE if adapter is None else f"{BASE}+{adapter}")
        maker = RowMaker(Recommender(data.catalog, model), model.count_tokens, budget=512)
        rng = np.random.default_rng(2)
        scores: list[float] = []
        right, clusters = [], []
        for user in apart(data):
            known = UserContext(history=tuple(users[user])).attitudes
            if len(known) < 2 or len(scores) >= options.sample:
                continue
            for item in rng.permutation(list(known))[:2]:
                others = {i: a for i, a in known.items() if i != item}
                words = [text("judge.yes"), text("judge.no")]
                yes, no = model.score(maker.judging(others, str(item)).messages, words).logprobs
                scores.append(yes - no)
                right.append(known[str(item)] > 0)
                clusters.append(user)
        show_auc(model.name, np.array(scores), np.array(right), np.array(clusters))


def show_auc(name: str, scores: np.ndarray, right: np.ndarray, clusters: np.ndarray) -> None:
    """AUC with a 95% interval by bootstrap over users."""
    from scipy.stats import rankdata

    def auc(rows: np.ndarray) -> float:
        ranks, likes = rankdata(scores[rows]), right[rows]
        above = ranks[likes].sum() - likes.sum() * (likes.sum() + 1) / 2
        return float(above / (likes.sum() * (~likes).sum()))

    rng, rows_of = np.random.default_rng(0), {c: np.flatnonzero(clusters == c) for c in set(clusters)}
    people = sorted(rows_of)
    draws = [auc(np.concatenate([rows_of[c] for c in rng.choice(people, len(people))])) for _ in range(1000)]
    low, high = np.percentile(draws, [2.5, 97.5])
    print(
        f"{name}: AUC {auc(np.arange(len(scores))):.3f} [{low:.3f}, {high:.3f}], {len(scores)} opinions",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("tune", "ask", "compare", "free", "opinions"))
    parser.add_argument("names", nargs="*")
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--kept", type=Path, default=Path("runs/tuning"))
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--validation", action="store_true")
    parser.add_argument("--shots", type=int, default=0)
    parser.add_argument("--beams", type=int, default=32)
    parser.add_argument("--debias", type=float, default=0.0)
    parser.add_argument("--weights", type=float, nargs="*", default=[0.5], help="of the beam's list")
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--items", type=int, default=600)
    parser.add_argument("--users", type=int, default=1500)
    parser.add_argument("--dataset", choices=tuple(LICENCES), default="redial")
    parser.add_argument("--go-on", type=Path, metavar="FOLDER", help="an adapter to tune further")
    parser.add_argument("--task-weights", default="", metavar="TASK=NUMBER,...")
    parser.add_argument("--learning-rate", type=float, default=4e-4)
    parser.add_argument("--prompt-tokens", type=int, default=512)
    parser.add_argument("--power", type=float, default=0.2)
    parser.add_argument("--lists", type=float, default=1.0)
    parser.add_argument("--replies", type=float, default=0.15)
    parser.add_argument("--measured", type=int, default=40)
    parser.add_argument("--evaluations", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.name = options.names[0] if options.names else ""
    options.out = Path(options.name)
    if options.what == "compare":
        compare(options.names, options.kept)
    else:
        {"tune": tune, "ask": ask, "free": free, "opinions": opinions}[options.what](options)


if __name__ == "__main__":
    main()
