"""What an answer cost. NaN where it was not measured; failed rows count with what they spent."""

from __future__ import annotations

import numpy as np

from eval.metrics.registry import metric
from eval.metrics.rows import Rows


@metric("prompt_tokens", better="lower")
def prompt_tokens(rows: Rows) -> np.ndarray:
    """Tokens read, cached ones too."""
    return np.array([np.nan if row.usage is None else float(row.usage.prompt_tokens) for row in rows])


@metric("completion_tokens", better="lower")
def completion_tokens(rows: Rows) -> np.ndarray:
    """Tokens written."""
    return np.array([np.nan if row.usage is None else float(row.usage.completion_tokens) for row in rows])


@metric("milliseconds_p95", better="lower", quantile=0.95)
@metric("milliseconds_p50", better="lower", quantile=0.5)
def milliseconds(rows: Rows) -> np.ndarray:
    """Wall-clock milliseconds of an answer; its median and 95th percentile over rows (inverted ECDF)."""
    return np.array([np.nan if row.milliseconds is None else float(row.milliseconds) for row in rows])
