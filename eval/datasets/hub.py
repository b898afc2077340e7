"""Evaluation sets from the rows of a Hugging Face data set, by a map of its columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agent.catalog import Catalog, Item
from eval.datasets.conversations import to_question
from eval.datasets.folder import digest
from eval.datasets.lines import ConversationLine, check_rows
from eval.datasets.records import EvalSet, Question
from eval.errors import DatasetError

_OURS = tuple(ConversationLine.model_fields)
_HINT = f"columns={{'context': 'yours'}} maps our names to yours; ours are {', '.join(_OURS)}"


def load_rows(
    source: Any,
    *,
    columns: Mapping[str, str] | None = None,
    split: str | None = None,
    catalog: Catalog | None = None,
    kind: str | None = None,
) -> EvalSet:
    """Questions from the rows of a data set.

    Args:
        source: The name of a data set, its folder, or a ``datasets.Dataset``.
        columns: Our name of a column to yours. Rows without an id are numbered.
        split: Which split of the data set.
        catalog: What can be answered. Where there is none, the items are the titles that the rows name,
            and a title is its own id.
        kind: What one item is called, in the singular.

    Raises:
        DatasetError: it cannot be loaded, lacks a column, or rows break the format.
    """
    table = _open(source, split)
    named = dict(columns or {})
    for ours, theirs in named.items():
        if ours not in _OURS:
            raise DatasetError(f"there is no column {ours!r} of ours", where=str(source), hint=_HINT)
        if theirs not in table.column_names:
            raise DatasetError(f"it has no column {theirs!r}", where=str(source), hint=_has(table))
    for name in _OURS:
        if name not in named and name in table.column_names:
            named[name] = name
    missing = [name for name in ("context", "targets") if name not in named]
    if missing:
        raise DatasetError(
            f"it has no column {' and no '.join(map(repr, missing))}",
            where=str(source),
            hint=f"{_has(table)}; {_HINT}",
        )
    name = Path(source).name if isinstance(source, (str, Path)) else "data set"
    rows = list(_rows(table, named))
    lines = check_rows(rows, ConversationLine, str(name), hint=_HINT)
    questions = tuple(to_question(line) for line in lines)
    catalog = catalog or _catalog(questions, name, kind)
    content = json.dumps([row for _, row in rows], sort_keys=True, default=str).encode()
    total = digest([("catalog", catalog.fingerprint.encode()), ("rows", content)])
    task: Any = "choice" if all(q.options for q in questions) else "conversation"
    return EvalSet(name, task, catalog, questions, checksum=total, licence=_licence(table))


def _open(source: Any, split: str | None) -> Any:
    """A ``datasets.Dataset`` of one split."""
    import datasets

    try:
        found = _load(source, split) if isinstance(source, (str, Path)) else source
    except Exception as error:  # the library raises dozens of kinds, those of its transports among them
        raise DatasetError(
            f"cannot be loaded as a data set: {str(error).splitlines()[0] if str(error) else error!r}",
            where=str(source),
            hint="give the name of a shipped set, a folder, or a data set of the Hugging Face hub",
        ) from error
    if isinstance(found, datasets.DatasetDict):
        if split is None and len(found) > 1:
            raise DatasetError(
                "it has several splits", where=str(source), hint=f"choose one of {', '.join(found)}"
            )
        found = found[split or next(iter(found))]
    if not isinstance(found, datasets.Dataset):
        raise DatasetError(f"a {type(found).__name__} is no data set", where=str(source))
    return found


def _load(source: str | Path, split: str | None) -> Any:
    import datasets

    path = Path(source)
    if any((path / name).is_file() for name in ("state.json", "dataset_dict.json")):
        return datasets.load_from_disk(str(path))
    return datasets.load_dataset(str(source), split=split)


def _rows(table: Any, named: Mapping[str, str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, row in enumerate(table, start=1):
        yield number, {"id": str(number)} | {ours: row[theirs] for ours, theirs in named.items()}


def _catalog(questions: tuple[Question, ...], name: str, kind: str | None) -> Catalog:
    """A catalog of the titles that the questions name, in the order of their spelling."""
    titles = {t for q in questions for t in (*q.targets, *q.repeated, *q.mentioned, *q.options)}
    return Catalog([Item(title, title) for title in sorted(titles)], name=name, kind=kind or "item")


def _licence(table: Any) -> str:
    return str(getattr(table.info, "license", "") or "not stated")


def _has(table: Any) -> str:
    return f"its columns: {', '.join(table.column_names)}"
