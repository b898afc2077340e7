"""Past dialogues: read from a file, and chosen as examples for few-shot prompts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from agent.catalog import Catalog
from agent.errors import CatalogError
from prompts import Example, Message

Encode = Callable[[Sequence[str]], np.ndarray]
"""Texts to L2-normalised embeddings, float32, shape (len(texts), dimension)."""

# Words, and the characters of scripts that are written without spaces one by one.
_TERM = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
_FORMAT_HINT = (
    'each line is {"id", "turns": [{"role", "content"}], "items": [{"id", "turn", "by", "attitude"}]}'
)


@dataclass(frozen=True, slots=True)
class PastDialogue:
    """A dialogue that ended in recommendations.

    ``turns`` are those before the first recommendation, oldest first; ``item_labels`` the items that
    were then recommended and not turned down, in the order they came up.
    """

    id: str
    turns: tuple[Message, ...]
    item_labels: tuple[str, ...]


def load_dialogues(path: Path, catalog: Catalog) -> tuple[PastDialogue, ...]:
    """Read past dialogues from a ``memory.jsonl``.

    One dialogue a line: ``{"id", "turns": [{"role": "user"|"assistant", "content"}], "items": [{"id",
    "turn", "by": "user"|"assistant", "attitude": -2..2|null}]}``, where ``turn`` counts from 0.
    Dialogues in which nothing of the catalog was recommended are left out.

    Raises:
        CatalogError: the file cannot be read, a line breaks the format (``problems`` lists each), or no
            item in the file is in the catalog.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise CatalogError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except UnicodeDecodeError as error:
        raise CatalogError(f"byte {error.start} is not UTF-8", where=str(path)) from None
    found: list[PastDialogue] = []
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(_read(json.loads(line), catalog))
            except json.JSONDecodeError as error:
                problems.append(f"{path}:{number}: not JSON: {error.msg}")
            except _BadLineError as problem:
                problems.append(f"{path}:{number}: {problem}")
    if problems:
        count = f"{len(problems)} broken line{'s' * (len(problems) > 1)}"
        raise CatalogError(
            f"{count} in the past dialogues: {problems[0]}", hint=_FORMAT_HINT, problems=problems
        )
    usable = tuple(dialogue for dialogue in found if dialogue.turns and dialogue.item_labels)
    if found and not usable:
        raise CatalogError(
            f"none of the {len(found)} past dialogues recommends an item of {catalog.name}",
            where=str(path),
            hint="check that its item ids are those of the catalog",
        )
    return usable


def select_examples(
    dialogues: Sequence[PastDialogue],
    query: str,
    k: int,
    exclude_id: str | None = None,
    encode: Encode | None = None,
) -> tuple[Example, ...]:
    """The past dialogues most like a query, as examples for a few-shot prompt.

    Similarity is BM25 (Robertson and Zaragoza 2009, as in ``bm25s``) over words, or the cosine of
    embeddings where there is an encoder. Both are computed once for the same dialogues.

    Args:
        dialogues: Those to choose from.
        query: What the user says, with earlier turns where they matter.
        k: How many.
        exclude_id: A dialogue that must not be shown: the one a prediction is made for.
        encode: A sentence encoder; words are compared where there is none.

    Returns:
        At most ``k`` examples, the most similar last: next to the question, where it counts most, and
        where trimming, which begins with the first, reaches it last.
    """
    pool = tuple(dialogues)
    if k <= 0 or not pool:
        return ()
    similarity = _lexical(pool, query) if encode is None else _embedded(pool, encode) @ encode([query])[0]
    order = np.argsort(-similarity, kind="stable")
    best = [pool[row] for row in order if pool[row].id != exclude_id][:k]
    return tuple(Example(dialogue.turns, dialogue.item_labels) for dialogue in reversed(best))


def _lexical(pool: tuple[PastDialogue, ...], query: str) -> np.ndarray:
    terms = _terms(query)
    return _bm25(pool).get_scores(terms) if terms else np.zeros(len(pool))


@lru_cache(maxsize=4)
def _bm25(pool: tuple[PastDialogue, ...]) -> Any:
    import bm25s

    index = bm25s.BM25()
    index.index([_terms(_text(dialogue)) or [""] for dialogue in pool], show_progress=False)
    return index


@lru_cache(maxsize=4)
def _embedded(pool: tuple[PastDialogue, ...], encode: Encode) -> np.ndarray:
    return encode([_text(dialogue) for dialogue in pool])


def _terms(words: str) -> list[str]:
    return _TERM.findall(words.casefold())


def _text(dialogue: PastDialogue) -> str:
    return "\n".join(turn.content for turn in dialogue.turns)


class _BadLineError(ValueError):
    """A line that breaks the format; the message says how."""


def _read(line: Any, catalog: Catalog) -> PastDialogue:
    _check(isinstance(line, dict), "not a JSON object")
    for key in ("id", "turns", "items"):
        _check(key in line, f"no {key!r}")
    turns = [_turn(entry, position) for position, entry in enumerate(_list(line, "turns"))]
    items = [_item(entry, position, len(turns)) for position, entry in enumerate(_list(line, "items"))]
    answered = [item for item in items if item["by"] == "assistant"]
    first = min((item["turn"] for item in answered), default=len(turns))
    labels = dict.fromkeys(
        catalog.label(catalog.item(item["id"]))
        for item in sorted(answered, key=lambda item: item["turn"])
        if item["id"] in catalog and (item.get("attitude") or 0) >= 0
    )
    return PastDialogue(str(line["id"]), tuple(turns[:first]), tuple(labels))


def _turn(entry: Any, position: int) -> Message:
    at = f"turns[{position}]"
    _check(isinstance(entry, dict) and isinstance(entry.get("content"), str), f"{at} has no text 'content'")
    _check(entry.get("role") in ("user", "assistant"), f"{at} has the role {entry.get('role')!r}")
    return Message(entry["role"], entry["content"])


def _item(entry: Any, position: int, turns: int) -> dict[str, Any]:
    at = f"items[{position}]"
    _check(isinstance(entry, dict) and "id" in entry, f"{at} has no 'id'")
    turn, attitude = entry.get("turn"), entry.get("attitude")
    _check(type(turn) is int and 0 <= turn < turns, f"{at} is of turn {turn!r}, of {turns} turns")
    _check(entry.get("by") in ("user", "assistant"), f"{at} is by {entry.get('by')!r}")
    _check(
        attitude is None or (type(attitude) is int and -2 <= attitude <= 2),
        f"{at} has the attitude {attitude!r}",
    )
    return {**entry, "id": str(entry["id"])}


def _list(line: dict[str, Any], key: str) -> list[Any]:
    _check(isinstance(line[key], list), f"{key!r} is not a list")
    return line[key]


def _check(condition: bool, problem: str) -> None:
    if not condition:
        raise _BadLineError(problem)
