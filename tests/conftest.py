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


@pytest.fixture(scope="session")
def postgres_server():
    """The address of a real PostgreSQL, one a worker."""
    from stores import postgres_server

    with postgres_server() as address:
        yield address


@pytest.fixture
def make_address(request, tmp_path):
    """Makes addresses of empty stores, ``sqlite`` or ``postgresql``."""
    from stores import new_schema

    made = []

    def make(engine: str) -> str:
        made.append(engine)
        if engine == "sqlite":
            return f"sqlite:///{tmp_path / f'store-{len(made)}.db'}"
        return new_schema(request.getfixturevalue("postgres_server"))

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def store_address(request, make_address):
    """The address of an empty store, on each engine."""
    return make_address(request.param)
