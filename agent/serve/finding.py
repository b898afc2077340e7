"""Finding items by what is typed: titles first, then words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from agent.catalog import Catalog, Item
from agent.catalog.text import fold
from agent.recommender import Recommender
from agent.retrieval import LexicalSource, Query

_ALIKE = 75
"""Score of rapidfuzz, 0 to 100, from which a title may be a misspelt one."""


class ItemFinder:
    """Finds items for people who type a title, a part of it, or words of a description."""

    def __init__(self, recommender: Recommender) -> None:
        self._recommender = recommender
        self._catalog: Catalog = recommender.catalog

    def find(self, words: str, limit: int) -> tuple[Item, ...]:
        """At most ``limit`` items, best first.

        The item of that id, titles equal to the text, beginning with it, holding all its words; then by
        BM25, then titles spelt alike. Each group has the most popular first where nothing else tells.
        """
        wanted = fold(words)
        if not wanted:
            return ()
        found: dict[int, None] = {}
        for row in self._rows(wanted, words, limit):
            found[row] = None
            if len(found) == limit:
                break
        return tuple(self._catalog[row] for row in found)

    def _rows(self, wanted: str, words: str, limit: int) -> Iterator[int]:
        if words.strip() in self._catalog:
            yield self._catalog.row(words.strip())
        yield from self._titled(wanted)
        yield from self._lexical(words, limit)
        yield from self._misspelt(wanted, limit)

    def _titled(self, wanted: str) -> list[int]:
        parts, titles, popularity = wanted.split(), self._titles, self._catalog.popularity

        def distance(row: int) -> tuple[bool, bool, bool, float]:
            title = titles[row]
            whole = title == wanted or title.startswith(f"{wanted} (")
            return not whole, not title.startswith(wanted), wanted not in title, -float(popularity[row])

        return sorted(
            (row for row, title in enumerate(titles) if all(part in title for part in parts)), key=distance
        )

    def _lexical(self, words: str, limit: int) -> list[int]:
        everything = np.ones(len(self._catalog), dtype=bool)
        found = self._words.retrieve(Query(words), limit, everything)
        return [self._catalog.row(candidate.item_id) for candidate in found]

    def _misspelt(self, wanted: str, limit: int) -> list[int]:
        from rapidfuzz import fuzz, process

        titles = [title.rpartition(" (")[0] or title for title in self._titles]
        found = process.extract(wanted, titles, scorer=fuzz.ratio, limit=limit, score_cutoff=_ALIKE)
        return [row for _, _, row in found]

    @cached_property
    def _titles(self) -> list[str]:
        return [fold(self._catalog.dated_title(item)) for item in self._catalog]

    @cached_property
    def _words(self) -> LexicalSource:
        source = self._recommender.parts.sources.get(LexicalSource.name)
        return source if isinstance(source, LexicalSource) else LexicalSource(self._catalog)
