"""What tuning is worth on ``redial``: the model alone, the whole pipeline, free lists, and opinions.

    python tests/benchmarks/tuning.py tune tuned                    # on all but the people of fold 0
    python tests/benchmarks/tuning.py ask untuned                   # beam alone and in the pipeline, fold 0
    python tests/benchmarks/tuning.py ask tuned --adapter tuned
    python tests/benchmarks/tuning.py ask many_shot --shots 8
    python tests/benchmarks/tuning.py compare untuned tuned many_shot
    python tests/benchmarks/tuning.py compare tuned:none tuned:1
    python tests/benchmarks/tuning.py free --adapter tuned
    python tests/benchmarks/tuning.py opinions tuned_on_movies

``ask`` keeps every answer in ``--kept`` and goes on where it stopped. It asks the beam (``alone``), the
pipeline without a model (``none``), and the pipeline with the beam's list, once for each weight it is given.
``--validation`` asks the twentieth of the other folds' dialogues that tuning keeps for validation: where
options are chosen.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agent import Recommender
from agent.lm import Sampling, load_model
from agent.prompting import render
from agent.settings import Settings
from eval.datasets import EvalSet, load_dataset
from eval.datasets.conversations import turns_to_predict
from eval.datasets.records import Dialogue, Question
from eval.protocols import RecommenderSystem
from eval.statistics import mean_intervals
from prompts import Message

BASE = "smollm2-135m-instruct"
CUTOFFS = (1, 5, 10, 20)
PIPELINE = "fast,explain=none,ask=false,diversity=0"
ALONE, NONE = "alone", "none"


def questions(data: EvalSet, sample: int, *, validation: bool) -> list[Question]:
    """Turns with something new to recommend: of the fold, or of what tuning keeps for validation."""
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
    data = load_dataset("redial", fold=options.fold)
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
        recall = {name: [_recall(ids, question, k) for k in CUTOFFS] for name, ids in ranked.items()}
        line = {
            "id": question.id,
            "cluster": question.cluster,
            "recall": recall,
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


def _recall(ids: Sequence[str], question: Question, k: int) -> float:
    return len({*ids[:k]} & {*question.targets}) / len(question.targets)


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.is_file() else []


def compare(names: Sequence[str], kept: Path) -> None:
    """Recall of each system, and its difference to the first, on the questions that all were asked.

    Args:
        names: What was asked, with ``:none`` or ``:1`` for a pipeline; else the beam alone.
        kept: Where the answers are.
    """
    parts = {name: (name.partition(":")[0], name.partition(":")[2] or ALONE) for name in names}
    answers = {
        name: {line["id"]: line for line in lines(kept / f"{own}.jsonl")} for name, (own, _) in parts.items()
    }
    ids = sorted(set.intersection(*(set(each) for each in answers.values())))
    clusters = np.array([answers[names[0]][i]["cluster"] for i in ids])
    values = {
        name: np.array([answers[name][i]["recall"][part] for i in ids]) for name, (_, part) in parts.items()
    }
    for name in names:
        milliseconds = np.median([answers[name][i]["ms"] for i in ids])
        show(f"{name} ({len(ids)} turns, beam {milliseconds:.0f} ms)", values[name], clusters)
    for name in names[1:]:
        show(f"{name} - {names[0]}", values[name] - values[names[0]], clusters)


def show(name: str, values: np.ndarray, clusters: np.ndarray) -> None:
    figures = [
        f"R@{k} {got.value:.3f} [{got.low:.3f}, {got.high:.3f}]"
        for k, got in zip(CUTOFFS, mean_intervals(values, clusters), strict=True)
    ]
    print(f"{name}: {'  '.join(figures)}", flush=True)


def free(options: argparse.Namespace) -> None:
    """Lists of ten, written freely: titles that are in the catalog, and different ones a list."""
    data = load_dataset("redial", fold=options.fold)
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
    """Tune on what may be learned from for a fold."""
    from agent.tuning import LoraOptions, RowOptions
    from agent.tuning import tune as run

    data = load_dataset("redial", fold=options.fold)
    last = [0.0]

    def tell(what: str, done: int, total: int) -> None:
        if time.monotonic() - last[0] > 60 or done == total:
            last[0] = time.monotonic()
            print(f"{time.strftime('%H:%M:%S')} {what}: {done} of {total}", flush=True)

    tuned = run(
        data.catalog,
        options.out,
        model=BASE,
        dialogues=data.memory,
        licence="CC BY 4.0 (ReDial, Li et al., NeurIPS 2018); MIT (MovieTweetings)",
        rows=RowOptions(
            items=options.items,
            prompt_tokens=options.prompt_tokens,
            debias=options.power,
            lists=options.lists,
            replies=options.replies,
            measured=options.measured,
        ),
        lora=LoraOptions(
            epochs=options.epochs,
            minutes=options.minutes,
            seed=options.seed,
            evaluations=options.evaluations,
        ),
        progress=tell,
    )
    print(json.dumps(dict(tuned.card), indent=1))


def opinions(options: argparse.Namespace) -> None:
    """AUC of whether people like a film: tuned on some users of ``movies``, asked of others."""
    from agent import Catalog
    from agent.context import UserContext
    from agent.localisation import text
    from agent.tuning import LoraOptions, RowMaker, RowOptions
    from agent.tuning import tune as run

    catalog = Catalog.load("movies")
    users: dict[str, list] = {}
    for event in catalog.interactions:
        users.setdefault(event.user_id, []).append(event)
    order = np.random.default_rng(1).permutation(sorted(users))
    asked = [str(user) for user in order[: len(order) // 5]]
    if not (options.out / "current").is_file():
        apart = set(asked)
        run(
            catalog,
            options.out,
            model=BASE,
            interactions=[event for event in catalog.interactions if event.user_id not in apart],
            rows=RowOptions(users=options.users, items=0, measured=0),
            lora=LoraOptions(epochs=options.epochs, minutes=options.minutes),
            progress=lambda what, done, total: (
                print(what, done, total, flush=True) if done % 20 == 0 else None
            ),
        )
    rng = np.random.default_rng(2)
    for name in (BASE, f"{BASE}+{options.out}"):
        model = load_model(name)
        maker = RowMaker(Recommender(catalog, model), model.count_tokens, budget=512)
        scores, right, clusters = [], [], []
        for user in asked:
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
    parser.add_argument("--debias", type=float, default=0.5)
    parser.add_argument("--weights", type=float, nargs="*", default=[1.0], help="of the beam's list")
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--items", type=int, default=600)
    parser.add_argument("--users", type=int, default=1500)
    parser.add_argument("--prompt-tokens", type=int, default=512)
    parser.add_argument("--power", type=float, default=0.2)
    parser.add_argument("--lists", type=float, default=0.5)
    parser.add_argument("--replies", type=float, default=0.1)
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
