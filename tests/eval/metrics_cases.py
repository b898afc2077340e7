"""Six items whose figures are easy to compute by hand."""

from __future__ import annotations

import numpy as np

from agent.catalog import Catalog, Item
from eval.metrics import ItemFacts, Row, Rows, measure

CATALOG = Catalog(
    [
        Item("a", "A", categories=("Drama",), popularity=7),
        Item("b", "B", categories=("Drama", "Crime"), popularity=3),
        Item("c", "C", categories=("Comedy",), popularity=3),
        Item("d", "D", categories=("Comedy", "Drama"), popularity=1),
        Item("e", "E"),
        Item("f", "F", categories=("Crime",)),
    ],
    name="letters",
)
VECTORS = np.array([[2, 0], [0, 1], [3, 3], [-1, 0], [0, 0], [0, 5]], dtype=np.float64)
ITEMS = ItemFacts.of(CATALOG, embeddings=VECTORS)


def row(ranked: str = "", targets: str = "", row_id: str = "r", **fields: object) -> Row:
    """A row whose items are letters: ``row("abc", targets="b", history="d")``."""
    letters = {k: tuple(v) if k in ("history", "options") else v for k, v in fields.items()}
    return Row(row_id, letters.pop("cluster", row_id), tuple(ranked), tuple(targets), **letters)


def rows(*records: Row) -> Rows:
    return Rows(records, ITEMS)


def values(name: str, *records: Row) -> list[float]:
    """A metric's values; records need not have distinct ids."""
    numbered = [
        Row(**{f: getattr(r, f) for f in Row.__slots__} | {"id": f"{i:03}"}) for i, r in enumerate(records)
    ]
    return np.atleast_1d(measure(rows(*numbered), [name])[name].values).tolist()


def value(name: str, record: Row) -> float:
    return values(name, record)[0]
