"""A small catalog and an embedder without weights, for tests whose answers are computed by hand."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np

from agent.catalog import Item


def film(
    item_id: str, title: str, year: int, categories: str, popularity: float, **attributes: object
) -> Item:
    return Item(
        item_id,
        title,
        year,
        categories=tuple(categories.split("|")),
        popularity=popularity,
        attributes=attributes,
    )


FILMS = (
    film("alien", "Alien", 1979, "Horror|Sci-Fi", 900, minutes=117, rating=8.5),
    film("aliens", "Aliens", 1986, "Action|Sci-Fi", 850, minutes=137, rating=8.4),
    film("prometheus", "Prometheus", 2012, "Adventure|Sci-Fi", 700, minutes=124, rating=7.0),
    film("thing82", "The Thing", 1982, "Horror|Mystery", 600, minutes=109, rating=8.2),
    film("thing11", "The Thing", 2011, "Horror|Mystery", 200, minutes=103, rating=6.2),
    film("airplane", "Airplane!", 1980, "Comedy", 500, minutes=88, rating=7.8),
    film("hangover", "The Hangover", 2009, "Comedy", 800, minutes=100, rating=7.7),
    film("superbad", "Superbad", 2007, "Comedy", 650, minutes=113, rating=7.6),
    film("heat", "Heat", 1995, "Action|Crime", 640, minutes=170, rating=8.2),
    film("drive", "Drive", 2011, "Crime|Drama", 660, minutes=100, rating=7.8),
    film("up", "Up", 2009, "Animation|Adventure", 750, minutes=96, rating=8.3),
    film("wall-e", "WALL·E", 2008, "Animation|Sci-Fi", 780, minutes=98, rating=8.4),
    film("amelie", "Amélie", 2001, "Comedy|Romance", 520, minutes=122, rating=8.3),
    film("notebook", "The Notebook", 2004, "Drama|Romance", 540, minutes=123, rating=7.8),
    film("godfather", "The Godfather", 1972, "Crime|Drama", 950, minutes=175, rating=9.2),
    film("unforgiven", "Unforgiven", 1992, "Drama|Western", 430, minutes=130, rating=8.2),
)


class WordEmbedder:
    """Hashed bags of words, L2-normalised: texts are near where they share words."""

    name = "words"
    dimension = 256

    def encode(self, texts: Sequence[str], *, progress: object = None) -> np.ndarray:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, content in enumerate(texts):
            for word in re.findall(r"\w+", content.casefold()):
                vectors[row, zlib.crc32(word.encode()) % self.dimension] += 1
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(norms == 0, 1, norms)
