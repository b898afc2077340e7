"""Items and the catalog that holds them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, overload

import numpy as np

from agent.catalog.forms import FORM, forms
from agent.catalog.problems import bad_rows
from agent.catalog.text import fold
from agent.errors import UnknownItemError

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
    attributes: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def get(self, name: str) -> Any:
        """The value of a known field or of an attribute; None where the item has none.

        ``form`` is read from title and description where there is no such column
        (:mod:`agent.catalog.forms`).
        """
        if name in FIELDS:
            return getattr(self, name)
        if name == FORM and FORM not in self.attributes:
            return forms(self.title, self.description)
        return self.attributes.get(name)


FIELDS = ("id", "title", "year", "description", "categories", "popularity", "url", "image")


class Catalog(Sequence[Item]):
    """An immutable, ordered set of items with unique ids.

    Args:
        items: The items; ids must be unique and titles not empty.
        name: How people and caches call this catalog.
        interactions: Past events of its users with its items, oldest first; or a function that
            returns them, called when they are first asked for.
        kind: What one item is called in prompts and replies, in the singular ("movie").
        skipped: The bad rows that were left out in loading, one line each.
        dialogues: A file of past dialogues that comes with the catalog, which recommenders remember.

    Raises:
        CatalogError: no items, a missing or duplicate id, or an empty title.
    """

    def __init__(
        self,
        items: Sequence[Item],
        *,
        name: str = "catalog",
        interactions: Sequence[Interaction] | Callable[[], Sequence[Interaction]] = (),
        kind: str = "item",
        skipped: Sequence[str] = (),
        dialogues: Path | None = None,
    ) -> None:
        self.items = tuple(items)
        self.name = name
        self.kind = kind
        self.skipped = tuple(skipped)
        self.dialogues = dialogues
        self._interactions = interactions
        self._rows: dict[str, int] = {}
        for row, item in enumerate(self.items):
            self._rows.setdefault(item.id, row)
        problems = list(self._problems())
        if problems:
            raise bad_rows(name, problems)

    def _problems(self) -> Iterator[str]:
        if not self.items:
            yield f"{self.name}: no items"
        for row, item in enumerate(self.items, start=1):
            if not item.id:
                yield f"{self.name}:{row}:id: missing"
            elif self._rows[item.id] != row - 1:
                yield f"{self.name}:{row}:id: {item.id!r} is also in row {self._rows[item.id] + 1}"
            if not item.title.strip():
                yield f"{self.name}:{row}:title: empty"

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, row: int) -> Item: ...

    @overload
    def __getitem__(self, row: slice) -> tuple[Item, ...]: ...

    def __getitem__(self, row: int | slice) -> Item | tuple[Item, ...]:
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

        ``Title (year)``, or the title alone where the item has no year; `` [id]`` is added where two
        of these differ in nothing but case and accents.
        """
        return self._labels[self._rows[item.id]]

    @cached_property
    def _labels(self) -> tuple[str, ...]:
        labels = [self.dated_title(item) for item in self.items]
        shared = _shared([fold(label) for label in labels])
        # A title may itself look like another's label, so one round need not be enough.
        while shared:
            for row in shared:
                labels[row] += f" [{self.items[row].id}]"
            shared = _shared(labels)
        return tuple(labels)

    @staticmethod
    def dated_title(item: Item) -> str:
        """``Title (year)``, or the title alone where the item has no year."""
        return item.title if item.year is None else f"{item.title} ({item.year})"

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
        return tuple(self._interactions() if callable(self._interactions) else self._interactions)

    def text(self, item: Item) -> str:
        """What an item says about itself: the text that is embedded and searched."""
        parts = [self.dated_title(item)]
        if item.categories:
            parts.append(", ".join(item.categories))
        if item.description:
            parts.append(item.description)
        return ". ".join(parts)

    @cached_property
    def fingerprint(self) -> str:
        """A hash (16 hex digits) of all items in their order; changes when anything of them does."""
        digest = hashlib.sha256()
        for i in self.items:
            row = [i.id, i.title, i.year, i.description, i.categories, float(i.popularity), i.url, i.image]
            digest.update(json.dumps([*row, dict(i.attributes)], sort_keys=True, default=str).encode())
        return digest.hexdigest()[:16]


def _shared(labels: Sequence[str]) -> list[int]:
    """The rows whose label another row has too."""
    counts = Counter(labels)
    return [row for row, label in enumerate(labels) if counts[label] > 1]
