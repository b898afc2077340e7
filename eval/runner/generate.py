"""Ask every system every question once, and keep each answer as it comes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

from eval.datasets import Question
from eval.protocols import Answer, System, ask
from eval.runner.asked import Fold
from eval.runner.bench import Bench
from eval.runner.entries import Entry
from eval.runner.machine import code, forget_peak, peak_megabytes
from eval.store import Store, Stored, answer_key
from eval.variants import AS_GIVEN, Variant, prompt_order, shuffled


class Watcher(Protocol):
    """Told how far a run is."""

    def begin(self, cells: int, rows: int) -> None:
        """A run of so many cells with so many answers begins."""

    def cell(self, label: str, there: int) -> None:
        """The next cell begins; ``there`` of its answers were made before."""

    def answered(self, stored: Stored) -> None:
        """An answer was made and kept."""


@dataclass(frozen=True, slots=True)
class Task:
    """One question to be asked with one seed in one way, and the key that its answer is kept by."""

    fold: Fold
    question: Question
    seed: int
    key: str
    variant: Variant = AS_GIVEN


def tasks(entry: Entry, bench: Bench) -> tuple[Task, ...]:
    """Everything that an entry is asked, in order."""
    asked = entry.data
    protocol = [asked.protocol.name, asked.protocol.depth]
    identities = {variant: bench.identity(entry, variant) for variant in entry.variants}
    return tuple(
        Task(
            fold,
            question,
            seed,
            answer_key(
                fold.data.checksum, protocol, fold.data.fold, question.id, identity, seed, *variant.key
            ),
            variant,
        )
        for fold in asked.folds
        for variant, identity in identities.items()
        for seed in entry.seeds
        for question in fold.questions
    )


def generate(
    entries: Sequence[Entry],
    bench: Bench,
    store: Store,
    *,
    watcher: Watcher | None = None,
    workers: int = 1,
    retry_failed: bool = False,
) -> None:
    """Make the answers that the store lacks.

    Entries are taken model by model, so that each model is loaded once.

    Args:
        entries: What is asked.
        bench: Makes the systems.
        store: Where answers are kept; what is there is not asked again.
        watcher: Told about every answer.
        workers: Requests to a model server at the same time. Models in this process answer one by one.
        retry_failed: Whether questions that failed are asked again.

    Raises:
        SettingsError: a system's settings are wrong, so that every answer would fail.
        ModelError: a model cannot be loaded.
        StoreError: an answer cannot be kept, or weights are not those that the run was begun with.
    """
    if watcher is not None:
        watcher.begin(len(entries), sum(entry.size for entry in entries))
    for entry in sorted(entries, key=_model_of):
        planned = tasks(entry, bench)
        missing = [task for task in planned if _is_missing(store, task.key, retry_failed)]
        if watcher is not None:
            watcher.cell(entry.id, len(planned) - len(missing))
        forget_peak()
        for task, answer in _answers(entry, bench, missing, workers):
            hashes = bench.prompt_hashes(entry, task.variant)
            rendered = {name: hashes[name] for name in _rendered(answer) if name in hashes}
            stored = store.add(Stored(task.key, task.seed, answer, rendered, code(), peak_megabytes()))
            if watcher is not None:
                watcher.answered(stored)


def _answers(
    entry: Entry, bench: Bench, missing: Sequence[Task], workers: int
) -> Iterator[tuple[Task, Answer]]:
    for some in _runs(missing):
        system = bench.system(entry, some[0].fold, some[0].seed, some[0].variant)
        yield from zip(
            some, _asked(entry, system, some, workers if _is_remote(entry, bench) else 1), strict=True
        )


def _asked(entry: Entry, system: System, some: Sequence[Task], workers: int) -> Iterator[Answer]:
    def answer(task: Task) -> Answer:
        question, order = task.question, task.variant.order
        if order is not None:
            question = replace(question, options=tuple(shuffled(question.options, order, question.id)))
        with prompt_order(order):
            return ask(entry.data.protocol, system, question, task.fold.data)

    # The first answer loads what the others share.
    yield answer(some[0])
    if workers == 1:
        yield from map(answer, some[1:])
        return
    pool, rest = ThreadPoolExecutor(workers), iter(some[1:])
    # Answers are kept in order, so no more may wait behind a slow one than a kill may lose.
    waiting = deque(pool.submit(answer, task) for task in islice(rest, 2 * workers))
    try:
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(answer, task) for task in islice(rest, 1))
    finally:
        pool.shutdown(cancel_futures=True)


def _runs(missing: Iterable[Task]) -> Iterator[list[Task]]:
    """Tasks with one fold, seed and variant together, in order."""
    found: dict[tuple[int, int, Variant], list[Task]] = {}
    for task in missing:
        found.setdefault((id(task.fold), task.seed, task.variant), []).append(task)
    yield from found.values()


def _is_missing(store: Store, key: str, retry_failed: bool) -> bool:
    stored = store.get(key)
    return stored is None or (retry_failed and stored.answer.error is not None)


def _is_remote(entry: Entry, bench: Bench) -> bool:
    if entry.model is None:
        return False
    from agent.lm.openai_engine import OpenAICompatibleModel

    return isinstance(bench.model(entry.model), OpenAICompatibleModel)


def _model_of(entry: Entry) -> str:
    """Orders entries: those without a model first, then model by model, data set by data set."""
    return entry.model or ""


def _rendered(answer: Answer) -> Iterator[str]:
    """Names of the prompts that the trace says were rendered."""
    for stage in answer.trace or ():
        name = stage["inputs"].get("prompt") if stage["stage"] == "prompt" else None
        if isinstance(name, str):
            yield name
