"""Items and the catalog that holds them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from agent.errors import CatalogError, UnknownItemError

Event = Literal["view", "click", "like", "dislike", "rate", "purchase"]


@dataclass(frozen=True, slots=True)
class Interaction:
    """One event of one user with one item.

    ``value`` is the rating for ``rate`` events, else None; ``timestamp`` is Unix seconds.
    """

    user_id: str
    item_id: str
    event: Event
    value: float | None = None
    timestamp: float | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be recommended.

    ``popularity`` is any non-negative number that grows with how much an item is used (here: a
    count of interactions). ``attributes`` holds the columns that are not named here; they can be
    used in constraints and explanations.
    """

    id: str
    title: str
    year: int | None = None
    description: str | None = None
    categories: tuple[str, ...] = ()
    popularity: float = 0.0
    url: str | None = None
    image: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def get(self, name: str) -> Any:
        """The value of a known field or of an attribute; None where the item has none."""
        if name in FIELDS:
            return getattr(self, name)
        return self.attributes.get(name)


FIELDS = ("id", "title", "year", "description", "categories", "popularity", "url", "image")


class Catalog(Sequence[Item]):
    """An immutable, ordered set of items with unique ids.

    Args:
        items: The items; ids must be unique and titles not empty.
        name: How people and caches call this catalog.
        interactions: Past events of its users with its items, oldest first.
        kind: What one item is called in prompts and replies, in the singular ("movie").

    Raises:
        CatalogError: no items, a missing or duplicate id, or an empty title.
    """

    def __init__(
        self,
        items: Sequence[Item],
        *,
        name: str = "catalog",
        interactions: Sequence[Interaction] = (),
        kind: str = "item",
    ) -> None:
        self.items = tuple(items)
        self.name = name
        self.kind = kind
        self._interactions = interactions
        self._rows = {item.id: row for row, item in enumerate(self.items)}
        problems = [f"{name}:{row + 1}:id: missing" for row, i in enumerate(self.items) if not i.id]
        counts = Counter(item.id for item in self.items)
        problems += [f"{name}: id {i!r} is there {c} times" for i, c in counts.items() if c > 1]
        problems += [
            f"{name}:{row + 1}:title: empty" for row, i in enumerate(self.items) if not i.title.strip()
        ]
        if not self.items:
            problems = [f"{name}: no items"]
        if problems:
            raise CatalogError(
                f"{len(problems)} problem{'s' * (len(problems) > 1)} in the catalog: {problems[0]}",
                where=name,
                problems=problems,
            )

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, row):  # type: ignore[no-untyped-def,override]
        return self.items[row]

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._rows

    def __repr__(self) -> str:
        return f"Catalog({self.name!r}, {len(self)} items)"

    @classmethod
    def load(cls, source: Any, **options: Any) -> Catalog:
        """Load an embedded catalog, a file or a Hugging Face data set.

        See :func:`agent.catalog.loaders.load_catalog` for the options and errors.
        """
        from agent.catalog.loaders import load_catalog

        return load_catalog(source, **options)

    def row(self, item_id: str) -> int:
        """The position of an item in the catalog.

        Raises:
            UnknownItemError: there is no such item.
        """
        try:
            return self._rows[item_id]
        except KeyError:
            raise UnknownItemError(
                f"no item with id {item_id!r}",
                where=self.name,
                hint="`groundrec catalog info` lists what the catalog holds",
            ) from None

    def item(self, item_id: str) -> Item:
        """The item with this id; raises UnknownItemError where there is none."""
        return self.items[self.row(item_id)]

    def label(self, item: Item) -> str:
        """The name people read: unique in the catalog, also for remakes and namesakes.

        The title alone where nothing else is called so, ``Title (year)`` where the catalog has
        years, and ``Title (year) [id]`` where title and year are shared.
        """
        return self._labels[self._rows[item.id]]

    @cached_property
    def _labels(self) -> tuple[str, ...]:
        plain = [f"{i.title} ({i.year})" if i.year is not None else i.title for i in self.items]
        counts = Counter(label.casefold() for label in plain)
        return tuple(
            f"{label} [{item.id}]" if counts[label.casefold()] > 1 else label
            for label, item in zip(plain, self.items, strict=True)
        )

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """All categories, most frequent first."""
        counts = Counter(c for item in self.items for c in item.categories)
        return tuple(c for c, _ in counts.most_common())

    @cached_property
    def attribute_names(self) -> tuple[str, ...]:
        """Names of the columns beyond the known fields, in order of first appearance."""
        return tuple(dict.fromkeys(name for item in self.items for name in item.attributes))

    @cached_property
    def popularity(self) -> np.ndarray:
        """Popularity of every item, float32, shape (len(self),)."""
        return np.array([item.popularity for item in self.items], dtype=np.float32)

    @cached_property
    def interactions(self) -> tuple[Interaction, ...]:
        """Past events with items of this catalog, oldest first."""
        return tuple(self._interactions)

    def text(self, item: Item) -> str:
        """What an item says about itself: the text that is embedded and searched."""
        parts = [item.title if item.year is None else f"{item.title} ({item.year})"]
        if item.categories:
            parts.append(", ".join(item.categories))
        if item.description:
            parts.append(item.description)
        return ". ".join(parts)

    @cached_property
    def fingerprint(self) -> str:
        """A hash (16 hex digits) of all items; changes when any item does."""
        digest = hashlib.sha256()
        for i in self.items:
            row = [i.id, i.title, i.year, i.description, i.categories, i.popularity]
            digest.update(json.dumps([*row, dict(i.attributes)], default=str).encode())
        return digest.hexdigest()[:16]
