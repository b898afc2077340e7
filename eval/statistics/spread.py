"""How much a prompt's result hangs on what should not matter: the order of its parts, its wording."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval.errors import StatisticsError


@dataclass(frozen=True, slots=True)
class Spread:
    """Variation of a metric over variants of one prompt (orders of the items in it, paraphrases of it).

    Attributes:
        within_sd: Mean over rows of the standard deviation over the variants (n - 1 in the denominator).
        within_range: Mean over rows of the greatest minus the smallest value.
        variant_range: Greatest minus smallest of the variants' means over all rows: by how much the
            headline figure could be moved by choosing a variant (Sclar et al., ICLR 2024).
        rows: Rows with at least two values, which the first two are means over.
        variants: How many variants.
    """

    within_sd: float | None
    within_range: float | None
    variant_range: float | None
    rows: int
    variants: int


def spread(values: np.ndarray) -> Spread:
    """Measure the variation over variants.

    Args:
        values: The metric of each row under each variant, shape (n, variants); NaN where it is missing.
            Only rows with all values count for ``variant_range``.

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
    several = table[np.isfinite(table).sum(axis=1) >= 2]
    whole = table[np.isfinite(table).all(axis=1)]
    return Spread(
        float(np.nanstd(several, axis=1, ddof=1).mean()) if len(several) else None,
        float((np.nanmax(several, axis=1) - np.nanmin(several, axis=1)).mean()) if len(several) else None,
        float(np.ptp(whole.mean(axis=0))) if len(whole) else None,
        len(several),
        table.shape[1],
    )
