"""Parts of the rows that are reported on their own: the cold ones, and those that a protocol names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eval.metrics.rows import Row, Rows

NOTHING_MENTIONED = "nothing mentioned"
FEW_INTERACTIONS = "at most 5 interactions"
NOT_IN_MEMORY = "item absent from the memory"


def slices(rows: Rows) -> dict[str, np.ndarray]:
    """Masks of the slices by name, each of shape (n,); they overlap, and empty ones are kept.

    - ``nothing mentioned``: the history is empty.
    - ``at most 5 interactions``: the history has at most five distinct items (none included).
    - ``item absent from the memory``: a target was never used in the memory (count 0), so that nothing that
      only learns from interactions can find it. Accuracy there counts such targets alone: see
      :func:`without_used_targets`.
    - the names in ``Row.slices``.
    """
    known = np.array([len(set(row.history)) for row in rows], dtype=np.int64)
    used = rows.targets @ (rows.items.counts > 0).astype(np.float64)
    masks = {
        NOTHING_MENTIONED: known == 0,
        FEW_INTERACTIONS: known <= 5,
        NOT_IN_MEMORY: rows.target_counts > used,
    }
    for name in sorted({name for row in rows for name in row.slices}):
        masks[name] = np.array([name in row.slices for row in rows], dtype=bool)
    return masks


def without_used_targets(rows: Rows) -> Rows:
    """The rows with a target that was never used in the memory, with such targets alone."""
    index, counts = rows.items.index, rows.items.counts

    def kept(row: Row) -> Row:
        return replace(row, targets=tuple(t for t in row.targets if t not in index or not counts[index[t]]))

    return Rows((row for row in map(kept, rows) if row.targets), rows.items, depth=rows.depth)
