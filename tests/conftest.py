"""Fixtures that every test may use."""

from __future__ import annotations

import pytest
from support import FILMS, WordEmbedder

from agent.catalog import Catalog


@pytest.fixture(scope="session")
def films() -> Catalog:
    """Sixteen films, two of them called The Thing."""
    return Catalog(FILMS, name="films", kind="movie")


@pytest.fixture(scope="session")
def word_embedder() -> WordEmbedder:
    return WordEmbedder()
