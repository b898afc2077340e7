"""What a catalog holds, and whether its source is sound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from agent.catalog.items import Catalog
from agent.catalog.loaders import load_catalog
from agent.catalog.text import fold
from agent.errors import CatalogError

TOP = 20
"""How many categories and example values a report lists."""
_EXAMPLES = 5
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One column: its type, and in how many items it is filled (``fill`` is their share).

    ``type`` is ``integer``, ``number``, ``text``, ``boolean``, ``list``, ``mixed`` or ``empty``; ``low``
    and ``high`` bound numbers; ``examples`` are the most frequent values; ``odd`` is a value that keeps a
    column, of which at least nine values in ten are numbers, from being numeric.
    """

    name: str
    type: str
    filled: int
    fill: float
    low: float | None = None
    high: float | None = None
    examples: tuple[str, ...] = ()
    odd: str | None = None


@dataclass(frozen=True, slots=True)
class InteractionInfo:
    """The events of a catalog; ``first`` and ``last`` are dates (ISO 8601, UTC)."""

    events: int
    users: int
    items: int
    by_event: Mapping[str, int]
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class CatalogInfo:
    """Facts about a catalog.

    ``duplicate_titles`` counts the titles that several items share, whatever their case and accents;
    ``same_title_and_year`` those that their year does not tell apart either.
    """

    name: str
    kind: str
    items: int
    fingerprint: str
    fields: tuple[FieldInfo, ...]
    attributes: tuple[FieldInfo, ...]
    categories: int
    top_categories: tuple[tuple[str, int], ...]
    duplicate_titles: int
    same_title_and_year: int
    interactions: InteractionInfo | None
    skipped: int

    def to_json(self) -> dict[str, Any]:
        """The facts as a JSON-ready mapping."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class CatalogCheck:
    """The outcome of a check: all problems, and the facts where the catalog could be loaded."""

    problems: tuple[str, ...]
    info: CatalogInfo | None

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """The outcome as a JSON-ready mapping."""
        return asdict(self) | {"sound": self.sound}


def check_catalog(source: Any, **options: Any) -> CatalogCheck:
    """Load a catalog and tell all that is wrong with it, rather than raise.

    Takes what :func:`agent.catalog.loaders.load_catalog` takes. With ``skip_bad_rows`` the facts are
    those of the good rows, and ``problems`` are the rows left out.
    """
    try:
        catalog = load_catalog(source, **options)
        return CatalogCheck(catalog.skipped, catalog_info(catalog))
    except CatalogError as error:
        return CatalogCheck(error.problems or (str(error),), None)


def catalog_info(catalog: Catalog) -> CatalogInfo:
    """The facts about a catalog; reads its interactions."""
    titles = Counter(fold(item.title) for item in catalog)
    dated = Counter(fold(catalog.dated_title(item)) for item in catalog)
    categories = Counter(category for item in catalog for category in item.categories)
    known = ("year", "description", "categories", "popularity", "url", "image")
    return CatalogInfo(
        name=catalog.name,
        kind=catalog.kind,
        items=len(catalog),
        fingerprint=catalog.fingerprint,
        fields=tuple(_field(catalog, name) for name in known),
        attributes=tuple(_field(catalog, name) for name in catalog.attribute_names),
        categories=len(categories),
        top_categories=tuple(categories.most_common(TOP)),
        duplicate_titles=sum(count > 1 for count in titles.values()),
        same_title_and_year=sum(count > 1 for count in dated.values()),
        interactions=_interactions(catalog),
        skipped=len(catalog.skipped),
    )


def _field(catalog: Catalog, name: str) -> FieldInfo:
    values = [value for item in catalog if (value := item.get(name)) not in (None, "", ())]
    if name == "popularity":
        values = [value for value in values if value]
    kind = _type(values)
    is_numeric = kind in ("integer", "number")
    texts = Counter(
        str(part) for value in values for part in (value if isinstance(value, tuple) else (value,))
    )
    # Values that hardly repeat, or are long, are prose and not a vocabulary.
    is_vocabulary = 2 * len(texts) <= len(values) or kind == "list"
    has_examples = not is_numeric and is_vocabulary and max(map(len, texts), default=0) <= _LONGEST
    return FieldInfo(
        name=name,
        type=kind,
        filled=len(values),
        fill=round(len(values) / len(catalog), 4),
        low=min(values) if is_numeric else None,
        high=max(values) if is_numeric else None,
        examples=tuple(text for text, _ in texts.most_common(_EXAMPLES)) if has_examples else (),
        odd=_odd(values) if kind in ("text", "mixed") else None,
    )


def _type(values: list[Any]) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "text", tuple: "list"}
    types = {names.get(type(value), "text") for value in values}
    if types == {"integer", "number"}:
        return "number"
    return types.pop() if len(types) == 1 else "mixed" if types else "empty"


def _odd(values: list[Any]) -> str | None:
    others = [value for value in values if not _is_number(value)]
    return str(others[0]) if 0 < len(others) <= len(values) / 10 else None


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _interactions(catalog: Catalog) -> InteractionInfo | None:
    events = catalog.interactions
    if not events:
        return None
    times = [event.timestamp for event in events if event.timestamp is not None]
    return InteractionInfo(
        events=len(events),
        users=len({event.user_id for event in events}),
        items=len({event.item_id for event in events}),
        by_event=dict(Counter(event.event for event in events).most_common()),
        first=_day(min(times)) if times else None,
        last=_day(max(times)) if times else None,
    )


def _day(timestamp: float) -> str:
    return datetime.fromtimestamp(timestamp, UTC).date().isoformat()
