"""Results that still hold: scores are made again only where something they hang on has changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from eval.errors import ResultsError
from eval.results import RunResult
from eval.runner.folder import RunFolder
from eval.runner.machine import this_machine
from eval.store import Store


def inputs_hash(kept: RunFolder, store: Store, embedder: str) -> str:
    """16 hex digits over all that the results of a run hang on.

    These are the matrix, the data, the answers, the embedder, the versions of packages and our own code.
    """
    parts: list[Any] = [asdict(kept.manifest), store.places, embedder, asdict(this_machine()), _sources()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def results_of(folder: Path, inputs: str) -> RunResult | None:
    """The results in a folder, where they were made of just these inputs; None where there are none."""
    try:
        found = RunResult.load(folder)
    except ResultsError:
        return None
    return found if found.inputs == inputs else None


@cache
def _sources() -> str:
    """A hash of the code that scores, which a revision does not tell while one is working on it."""
    total = hashlib.sha256()
    for package in ("agent", "eval"):
        for text in _modules(files(package)):
            total.update(text)
    return total.hexdigest()


def _modules(folder: Traversable) -> list[bytes]:
    found: list[bytes] = []
    for child in sorted(folder.iterdir(), key=lambda child: child.name):
        if child.is_dir():
            found += _modules(child)
        elif child.name.endswith(".py"):
            found.append(child.read_bytes())
    return found
