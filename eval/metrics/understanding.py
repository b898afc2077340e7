"""What was understood of utterances: only rows with ``understood`` are measured.

An utterance's F1 is 2 right / (found + labelled); where nothing of the kind is labelled and nothing found, it
says nothing of the system either. The mean over utterances weighs each the same, whatever it holds.
"""

from __future__ import annotations

import numpy as np

from eval.metrics.registry import metric
from eval.metrics.rows import Rows


@metric("mentions_f1", better="higher")
def mentions_f1(rows: Rows) -> np.ndarray:
    """F1 of the items named: span, item and the sign of the attitude; a mean over utterances."""
    return _f1(rows, "mentions")


@metric("items_f1", better="higher")
def items_f1(rows: Rows) -> np.ndarray:
    """F1 of the items named, whatever the attitude; a mean over utterances."""
    return _f1(rows, "items")


@metric("constraints_f1", better="higher")
def constraints_f1(rows: Rows) -> np.ndarray:
    """F1 of conditions as (field, operator, value); a mean over utterances."""
    return _f1(rows, "constraints")


@metric("critiques_f1", better="higher")
def critiques_f1(rows: Rows) -> np.ndarray:
    """F1 of critiques as (kind, word, place in the list); a mean over utterances."""
    return _f1(rows, "critiques")


@metric("facets_f1", better="higher")
def facets_f1(rows: Rows) -> np.ndarray:
    """F1 of tastes as (category, sign of the attitude); a mean over utterances."""
    return _f1(rows, "facets")


@metric("intents_accuracy", better="higher")
def intents_accuracy(rows: Rows) -> np.ndarray:
    """1 where every intent that must be found was, else 0."""
    return _f1(rows, "intents")


def _f1(rows: Rows, measure: str) -> np.ndarray:
    counts = np.array([(row.understood or {}).get(measure, (0, 0, 0)) for row in rows], dtype=np.float64)
    right, found, labelled = counts.reshape(-1, 3).T
    sizes = found + labelled
    return np.divide(2 * right, sizes, out=np.full(len(sizes), np.nan), where=sizes > 0)
