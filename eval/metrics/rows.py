"""What is measured: one record a row, and all rows as arrays.

A row is one answer of one system: a conversation turn, a user's list, a choice, a simulated dialogue.
Metrics never look at records where an array will do, so that 10,000 rows are measured in seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from scipy import sparse

from agent.lm import Usage
from eval.errors import MetricError
from eval.metrics.items import ItemFacts

DEPTH = 50
"""How many ranks of a list are kept: the deepest cutoff."""


@dataclass(frozen=True, slots=True)
class WrittenTitle:
    """A title as the model wrote it, and the item it was grounded to; None where it was rejected.

    ``method``, ``confidence`` and ``reason`` are those of :class:`agent.grounding.Grounding`; ``constrained``
    where the text could not be another, ``id`` where an id was given in place of a title.
    """

    text: str
    item_id: str | None
    method: str = ""
    confidence: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One answer, ready to be measured.

    Attributes:
        id: Unique in a run; a repeat of the same question has an id of its own.
        cluster: The dialogue or user it belongs to. Rows of one cluster are not independent.
        ranked: Item ids of the list, best first, each once.
        targets: Ids of the right items. One outside the catalog is a target that nobody can hit.
        history: Ids of the items that the user had already named or used.
        options: Ids of the options where the task is a choice, ``targets`` among them.
        failed: No answer came. The list then counts as empty and every accuracy as 0.
        slices: Names of slices that the protocol puts the row in.
        titles: The titles written, in order; None where the system writes no text.
        examples: Titles that the prompt's own examples show.
        faithful: For each reason given, whether the checker passes it.
        turns: Turns that a simulated dialogue took.
        succeeded: Whether it ended in an accepted item; None where none was simulated.
        understood: Of what was to be understood, (right, found, labelled) by measure; None where nothing was.
        usage: Tokens spent; None where no language model ran.
        milliseconds: Wall-clock time of the answer; None where it was not measured.
    """

    id: str
    cluster: str
    ranked: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    failed: bool = False
    slices: tuple[str, ...] = ()
    titles: tuple[WrittenTitle, ...] | None = None
    examples: tuple[str, ...] = ()
    faithful: tuple[bool, ...] = ()
    turns: int | None = None
    succeeded: bool | None = None
    understood: Mapping[str, tuple[int, int, int]] | None = None
    usage: Usage | None = None
    milliseconds: float | None = None

    def __post_init__(self) -> None:
        if len(set(self.ranked)) < len(self.ranked):
            twice = Counter(self.ranked).most_common(1)[0][0]
            raise MetricError(
                f"item {twice!r} is ranked twice",
                where=f"row {self.id!r}",
                hint="Keep the first of each item; `titles` is where repeats are counted",
            )


class Rows:
    """The rows of one system over one data set as arrays, sorted by id.

    Sorting makes every figure independent of the order in which the rows were made.

    Args:
        rows: The records; ids must be unique.
        items: What is known of the catalog's items.
        depth: How many ranks of each list are kept.

    Attributes:
        records: The records, sorted by id, n of them.
        ranked: Catalog rows of the lists, -1 behind their ends, shape (n, depth).
        hits: Whether the item at a rank is a target, shape (n, depth).
        target_counts: Distinct targets, those outside the catalog too, shape (n,).
        clusters: Cluster names, shape (n,).
        failed: Whether no answer came, shape (n,).

    Raises:
        MetricError: two rows with one id, or a ranked item that is not in the catalog.
    """

    def __init__(self, rows: Iterable[Row], items: ItemFacts, *, depth: int = DEPTH) -> None:
        self.records = tuple(sorted(rows, key=lambda row: row.id))
        self.items = items
        self.depth = depth
        for first, second in zip(self.records, self.records[1:], strict=False):
            if first.id == second.id:
                raise MetricError("two rows have this id", where=f"row {first.id!r}")
        self.clusters = np.array([row.cluster for row in self.records], dtype=np.str_)
        self.failed = np.array([row.failed for row in self.records], dtype=bool)
        self.target_counts = np.array([len(set(row.targets)) for row in self.records], dtype=np.int64)
        self.ranked = self._ranked()
        self.hits = self._hits()
        self.listed = cache(self._listed)

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.records)

    def _ranked(self) -> np.ndarray:
        ranked = np.full((len(self), self.depth), -1, dtype=np.int64)
        index = self.items.index
        for place, row in enumerate(self.records):
            ids = () if row.failed else row.ranked[: self.depth]
            try:
                ranked[place, : len(ids)] = [index[i] for i in ids]
            except KeyError as error:
                raise MetricError(
                    f"item {error.args[0]!r} is ranked but not in the catalog",
                    where=f"row {row.id!r}",
                    hint="Ground the list first; what is rejected belongs in `titles` only",
                ) from None
        return ranked

    def _hits(self) -> np.ndarray:
        pairs = np.arange(len(self))[:, None] * len(self.items) + self.ranked
        targets = self.targets.tocoo()
        right = targets.row.astype(np.int64) * len(self.items) + targets.col
        return np.isin(pairs, right) & (self.ranked >= 0)

    @cached_property
    def targets(self) -> sparse.csr_array:
        """1 where an item of the catalog is a target of a row, shape (n, items)."""
        return self._membership([row.targets for row in self.records])

    @cached_property
    def history(self) -> sparse.csr_array:
        """1 where an item of the catalog is in the row's history, shape (n, items)."""
        return self._membership([row.history for row in self.records])

    def _listed(self, k: int) -> sparse.csr_array:
        """1 where an item is among the first ``k`` of a row's list, shape (n, items)."""
        place, rank = np.nonzero(self.ranked[:, :k] >= 0)
        return self._matrix(place, self.ranked[place, rank])

    def lengths(self, k: int) -> np.ndarray:
        """How many of the first ``k`` ranks are filled, shape (n,)."""
        return (self.ranked[:, :k] >= 0).sum(axis=1)

    def mean_over_list(self, values: np.ndarray, k: int) -> np.ndarray:
        """Mean of an item value over the first ``k`` items of each list; NaN for empty lists.

        Args:
            values: One value an item of the catalog, shape (items,).
            k: The cutoff.

        Returns:
            Means, shape (n,).
        """
        filled = self.ranked[:, :k] >= 0
        return divide(np.where(filled, values[self.ranked[:, :k]], 0.0).sum(axis=1), filled.sum(axis=1))

    def _membership(self, lists: Sequence[Sequence[str]]) -> sparse.csr_array:
        index = self.items.index
        pairs = [(p, index[i]) for p, ids in enumerate(lists) for i in dict.fromkeys(ids) if i in index]
        place, item = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return self._matrix(place, item)

    def _matrix(self, place: np.ndarray, item: np.ndarray) -> sparse.csr_array:
        return sparse.csr_array((np.ones(len(place)), (place, item)), shape=(len(self), len(self.items)))


def divide(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """The quotient as float64; NaN where the denominator is 0."""
    out = np.full(np.shape(numerator), np.nan)
    return np.divide(numerator, denominator, out=out, where=np.asarray(denominator) != 0)
