"""Recipe-MPR as an evaluation set: a request and five recipes, one of which fits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.datasets.packaging import write_csv, write_lines


def build_recipes(source: Path, target: Path) -> None:
    """Write ``catalog.csv.gz`` and ``conversations.jsonl.gz``.

    Options and items are in the order of their ids, which says nothing: in the source the right option
    comes first.
    """
    with (source / "dev.json").open(encoding="utf-8") as stream:
        questions = json.load(stream)
    recipes = {i: " ".join(text.split()) for question in questions for i, text in question["options"].items()}
    write_csv(target / "catalog.csv.gz", ("id", "title"), sorted(recipes.items()))
    lines = (_line(number, question) for number, question in enumerate(questions, start=1))
    write_lines(target / "conversations.jsonl.gz", lines)


def _line(number: int, question: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": f"{number:03}",
        "context": [{"role": "user", "content": " ".join(question["query"].split())}],
        "targets": [question["answer"]],
        "options": sorted(question["options"]),
        "slices": [name for name, holds in question["query_type"].items() if holds],
    }
