"""Facts of a triples file as attributes of items, so that they can be asked for and given as reasons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from agent.catalog import Catalog, Item
from agent.catalog.items import FIELDS
from agent.catalog.text import fold
from agent.errors import CatalogError
from agent.retrieval.graph.triples import Triple

_COLUMNS = {
    "directed by": "director",
    "director": "director",
    "written by": "author",
    "author": "authors",
    "starring": "actors",
    "actor": "actors",
    "tag": "tags",
    "tagged": "tags",
    "tagged with": "tags",
    "genre": "categories",
    "category": "categories",
}
"""Predicates under the names of the columns that they are read as, without "has" and "is" before them."""


def column_of(predicate: str) -> str:
    """The column that a predicate fills: ``directed by`` and ``directed_by`` fill ``director``."""
    words = fold(predicate.replace("_", " ")).removeprefix("has ").removeprefix("is ")
    return _COLUMNS.get(words, words.replace(" ", "_"))


def with_triples(catalog: Catalog, triples: Sequence[Triple]) -> tuple[Catalog, tuple[Triple, ...]]:
    """The catalog with what triples say of its items, and the triples that say nothing of any.

    A subject is an item's id, its label ("Heat (1995)") or its title where no other item has it; so is an
    object, which is then given by the item's title. Values join those that a column holds.

    Raises:
        CatalogError: a predicate is the name of a field that is not a list, such as ``year``.
    """
    names = _names(catalog)
    added: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    left = []
    for triple in triples:
        item_id = names.get(triple.subject) or names.get(fold(triple.subject))
        column = column_of(triple.predicate)
        if item_id is None:
            left.append(triple)
        elif column in FIELDS and column != "categories":
            raise CatalogError(
                f"the predicate {triple.predicate!r} is the name of a field of the catalog",
                where="triples",
                hint=f"change the column {column!r} of the catalog itself",
            )
        else:
            added[item_id][column].append(_value(catalog, triple.object))
    if not added:
        return catalog, tuple(left)
    items = [_extended(item, added[item.id]) if item.id in added else item for item in catalog]
    interactions = catalog.interactions
    return (
        Catalog(
            items, name=catalog.name, kind=catalog.kind, interactions=interactions, skipped=catalog.skipped
        ),
        tuple(left),
    )


def _names(catalog: Catalog) -> dict[str, str]:
    """Ids by themselves, and by labels and titles that only one item has."""
    titles = Counter(fold(item.title) for item in catalog)
    names = {fold(item.title): item.id for item in catalog if titles[fold(item.title)] == 1}
    names |= {fold(catalog.label(item)): item.id for item in catalog}
    return names | {item.id: item.id for item in catalog}


def _value(catalog: Catalog, value: str) -> str:
    return catalog.item(value).title if value in catalog else value


def _extended(item: Item, columns: dict[str, list[str]]) -> Item:
    """The item with more values; a column that held one text becomes a list."""
    attributes = dict(item.attributes)
    categories = item.categories
    for column, values in columns.items():
        held = categories if column == "categories" else attributes.get(column)
        held = tuple(held) if isinstance(held, tuple | list) else () if held is None else (str(held),)
        joined = tuple(dict.fromkeys((*held, *values)))
        if column == "categories":
            categories = joined
        else:
            attributes[column] = joined
    return replace(item, categories=categories, attributes=attributes)
