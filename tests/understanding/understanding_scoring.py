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
    """The labelled lines of a set, such as ``train`` or ``written_a``; days are scored by their year."""
    lines = load_labels(DATA / "understanding" / f"{name}.jsonl")
    for line in lines:
        line["constraints"] = [_by_year(c) for c in line["constraints"]]
    return lines


def _by_year(label: dict[str, Any]) -> dict[str, Any]:
    """A bound on a day of ``date`` as one on its year: constraints compare numbers only."""
    if label["field"] != "date":
        return label
    op = label["op"] if label["op"] == "==" else f"{label['op'][0]}="
    return {**label, "field": "year", "op": op, "value": int(str(label["value"])[:4])}


def load_catalog(name: str) -> Catalog:
    """A catalog that the labels name."""
    return Catalog.load(name if name in ("movies", "articles") else DATA / "catalogs" / f"{name}.csv")
