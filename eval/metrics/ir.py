"""Any measure of ir-measures, for what this package does not have itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eval.errors import MetricError
from eval.metrics.rows import Rows

IR_PREFIX = "ir:"


def ir_measure(rows: Rows, name: str) -> np.ndarray:
    """A measure of the ir-measures library (MacAvaney, Macdonald and Ounis, ECIR 2022), row by row.

    The usual accuracy metrics are in :mod:`eval.metrics.accuracy`, which gives the same figures from
    arrays. Relevance is binary.

    Args:
        rows: The rows.
        name: Its name there, with or without ``ir:``: ``AP@10``, ``RBP(p=0.8)``, ``P@5``.

    Returns:
        Values, shape (n,); 0 for empty lists, NaN for rows without targets.

    Raises:
        MetricError: ir-measures knows no such measure, or none of its installed providers computes it.
    """
    import ir_measures

    plain = name.removeprefix(IR_PREFIX)
    judged = {row.id: dict.fromkeys(row.targets, 1) for row in rows if row.targets}
    lists = {row.id: {} if row.failed else _scores(row.ranked) for row in rows}
    values = dict.fromkeys(judged, 0.0)
    try:
        measure = ir_measures.parse_measure(plain)
        # A measure over nothing but empty lists is 0, which not every provider can be asked for.
        found = ir_measures.iter_calc([measure], judged, lists) if any(lists.values()) and judged else ()
        values.update({m.query_id: m.value for m in found})
    except (NameError, ValueError, SyntaxError, RuntimeError) as error:
        raise MetricError(
            f"ir-measures cannot compute {plain!r}: {error}", hint="Names are listed at https://ir-measur.es"
        ) from error
    return np.array([values.get(row.id, np.nan) for row in rows])


def _scores(ranked: Sequence[str]) -> dict[str, float]:
    return {item: float(-rank) for rank, item in enumerate(ranked)}
