"""One door to every evaluation set."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from agent.catalog import Catalog
from eval.datasets.folder import load_folder
from eval.datasets.hub import load_rows
from eval.datasets.records import EvalSet
from eval.datasets.shipped import DATASETS, load_shipped
from eval.errors import DatasetError


def load_dataset(
    source: Any,
    *,
    fold: int | str | None = None,
    limit: int | None = None,
    sample: int | None = None,
    seed: int = 0,
    columns: Mapping[str, str] | None = None,
    split: str | None = None,
    catalog: Catalog | None = None,
    kind: str | None = None,
) -> EvalSet:
    """Load and check an evaluation set.

    Args:
        source: ``redial``, ``movies-history``, ``tools`` or ``recipes`` (``./tools`` is a folder); a folder
            in the documented formats; the name or the folder of a Hugging Face data set, or a
            ``datasets.Dataset``.
        fold: Which part is asked about: 0 to 4 for ``redial`` and ``tools`` (0 where not given),
            ``validation`` or ``test`` for interactions (``test`` where not given).
        limit: Only the first questions.
        sample: Only so many questions, drawn with ``seed``. A larger sample of the same seed holds every
            smaller one, whatever the order of the questions.
        seed: Of the sample.
        columns: For a Hugging Face data set, our column name to yours.
        split: Which split of a Hugging Face data set.
        catalog: The catalog, where the source has none.
        kind: What one item is called, in the singular ("movie").

    Raises:
        DatasetError: the source is not there, breaks its format (``problems`` names file, line and field of
            each), or has no such fold.
        CatalogError: its catalog or interactions break their format.
    """
    for option, value in (("limit", limit), ("sample", sample)):
        if value is not None and value < 1:
            raise DatasetError(f"{option}={value} leaves no questions", hint=f"give a {option} of at least 1")
    data = _load(source, fold, columns, split, catalog, kind)
    questions = data.questions
    if sample is not None and sample < len(questions):
        drawn = sorted(questions, key=lambda q: hashlib.sha256(f"{seed} {q.id}".encode()).digest())[:sample]
        kept = {question.id for question in drawn}
        questions = tuple(question for question in questions if question.id in kept)
    return replace(data, questions=questions[:limit])


def _load(
    source: Any,
    fold: int | str | None,
    columns: Mapping[str, str] | None,
    split: str | None,
    catalog: Catalog | None,
    kind: str | None,
) -> EvalSet:
    if isinstance(source, str) and source in DATASETS:
        return load_shipped(source, fold)
    if not isinstance(source, (str, os.PathLike)):
        return load_rows(source, columns=columns, split=split, catalog=catalog, kind=kind)
    path = Path(source)
    if path.is_dir() and columns is None and split is None and not _is_saved(path):
        return load_folder(path, fold=fold, kind=kind, catalog=catalog)
    if guess := get_close_matches(str(source), DATASETS, n=1):
        raise DatasetError("no such evaluation set", where=str(source), hint=f"did you mean {guess[0]!r}?")
    if path.is_absolute() and not path.exists():
        raise DatasetError("no such folder", where=str(source))
    return load_rows(source, columns=columns, split=split, catalog=catalog, kind=kind)


def _is_saved(folder: Path) -> bool:
    """Whether the ``datasets`` library wrote the folder."""
    return any((folder / name).is_file() for name in ("state.json", "dataset_dict.json"))
