"""A run from a matrix to its results, and scoring again what was kept."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from agent.grounding import Embedder
from agent.lm import LanguageModel
from agent.parts import Progress
from agent.settings import Settings
from agent.settings import settings as process_settings
from eval.matrix import Matrix
from eval.results import RESULTS_FILE, RunResult
from eval.runner.asked import open_data
from eval.runner.bench import Bench
from eval.runner.entries import entries
from eval.runner.folder import RunFolder
from eval.runner.generate import Watcher, generate
from eval.runner.machine import peak_megabytes
from eval.runner.reuse import inputs_hash, results_of
from eval.runner.scoring import check_metrics
from eval.runner.tables import results
from eval.store import Store, writing


def run(
    matrix: Matrix,
    folder: Path,
    *,
    settings: Settings | None = None,
    embedder: Embedder | str | None = None,
    models: Mapping[str, LanguageModel] | None = None,
    resume: bool = True,
    retry_failed: bool = False,
    workers: int = 1,
    watcher: Watcher | None = None,
    progress: Progress | None = None,
) -> RunResult:
    """Make the answers that a folder lacks, score all of them and write ``results.json``.

    Killed at any moment, it goes on where it stopped when it is called again. Results that were made of the
    same answers, matrix and code are taken as they are.

    Args:
        matrix: What is asked of what.
        folder: Where the run is kept.
        settings: Of the installation; those of the environment by default.
        embedder: A sentence embedder or the name of one; that of the settings by default.
        models: Language models that need not be loaded, by the name that the matrix calls them.
        resume: Whether a run that is in the folder may be gone on with.
        retry_failed: Whether questions that failed are asked again.
        workers: Requests to a model server at the same time.
        watcher: Told about every answer.
        progress: Told how far loading and embedding are.

    Raises:
        StoreError: another process is writing to the folder, it is damaged or full, or it holds answers to
            other data or of other weights.
        GroundrecError: a data set, a model or a setting is wrong.
        PromptError: a prompt is unknown or broken.
    """
    start = time.perf_counter()
    matrix = matrix.placed()
    check_metrics(matrix.metrics)
    with writing(folder):
        kept = RunFolder.begin(folder, matrix, resume=resume)
        data = open_data(matrix)
        kept.check(data)
        kept.save()
        bench = Bench(
            kept, settings or process_settings(), embedder=embedder, models=models, progress=progress
        )
        store = Store(folder)
        try:
            asked = entries(matrix, data)
            generate(asked, bench, store, watcher=watcher, workers=workers, retry_failed=retry_failed)
        finally:
            store.close()
        inputs = inputs_hash(kept, store, bench.embedder.name)
        made = results_of(folder, inputs) or replace(results(kept, asked, bench, store), inputs=inputs)
        made = _timed(made, start)
        made.save(folder / RESULTS_FILE)
    return made


def rescore(
    folder: Path,
    *,
    metrics: Sequence[str] | None = None,
    settings: Settings | None = None,
    embedder: Embedder | str | None = None,
    progress: Progress | None = None,
) -> RunResult:
    """Score the kept answers of a run again and write ``results.json``; no language model is loaded.

    Args:
        folder: The run.
        metrics: Other metrics than the matrix names.
        settings: Of the installation.
        embedder: The embedder that the run was made with.
        progress: Told how far embedding is.

    Raises:
        StoreError: there is no run, or a data set has changed.
    """
    start = time.perf_counter()
    kept = RunFolder.open(folder)
    matrix = kept.matrix
    if metrics is not None:
        matrix = matrix.model_copy(update={"metrics": tuple(metrics)})
        kept.manifest.matrix = matrix.model_dump(mode="json")
    data = open_data(matrix)
    kept.check(data)
    bench = Bench(kept, settings or process_settings(), embedder=embedder, progress=progress)
    made = results(kept, entries(matrix, data), bench, Store(folder))
    made = _timed(made, start)
    made.save(folder / RESULTS_FILE)
    return made


def _timed(made: RunResult, start: float) -> RunResult:
    peaks = (peak_megabytes(), *(cell.cost.peak_megabytes for cell in made.cells))
    known = [peak for peak in peaks if peak is not None]
    return replace(made, seconds=time.perf_counter() - start, peak_megabytes=max(known, default=None))
