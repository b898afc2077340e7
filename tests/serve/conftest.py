"""A service over sixteen films, on a store of its own, SQLite and PostgreSQL alike."""

from __future__ import annotations

import pytest
from support import WordEmbedder

from agent import Recommender
from agent.serve.service import Service
from agent.serve.settings import ServiceSettings
from agent.settings import Settings
from agent.store import Store


@pytest.fixture(scope="session")
def make_recommender(films, tmp_path_factory):
    """Recommenders share what they cache, and nothing else."""
    settings = Settings(cache_dir=tmp_path_factory.mktemp("cache"))

    def make(catalog=films, **options):
        options = {"strategy": "fast,n=3", "settings": settings, "embedder": WordEmbedder(), **options}
        return Recommender(catalog, options.pop("model", None), **options)

    return make


@pytest.fixture
def store(store_address):
    store = Store.open(store_address)
    yield store
    store.close()


@pytest.fixture
def make_service(make_recommender, store):
    """Services are replicas: each has a recommender of its own, all share the store."""

    def make(recommender=None, **settings):
        return Service(recommender or make_recommender(), store, ServiceSettings(**settings))

    return make


@pytest.fixture
def service(make_service):
    return make_service()
