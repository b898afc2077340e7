"""Explanations and simulated dialogues."""

from __future__ import annotations

import numpy as np

from eval.metrics.registry import metric
from eval.metrics.rows import Rows


@metric("faithfulness", better="higher")
def faithfulness(rows: Rows) -> np.ndarray:
    """Share of the reasons given that the checker passes: every fact in them is evidence.

    NaN where no reason was given.
    """
    return np.array([np.mean(row.faithful) if row.faithful else np.nan for row in rows])


@metric("success_rate", cutoffs=(1, 3, 5, 10), better="higher")
def success_rate(rows: Rows, k: int) -> np.ndarray:
    """1 where a simulated dialogue ends in an accepted item within k turns, else 0; failures are 0.

    NaN where no dialogue was simulated. Source: SR@t of Lei et al., Estimation-action-reflection,
    WSDM 2020.
    """
    turns = turns_to_success(rows)
    return np.where([row.succeeded is None for row in rows], np.nan, (turns <= k).astype(float))


@metric("turns_to_success", better="lower")
def turns_to_success(rows: Rows) -> np.ndarray:
    """Turns until an item was accepted; NaN for dialogues without success.

    Dialogues that never succeed are left out, so read it beside the success rate.
    """
    reached = [row.turns if row.succeeded and not row.failed else None for row in rows]
    return np.array([np.nan if turns is None else float(turns) for turns in reached])
