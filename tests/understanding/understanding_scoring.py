"""The labelled sets of the tests, and the suite's own scoring of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agent.catalog import Catalog
from eval.protocols.understanding import (
    MEASURES,
    Count,
    LineScore,
    Understand,
    evaluate,
    interval,
    load_labels,
    score_constraints,
    score_critiques,
    score_intents,
    score_mentions,
    total,
)

__all__ = [
    "MEASURES",
    "Count",
    "LineScore",
    "Understand",
    "evaluate",
    "interval",
    "load_catalog",
    "load_set",
    "score_constraints",
    "score_critiques",
    "score_intents",
    "score_mentions",
    "total",
]

DATA = Path(__file__).parents[1] / "data"


def load_set(name: str) -> list[dict[str, Any]]:
    """The labelled lines of ``train``, ``dev`` or ``heldout``."""
    return load_labels(DATA / "understanding" / f"{name}.jsonl")


def load_catalog(name: str) -> Catalog:
    """A catalog that the labels name."""
    return Catalog.load(name if name in ("movies", "articles") else DATA / "catalogs" / f"{name}.csv")
