"""What the model wrote, before anything repaired it. Systems that write no text (``titles`` None) are NaN.

Rates are means over lists, so that one long list weighs no more than a short one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from agent.context import fold
from eval.metrics.registry import metric
from eval.metrics.rows import Row, Rows, WrittenTitle


def _share(rows: Rows, count: Callable[[Row, tuple[WrittenTitle, ...]], int]) -> np.ndarray:
    return np.array([count(row, row.titles) / len(row.titles) if row.titles else np.nan for row in rows])


def _per_text(rows: Rows, count: Callable[[Row, tuple[WrittenTitle, ...]], float]) -> np.ndarray:
    return np.array([np.nan if row.titles is None else float(count(row, row.titles)) for row in rows])


@metric("parse_rate", better="higher")
def parse_rate(rows: Rows) -> np.ndarray:
    """1 where at least one title could be read out of the text, else 0; failures are 0."""
    return _per_text(rows, lambda row, titles: bool(titles) and not row.failed)


@metric("list_length")
def list_length(rows: Rows) -> np.ndarray:
    """Titles written, repeats and rejected ones too."""
    return _per_text(rows, lambda row, titles: len(titles))


@metric("usable_items", better="higher")
def usable_items(rows: Rows) -> np.ndarray:
    """Distinct items of the catalog among the titles written that are not in the user's history."""
    return _per_text(rows, lambda row, titles: len({t.item_id for t in titles} - {None} - set(row.history)))


@metric("out_of_catalog_rate", better="lower")
def out_of_catalog_rate(rows: Rows) -> np.ndarray:
    """Share of the titles written that grounding rejects; NaN where none was written.

    Source: the hallucination rate of He et al., Large language models as zero-shot conversational
    recommenders, CIKM 2023.
    """
    return _share(rows, lambda row, titles: sum(t.item_id is None for t in titles))


@metric("duplicate_rate", better="lower")
def duplicate_rate(rows: Rows) -> np.ndarray:
    """Share of the titles written that repeat an earlier one of the list: 1 - distinct / written.

    Titles are the same where they are grounded to one item; rejected ones where their folded text is.
    """

    def repeats(row: Row, titles: tuple[WrittenTitle, ...]) -> int:
        return len(titles) - len({(t.item_id, "" if t.item_id else fold(t.text)) for t in titles})

    return _share(rows, repeats)


@metric("echo_rate", better="lower")
def echo_rate(rows: Rows) -> np.ndarray:
    """Share of the titles written that are copied from the prompt's own examples, case and accents aside.

    NaN where none was written, 0 where the prompt has no examples.
    """

    def echoes(row: Row, titles: tuple[WrittenTitle, ...]) -> int:
        shown = {fold(title) for title in row.examples}
        return sum(fold(t.text) in shown for t in titles)

    return _share(rows, echoes)
