"""Past dialogues: what was said, which items came up, and what became of them."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from agent.catalog import Catalog
from agent.errors import CatalogError
from prompts import Message

_FORMAT_HINT = (
    'each line is {"id", "turns": [{"role", "content"}], "items": [{"id", "turn", "by", "attitude"}]}'
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """An item said in a dialogue: in which turn (from 0), by whom, and what the user thinks of it (-2..2)."""

    item_id: str
    turn: int
    by: Literal["user", "assistant"]
    attitude: int | None = None


@dataclass(frozen=True, slots=True)
class PastDialogue:
    """A past dialogue, whole: its turns, oldest first, and the items that came up in them.

    The words of a ``private`` one are shown to nobody: it is found by them and counts, but is no example.
    """

    id: str
    turns: tuple[Message, ...]
    items: tuple[Spoken, ...] = ()
    private: bool = False

    def recommended(self, turn: int) -> tuple[str, ...]:
        """Ids of the items that the assistant says in a turn, each once."""
        said = (i.item_id for i in self.items if i.turn == turn and i.by == "assistant")
        return tuple(dict.fromkeys(said))

    def said_before(self, turn: int) -> tuple[str, ...]:
        """Ids of the items said by anybody before a turn, oldest first, each once."""
        earlier = sorted((i for i in self.items if i.turn < turn), key=lambda i: i.turn)
        return tuple(dict.fromkeys(i.item_id for i in earlier))

    @property
    def welcome(self) -> tuple[str, ...]:
        """Ids of the items that the assistant said and the user did not turn down, oldest first."""
        said = sorted((i for i in self.items if i.by == "assistant"), key=lambda i: i.turn)
        return tuple(dict.fromkeys(i.item_id for i in said if (i.attitude or 0) >= 0))

    @property
    def opening(self) -> tuple[Message, ...]:
        """The turns before the assistant first says an item."""
        first = min((i.turn for i in self.items if i.by == "assistant"), default=len(self.turns))
        return self.turns[:first]


def load_dialogues(path: Path, catalog: Catalog) -> tuple[PastDialogue, ...]:
    """Read past dialogues from a ``memory.jsonl``, gzipped or not.

    One dialogue a line: ``{"id", "turns": [{"role": "user"|"assistant", "content"}], "items": [{"id",
    "turn", "by": "user"|"assistant", "attitude": -2..2|null}]}``, where ``turn`` counts from 0.
    Items that the catalog lacks are kept: what was said of them is still said.

    Raises:
        CatalogError: the file cannot be read, a line breaks the format (``problems`` lists each), or no
            item in the file is in the catalog.
    """
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig") as file
        ):
            lines = file.read().splitlines()
    except (EOFError, zlib.error) as error:
        raise CatalogError(f"is damaged: {error}", where=str(path)) from None
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror or error}", where=str(path)) from None
    except UnicodeDecodeError as error:
        raise CatalogError(f"byte {error.start} is not UTF-8", where=str(path)) from None
    found: list[PastDialogue] = []
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(_read(json.loads(line)))
            except json.JSONDecodeError as error:
                problems.append(f"{path}:{number}: not JSON: {error.msg}")
            except _BadLineError as problem:
                problems.append(f"{path}:{number}: {problem}")
    if problems:
        count = f"{len(problems)} broken line{'s' * (len(problems) > 1)}"
        raise CatalogError(
            f"{count} in the past dialogues: {problems[0]}", hint=_FORMAT_HINT, problems=problems
        )
    named = [item.item_id for dialogue in found for item in dialogue.items]
    if named and not any(item_id in catalog for item_id in named):
        raise CatalogError(
            f"none of the {len(found)} past dialogues names an item of {catalog.name}",
            where=str(path),
            hint="check that its item ids are those of the catalog",
        )
    return tuple(found)


def dialogues_of(catalog: Catalog) -> tuple[PastDialogue, ...]:
    """The past dialogues that come with a catalog; none where it has no file of them."""
    return () if catalog.dialogues is None else load_dialogues(catalog.dialogues, catalog)


def dump_dialogues(path: Path, dialogues: Iterable[PastDialogue]) -> None:
    """Write past dialogues as :func:`load_dialogues` reads them."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(map(_line, dialogues))


def append_dialogue(path: Path, dialogue: PastDialogue) -> None:
    """Add a dialogue to a file; where several lines have one id, the last counts.

    Raises:
        CatalogError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            file.seek(0, os.SEEK_END)
            if file.tell():
                file.seek(-1, os.SEEK_END)
                ends = file.read(1) == b"\n"
                # A line that another program left open must not swallow ours.
                file.write(b"" if ends else b"\n")
            file.write(_line(dialogue).encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise CatalogError(f"cannot be written: {error.strerror}", where=str(path)) from None


def dialogue_to_json(dialogue: PastDialogue) -> dict[str, Any]:
    """A dialogue as an entry of a ``memory.jsonl``."""
    return {
        "id": dialogue.id,
        "turns": [{"role": turn.role, "content": turn.content} for turn in dialogue.turns],
        "items": [
            {"id": i.item_id, "turn": i.turn, "by": i.by, "attitude": i.attitude} for i in dialogue.items
        ],
    }


def dialogue_from_json(entry: Any, *, private: bool = False) -> PastDialogue:
    """A dialogue from such an entry; raises ValueError where it breaks the format."""
    return replace(_read(entry), private=private)


def _line(dialogue: PastDialogue) -> str:
    return json.dumps(dialogue_to_json(dialogue), ensure_ascii=False) + "\n"


class _BadLineError(ValueError):
    """A line that breaks the format; the message says how."""


def _read(line: Any) -> PastDialogue:
    _check(isinstance(line, dict), "not a JSON object")
    for key in ("id", "turns", "items"):
        _check(key in line, f"no {key!r}")
    turns = [_turn(entry, position) for position, entry in enumerate(_list(line, "turns"))]
    items = [_item(entry, position, len(turns)) for position, entry in enumerate(_list(line, "items"))]
    return PastDialogue(str(line["id"]), tuple(turns), tuple(items))


def _turn(entry: Any, position: int) -> Message:
    at = f"turns[{position}]"
    _check(isinstance(entry, dict) and isinstance(entry.get("content"), str), f"{at} has no text 'content'")
    _check(entry.get("role") in ("user", "assistant"), f"{at} has the role {entry.get('role')!r}")
    return Message(entry["role"], entry["content"])


def _item(entry: Any, position: int, turns: int) -> Spoken:
    at = f"items[{position}]"
    _check(isinstance(entry, dict) and "id" in entry, f"{at} has no 'id'")
    turn, attitude = entry.get("turn"), entry.get("attitude")
    _check(type(turn) is int and 0 <= turn < turns, f"{at} is of turn {turn!r}, of {turns} turns")
    _check(entry.get("by") in ("user", "assistant"), f"{at} is by {entry.get('by')!r}")
    _check(
        attitude is None or (type(attitude) is int and -2 <= attitude <= 2),
        f"{at} has the attitude {attitude!r}",
    )
    return Spoken(str(entry["id"]), turn, entry["by"], attitude)


def _list(line: dict[str, Any], key: str) -> list[Any]:
    _check(isinstance(line[key], list), f"{key!r} is not a list")
    return line[key]


def _check(condition: bool, problem: str) -> None:
    if not condition:
        raise _BadLineError(problem)
