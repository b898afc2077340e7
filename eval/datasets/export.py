"""An evaluation set as a folder in the documented format, for systems of any kind."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval.datasets.records import Dialogue, EvalSet, Question
from eval.errors import DatasetError

_COLUMNS = ("id", "title", "year", "description", "categories", "popularity", "url")
_EVENT = ("user_id", "item_id", "event", "value", "timestamp")


def export_folder(data: EvalSet, folder: Path) -> None:
    """Write a set as ``catalog.csv`` and ``conversations.jsonl``.

    ``memory.jsonl`` and ``interactions.csv`` are added where there is something to learn from. A user's
    history is written as ``mentioned`` items.

    Raises:
        DatasetError: the folder holds files already, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise DatasetError("the folder is not empty", where=str(folder), hint="name a new one")
        _write_csv(folder / "catalog.csv", _COLUMNS, map(_item_row, data.catalog))
        _write_lines(folder / "conversations.jsonl", map(_question_line, data.questions))
        if data.memory:
            _write_lines(folder / "memory.jsonl", map(_dialogue_line, data.memory))
        if data.catalog.interactions:
            events = ([getattr(event, name) for name in _EVENT] for event in data.catalog.interactions)
            _write_csv(folder / "interactions.csv", _EVENT, events)
    except OSError as error:
        raise DatasetError(f"cannot be written: {error.strerror}", where=str(folder)) from None


def _item_row(item: Any) -> list[Any]:
    return ["|".join(item.categories) if name == "categories" else item.get(name) for name in _COLUMNS]


def _question_line(question: Question) -> Mapping[str, Any]:
    line = {
        "id": question.id,
        "dialogue": question.cluster,
        "context": [asdict(turn) for turn in question.context],
        "mentioned": list(question.known),
        "targets": list(question.targets),
    }
    optional = {name: list(getattr(question, name)) for name in ("repeated", "options", "slices")}
    return line | {name: value for name, value in optional.items() if value}


def _dialogue_line(dialogue: Dialogue) -> Mapping[str, Any]:
    return {
        "id": dialogue.id,
        "turns": [asdict(turn) for turn in dialogue.turns],
        "items": [
            {"id": i.item_id, "turn": i.turn, "by": i.by, "attitude": i.attitude} for i in dialogue.items
        ],
    }


def _write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    path.write_text(text, encoding="utf-8")


def _write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
