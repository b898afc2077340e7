"""Ask every system every question once, and keep each answer as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from eval.datasets import Question
from eval.protocols import Answer, System, ask
from eval.runner.asked import Fold
from eval.runner.bench import Bench
from eval.runner.entries import Entry
from eval.runner.machine import code, peak_megabytes
from eval.store import Store, Stored, answer_key


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
    """One question to be asked with one seed, and the key that its answer is kept by."""

    fold: Fold
    question: Question
    seed: int
    key: str


def tasks(entry: Entry, bench: Bench) -> tuple[Task, ...]:
    """Everything that an entry is asked, in order."""
    asked, identity = entry.data, bench.identity(entry)
    protocol = [asked.protocol.name, asked.protocol.depth]
    return tuple(
        Task(
            fold,
            question,
            seed,
            answer_key(fold.data.checksum, protocol, fold.data.fold, question.id, identity, seed),
        )
        for fold in asked.folds
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
        hashes = bench.prompt_hashes(entry)
        for task, answer in _answers(entry, bench, missing, workers):
            rendered = {name: hashes[name] for name in _rendered(answer) if name in hashes}
            stored = store.add(Stored(task.key, task.seed, answer, rendered, code(), peak_megabytes()))
            if watcher is not None:
                watcher.answered(stored)


def _answers(
    entry: Entry, bench: Bench, missing: Sequence[Task], workers: int
) -> Iterator[tuple[Task, Answer]]:
    for (fold, seed), some in _runs(missing):
        system = bench.system(entry, fold, seed)
        yield from zip(
            some, _asked(entry, system, some, workers if _is_remote(entry, bench) else 1), strict=True
        )


def _asked(entry: Entry, system: System, some: Sequence[Task], workers: int) -> Iterator[Answer]:
    def answer(task: Task) -> Answer:
        return ask(entry.data.protocol, system, task.question, task.fold.data)

    # The first answer loads what the others share.
    yield answer(some[0])
    if workers == 1:
        yield from map(answer, some[1:])
        return
    pool = ThreadPoolExecutor(workers)
    try:
        yield from pool.map(answer, some[1:])
    finally:
        pool.shutdown(cancel_futures=True)


def _runs(missing: Iterable[Task]) -> Iterator[tuple[tuple[Fold, int], list[Task]]]:
    """Tasks with one fold and one seed together, in order."""
    found: dict[tuple[int, int], list[Task]] = {}
    for task in missing:
        found.setdefault((id(task.fold), task.seed), []).append(task)
    for some in found.values():
        yield (some[0].fold, some[0].seed), some


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
