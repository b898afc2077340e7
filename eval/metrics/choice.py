"""Choosing among given options: only rows with ``options`` are measured."""

from __future__ import annotations

import numpy as np

from eval.metrics.registry import metric
from eval.metrics.rows import Row, Rows


@metric("accuracy", better="higher")
def accuracy(rows: Rows) -> np.ndarray:
    """1 where the first item is a right option, else 0; failures are 0.

    With one right option this is the accuracy of Zhang et al., Recipe-MPR (SIGIR 2023).
    """
    return np.where([bool(row.options) for row in rows], rows.hits[:, 0].astype(float), np.nan)


@metric("auc", better="higher")
def auc(rows: Rows) -> np.ndarray:
    """Chance that a right option stands before a wrong one: P(rank⁺ < rank⁻) + ½ P(rank⁺ = rank⁻).

    Options that the list leaves out share the last place. A failed row scores 0 rather than the ½ of
    guessing. NaN without both a right and a wrong option. Source: Hanley and McNeil, Radiology 1982.
    """
    return np.array([_auc(row) for row in rows])


def _auc(row: Row) -> float:
    options, targets = set(row.options), set(row.targets)
    right, wrong = options & targets, options - targets
    if not right or not wrong:
        return float("nan")
    if row.failed:
        return 0.0
    rank = {item: place for place, item in enumerate(row.ranked)}
    last = len(rank)
    ours = np.array([rank.get(i, last) for i in sorted(right)])[:, None]
    theirs = np.array([rank.get(i, last) for i in sorted(wrong)])[None, :]
    return float(((ours < theirs) + 0.5 * (ours == theirs)).mean())
