"""Which values of a catalog connect its items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from agent.catalog import Catalog, Item
from agent.catalog.dates import is_date

_SKIPPED = frozenset({"url", "image", "id", "imdb_id", "isbn", "language_code"})
_PEOPLE = ("author", "writer", "artist", "creator", "maker", "brand", "director", "designer", "actor", "cast")
_LONGEST = 60
_SHARED = 2
"""How many items a value of a column must have on average to connect them; names of people need not."""


def connecting_fields(catalog: Catalog) -> tuple[str, ...]:
    """The columns whose values are nodes: lists, people, and texts or whole numbers that come again."""
    return tuple(name for name in catalog.attribute_names if _connects(catalog, name))


def connections(item: Item, fields: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The (field, value) pairs of an item: its categories, decade and year, and values of ``fields``."""
    yield from (("categories", category) for category in item.categories)
    if item.year is not None:
        yield "decade", f"{item.year // 10 * 10}s"
        yield "year", str(item.year)
    for field in fields:
        yield from ((field, value) for value in dict.fromkeys(map(str, _values(item, field))))


def _values(item: Item, field: str) -> tuple[Any, ...]:
    value = item.get(field)
    return value if isinstance(value, tuple) else () if value is None else (value,)


def _connects(catalog: Catalog, field: str) -> bool:
    if field in _SKIPPED:
        return False
    held = [value for item in catalog if (value := item.get(field)) is not None]
    if any(isinstance(value, tuple) for value in held) or field.startswith(_PEOPLE):
        return True
    if any(isinstance(value, float) or _is_no_name(str(value)) for value in held):
        return False
    return len(held) >= _SHARED * len(Counter(map(str, held)))


def _is_no_name(value: str) -> bool:
    return len(value) > _LONGEST or is_date(value)
