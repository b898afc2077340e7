"""How much a prompt's result hangs on what should not matter: the order of its parts, its wording."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval.errors import StatisticsError


@dataclass(frozen=True, slots=True)
class Spread:
    """Variation of a metric over variants of one prompt (orders of the lists in it, paraphrases of it).

    ``mean``, ``low``, ``high`` and ``sd`` are of the variants' own means over the rows that all of them have
    a value for; ``high`` minus ``low`` is by how much a choice of variant moves the headline figure (Sclar
    et al., ICLR 2024). All are None where there is no such row.

    Attributes:
        mean: Of the variants.
        low: The lowest of them.
        high: The highest of them.
        sd: Their standard deviation (n - 1 in the denominator).
        within_sd: Mean over rows of the standard deviation over the variants (n - 1): how much single answers
            change, also where the changes cancel out.
        rows: The rows.
        variants: How many variants.
    """

    mean: float | None
    low: float | None
    high: float | None
    sd: float | None
    within_sd: float | None
    rows: int
    variants: int


def spread(values: np.ndarray) -> Spread:
    """Measure the variation over variants.

    Args:
        values: The metric of each row under each variant, shape (n, variants); NaN where it is missing.

    Raises:
        StatisticsError: fewer than two variants, or infinite values.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] < 2:
        raise StatisticsError(
            f"values of shape {table.shape}", hint="Pass rows x variants, two variants or more"
        )
    if np.isinf(table).any():
        raise StatisticsError("infinite values have no spread", hint="Use NaN where there is no value")
    whole = table[np.isfinite(table).all(axis=1)]
    if not len(whole):
        return Spread(None, None, None, None, None, 0, table.shape[1])
    means = whole.mean(axis=0)
    return Spread(
        mean=float(means.mean()),
        low=float(means.min()),
        high=float(means.max()),
        sd=float(means.std(ddof=1)),
        within_sd=float(whole.std(axis=1, ddof=1).mean()),
        rows=len(whole),
        variants=table.shape[1],
    )
