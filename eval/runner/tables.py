"""From the kept answers of a run to the record of its results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from agent.lm import Usage
from eval.errors import MatrixError, StoreError
from eval.matrix import NO_MODEL, Matrix
from eval.metrics import ItemFacts
from eval.results import CellResult, CellSettings, Cost, RunResult
from eval.runner.asked import Asked, Fold
from eval.runner.bench import Bench
from eval.runner.entries import Entry, switches
from eval.runner.floors import LM_ALONE
from eval.runner.folder import RunFolder
from eval.runner.generate import tasks
from eval.runner.lm_alone import lm_alone
from eval.runner.machine import this_machine
from eval.runner.outputs import read_outputs
from eval.runner.samples import samples
from eval.runner.scoring import Given, Scored, comparisons, row_table, score
from eval.store import Store


def results(kept: RunFolder, asked: Sequence[Entry], bench: Bench, store: Store) -> RunResult:
    """Score the kept answers of a run.

    Raises:
        MatrixError: the baseline named is not among the rows.
        StoreError: nothing has been answered yet.
    """
    matrix = kept.matrix
    cells: list[CellResult] = []
    baselines: dict[str, str] = {}
    complete, failed = True, 0
    for data in dict.fromkeys(entry.data for entry in asked):
        found = {entry: _given(entry, bench, store) for entry in asked if entry.data is data}
        complete = complete and all(len(given) == entry.size for entry, given in found.items())
        found = {entry: given for entry, given in found.items() if given}
        failed += sum(each.stored.answer.error is not None for given in found.values() for each in given)
        if matrix.floors is None or LM_ALONE in matrix.floors:
            found |= lm_alone(found)
        made, baseline = _cells(data, found, bench, store, matrix)
        cells += made
        if baseline is not None:
            baselines[data.name] = baseline
    if not cells:
        raise StoreError("no question has been answered yet", where=str(kept.path), hint="run it first")
    return RunResult(
        id=kept.manifest.id,
        created=kept.manifest.created,
        machine=this_machine(),
        matrix=kept.manifest.matrix,
        datasets={data.name: data.stamp for data in dict.fromkeys(entry.data for entry in asked)},
        cells=tuple(cells),
        baselines=baselines,
        level=matrix.level,
        resamples=matrix.resamples,
        complete=complete,
        notes=tuple(_notes(complete, failed)),
    )


def _given(entry: Entry, bench: Bench, store: Store) -> list[Given]:
    """The kept answers of an entry."""
    if not bench.knows(entry):
        return []
    found = ((task, store.get(task.key)) for task in tasks(entry, bench))
    return [Given(t.fold, t.question, stored, t.variant) for t, stored in found if stored is not None]


def _cells(
    data: Asked, found: Mapping[Entry, list[Given]], bench: Bench, store: Store, matrix: Matrix
) -> tuple[list[CellResult], str | None]:
    facts = {id(fold): _facts(fold, bench) for fold in data.folds}
    scored = {entry: score(given, data, facts, entry.kind, matrix.metrics) for entry, given in found.items()}
    clusters_by_id = {question.id: question.cluster for _, question in data}
    order = {question: place for place, question in enumerate(sorted(clusters_by_id))}
    clusters = np.array([clusters_by_id[question] for question in order])
    baseline = _baseline(matrix, list(found))
    compared = (
        {}
        if baseline is None
        else comparisons({e.id: s for e, s in scored.items()}, baseline.id, order, clusters, matrix.resamples)
    )
    cells = [
        CellResult(
            id=entry.id,
            label=entry.label,
            kind=entry.kind,
            settings=_settings(entry, given, bench),
            n=len(given),
            failures=scored[entry].failures,
            measurements=scored[entry].measurements(matrix.level, matrix.resamples),
            slices=scored[entry].slices(matrix.level, matrix.resamples),
            comparisons=compared.get(entry.id, {}),
            spreads=scored[entry].spreads(order),
            cost=_cost(entry, given, scored[entry]),
            samples=samples(given, scored[entry], data, store, matrix.samples),
            rows=row_table(scored[entry], order, clusters),
            notes=tuple(_cell_notes(entry, given)),
        )
        for entry, given in found.items()
    ]
    return cells, None if baseline is None else baseline.id


def _facts(fold: Fold, bench: Bench) -> ItemFacts:
    return ItemFacts.of(fold.data.catalog, counts=fold.data.counts, embeddings=bench.vectors(fold.data))


def _baseline(matrix: Matrix, found: Sequence[Entry]) -> Entry | None:
    """The entry that the others are compared with: the one named, else the first system, else popularity."""
    if matrix.baseline is not None:
        named = [entry for entry in found if matrix.baseline in (entry.label, entry.id)]
        if not named:
            labels = ", ".join(repr(entry.label) for entry in found)
            raise MatrixError(
                f"there is no row {matrix.baseline!r}", where="baseline", hint=f"there are: {labels}"
            )
        return named[0]
    ours = [entry for entry in found if entry.kind != "floor"]
    popular = [entry for entry in found if entry.label == "popularity"]
    return next(iter(ours if len(ours) > 1 else popular or ours), None)


def _settings(entry: Entry, given: Sequence[Given], bench: Bench) -> CellSettings:
    rendered = {name: digest for each in given for name, digest in each.stored.prompts.items()}
    common = CellSettings(
        dataset=entry.data.name,
        prompt_hashes=dict(sorted(rendered.items())) or bench.prompt_hashes(entry),
        model=entry.model,
        weights=None if entry.model is None else bench.weights(entry.model),
        seeds=entry.seeds,
    )
    if (cell := entry.cell) is None:
        return common
    return replace(
        common,
        prompt=cell.prompt,
        model=cell.model or NO_MODEL,
        strategy=cell.strategy_name,
        options=switches(cell.strategy),
    )


def _cost(entry: Entry, given: Sequence[Given], scored: Scored) -> Cost:
    if entry.kind == "outputs":
        return Cost()
    answers = [each.stored.answer for each in given]
    usages = [answer.usage for answer in answers if answer.usage is not None]
    times = [answer.milliseconds for answer in answers if answer.milliseconds is not None]
    peaks = [each.stored.peak_megabytes for each in given if each.stored.peak_megabytes is not None]
    total = sum(usages, Usage()) if usages else None
    quantiles = {
        name: m.value for name, m in scored.measured.items() if name.startswith("milliseconds_") and m.n
    }
    return Cost(
        prompt_tokens=total.prompt_tokens if total else None,
        completion_tokens=total.completion_tokens if total else None,
        cached_tokens=total.cached_tokens if total else None,
        milliseconds_p50=quantiles.get("milliseconds_p50"),
        milliseconds_p95=quantiles.get("milliseconds_p95"),
        seconds=sum(times) / 1000 if times else None,
        peak_megabytes=max(peaks) if peaks else None,
    )


def _cell_notes(entry: Entry, given: Sequence[Given]) -> Iterator[str]:
    if entry.outputs is not None and entry.outputs.file.exists():
        questions = {question.id for fold in entry.data.folds for question in fold.data.questions}
        strange = [name for name in read_outputs(entry.outputs.file) if name not in questions]
        if strange:
            shown = ", ".join(map(repr, strange[:3])) + (", ..." if len(strange) > 3 else "")
            yield f"{len(strange):,} of its lines answer no question of the data set: {shown}"
    if len(given) < entry.size:
        yield f"{entry.size - len(given):,} of {entry.size:,} answers are not made yet"
    codes = sorted({each.stored.code for each in given})
    if len(codes) > 1:
        yield f"its answers were made by {len(codes)} versions of the code: {', '.join(codes)}"


def _notes(complete: bool, failed: int) -> Iterator[str]:
    if not complete:
        yield "the run is not complete: systems that have answered different questions are not comparable"
    if failed:
        yield f"{failed:,} answers failed; they count as misses"
