"""Parts of the rows that are reported on their own: the cold ones, and those that a protocol names."""

from __future__ import annotations

import numpy as np

from eval.metrics.rows import Rows

NOTHING_MENTIONED = "nothing mentioned"
FEW_INTERACTIONS = "at most 5 interactions"
NOT_IN_MEMORY = "item absent from the memory"


def slices(rows: Rows) -> dict[str, np.ndarray]:
    """Masks of the slices by name, each of shape (n,); they overlap, and empty ones are kept.

    - ``nothing mentioned``: the history is empty.
    - ``at most 5 interactions``: the history has at most five distinct items (none included).
    - ``item absent from the memory``: no target was ever used in the memory (count 0), so that nothing
      that only learns from interactions can find it.
    - the names in ``Row.slices``.
    """
    known = np.array([len(set(row.history)) for row in rows], dtype=np.int64)
    warm = rows.targets @ (rows.items.counts > 0).astype(np.float64)
    masks = {
        NOTHING_MENTIONED: known == 0,
        FEW_INTERACTIONS: known <= 5,
        NOT_IN_MEMORY: (rows.target_counts > 0) & (warm == 0),
    }
    for name in sorted({name for row in rows for name in row.slices}):
        masks[name] = np.array([name in row.slices for row in rows], dtype=bool)
    return masks
