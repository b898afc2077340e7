"""Titles in generated JSON: arrays, objects, JSON lines, fenced, broken off in the middle.

A model that runs out of tokens leaves half a document, so the reader here takes what is there and
keeps where every string stood in the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

TITLE_KEYS = (
    "title",
    "name",
    "movie",
    "film",
    "item",
    "book",
    "article",
    "paper",
    "片名",
    "标题",
    "名称",
    "电影",
)
YEAR_KEYS = ("year", "release_year", "released", "date", "年份")
NOTE_KEYS = (
    "reason",
    "why",
    "because",
    "explanation",
    "note",
    "description",
    "rationale",
    "理由",
    "推荐理由",
)

_TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?P<body>(?:[^"\\]|\\.)*)(?P<close>"?))|(?P<mark>[\[\]{}:,])|(?P<other>[^\s\[\]{}:,"]+))',
    re.S,
)
_OPENING = re.compile(r'[\[{]\s*(?=["{\[])')
_YEAR = re.compile(r"\b(?:1[89]|20|21)\d\d\b")


@dataclass(slots=True)
class Text:
    """A string or a bare word of the document; ``start`` and ``end`` leave out the quotation marks."""

    value: str
    start: int
    end: int


@dataclass(slots=True)
class Node:
    """An array (no keys) or an object (a key for every value)."""

    values: list[Node | Text] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class JsonTitle:
    """A title as it stands in the document, with the year and note beside it."""

    text: Text
    year: int | None
    note: str


def json_titles(text: str) -> list[JsonTitle]:
    """Every title in the JSON documents of a text; empty when there is no JSON with titles in it."""
    found: list[JsonTitle] = []
    position = 0
    while opening := _OPENING.search(text, position):
        node, position = _read(text, opening.start())
        found += _titles(node)
    return found


def _unescape(body: str) -> str:
    try:
        return str(json.loads(f'"{body}"', strict=False))
    except ValueError:
        return body


def _read(text: str, start: int) -> tuple[Node, int]:
    """Read one document from its opening bracket on, and say where it ended."""
    root = Node()
    stack: list[tuple[Node, bool]] = [(root, False)]
    key: str | None = None
    pending: Text | None = None
    position = start
    while token := _TOKEN.match(text, position):
        position = token.end()
        node, is_object = stack[-1]
        mark = token["mark"]
        if mark is None:
            group = "body" if token["string"] is not None else "other"
            value = _unescape(token["body"]) if group == "body" else token["other"]
            pending = Text(value, *token.span(group))
        elif mark == ":":
            key, pending = (pending.value if pending else ""), None
        else:
            if pending is not None and mark in ",]}":
                _add(node, is_object, key, pending)
                key = pending = None
            if mark in "[{":
                child = Node()
                _add(node, is_object, key, child)
                key = None
                stack.append((child, mark == "{"))
            elif mark in "]}":
                stack.pop()
                if len(stack) == 1:
                    break
    if pending is not None and len(stack) > 1:
        _add(*stack[-1], key, pending)
    return root, position


def _add(node: Node, is_object: bool, key: str | None, value: Node | Text) -> None:
    if is_object and key is None:
        return  # a key whose value was cut off
    node.values.append(value)
    if is_object:
        node.keys.append(str(key).strip().casefold())


def _field(node: Node, names: tuple[str, ...]) -> Text | None:
    for name in names:
        for key, value in zip(node.keys, node.values, strict=True):
            if key == name and isinstance(value, Text):
                return value
    return None


def _titles(node: Node) -> Iterator[JsonTitle]:
    if node.keys and (title := _field(node, TITLE_KEYS)):
        year = _YEAR.search(year_text.value) if (year_text := _field(node, YEAR_KEYS)) else None
        note = _field(node, NOTE_KEYS)
        yield JsonTitle(title, int(year[0]) if year else None, note.value if note else "")
        return
    numbered = all(key.isdigit() for key in node.keys)
    for value in node.values:
        if isinstance(value, Node):
            yield from _titles(value)
        elif numbered and value.value.strip() and value.value not in ("null", "true", "false"):
            yield JsonTitle(value, None, "")
