"""Titles out of free text: the parser of what a language model wrote.

The text is read as JSON where it holds JSON with titles, else as a table, else as a list, else as prose;
the first reading that yields a title counts. Nothing is looked up: whether a title exists is for the
grounder to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.grounding.parse_item import YEAR, ParsedTitle, dash, read_item
from agent.grounding.parse_json import json_titles
from agent.grounding.parse_lines import item_lines, lines, table_rows
from agent.grounding.parse_prose import bare_titles, listed_titles, prose_titles

__all__ = ["ParsedTitle", "parse_titles"]

_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.S | re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_YEAR = re.compile(rf"\b{YEAR}\b")


def parse_titles(text: str) -> list[ParsedTitle]:
    """Every title that a generated text lists, in order, repeats included.

    Reads numbered and bulleted lists, Markdown (bold, links, tables), JSON (fenced, or broken off in the
    middle), quoted and dated titles in prose, and bare titles. Introductions, closing words, reasoning
    between ``<think>`` tags and sub-points of a list are passed over.

    Returns:
        The titles; empty where the text names none. Offsets point into ``text``.
    """
    text = _THINKING.sub(_blank, _CONTROL.sub(" ", text))
    readings: tuple[Callable[[str], list[ParsedTitle]], ...] = (
        _from_json,
        _from_tables,
        _from_lists,
        prose_titles,
        listed_titles,
        lambda text: bare_titles(text, lines(text)),
    )
    return next((found for read in readings if (found := read(text))), [])


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _from_json(text: str) -> list[ParsedTitle]:
    found = []
    for entry in json_titles(text):
        raw = entry.text
        title = read_item(raw.value, 0, len(raw.value))
        if title:
            year = entry.year if entry.year is not None else title.year
            escaped = text[raw.start : raw.end] != raw.value
            span = (raw.start, raw.end) if escaped else (raw.start + title.start, raw.start + title.end)
            found.append(ParsedTitle(title.title, year, entry.note or title.note, *span))
    return found


def _from_tables(text: str) -> list[ParsedTitle]:
    found = []
    for row in table_rows(text):
        if title := read_item(text, row.start, row.end):
            year = _YEAR.search(row.year)
            stated = title.year or (int(year[0]) if year else None)
            found.append(ParsedTitle(title.title, stated, title.note, title.start, title.end))
    return found


def _from_lists(text: str) -> list[ParsedTitle]:
    entries = item_lines(text, lines(text))
    # A dash in nearly every entry separates title and note; in one of many it may belong to the title.
    dashed = sum(dash(text, e.start, e.end) is not None for e in entries)
    dash_ends = len(entries) > 1 and dashed >= 0.7 * len(entries)
    return [
        title for e in entries if (title := read_item(text, e.start, e.end, dash_ends=dash_ends)) is not None
    ]
