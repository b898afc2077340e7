"""From kept answers to the figures of a table; no language model is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from eval.datasets import Question
from eval.metrics import (
    DEPTH,
    NOT_IN_MEMORY,
    ItemFacts,
    Measurement,
    Row,
    Rows,
    measure,
    slices,
    without_used_targets,
)
from eval.results import CellKind, RowTable, Slice
from eval.runner.asked import Asked, Fold
from eval.statistics import Comparison, Interval, Spread, compare, spread, summarise
from eval.store import Stored
from eval.variants import AS_GIVEN, Variant

HEADLINE = (
    *(f"{name}@{k}" for name in ("recall", "ndcg", "mrr", "hit_rate") for k in (1, 5, 10, 20, 50)),
    "accuracy",
    "auc",
    "success_rate@1",
    "success_rate@3",
    "success_rate@5",
    "turns_to_success",
)
"""The metrics that slices and comparisons show, and whose values are kept for every row.

Those that a protocol names as its own are among them too.
"""


@dataclass(frozen=True, slots=True)
class Given:
    """A kept answer with the question it answers, and the way it was asked."""

    fold: Fold
    question: Question
    stored: Stored
    variant: Variant = AS_GIVEN


@dataclass(frozen=True)
class Scored:
    """What was measured of one entry.

    Attributes:
        rows: Ids of the rows, sorted, shape (n,).
        questions: The question of each row, shape (n,).
        variants: The way each was asked, shape (n,).
        clusters: Their dialogues or users, shape (n,).
        measured: By metric, a value a row, or one for all.
        masks: Rows of each slice, shape (n,).
        cold: The headline metrics with no targets but those that the memory lacks.
        failures: Failed rows by reason.
        headline: The metrics that slices and comparisons show.
    """

    rows: tuple[str, ...]
    questions: tuple[str, ...]
    variants: tuple[Variant, ...]
    clusters: np.ndarray
    measured: Mapping[str, Measurement]
    masks: Mapping[str, np.ndarray]
    cold: Mapping[str, Measurement]
    failures: Mapping[str, int]
    headline: frozenset[str]

    def measurements(self, level: float, resamples: int) -> dict[str, Interval]:
        """Values with intervals, without metrics that say nothing of these rows."""
        said = {n: m for n, m in self.measured.items() if m.n}
        return summarise(said, self.clusters, level=level, resamples=resamples)

    def slices(self, level: float, resamples: int) -> tuple[Slice, ...]:
        """The headline metrics over each slice that has rows."""
        said = {n: m for n, m in self.measured.items() if n in self.headline and m.n}
        return tuple(
            Slice(
                name,
                int(mask.sum()),
                summarise(
                    self.cold if name == NOT_IN_MEMORY else said,
                    self.clusters,
                    where=mask,
                    level=level,
                    resamples=resamples,
                ),
            )
            for name, mask in self.masks.items()
            if mask.any()
        )

    def by_question(
        self, metric: str, order: Mapping[str, int], variant: Variant | None = None
    ) -> np.ndarray:
        """Values of a metric, averaged over seeds and variants of a question; NaN where there is none.

        Args:
            metric: A metric of one value a row.
            order: The place of each question.
            variant: Only the rows that were asked in this way.

        Returns:
            Shape (len(order),).
        """
        values = self.measured[metric].values
        if variant is not None:
            values = np.where([each == variant for each in self.variants], values, np.nan)
        places = np.array([order[question] for question in self.questions], dtype=np.int64)
        known = np.isfinite(values)
        sums = np.bincount(places[known], weights=values[known], minlength=len(order))
        counts = np.bincount(places[known], minlength=len(order))
        return np.divide(sums, counts, out=np.full(len(order), np.nan), where=counts > 0)

    def spreads(self, order: Mapping[str, int]) -> dict[str, dict[str, Spread]]:
        """The spread of the headline metrics over the orders and over the paraphrases there are."""
        found = {}
        for kind, name in (("orders", "order"), ("paraphrases", "paraphrase")):
            others = sorted({v for v in self.variants if getattr(v, name) is not None}, key=lambda v: v.name)
            if others:
                found[kind] = {
                    metric: spread(
                        np.stack([self.by_question(metric, order, v) for v in (AS_GIVEN, *others)], axis=1)
                    )
                    for metric, m in self.measured.items()
                    if metric in self.headline and m.n
                }
        return found

    def row_values(self, row: int) -> dict[str, float]:
        """The headline metrics of one row."""
        return {
            name: float(m.values[row])
            for name, m in self.measured.items()
            if name in self.headline and np.isfinite(m.values[row])
        }


def check_metrics(names: Sequence[str] | None) -> None:
    """Refuse metrics that cannot be measured before anything is spent on answers.

    Raises:
        MetricError: a name is unknown or has a wrong cutoff.
    """
    facts = ItemFacts({"item": 0}, np.ones(1), sparse.csr_array(np.ones((1, 1))))
    measure(Rows([Row("row", "cluster", ("item",), ("item",))], facts), names)


def score(
    given: Sequence[Given],
    asked: Asked,
    facts: Mapping[int, ItemFacts],
    kind: CellKind,
    names: Sequence[str] | None = None,
) -> Scored:
    """Measure answers.

    Parts of a data set are measured apart, since each has a memory of its own; figures of all lists
    together are taken over all of them.

    Args:
        given: The answers; at least one.
        asked: The data set.
        facts: What is known of the items, by the ``id`` of the part.
        kind: Whose answers they are; stored outputs cost us nothing.
        names: The metrics; all where None.
    """
    repeated = len({each.stored.seed for each in given}) > 1
    parts = []
    for fold in asked.folds:
        some = [each for each in given if each.fold is fold]
        if some:
            rows = [_row(each, asked, repeated, kind) for each in some]
            parts.append(Rows(rows, facts[id(fold)], depth=max(DEPTH, asked.protocol.depth)))
    measured = [measure(part, names) for part in parts]
    masks = [slices(part) for part in parts]
    ids = [row.id for part in parts for row in part]
    order = sorted(range(len(ids)), key=ids.__getitem__)
    asked_as = {_row_id(each, repeated): each for each in given}
    whole = _whole(parts, measured[0])
    headline = frozenset(HEADLINE).union(asked.protocol.metrics)
    return Scored(
        rows=tuple(ids[i] for i in order),
        questions=tuple(asked_as[ids[i]].question.id for i in order),
        variants=tuple(asked_as[ids[i]].variant for i in order),
        clusters=np.concatenate([part.clusters for part in parts])[order],
        measured={
            name: whole.get(name)
            or replace(first, values=np.concatenate([some[name].values for some in measured])[order])
            for name, first in measured[0].items()
        },
        masks={
            name: np.concatenate(
                [some.get(name, np.zeros(len(part), bool)) for some, part in zip(masks, parts, strict=True)]
            )[order]
            for name in dict.fromkeys(name for some in masks for name in some)
        },
        cold={
            name: replace(measured[0][name], values=values[order])
            for name, values in _cold(parts, [name for name in measured[0] if name in headline]).items()
        },
        failures=dict(Counter(_reason(e.stored.answer.error) for e in given if e.stored.answer.error)),
        headline=headline,
    )


def comparisons(
    scored: Mapping[str, Scored],
    baseline: str,
    order: Mapping[str, int],
    clusters: np.ndarray,
    resamples: int,
) -> dict[str, dict[str, Comparison]]:
    """Every system against the baseline, metric by metric, with Holm's correction over the systems.

    Args:
        scored: What was measured, by cell.
        baseline: The cell compared with.
        order: The place of each question.
        clusters: The dialogue or user of each question, shape (len(order),).
        resamples: Draws.

    Returns:
        By cell and metric; empty for the baseline.
    """
    found: dict[str, dict[str, Comparison]] = {cell: {} for cell in scored}
    for metric in scored[baseline].measured:
        if metric not in scored[baseline].headline:
            continue
        values = {
            cell: each.by_question(metric, order) for cell, each in scored.items() if metric in each.measured
        }
        if not np.isfinite(values[baseline]).any():
            continue
        for cell, comparison in compare(values, baseline, clusters, resamples=resamples).items():
            found[cell][metric] = comparison
    return found


def row_table(scored: Scored, order: Mapping[str, int], clusters: np.ndarray) -> RowTable:
    """The headline metrics of all questions."""
    values = {
        name: scored.by_question(name, order)
        for name, m in scored.measured.items()
        if name in scored.headline and m.n
    }
    return RowTable(
        tuple(order),
        tuple(map(str, clusters)),
        {
            name: tuple(float(v) if np.isfinite(v) else None for v in column)
            for name, column in values.items()
        },
    )


def _row(each: Given, asked: Asked, repeated: bool, kind: CellKind) -> Row:
    row = asked.protocol.row(each.question, each.stored.answer, each.fold.data)
    if kind == "outputs":
        row = replace(row, milliseconds=None)
    return replace(row, id=_row_id(each, repeated))


def _row_id(each: Given, repeated: bool) -> str:
    seed = f"#{each.stored.seed}" if repeated else ""
    return " ~ ".join((f"{each.question.id}{seed}", *each.variant.key))


def _cold(parts: Sequence[Rows], names: Sequence[str]) -> dict[str, np.ndarray]:
    """Metrics over the targets that the memory lacks, NaN for rows without; shape (n,), parts in order."""
    found = {name: np.full(sum(map(len, parts)), np.nan) for name in names}
    start = 0
    for part in parts:
        cold = without_used_targets(part)
        ids = {row.id for row in cold}
        places = start + np.flatnonzero([row.id in ids for row in part])
        if len(cold):
            for name, m in measure(cold, names).items():
                found[name][places] = m.values
        start += len(part)
    return {name: values for name, values in found.items() if np.isfinite(values).any()}


def _whole(parts: Sequence[Rows], measured: Mapping[str, Measurement]) -> dict[str, Measurement]:
    """Figures of all lists together, over all parts."""
    whole = {name: m for name, m in measured.items() if m.metric.whole}
    if len(parts) == 1 or not whole:
        return whole
    together = Rows([row for part in parts for row in part], parts[0].items, depth=parts[0].depth)
    return measure(together, list(whole))


def _reason(error: str) -> str:
    """The kind of an error: failures are counted by it."""
    return error.partition(":")[0]
