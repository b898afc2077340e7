"""Rows to items: each known column is checked, the others become attributes."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from agent.catalog.items import FIELDS, Item
from agent.catalog.problems import Problems, bad_rows, clipped, did_you_mean
from agent.catalog.tables import Table
from agent.catalog.text import many_lines, one_line

REQUIRED = ("id", "title")

_OFTEN_CALLED = {
    "id": ("item_id", "itemid", "movie_id", "movieid", "product_id", "sku", "asin", "uid", "key"),
    "title": ("name", "item_name", "product_name", "product", "headline", "label"),
    "user_id": ("user", "userid", "customer", "customer_id", "uid"),
    "item_id": ("item", "itemid", "id", "movie_id", "movieid", "product_id", "sku", "asin"),
    "event": ("type", "action", "event_type", "interaction"),
}
_YEAR = re.compile(r"(-?\d{1,4})(?:\.0+)?|(\d{4})-\d\d(?:-\d\d.*)?", re.ASCII)
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,17})", re.ASCII)
_NUMBER = re.compile(r"-?(?:(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?|\.\d{1,18})(?:[eE][+-]?\d{1,2})?", re.ASCII)


def column_names(
    columns: Sequence[str],
    renamed: Mapping[str, str],
    known: Sequence[str],
    required: Sequence[str],
    file: str,
) -> dict[str, str | None]:
    """Our name of each column of a file; None for a column that another one replaces.

    Args:
        columns: The names in the file.
        renamed: Our name to theirs, as the caller says.
        known: Our own names, which the file may write in another case.
        required: Those of ``known`` that must be there.
        file: The file's name for problems.

    Raises:
        CatalogError: a column is missing; ``problems`` names every one.
    """
    ours: dict[str, str | None] = {theirs: name for name, theirs in renamed.items()}
    taken = set(renamed)
    for column in columns:
        name = column.casefold() if column.casefold() in known else column
        if column not in ours:
            ours[column] = None if name in taken else name
            taken.add(name)
    problems = [_no_column(theirs, columns) for theirs in renamed.values() if theirs not in columns]
    free = [column for column in columns if column not in renamed.values()]
    problems += [_no_column(name, free) for name in required if name not in taken]
    if problems:
        raise bad_rows(
            file,
            [f"{file}: {problem}" for problem in problems],
            f"columns: {', '.join(columns) or 'none'}; columns={{'title': 'name'}} (--columns title=name)"
            " maps our name to yours",
        )
    return ours


def _no_column(name: str, columns: Sequence[str]) -> str:
    by_case = {column.casefold(): column for column in columns}
    often = next((by_case[other] for other in _OFTEN_CALLED.get(name, ()) if other in by_case), None)
    guess = often or did_you_mean(name, columns)
    return f"no column {name!r}" + (f" (is it {guess!r}?)" if guess else "")


def read_items(
    table: Table, names: Mapping[str, str | None], problems: Problems
) -> tuple[list[Item], dict[str, int]]:
    """The good rows of a table as items.

    Of rows with the same id the first counts. In a table without types a column of attributes is
    numeric where all of its values are numbers, and a list where some value holds a ``|``.

    Returns:
        The items, and the row of every id that was read, also of bad rows.
    """
    items: list[Item] = []
    rows: dict[str, int] = {}
    types = _ColumnTypes()
    for number, values in table.rows:
        fields, attributes = _parse(values, names, number, problems)
        item_id = fields.get("id")
        if item_id and rows.setdefault(item_id, number) != number:
            problems.add(f"{clipped(item_id)} is already in row {rows[item_id]}", number, "id")
        if problems.has(number):
            continue
        if not table.typed:
            types.see(attributes)
        items.append(Item(**fields, attributes=attributes))
    if not table.typed:
        for item in items:
            types.convert(item.attributes)  # type: ignore[arg-type]  # a dict of our own, not handed out yet
    return items, rows


def _parse(
    values: Mapping[str, Any], names: Mapping[str, str | None], number: int, problems: Problems
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields and attributes of a row."""
    fields: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    columns = dict(zip(REQUIRED, REQUIRED, strict=True))
    for column, value in values.items():
        name = names.get(column, column)
        if name is None:
            continue
        parser = _PARSERS.get(name)
        if parser is None:
            attribute = _attribute(value)
            if attribute is not None:
                attributes[name] = attribute
            continue
        columns[name] = column
        try:
            fields[name] = None if _is_empty(value) else parser(value)
        except ValueError as error:
            fields[name] = ""
            problems.add(str(error), number, column)
    for name in REQUIRED:
        if fields.get(name) is None:
            problems.add("missing" if name == "id" else "empty", number, columns[name])
    return {name: value for name, value in fields.items() if value is not None}, attributes


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", []) or (isinstance(value, float) and math.isnan(value))


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, (list, dict)):
        raise ValueError(f"{clipped(value)} is not text")
    return str(value)


def _line(value: Any) -> str | None:
    return one_line(_text(value)) or None


def _lines(value: Any) -> str | None:
    return many_lines(_text(value)) or None


def _year(value: Any) -> int | None:
    text = "" if isinstance(value, (bool, list, dict)) else str(value).strip()
    match = _YEAR.fullmatch(text)
    if match:
        return int(match[1] or match[2])
    if isinstance(value, str) and not text:
        return None
    raise ValueError(f"{clipped(value)} is not a year")


def number_of(value: Any) -> float | None:
    """A finite number, None for blank text; ValueError for all else."""
    if isinstance(value, str) and not value.strip():
        return None
    try:
        number = math.nan if isinstance(value, (bool, list, dict)) else float(value)
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{clipped(value)} is not a number")
    return number


def _popularity(value: Any) -> float | None:
    number = number_of(value)
    if number is not None and number < 0:
        raise ValueError(f"{clipped(value)} is negative")
    return number


def _categories(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return _split(value)
    parts = value if isinstance(value, list) else [value]
    if any(isinstance(part, (list, dict)) for part in parts):
        raise ValueError(f"{clipped(value)} is neither a list nor text")
    return _names(str(part) for part in parts if part is not None)


@lru_cache(maxsize=4096)  # items share few combinations, and so their tuples
def _split(cell: str) -> tuple[str, ...]:
    return _names(cell.split("|"))


def _names(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts if (name := one_line(part))))


_PARSERS: dict[str, Callable[[Any], Any]] = {
    "id": _line,
    "title": _line,
    "year": _year,
    "description": _lines,
    "categories": _categories,
    "popularity": _popularity,
    "url": _line,
    "image": _line,
}
assert set(_PARSERS) == set(FIELDS)


def _attribute(value: Any) -> Any:
    """A value as an attribute: text, a number, a truth value or a tuple of them; None where empty."""
    if isinstance(value, str):
        return many_lines(value) or None
    if isinstance(value, list):
        return tuple(part for part in map(_attribute, value) if part is not None) or None
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str) if value else None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


class _ColumnTypes:
    """What the text columns seen so far hold: integer, number, text or list."""

    def __init__(self) -> None:
        self._types: dict[str, str] = {}

    def see(self, attributes: Mapping[str, str]) -> None:
        for name, text in attributes.items():
            known = self._types.get(name, "integer")
            if known == "list":
                continue
            if "|" in text:
                known = "list"
            elif known == "integer" and not _INTEGER.fullmatch(text):
                known = "number" if _NUMBER.fullmatch(text) else "text"
            elif known == "number" and not _NUMBER.fullmatch(text):
                known = "text"
            self._types[name] = known

    def convert(self, attributes: dict[str, Any]) -> None:
        """Give the texts of one item their types, in place."""
        for name, text in attributes.items():
            kind = self._types[name]
            if kind == "list":
                attributes[name] = _split(text)
            elif kind != "text":
                attributes[name] = int(text) if kind == "integer" else float(text)
